/** Limits of the vault, each tested from both sides. */
export const VAULT_LIMITS = {
  /** Values of one chunk. */
  chunkValues: 256,
  /** Contacts that one reveal may ask for. */
  revealContacts: 1000,
  /** Characters of a reveal's reason. */
  reasonLength: 200,
  /** Reveals of one operator in an hour; more need a second signature each. */
  operatorRevealsPerHour: 20,
  /** How old a signed request may be. */
  requestAgeMs: 5 * 60_000,
  /** How long a second signature lets one more reveal through. */
  approvalAgeMs: 3_600_000,
  /** What a key service may answer, and in what time. */
  wrappedKeyBytes: 64 * 1024,
  keyServiceMs: 30_000,
  /** Chunks that a rotation works through at once. */
  rotationChunks: 256,
  /** Erasures of one leaf. */
  erasureRows: 1024,
} as const;
