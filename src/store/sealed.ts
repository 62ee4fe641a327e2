/**
 * The vault's chunks as they are stored, and what an erasure rewrites in rows of earlier leaves.
 *
 * A chunk's place is the leaf that it came with, its compartment, and a number that none of its contact points is below.
 * Within a leaf and compartment the chunks part the numbers, so that the chunk of a contact point is the last one whose
 * `first` is not above it: found by the primary key, with nothing kept in memory. Bodies and wrapped keys are the
 * vault's to read; nothing here can.
 */
import type { CopyRow, Shape } from "./copy.js";
import { StoreError } from "./failure.js";
import { CHUNK_LIMIT_BYTES, REWRITE_LIMIT_ROWS, WRAPPED_LIMIT_BYTES } from "./limits.js";
import type { Session } from "./session.js";

export interface SealedChunk {
  readonly compartment: number;
  readonly first: number;
  /** Epoch of the key that wraps its data key. */
  readonly epoch: number;
  /** Epoch that its data key was made in. */
  readonly dataEpoch: number;
  readonly wrapped: Uint8Array;
  readonly body: Uint8Array;
}

export interface SealedRow extends SealedChunk {
  readonly position: number;
}

/** The chunks of one leaf, column by column: they change threads as five blocks of memory, however many they are. */
export interface SealedChunks {
  readonly compartment: Uint16Array;
  readonly first: Uint32Array;
  /** Epoch of the key that wraps each one's data key, which was made in the same. */
  readonly epoch: Uint32Array;
  /** Wrapped keys, all of one length, one after the other. */
  readonly wrapped: Uint8Array;
  readonly bodies: Uint8Array;
  /** Where each body ends. */
  readonly ends: Uint32Array;
}

export type SealedPlace = Pick<SealedRow, "position" | "compartment" | "first">;

/** The keys of one row of facts or tokens. */
export interface KeyRow {
  readonly position: number;
  readonly part: number;
  readonly keys: Uint8Array;
}

/** The hash of a fact's entry whose salt was destroyed. */
export interface ErasedFact {
  readonly position: number;
  /** Its number among the leaf's facts. */
  readonly fact: number;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/** What takes the place of rows that are there; any other row is left as it is. */
export interface Rewrites {
  readonly factKeys: readonly KeyRow[];
  /** Rows that are added: what remains of facts whose keys are destroyed. */
  readonly erasedFacts: readonly ErasedFact[];
  readonly tokenKeys: readonly KeyRow[];
  readonly sealed: readonly SealedRow[];
  readonly removed: readonly SealedPlace[];
}

const SEALED: Shape = { widths: [8, 2, 8, 4, 4], bodies: 2 };
const ERASED_FACT: Shape = { widths: [8, 4], bodies: 1 };
const COLUMNS = "position, compartment, first, epoch, data_epoch, wrapped, body";

/** @throws {StoreError} code `too-large` */
export function assertSealed(chunks: readonly SealedChunk[]): void {
  assertCount(chunks.length);
  for (const { wrapped, body } of chunks) assertSize(body.byteLength, wrapped.byteLength);
}

/** @throws {StoreError} code `too-large` */
export function assertSealedChunks({ ends, wrapped }: SealedChunks): void {
  assertCount(ends.length);
  const wrappedBytes = wrapped.byteLength / ends.length;
  for (let i = 0, start = 0; i < ends.length; start = ends[i++]!) assertSize(ends[i]! - start, wrappedBytes);
}

function assertCount(chunks: number): void {
  if (chunks > REWRITE_LIMIT_ROWS) throw new StoreError("too-large", `at most ${REWRITE_LIMIT_ROWS} chunks`);
}

function assertSize(bodyBytes: number, wrappedBytes: number): void {
  if (bodyBytes <= CHUNK_LIMIT_BYTES && wrappedBytes <= WRAPPED_LIMIT_BYTES) return;
  throw new StoreError("too-large", `a chunk has at most ${CHUNK_LIMIT_BYTES} bytes`);
}

/** Copies the chunks of leaves, inside the transaction that `writer` is in. */
export async function copySealed(
  writer: Session,
  leaves: Iterable<{ readonly position: number; readonly chunks: SealedChunks }>,
): Promise<void> {
  await writer.copyRows(`sealed (${COLUMNS})`, SEALED, chunkRows(leaves));
}

function* chunkRows(
  leaves: Iterable<{ readonly position: number; readonly chunks: SealedChunks }>,
): Generator<CopyRow> {
  for (const { position, chunks } of leaves) {
    const { compartment, first, epoch, wrapped, bodies, ends } = chunks;
    const keyBytes = wrapped.byteLength / ends.length;
    for (let i = 0, start = 0; i < ends.length; start = ends[i++]!) {
      const key = wrapped.subarray(i * keyBytes, (i + 1) * keyBytes);
      yield {
        numbers: [position, compartment[i]!, first[i]!, epoch[i]!, epoch[i]!],
        bodies: [key, bodies.subarray(start, ends[i]!)],
      };
    }
  }
}

/** Rewrites rows, inside the transaction that `writer` is in: each of them must be there. */
export async function rewriteRows(writer: Session, rewrites: Rewrites): Promise<void> {
  await rewriteKeys(writer, "fact_key", rewrites.factKeys);
  await rewriteKeys(writer, "token_key", rewrites.tokenKeys);
  if (rewrites.erasedFacts.length > 0) {
    const rows = rewrites.erasedFacts.map(({ position, fact, hash }) => ({
      numbers: [position, fact],
      bodies: [hash],
    }));
    await writer.copyRows("erased_fact (position, fact, hash)", ERASED_FACT, rows);
  }
  await rewriteSealed(writer, rewrites.sealed);
  const { removed } = rewrites;
  if (removed.length === 0) return;
  const { rowCount } = await writer.run(
    `DELETE FROM solely.sealed AS row USING unnest($1::bigint[], $2::smallint[], $3::bigint[]) AS old (p, c, f)
     WHERE row.position = p AND row.compartment = c AND row.first = f`,
    placeColumns(removed),
  );
  assertAll(rowCount, removed.length);
}

async function rewriteKeys(writer: Session, table: "fact_key" | "token_key", rows: readonly KeyRow[]): Promise<void> {
  if (rows.length === 0) return;
  const { rowCount } = await writer.run(
    `UPDATE solely.${table} AS row SET body = new.body
     FROM unnest($1::bigint[], $2::int[], $3::bytea[]) AS new (position, part, body)
     WHERE row.position = new.position AND row.part = new.part`,
    [rows.map(({ position }) => position), rows.map(({ part }) => part), rows.map(({ keys }) => Buffer.from(keys))],
  );
  assertAll(rowCount, rows.length);
}

/** Puts chunks in the place of those that are there, inside the transaction that `writer` is in. */
export async function rewriteSealed(writer: Session, rows: readonly SealedRow[]): Promise<void> {
  if (rows.length === 0) return;
  const { rowCount } = await writer.run(
    `UPDATE solely.sealed AS row SET epoch = new.e, data_epoch = new.d, wrapped = new.w, body = new.b
     FROM unnest($1::bigint[], $2::smallint[], $3::bigint[], $4::int[], $5::int[], $6::bytea[], $7::bytea[])
       AS new (p, c, f, e, d, w, b)
     WHERE row.position = p AND row.compartment = c AND row.first = f`,
    [
      ...placeColumns(rows),
      rows.map(({ epoch }) => epoch),
      rows.map(({ dataEpoch }) => dataEpoch),
      rows.map(({ wrapped }) => Buffer.from(wrapped)),
      rows.map(({ body }) => Buffer.from(body)),
    ],
  );
  assertAll(rowCount, rows.length);
}

const placeColumns = (places: readonly SealedPlace[]): [number[], number[], number[]] => [
  places.map(({ position }) => position),
  places.map(({ compartment }) => compartment),
  places.map(({ first }) => first),
];

function assertAll(rowCount: number, wanted: number): void {
  if (rowCount === wanted) return;
  throw new StoreError("position-conflict", `${wanted} rows to rewrite, ${rowCount} are there`);
}

/** Where the value of a contact point is looked for. */
export interface SealedQuery {
  readonly position: number;
  readonly compartment: number;
  readonly number: number;
}

/** For each query the one chunk that may hold it, if there is one. */
export async function findSealed(reader: Session, queries: readonly SealedQuery[]): Promise<(SealedRow | undefined)[]> {
  const found = new Array<SealedRow | undefined>(queries.length).fill(undefined);
  if (queries.length === 0) return found;
  const rows = await reader.rows(
    `SELECT wanted.i::int AS i, ${rowColumns("chunk")}
     FROM unnest($1::bigint[], $2::smallint[], $3::bigint[]) WITH ORDINALITY AS wanted (p, c, n, i)
     CROSS JOIN LATERAL (SELECT * FROM solely.sealed WHERE position = p AND compartment = c AND first <= n
       ORDER BY first DESC LIMIT 1) AS chunk`,
    [
      queries.map(({ position }) => position),
      queries.map(({ compartment }) => compartment),
      queries.map(({ number }) => number),
    ],
  );
  for (const row of rows) found[Number(row.i) - 1] = sealedRow(row);
  return found;
}

/** Chunks of a compartment that are not of an epoch, be it that of their wrapping or of their data key. */
export interface OutdatedQuery {
  readonly compartment: number;
  readonly by: "epoch" | "dataEpoch";
  readonly epoch: number;
  /** Only behind this one. */
  readonly after: Pick<SealedRow, "position" | "first"> | undefined;
  readonly limit: number;
}

/** The next of them, in order. */
export async function outdatedSealed(
  reader: Session,
  { compartment, by, epoch, after, limit }: OutdatedQuery,
): Promise<SealedRow[]> {
  const rows = await reader.rows(
    `SELECT ${rowColumns("sealed")} FROM solely.sealed
     WHERE compartment = $1 AND (position, first) > ($2, $3) AND ${by === "epoch" ? "epoch" : "data_epoch"} <> $4
     ORDER BY position, first LIMIT $5`,
    [compartment, after?.position ?? -1, after?.first ?? -1, epoch, limit],
  );
  return rows.map(sealedRow);
}

const rowColumns = (table: string): string =>
  `${table}.position::float8 AS position, ${table}.compartment, ${table}.first::float8 AS first, ${table}.epoch,
   ${table}.data_epoch, ${table}.wrapped, ${table}.body`;

function sealedRow(row: Readonly<Record<string, unknown>>): SealedRow {
  const { position, compartment, first, epoch, data_epoch: dataEpoch, wrapped, body } = row;
  return { position, compartment, first, epoch, dataEpoch, wrapped, body } as SealedRow;
}
