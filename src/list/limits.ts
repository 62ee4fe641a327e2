/** Limits of one list, or of one part of a list that comes in parts; each is tested from both sides. */
export const LIST_LIMITS = {
  rows: 200_000_000,
  /** Decoded bytes. */
  bytes: 64 * 1024 ** 3,
  /** Refused rows whose place is kept for the reject file; the counts stay exact beyond it. */
  refusalsKept: 100_000,
} as const;

/** Limits as a caller may set them. */
export type ListLimits = { readonly [name in keyof typeof LIST_LIMITS]: number };

/** Records, within the first bytes, by whose values columns are judged. */
export const SAMPLE_RECORDS = 1000;
export const SAMPLE_BYTES = 256 * 1024;

/** Bytes that are read at once; at least four times the longest line. */
export const BLOCK_BYTES = 1024 * 1024;

/** Digests of one batch. */
export const BATCH_DIGESTS = 64 * 1024;
