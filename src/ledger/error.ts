export type LedgerErrorCode =
  | "malformed-leaf"
  | "unknown-leaf-version"
  | "unknown-leaf-kind"
  | "malformed-facts"
  | "too-many-facts"
  | "fact-too-long";

/** What a leaf or the facts under it can be wrong about. */
export class LedgerError extends Error {
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string) {
    super(message);
    this.name = "LedgerError";
    this.code = code;
  }
}
