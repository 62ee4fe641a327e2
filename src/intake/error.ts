export type IntakeErrorCode = "run-too-large" | "freed-limit" | "terms-changed";

/** What a run of a source as a whole is refused for. */
export class IntakeError extends Error {
  readonly code: IntakeErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string;
  /** Fields for a program. */
  readonly details: Readonly<Record<string, string | number>>;

  constructor(
    code: IntakeErrorCode,
    message: string,
    fix: string,
    details: Readonly<Record<string, string | number>> = {},
  ) {
    super(message);
    this.name = "IntakeError";
    this.code = code;
    this.fix = fix;
    this.details = details;
  }
}
