/**
 * Checkpoint: the ledger's tree as it grows, its tiles, and what is signed of it.
 */
export { Checkpoints, type CheckpointsOptions, originOf } from "./checkpoints.js";
export { CheckpointError, type CheckpointErrorCode } from "./error.js";
export { type ExportedLog, exportLog, type LogSource, logSource } from "./static-log.js";
export { type LogFinding, type VerifiedLog, type VerifyOptions, verifyLog } from "./verify-log.js";
export { type Cosigned, type CosignOptions, cosign } from "./witness.js";
