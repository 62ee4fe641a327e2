/**
 * What one append or rewrite may hold, and its rows on their way into the tables.
 *
 * Everything is checked before the first byte is sent, so that a mistake of the caller costs no transaction.
 */
import { type CopyRow, encodeRows, type Widths } from "./copy.js";
import { StoreError } from "./failure.js";
import { APPEND_LIMIT_ENTRIES, BODY_LIMIT_BYTES, PARTS_LIMIT, REWRITE_LIMIT_ROWS } from "./limits.js";
import type { Session } from "./session.js";

/** One leaf with what belongs to it; parts are numbered in the order given. */
export interface Append {
  readonly leaf: Uint8Array;
  readonly facts: readonly { readonly kind: number; readonly body: Uint8Array }[];
  readonly tokens: readonly { readonly epoch: number; readonly body: Uint8Array }[];
}

export interface TokenRow {
  readonly position: number;
  readonly part: number;
  readonly epoch: number;
  readonly body: Uint8Array;
}

// The integer columns of each table, before its body.
export const LEAF: Widths = [8];
export const FACT: Widths = [8, 4, 2];
export const TOKEN: Widths = [8, 4, 4];

/** @throws {StoreError} codes `too-large`, `malformed` */
export function assertAppend(entries: readonly Append[]): void {
  if (entries.length > APPEND_LIMIT_ENTRIES) {
    throw new StoreError("too-large", `${entries.length} entries; at most ${APPEND_LIMIT_ENTRIES}`);
  }
  for (const { leaf, facts, tokens } of entries) {
    if (facts.length > PARTS_LIMIT || tokens.length > PARTS_LIMIT) {
      throw new StoreError("too-large", `${facts.length} facts and ${tokens.length} tokens; at most ${PARTS_LIMIT}`);
    }
    assertBody(leaf);
    for (const { kind, body } of facts) {
      assertInteger(kind, 2 ** 15);
      assertBody(body);
    }
    for (const { epoch, body } of tokens) {
      assertInteger(epoch, 2 ** 31);
      assertBody(body);
    }
  }
}

/** @throws {StoreError} codes `too-large`, `malformed` */
export function assertRewrite(rows: readonly TokenRow[]): void {
  if (rows.length > REWRITE_LIMIT_ROWS) {
    throw new StoreError("too-large", `${rows.length} rows to rewrite; at most ${REWRITE_LIMIT_ROWS}`);
  }
  for (const { position, part, epoch, body } of rows) {
    assertInteger(position, Number.MAX_SAFE_INTEGER);
    assertInteger(part, PARTS_LIMIT);
    assertInteger(epoch, 2 ** 31);
    assertBody(body);
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

/** Copies the entries into all three tables, inside the transaction that `writer` is in. */
export async function copyEntries(writer: Session, firstPosition: number, entries: readonly Append[]): Promise<void> {
  await copyInto(writer, "leaf (position, body)", LEAF, leafRows(firstPosition, entries));
  if (entries.some(({ facts }) => facts.length > 0)) {
    await copyInto(writer, "fact (position, part, kind, body)", FACT, factRows(firstPosition, entries));
  }
  if (entries.some(({ tokens }) => tokens.length > 0)) {
    await copyTokens(writer, tokenRows(firstPosition, entries));
  }
}

/** Copies token rows, inside the transaction that `writer` is in. */
export async function copyTokens(writer: Session, rows: Iterable<TokenRow>): Promise<void> {
  await copyInto(writer, "token (position, part, epoch, body)", TOKEN, tokenCopies(rows));
}

async function copyInto(writer: Session, target: string, widths: Widths, rows: Iterable<CopyRow>): Promise<void> {
  await writer.copyIn(`COPY solely.${target} FROM STDIN (FORMAT binary)`, encodeRows(widths, rows));
}

function* leafRows(first: number, entries: readonly Append[]): Generator<CopyRow> {
  for (const [i, { leaf }] of entries.entries()) yield { numbers: [first + i], body: leaf };
}

function* factRows(first: number, entries: readonly Append[]): Generator<CopyRow> {
  for (const [i, { facts }] of entries.entries()) {
    for (const [part, { kind, body }] of facts.entries()) yield { numbers: [first + i, part, kind], body };
  }
}

function* tokenRows(first: number, entries: readonly Append[]): Generator<TokenRow> {
  for (const [i, { tokens }] of entries.entries()) {
    for (const [part, { epoch, body }] of tokens.entries()) yield { position: first + i, part, epoch, body };
  }
}

function* tokenCopies(rows: Iterable<TokenRow>): Generator<CopyRow> {
  for (const { position, part, epoch, body } of rows) yield { numbers: [position, part, epoch], body };
}
