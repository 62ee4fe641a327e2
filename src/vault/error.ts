export type VaultErrorCode =
  /** A chunk does not open: its bytes, its place or its key are not what they were. */
  | "unopenable"
  | "key-service-failed"
  | "unknown-compartment"
  | "rotation-under-way"
  | "too-many-contacts"
  | "invalid-reason"
  | "not-given"
  | "reveal-limit"
  | "key-stopped"
  | "stale-request";

/** Why the vault can't seal, open or reveal. */
export class VaultError extends Error {
  readonly code: VaultErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string;

  constructor(code: VaultErrorCode, message: string, fix: string) {
    super(message);
    this.name = "VaultError";
    this.code = code;
    this.fix = fix;
  }
}
