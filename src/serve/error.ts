export type ServeErrorCode = "invalid-position" | "unknown-export-format" | "unwritable-file";

/** What a request for what may be served can be wrong about. */
export class ServeError extends Error {
  readonly code: ServeErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string;

  constructor(code: ServeErrorCode, message: string, fix: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ServeError";
    this.code = code;
    this.fix = fix;
  }
}
