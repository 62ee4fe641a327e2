export { SetError, type SetErrorCode } from "./error.js";
export { OrdinalSet, type ReadonlyOrdinalSet } from "./ordinals.js";
export { sorted } from "./sorted.js";
