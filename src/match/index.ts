/**
 * Match: the one gate's worker, which alone holds the ads key; its index over restarts, and the key's rotation.
 */
export { MatchError, type MatchErrorCode } from "./error.js";
export { IndexSnapshot, type LoadRooms, standingTokens } from "./index-snapshot.js";
export { type Digests, Matcher, type OrderedBatch } from "./matcher.js";
export { type ReachOptions, reach } from "./reach.js";
export { type RotationResult, type RotationRooms, rotateAdsKey } from "./rotation.js";
