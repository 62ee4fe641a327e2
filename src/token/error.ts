export type TokenErrorCode =
  | "missing-key"
  | "wrong-key"
  | "malformed-key"
  | "shared-key"
  | "malformed-batch"
  | "index-full";

/** A key that is not there or not right, or bytes that are no tokens. */
export class TokenError extends Error {
  readonly code: TokenErrorCode;
  /** What to do about it, for a person. */
  readonly fix?: string;

  constructor(code: TokenErrorCode, message: string, fix?: string) {
    super(message);
    this.name = "TokenError";
    this.code = code;
    if (fix !== undefined) this.fix = fix;
  }
}
