export type MatchErrorCode = "matcher-stopped" | "matcher-failed" | "rotation-under-way";

/** The matcher's worker is not there, or could not do what it was asked. */
export class MatchError extends Error {
  readonly code: MatchErrorCode;

  constructor(code: MatchErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "MatchError";
    this.code = code;
  }
}
