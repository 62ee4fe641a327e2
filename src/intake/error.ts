/** What ends an input, or the room's own tables; a single bad row is a refusal, not an error. */
export type IntakeErrorCode =
  | "missing-column"
  | "duplicate-column"
  | "malformed-header"
  | "unknown-format"
  | "not-utf8"
  | "broken-gzip"
  | "gzip-bomb"
  | "input-too-long"
  | "unreadable-file"
  | "parquet-needs-file"
  | "broken-parquet"
  | "parquet-too-large"
  | "worker-failed"
  | "too-many-accounts"
  | "malformed-facts"
  | "malformed-value";

export class IntakeError extends Error {
  readonly code: IntakeErrorCode;
  /** What to do about it, for a person. */
  readonly fix?: string;
  /** The column it is about. */
  readonly field?: string;

  constructor(code: IntakeErrorCode, message: string, more: { fix?: string; field?: string; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "IntakeError";
    this.code = code;
    if (more.fix !== undefined) this.fix = more.fix;
    if (more.field !== undefined) this.field = more.field;
  }
}
