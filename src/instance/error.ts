export type InstanceErrorCode =
  | "not-initialised"
  | "already-initialised"
  | "in-use"
  | "unknown-key"
  | "invalid-argument"
  | "run-too-large"
  | "freed-limit"
  | "unknown-account"
  | "rotation-under-way"
  | "closed";

/** What a running Solely refuses, beyond what its rooms refuse themselves. */
export class InstanceError extends Error {
  readonly code: InstanceErrorCode;
  /** What to do about it, for a person. */
  readonly fix?: string;
  /** Fields for a program. */
  readonly details?: Readonly<Record<string, string | number>>;

  constructor(
    code: InstanceErrorCode,
    message: string,
    fix?: string,
    details?: Readonly<Record<string, string | number>>,
  ) {
    super(message);
    this.name = "InstanceError";
    this.code = code;
    if (fix !== undefined) this.fix = fix;
    if (details !== undefined) this.details = details;
  }
}
