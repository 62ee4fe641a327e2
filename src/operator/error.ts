/** What an operator's key, statement or decision can be wrong about. */
export type OperatorErrorCode =
  // A statement
  | "malformed"
  | "wrong-store"
  | "unknown-operator"
  | "bad-signature"
  | "repeated"
  | "too-many-pending"
  | "stale"
  // A decision
  | "same-operator"
  | "unknown-proposal"
  | "ambiguous-proposal"
  | "already-decided"
  | "lapsed"
  // Who the operators are
  | "wrong-genesis"
  | "already-begun"
  | "not-begun"
  | "name-taken"
  | "key-already-used"
  | "too-few-operators"
  | "too-many-operators"
  | "too-many-passkeys"
  | "unknown-passkey"
  // Key files
  | "bad-name"
  | "key-exists"
  | "key-missing"
  | "key-unreadable"
  | "malformed-key"
  | "key-in-data-folder";

export class OperatorError extends Error {
  readonly code: OperatorErrorCode;
  /** What to do about it, for a person. */
  readonly fix?: string;

  constructor(code: OperatorErrorCode, message: string, fix?: string) {
    super(message);
    this.name = "OperatorError";
    this.code = code;
    if (fix !== undefined) this.fix = fix;
  }
}
