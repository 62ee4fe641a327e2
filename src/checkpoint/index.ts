/**
 * Checkpoint: the ledger's tree as it grows, its tiles, and what is signed of it; the newest kept outside the data.
 */
export { Checkpoints, type CheckpointsOptions, firstCheckpoint, originOf, signerOfStore } from "./checkpoints.js";
export { CheckpointError, type CheckpointErrorCode } from "./error.js";
export { KeptCheckpoint, type KeptCheckpointOptions, type KeptStatus, keepFirst } from "./kept.js";
export { readKept } from "./kept-file.js";
export { findingLine, type LogFinding, type LogFindingCode } from "./log-finding.js";
export { type Acceptance, Recoveries } from "./recoveries.js";
export { isCurrent, type Standing, standingOf, tellStanding } from "./standing.js";
export { CHECKPOINT_FILE, type ExportedLog, exportLog, type LogSource, logSource } from "./static-log.js";
export { type VerifiedLog, type VerifyOptions, verifyLog } from "./verify-log.js";
export { type Cosigned, type CosignOptions, cosign } from "./witness.js";
