/** What can be wrong with a set's bytes. */
export type SetErrorCode = "malformed" | "too-many-shards" | "foreign-set";

export class SetError extends Error {
  readonly code: SetErrorCode;

  constructor(code: SetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SetError";
    this.code = code;
  }
}
