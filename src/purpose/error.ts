export type PurposeErrorCode =
  | "unknown-purpose"
  | "malformed-notice"
  | "version-exists"
  | "version-too-low"
  | "unknown-notice"
  | "retire-in-past"
  | "unconfirmed-purpose"
  | "unknown-source"
  | "too-many-notices"
  | "forged-permit"
  | "wrong-purpose";

/** What a notice, a source, a purpose or a permit can be wrong about. */
export class PurposeError extends Error {
  readonly code: PurposeErrorCode;
  /** What to do about it, for a person. */
  readonly fix?: string;

  constructor(code: PurposeErrorCode, message: string, fix?: string) {
    super(message);
    this.name = "PurposeError";
    this.code = code;
    if (fix !== undefined) this.fix = fix;
  }
}
