export type ShowingErrorCode = "malformed-facts" | "unknown-alarm" | "unknown-operator";

/** What showings or alarms can be wrong about. */
export class ShowingError extends Error {
  readonly code: ShowingErrorCode;
  /** What to do about it, for a person. */
  readonly fix?: string;

  constructor(code: ShowingErrorCode, message: string, fix?: string) {
    super(message);
    this.name = "ShowingError";
    this.code = code;
    if (fix !== undefined) this.fix = fix;
  }
}
