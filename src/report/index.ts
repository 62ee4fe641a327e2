/**
 * Report: an incident's record for authorities, as an object and as a page; and what pages of numbers are made of.
 */
export { overTime } from "./charts.js";
export { claimed } from "./claimed.js";
export { ReportError, type ReportErrorCode } from "./error.js";
export { factsTemplate, PHASES, type Phase, parseFacts } from "./facts.js";
export { framed } from "./frame.js";
export { html, Markup } from "./markup.js";
export { type Bounds, count, exactly, figure, figures, isExact, spoken, time } from "./numbers.js";
export { reportPage } from "./page.js";
export {
  affectedForm,
  type IncidentReport,
  makeReport,
  noticeForm,
  type ReportedAudience,
  reported,
  reportSchema,
} from "./report.js";
export { barTable, byName, countTable, table } from "./tables.js";
