export type PersonErrorCode =
  | "account-erased"
  | "unknown-contact-point"
  | "unknown-receipt"
  | "not-offered"
  | "not-verified"
  | "other-contact"
  | "held-back"
  | "not-taken"
  | "too-many-requests";

/** Why a person's own page can't show or do something. */
export class PersonError extends Error {
  readonly code: PersonErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string;

  constructor(code: PersonErrorCode, message: string, fix: string) {
    super(message);
    this.name = "PersonError";
    this.code = code;
    this.fix = fix;
  }
}
