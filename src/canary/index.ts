/**
 * Canary: real accounts of the platform's own people that watch the matching.
 */
export { Canaries, type Canary, type CanaryContact } from "./canary.js";
export { type CanaryCheck, checkCanaries, checkCanariesIfDue } from "./check.js";
export { CanaryError, type CanaryErrorCode } from "./error.js";
export { CANARY_ADVERTISER, type CanaryEntrance, type CanaryList, csvOf } from "./way.js";
