/**
 * Shadow: what another system matched, held against the audiences of the same lists here.
 */
export { type CompareOptions, compare, type ShadowRooms } from "./compare.js";
export { ShadowError, type ShadowErrorCode } from "./error.js";
export { SHADOW_LIMITS } from "./limits.js";
export { shadowPage } from "./page.js";
export {
  type ByGrant,
  type ComparedCounts,
  type ComparedList,
  type Comparison,
  LOST_RULES,
  type LostRule,
  SHADOW_FORMAT,
  type UnpairedHere,
  type UnpairedThere,
} from "./result.js";
