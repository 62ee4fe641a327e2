/**
 * Instance: one running Solely, put together of the rooms; making a store, and looking after it.
 */
export { auditClosed, type ClosedAuditOptions } from "./audit.js";
export { type BackupResult, backup, type RestoreOptions, type RestoreResult, restore } from "./backup.js";
export { type CompactionResult, compact } from "./compaction.js";
export type { Config } from "./config.js";
export { type Diagnosis, doctor, type Finding } from "./doctor.js";
export { InstanceError, type InstanceErrorCode } from "./error.js";
export { type InitOptions, type InitResult, init } from "./init.js";
export { type OpenOptions, Solely } from "./solely.js";
