/**
 * List: an advertiser's rows in, digests out. Its values live in the reader's block only.
 */
export type { DigestBatch } from "./batch.js";
export type { ColumnForm, ColumnPlan, ListColumn } from "./columns.js";
export { type Block, BlockCutter } from "./cut.js";
export { decodeDigest } from "./digest.js";
export { DIGEST_FORM_TYPE, decodeDigests, encodeDigests, type FormedBatch } from "./digest-form.js";
export { ListError, type ListErrorCode } from "./error.js";
export { LIST_LIMITS, type ListLimits } from "./limits.js";
export { type ReadListOptions, readList } from "./read-list.js";
export { ListReader } from "./reader.js";
export { listRefusals } from "./refusal.js";
export { type ListOptions, RowReader, type RowsRead } from "./rows.js";
export { type CellCount, type ListSummary, ListTotal } from "./total.js";
