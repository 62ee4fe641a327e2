export type CanaryErrorCode = "malformed-canary" | "matching-halted" | "not-halted";

/** What canaries can be wrong about, and that one halted matching. */
export class CanaryError extends Error {
  readonly code: CanaryErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string | undefined;

  constructor(code: CanaryErrorCode, message: string, fix?: string) {
    super(message);
    this.name = "CanaryError";
    this.code = code;
    this.fix = fix;
  }
}
