/** Limits of one list, or of one part of a list that comes in parts; each is tested from both sides. */
export const LIST_LIMITS = {
  /** A row with its delimiters, without its line break. A longer one is refused, the next one is read. */
  lineBytes: 64 * 1024,
  /** Columns of a row. */
  columns: 64,
  rows: 200_000_000,
  /** Decoded bytes. */
  bytes: 64 * 1024 ** 3,
  /** Decoded bytes per compressed byte, judged once there are more than `unjudgedBytes`. */
  compressionRatio: 200,
  unjudgedBytes: 64 * 1024 * 1024,
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

/** Blocks on their way to the reading thread, and batches on their way back, that nobody has taken yet. */
export const BLOCKS_IN_FLIGHT = 4;
export const BATCHES_IN_FLIGHT = 4;

/** A longer list is read in a thread of its own. */
export const INLINE_BYTES = 1024 * 1024;
