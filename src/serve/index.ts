/**
 * Serve: who may be shown which audience's ads now, changes since a position, exports.
 */
export {
  type AudienceChange,
  type AudienceChanges,
  changesSince,
  type Eligibility,
  eligibility,
} from "./eligibility.js";
export { ServeError, type ServeErrorCode } from "./error.js";
export {
  type AudienceExport,
  type ExportInfo,
  type ExportOptions,
  exportAudience,
  exportCsv,
  exportParquet,
  exportToFile,
  writeWhole,
} from "./export.js";
export type { NotServed } from "./not-served.js";
export type { ServeRooms } from "./rooms.js";
