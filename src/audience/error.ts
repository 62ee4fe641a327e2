export type AudienceErrorCode =
  | "unknown-audience"
  | "name-exists"
  | "unknown-name"
  | "audience-in-use"
  | "malformed-expression"
  | "position-too-old"
  | "time-in-future"
  | "malformed-facts";

/** What a request about advertisers, lists or audiences can be wrong about. */
export class AudienceError extends Error {
  readonly code: AudienceErrorCode;
  /** What to do about it, for a person. */
  readonly fix?: string;

  constructor(code: AudienceErrorCode, message: string, fix?: string) {
    super(message);
    this.name = "AudienceError";
    this.code = code;
    if (fix !== undefined) this.fix = fix;
  }
}
