export type SignInErrorCode =
  | "link-over"
  | "not-signed-in"
  | "too-many-attempts"
  | "busy"
  | "passkey-refused"
  | "unfit-password"
  | "sign-in-again";

/** Why somebody is not let in, or may not change how they get in. */
export class SignInError extends Error {
  readonly code: SignInErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string;

  constructor(code: SignInErrorCode, message: string, fix: string) {
    super(message);
    this.name = "SignInError";
    this.code = code;
    this.fix = fix;
  }
}
