export { mentionsAdvertising } from "./advertising-words.js";
export { type Correction, Meanings } from "./correction.js";
export { PurposeError, type PurposeErrorCode } from "./error.js";
export {
  HIDING_CHARACTERS,
  NOTICE_CLASS,
  type Notice,
  NoticeBook,
  type NoticeIssue,
  type NoticeReview,
  type NoticeTable,
  type NoticeVersion,
  noticeIssues,
  parseNotice,
  reviewNotice,
  unmentionedPurposes,
} from "./notice.js";
export { type Permit, PurposeGate, requirePermit } from "./permit.js";
export {
  isPromotional,
  isPurpose,
  isSecurity,
  PURPOSES,
  type Purpose,
  parsePurpose,
  purposeCode,
  purposeNames,
  purposeOfCode,
} from "./purposes.js";
export { FREED_WINDOW_MS, type Source, Sources, sourceSchema } from "./source.js";
