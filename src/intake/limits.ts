/** Limits of what comes in, each tested from both sides. */
export const INTAKE_LIMITS = {
  /** An account's name, in UTF-8. */
  accountBytes: 256,
  /** A reference to a notice: an id of 64, an at sign, a version. */
  noticeBytes: 80,
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
  /** Batches that may wait between the worker and who takes them. */
  batchesInFlight: 2,
  cohortBytes: 256,
  cohorts: 65_535,
} as const;
