/** What ends an audit as a whole; a single bad row is a refusal, not an error. */
import type { ReadingFailure } from "../input/index.js";

const CODES = [
  "malformed-map",
  "malformed-notice",
  "missing-table",
  "unreadable-file",
  "broken-parquet",
  "database-failed",
  "no-columns",
  "too-many-columns",
  "too-many-names",
  "no-room",
  "unwritable-file",
  "thread-failed",
] as const;
export type AuditErrorCode = (typeof CODES)[number];

export class AuditError extends Error {
  readonly code: AuditErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string;

  constructor(code: AuditErrorCode, message: string, fix: string) {
    super(message);
    this.name = "AuditError";
    this.code = code;
    this.fix = fix;
  }
}

/** The error that a failure of a thread was, if it was one of these. */
export function auditErrorOf({ name, code, message, fix }: ReadingFailure): AuditError | undefined {
  const known = CODES.find((one) => one === code);
  return name === "AuditError" && known !== undefined ? new AuditError(known, message, fix ?? "") : undefined;
}
