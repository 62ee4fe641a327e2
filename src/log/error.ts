export type LogErrorCode =
  | "unfoldable-fact"
  | "two-folds"
  | "altered"
  | "malformed-instant"
  | "not-yet-known"
  | "leaf-failed";

/** What the log's facts, their folds or the making of leaves can be wrong about. */
export class LogError extends Error {
  readonly code: LogErrorCode;
  /** What to do about it, for a person. */
  readonly fix?: string;

  constructor(code: LogErrorCode, message: string, more: { fix?: string; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "LogError";
    this.code = code;
    if (more.fix !== undefined) this.fix = more.fix;
  }
}
