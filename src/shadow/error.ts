export type ShadowErrorCode = "unwritable-file";

/** What keeps a comparison from being written. */
export class ShadowError extends Error {
  readonly code: ShadowErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string;

  constructor(code: ShadowErrorCode, message: string, fix: string) {
    super(message);
    this.name = "ShadowError";
    this.code = code;
    this.fix = fix;
  }
}
