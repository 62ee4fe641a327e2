/**
 * Column: typed arrays that grow, and tables that find rows kept as columns.
 */
export { ByteNames, sameBytes } from "./byte-names.js";
export { BytesColumn } from "./bytes-column.js";
export { grown } from "./growing.js";
export { lowerBound } from "./lower-bound.js";
export { columnMemory } from "./memory.js";
export { type NameHash, NamesColumn } from "./names-column.js";
export { NumberMap } from "./number-map.js";
export { Numbers } from "./numbers.js";
export { RankedBits } from "./ranked-bits.js";
export { Scratch } from "./scratch.js";
export { Slots, TOUCHED_AT_ONCE } from "./slots.js";
