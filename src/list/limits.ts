import { INPUT_LIMITS } from "../input/index.js";

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

/** Records, within the first block, by whose values columns are judged. */
export const SAMPLE_RECORDS = 1000;
/** Most bytes of the first block, and of any; each at least four times the longest record. */
export const SAMPLE_BYTES = 256 * 1024;
export const BLOCK_BYTES = 1024 * 1024;

/** Limits of a record, as the scanner takes them. */
export const RECORD_LIMITS = {
  maxFieldBytes: INPUT_LIMITS.fieldBytes,
  maxRecordBytes: INPUT_LIMITS.recordBytes,
  maxColumns: INPUT_LIMITS.columns,
} as const;

/** Digests of one batch. */
export const BATCH_DIGESTS = 64 * 1024;
