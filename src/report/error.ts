export type ReportErrorCode = "malformed-facts" | "unwritable-file";

/** What a report can be wrong about. */
export class ReportError extends Error {
  readonly code: ReportErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string | undefined;

  constructor(code: ReportErrorCode, message: string, fix?: string) {
    super(message);
    this.name = "ReportError";
    this.code = code;
    this.fix = fix;
  }
}
