/**
 * Audit: the same answer for a platform that does not run Solely, from what it can export.
 */
export { type AuditOptions, audit } from "./audit.js";
export { AuditError, type AuditErrorCode } from "./error.js";
export type { Finding, FoundCounts, FoundList, FoundNotice, ReadTable } from "./finding.js";
export { findingSchema } from "./finding-schema.js";
export { findingPage } from "./page/page.js";
export { markdownOf } from "./questions/markdown.js";
export { pageOf } from "./questions/page.js";
export { askAbout, type Questions } from "./questions/questions.js";
export { readSchema, type SchemaTable } from "./questions/schema.js";
export { readSchemaFrom } from "./questions/schema-query.js";
export { writeSampleCase } from "./sample/case.js";
export { writeFindingTables } from "./tables.js";
