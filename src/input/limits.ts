/** Limits of what comes in, each tested from both sides. */
export const INPUT_LIMITS = {
  /** Any cell of a row. */
  fieldBytes: 64 * 1024,
  /** A whole record or line, without its line break. */
  recordBytes: 64 * 1024,
  columns: 256,
  /** Decoded input that becomes one batch, less what belongs to the record that it cuts. */
  batchBytes: 8 * 1024 * 1024,
  /** Decoded values of one row group, as its metadata states them. */
  parquetGroupBytes: 2 * 1024 ** 3,
  /** A time may be ahead of our clock by this. */
  clockSkewMs: 5 * 60_000,
  /** Decoded bytes from one input. */
  inputBytes: 1024 ** 4,
  /** A compressed input is not judged by its ratio before it gave this much. */
  unjudgedBytes: 64 * 1024 * 1024,
  /** Decoded bytes per compressed byte. */
  compressionRatio: 200,
  /** An input up to this is read in the thread of its caller. */
  smallInputBytes: 512 * 1024,
  /** Decoded bytes that may be with a reading thread, those of batches included that nobody has taken yet. */
  aheadBytes: 32 * 1024 * 1024,
} as const;
