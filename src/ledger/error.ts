export type LedgerErrorCode =
  | "malformed-leaf"
  | "unknown-leaf-version"
  | "unknown-leaf-kind"
  | "malformed-facts"
  | "too-many-facts"
  | "fact-too-long"
  | "malformed-keys"
  | "destroyed-fact"
  | "beyond-tree"
  | "malformed-proof"
  | "malformed-note"
  | "malformed-checkpoint"
  | "wrong-signature"
  | "malformed-tile";

/** What a leaf, the facts under it or their keys can be wrong about. */
export class LedgerError extends Error {
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string) {
    super(message);
    this.name = "LedgerError";
    this.code = code;
  }
}
