/**
 * Report: an incident's record for authorities, as an object and as a page.
 */
export { ReportError, type ReportErrorCode } from "./error.js";
export { factsTemplate, PHASES, type Phase, parseFacts } from "./facts.js";
export { reportPage } from "./page.js";
export { type IncidentReport, makeReport, type ReportedAudience, reported, reportSchema } from "./report.js";
