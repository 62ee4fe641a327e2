/**
 * Evidence: what a stranger checks offline.
 */
export { type Bundle, type BundleOptions, type BundleRooms, writeEvidence } from "./bundle.js";
export { type EvidenceFinding, type VerifiedEvidence, verifyEvidence } from "./verify.mjs";
