/**
 * Audit: the same answer for a platform that does not run Solely, from what it can export.
 */
export { type AuditOptions, audit } from "./audit.js";
export { AuditError, type AuditErrorCode } from "./error.js";
export type { Finding, FoundCounts, FoundList, FoundNotice, ReadTable } from "./finding.js";
