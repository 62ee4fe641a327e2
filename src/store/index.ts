/**
 * Store: PostgreSQL (embedded or a server) with facts, leaves and tokens; columnar bodies; snapshot files.
 * Only this room speaks SQL.
 */
export type { Append, TokenRow } from "./append.js";
export { decodeColumns, encodeColumns, viewF64, viewU16, viewU32 } from "./columns.js";
export { replaceFile } from "./durable-file.js";
export { StoreError, type StoreErrorCode } from "./failure.js";
export { BODY_LIMIT_BYTES } from "./limits.js";
export { CONTROL_KIND_LIMIT } from "./schema.js";
export type {
  ErasedFact,
  KeyRow,
  Rewrites,
  SealedChunk,
  SealedChunks,
  SealedPlace,
  SealedQuery,
  SealedRow,
} from "./sealed.js";
export { readSnapshot, type Snapshot, type SnapshotFault, writeSnapshot } from "./snapshot.js";
export { type FactRow, type LeafRow, Store, type StoreOptions } from "./store.js";
export type { PositionRange, StoredRow } from "./stored-leaves.js";
export type { SignedTiles, TileRow } from "./tiles.js";
export type { WriterAddress } from "./writer-lock.js";
