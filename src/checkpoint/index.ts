/**
 * Checkpoint: the ledger's tree as it grows, its tiles, and what is signed of it.
 */
export { Checkpoints, type CheckpointsOptions, originOf } from "./checkpoints.js";
export { CheckpointError, type CheckpointErrorCode } from "./error.js";
