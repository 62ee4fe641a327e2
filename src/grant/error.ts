/** What contact points, their facts or a question about them can be wrong about. */
export type GrantErrorCode =
  | "too-many-accounts"
  | "malformed-facts"
  | "malformed-value"
  | "unknown-account"
  | "unknown-contact-point"
  | "too-many-leaves";

export class GrantError extends Error {
  readonly code: GrantErrorCode;
  /** What to do about it, for a person. */
  readonly fix?: string;
  /** The column or field it is about. */
  readonly field?: string;

  constructor(code: GrantErrorCode, message: string, more: { fix?: string; field?: string } = {}) {
    super(message);
    this.name = "GrantError";
    this.code = code;
    if (more.fix !== undefined) this.fix = more.fix;
    if (more.field !== undefined) this.field = more.field;
  }
}
