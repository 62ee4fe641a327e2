export type EvidenceErrorCode = "no-such-leaf" | "no-such-fact" | "erased" | "altered" | "unproven" | "malformed-proof";

/** Why something can't be shown. */
export class EvidenceError extends Error {
  readonly code: EvidenceErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string;

  constructor(code: EvidenceErrorCode, message: string, fix: string) {
    super(message);
    this.name = "EvidenceError";
    this.code = code;
    this.fix = fix;
  }
}
