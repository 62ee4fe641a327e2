/**
 * What one append or rewrite may hold, and its rows on their way into the tables.
 *
 * Everything is checked before the first byte is sent, so that a mistake of the caller costs no transaction.
 */
import type { CopyRow, Shape } from "./copy.js";
import { StoreError } from "./failure.js";
import { APPEND_LIMIT_ENTRIES, BODY_LIMIT_BYTES, PARTS_LIMIT, REWRITE_LIMIT_ROWS } from "./limits.js";
import {
  assertSealed,
  assertSealedChunks,
  copySealed,
  type Rewrites,
  rewriteRows,
  type SealedChunks,
} from "./sealed.js";
import type { Session } from "./session.js";

/** One leaf with what belongs to it; parts are numbered in the order given. */
export interface Append {
  readonly leaf: Uint8Array;
  /** When the system learned it, milliseconds since 1970; kept beside each fact. */
  readonly timeMs: number;
  readonly facts: readonly {
    readonly kind: number;
    readonly body: Uint8Array;
    readonly keys?: Uint8Array | undefined;
  }[];
  readonly tokens: readonly { readonly epoch: number; readonly body: Uint8Array; readonly keys: Uint8Array }[];
  /** Chunks of the vault. */
  readonly sealed?: SealedChunks | undefined;
  /** What it destroys in rows of earlier leaves, in the same transaction. */
  readonly rewrites?: Rewrites | undefined;
}

/** A row of tokens that takes the place of one that is there, as long as that still has these keys. */
export interface TokenRewrite extends TokenRow {
  readonly replaces: Uint8Array;
}

export interface TokenRow {
  readonly position: number;
  readonly part: number;
  readonly epoch: number;
  readonly body: Uint8Array;
  readonly keys: Uint8Array;
}

// The columns of each table, and of the joins that are read.
export const LEAF: Shape = { widths: [8], bodies: 1 };
const FACT: Shape = { widths: [8, 4, 2, 8], bodies: 1 };
const TOKEN: Shape = { widths: [8, 4, 4], bodies: 1 };
const KEY: Shape = { widths: [8, 4], bodies: 1 };
export const FACT_WITH_KEYS: Shape = { ...FACT, bodies: 2 };
export const TOKEN_WITH_KEYS: Shape = { ...TOKEN, bodies: 2 };

/** @throws {StoreError} codes `too-large`, `malformed` */
export function assertAppend(entries: readonly Append[]): void {
  if (entries.length > APPEND_LIMIT_ENTRIES) {
    throw new StoreError("too-large", `${entries.length} entries; at most ${APPEND_LIMIT_ENTRIES}`);
  }
  for (const { leaf, timeMs, facts, tokens, sealed, rewrites } of entries) {
    assertInteger(timeMs, Number.MAX_SAFE_INTEGER);
    if (Math.max(facts.length, tokens.length) > PARTS_LIMIT) {
      throw new StoreError("too-large", `more facts or tokens under one leaf than ${PARTS_LIMIT}`);
    }
    if (sealed !== undefined) assertSealedChunks(sealed);
    if (rewrites !== undefined) assertSealed(rewrites.sealed);
    assertBody(leaf);
    for (const { kind, body, keys } of facts) {
      assertInteger(kind, 2 ** 15);
      assertBody(body);
      if (keys !== undefined) assertBody(keys);
    }
    for (const { epoch, body, keys } of tokens) {
      assertInteger(epoch, 2 ** 31);
      assertBody(body);
      assertBody(keys);
    }
  }
}

/** @throws {StoreError} codes `too-large`, `malformed` */
export function assertRewrite(rows: readonly TokenRow[]): void {
  if (rows.length > REWRITE_LIMIT_ROWS) {
    throw new StoreError("too-large", `${rows.length} rows to rewrite; at most ${REWRITE_LIMIT_ROWS}`);
  }
  for (const { position, part, epoch, body, keys } of rows) {
    assertInteger(position, Number.MAX_SAFE_INTEGER);
    assertInteger(part, PARTS_LIMIT);
    assertInteger(epoch, 2 ** 31);
    assertBody(body);
    assertBody(keys);
  }
}

function assertInteger(value: number, limit: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= limit) {
    throw new StoreError("malformed", `a kind, epoch, position or part is no whole number below ${limit}`);
  }
}

function assertBody(body: Uint8Array): void {
  if (body.byteLength > BODY_LIMIT_BYTES) {
    throw new StoreError("too-large", `a body of ${body.byteLength} bytes; at most ${BODY_LIMIT_BYTES}`);
  }
}

/** Copies the entries into their tables, inside the transaction that `writer` is in. */
export async function copyEntries(writer: Session, firstPosition: number, entries: readonly Append[]): Promise<void> {
  await writer.copyRows("leaf (position, body)", LEAF, leafRows(firstPosition, entries));
  if (entries.some(({ facts }) => facts.length > 0)) {
    await writer.copyRows("fact (position, part, kind, time, body)", FACT, factRows(firstPosition, entries));
  }
  if (entries.some(({ facts }) => facts.some(({ keys }) => keys !== undefined))) {
    await writer.copyRows("fact_key (position, part, body)", KEY, factKeyRows(firstPosition, entries));
  }
  if (entries.some(({ tokens }) => tokens.length > 0)) {
    await copyTokens(writer, tokenRows(firstPosition, entries));
  }
  const sealed = entries.flatMap(({ sealed: chunks }, i) =>
    chunks === undefined || chunks.ends.length === 0 ? [] : [{ position: firstPosition + i, chunks }],
  );
  if (sealed.length > 0) await copySealed(writer, sealed);
  for (const { rewrites } of entries) if (rewrites !== undefined) await rewriteRows(writer, rewrites);
}

/** Copies token rows, inside the transaction that `writer` is in. */
export async function copyTokens(writer: Session, rows: readonly TokenRow[]): Promise<void> {
  const bodies = rows.map(({ position, part, epoch, body }) => ({ numbers: [position, part, epoch], bodies: [body] }));
  const keys = rows.map(({ position, part, keys }) => ({ numbers: [position, part], bodies: [keys] }));
  await writer.copyRows("token (position, part, epoch, body)", TOKEN, bodies);
  await writer.copyRows("token_key (position, part, body)", KEY, keys);
}

function* leafRows(first: number, entries: readonly Append[]): Generator<CopyRow> {
  for (const [i, { leaf }] of entries.entries()) yield { numbers: [first + i], bodies: [leaf] };
}

function* factRows(first: number, entries: readonly Append[]): Generator<CopyRow> {
  for (const [i, { facts, timeMs }] of entries.entries()) {
    for (const [part, { kind, body }] of facts.entries()) {
      yield { numbers: [first + i, part, kind, timeMs], bodies: [body] };
    }
  }
}

function* factKeyRows(first: number, entries: readonly Append[]): Generator<CopyRow> {
  for (const [i, { facts }] of entries.entries()) {
    for (const [part, { keys }] of facts.entries()) {
      if (keys !== undefined) yield { numbers: [first + i, part], bodies: [keys] };
    }
  }
}

function tokenRows(first: number, entries: readonly Append[]): TokenRow[] {
  return entries.flatMap(({ tokens }, i) => tokens.map((token, part) => ({ position: first + i, part, ...token })));
}
