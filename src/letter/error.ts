export type LetterErrorCode =
  | "malformed-template"
  | "letters-not-set"
  | "unwritable-file"
  | "claim-changed"
  | "stale-word";

/** What letters can be wrong about. */
export class LetterError extends Error {
  readonly code: LetterErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string | undefined;

  constructor(code: LetterErrorCode, message: string, fix?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "LetterError";
    this.code = code;
    this.fix = fix;
  }
}
