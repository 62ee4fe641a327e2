/**
 * List: an advertiser's rows in, digests out. Its values live in the reader's block only.
 */
export type { DigestBatch } from "./batch.js";
export type { ColumnForm, ListColumn } from "./columns.js";
export { decodeDigest } from "./digest.js";
export { DIGESTS_MAGIC, encodeDigests, readDigests } from "./digest-form.js";
export { ListError, type ListErrorCode } from "./error.js";
export { LIST_LIMITS, type ListLimits } from "./limits.js";
export { DIGESTS_TYPE } from "./media-type.js";
export { type ReadListOptions, readList } from "./read-list.js";
export { ListReader } from "./reader.js";
export { listRefusals } from "./refusal.js";
export type { ListOptions } from "./rows.js";
export type { CellCount, ListSummary } from "./total.js";
