export { OrdinalSetBuilder } from "./builder.js";
export { SetError, type SetErrorCode } from "./error.js";
export { OrdinalSet, type ReadonlyOrdinalSet } from "./ordinals.js";
