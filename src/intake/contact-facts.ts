/**
 * The facts of grants and events: their columns in the store, their rows in the leaf's tree, and their fold.
 *
 * A body begins with a header (JSON) and the newcomers: accounts and contact points that the leaf adds, in
 * order of number. Every kept row is one fact of 48 bytes, little-endian, and has a salt of its own:
 *
 *     grant  u8 1  u8 what  u16 notice   u32 giver  u64 number  f64 given  f64 verified (0: not)  16 identity
 *     event  u8 2  u8 type  u8 purpose  u8 whole  u32 0  u64 number  f64 at  f64 0  16 identity
 *
 * `identity` is there where the row added the contact point, else zero. Tokens are no part of a fact: they
 * are derived, and change with their key. `number` of an event of a whole account is the account's.
 */
import { factRoot, newSalts } from "../ledger/index.js";
import { decodeColumns, encodeColumns, viewF64, viewU16, viewU32 } from "../store/index.js";
import type { Change, Contacts } from "./contacts.js";
import { IntakeError } from "./error.js";
import type { GrantPlan, NewTokens } from "./grants.js";
import { WHAT } from "./history.js";

const FACT_BYTES = 48;
const FACT_WORDS = FACT_BYTES / 4;
const GRANT = 1;
const EVENT = 2;
const IDENTITY_BYTES = 16;
const utf8 = new TextEncoder();

/** What a leaf of grants says of itself. */
export interface GrantHeader {
  readonly source: string;
  readonly actor: string;
  /** Keyed digest of the batch, hex. */
  readonly digest: string;
  /** Rows that were good, and that were refused. */
  readonly good: number;
  readonly refused: number;
  readonly freed: number;
  readonly idempotencyKey?: string;
}

export interface EventHeader {
  readonly actor: string;
}

export interface EncodedFacts {
  readonly root: Uint8Array;
  readonly body: Uint8Array;
}

/** Events to be kept, column by column; `number` is the contact point's, or the account's where `whole` is 1. */
export interface EventRows {
  count: number;
  type: Uint8Array;
  purpose: Uint8Array;
  whole: Uint8Array;
  number: Uint32Array;
  atMs: Float64Array;
  /** 16 bytes each, as it came. */
  identity: Uint8Array;
}

export function encodeGrants(contacts: Contacts, plan: GrantPlan, header: GrantHeader): EncodedFacts {
  const { rows, change, batch } = plan;
  const n = rows.count;
  const facts = new FactRows(n);
  const late: number[] = [];
  const lateAtMs: number[] = [];
  const givers: number[] = [];
  const batchIdentity = new Uint32Array(batch.identity.buffer, batch.identity.byteOffset, batch.rows * 4);
  let nextNew = change.firstPoint;
  const newRows: number[] = [];
  for (let k = 0; k < n; k++) {
    const what = rows.what[k]!;
    const verifiedAtMs = rows.verifiedAtMs[k]!;
    const isVerified = (what & WHAT.verified) !== 0;
    if (isVerified && verifiedAtMs !== rows.givenAtMs[k]) {
      late.push(k);
      lateAtMs.push(verifiedAtMs);
    }
    if ((what & WHAT.byOther) !== 0) givers.push(rows.giver[k]!);
    facts.words[k * FACT_WORDS] = GRANT | (what << 8) | (rows.notice[k]! << 16);
    facts.words[k * FACT_WORDS + 1] = (what & WHAT.byOther) !== 0 ? rows.giver[k]! : 0;
    facts.words[k * FACT_WORDS + 2] = rows.number[k]!;
    facts.floats[(k * FACT_WORDS) / 2 + 2] = rows.givenAtMs[k]!;
    facts.floats[(k * FACT_WORDS) / 2 + 3] = isVerified ? verifiedAtMs : 0;
    if (rows.number[k] !== nextNew) continue;
    nextNew++;
    newRows.push(rows.batchRow[k]!);
    facts.setIdentity(k, batchIdentity, rows.batchRow[k]!);
  }
  const { salts, root } = facts.root();
  const body = encodeColumns([
    utf8.encode(JSON.stringify(header)),
    ...newcomers(contacts, change, batchIdentity, newRows),
    salts,
    rows.number.subarray(0, n),
    rows.what.subarray(0, n),
    rows.notice.subarray(0, n),
    rows.givenAtMs.subarray(0, n),
    Uint32Array.from(late),
    Float64Array.from(lateAtMs),
    Uint32Array.from(givers),
  ]);
  return { root, body };
}

export function encodeEvents(contacts: Contacts, change: Change, rows: EventRows, header: EventHeader): EncodedFacts {
  const n = rows.count;
  const facts = new FactRows(n);
  const identities = new Uint32Array(rows.identity.buffer, rows.identity.byteOffset, n * 4);
  let nextNew = change.firstPoint;
  const newRows: number[] = [];
  for (let k = 0; k < n; k++) {
    facts.words[k * FACT_WORDS] = EVENT | (rows.type[k]! << 8) | (rows.purpose[k]! << 16) | (rows.whole[k]! << 24);
    facts.words[k * FACT_WORDS + 2] = rows.number[k]!;
    facts.floats[(k * FACT_WORDS) / 2 + 2] = rows.atMs[k]!;
    if (rows.whole[k] === 1 || rows.number[k] !== nextNew) continue;
    nextNew++;
    newRows.push(k);
    facts.setIdentity(k, identities, k);
  }
  const { salts, root } = facts.root();
  const body = encodeColumns([
    utf8.encode(JSON.stringify(header)),
    ...newcomers(contacts, change, identities, newRows),
    salts,
    rows.number.subarray(0, n),
    rows.type.subarray(0, n),
    rows.purpose.subarray(0, n),
    rows.whole.subarray(0, n),
    rows.atMs.subarray(0, n),
  ]);
  return { root, body };
}

/** The newcomers' columns: identities, accounts, kinds; account names and where each ends. */
const NEWCOMER_COLUMNS = 5;

function newcomers(
  contacts: Contacts,
  change: Change,
  identities: Uint32Array,
  newRows: readonly number[],
): ArrayBufferView[] {
  const { points, accounts } = contacts;
  const identity = new Uint32Array(newRows.length * 4);
  newRows.forEach((row, i) => {
    identity.set(identities.subarray(4 * row, 4 * row + 4), 4 * i);
  });
  const first = change.firstPoint;
  const kinds = new Uint8Array(newRows.length);
  for (let i = 0; i < kinds.length; i++) kinds[i] = points.kind(first + i);
  const names = accounts.namesFrom(change.firstAccount);
  return [identity, points.account.slice(first, first + newRows.length), kinds, names.bytes, names.ends];
}

/** A decoded body of grants; columns are views. */
export interface GrantFacts {
  readonly header: GrantHeader;
  readonly number: Uint32Array;
  readonly what: Uint8Array;
  readonly notice: Uint16Array;
  readonly givenAtMs: Float64Array;
  /** Verified at another time than given: row, and when. */
  readonly lateRow: Uint32Array;
  readonly lateAtMs: Float64Array;
  /** Giver of each row that has one, in order. */
  readonly giver: Uint32Array;
  readonly newcomers: readonly Uint8Array[];
}

export interface EventFacts {
  readonly header: EventHeader;
  readonly number: Uint32Array;
  readonly type: Uint8Array;
  readonly purpose: Uint8Array;
  readonly whole: Uint8Array;
  readonly atMs: Float64Array;
  readonly newcomers: readonly Uint8Array[];
}

export function decodeGrants(body: Uint8Array): GrantFacts {
  const columns = decodeColumns(body);
  const [header, ...rest] = columns;
  const [, number, what, notice, givenAt, lateRow, lateAt, giver] = rest.slice(NEWCOMER_COLUMNS);
  if (header === undefined || giver === undefined)
    throw new IntakeError("malformed-facts", "a body of grants lacks columns");
  return {
    header: parseHeader<GrantHeader>(header),
    number: viewU32(number!),
    what: what!,
    notice: viewU16(notice!),
    givenAtMs: viewF64(givenAt!),
    lateRow: viewU32(lateRow!),
    lateAtMs: viewF64(lateAt!),
    giver: viewU32(giver),
    newcomers: rest.slice(0, NEWCOMER_COLUMNS),
  };
}

export function decodeEvents(body: Uint8Array): EventFacts {
  const [header, ...rest] = decodeColumns(body);
  const [, number, type, purpose, whole, atMs] = rest.slice(NEWCOMER_COLUMNS);
  if (header === undefined || atMs === undefined)
    throw new IntakeError("malformed-facts", "a body of events lacks columns");
  return {
    header: parseHeader<EventHeader>(header),
    number: viewU32(number!),
    type: type!,
    purpose: purpose!,
    whole: whole!,
    atMs: viewF64(atMs),
    newcomers: rest.slice(0, NEWCOMER_COLUMNS),
  };
}

/** Applies a leaf of grants that is in the store already. */
export function foldGrants(contacts: Contacts, change: Change, facts: GrantFacts): void {
  const addNext = addNewcomers(contacts, change, facts.newcomers);
  let giver = 0;
  for (let k = 0; k < facts.number.length; k++) {
    const number = facts.number[k]!;
    if (number === contacts.points.count) addNext();
    const what = facts.what[k]!;
    const by = (what & WHAT.byOther) !== 0 ? facts.giver[giver++]! : contacts.points.account[number]!;
    contacts.addGrant(change, number, facts.notice[k]!, what, facts.givenAtMs[k]!, by);
  }
  contacts.settle(change);
  contacts.dropDeadSpellings(change);
}

/** Applies a leaf of events that is in the store already. */
export function foldEvents(contacts: Contacts, change: Change, facts: EventFacts): void {
  const addNext = addNewcomers(contacts, change, facts.newcomers);
  for (let k = 0; k < facts.number.length; k++) {
    const number = facts.number[k]!;
    if (facts.whole[k] === 1) {
      contacts.addAccountEvent(change, number, facts.type[k]!, facts.purpose[k]!, facts.atMs[k]!);
      continue;
    }
    if (number === contacts.points.count) addNext();
    contacts.addPointEvent(change, number, facts.type[k]!, facts.purpose[k]!, facts.atMs[k]!);
  }
  contacts.settle(change);
  contacts.dropDeadSpellings(change);
}

/** Adds the accounts at once; each call of the result adds the next contact point. */
function addNewcomers(contacts: Contacts, change: Change, columns: readonly Uint8Array[]): () => void {
  const [identity, account, kind, names, ends] = columns;
  const nameEnds = viewU32(ends!);
  for (let i = 0; i < nameEnds.length; i++)
    contacts.accounts.findOrAdd(names!, i === 0 ? 0 : nameEnds[i - 1]!, nameEnds[i]!);
  const identities = viewU32(identity!);
  const accounts = viewU32(account!);
  let next = 0;
  return () => {
    const number = contacts.addPoint(identities, next, accounts[next]!, kind![next]!);
    if (number !== change.firstPoint + next)
      throw new IntakeError("malformed-facts", "contact points are out of order");
    next++;
  };
}

export function encodeTokens(tokens: NewTokens): Uint8Array {
  return encodeColumns([tokens.number, tokens.mark, tokens.token]);
}

export function decodeTokens(body: Uint8Array): { number: Uint32Array; mark: Uint8Array; token: Uint8Array } {
  const [number, mark, token] = decodeColumns(body);
  if (token === undefined) throw new IntakeError("malformed-facts", "a body of tokens lacks columns");
  return { number: viewU32(number!), mark: mark!, token };
}

function parseHeader<T extends GrantHeader | EventHeader>(column: Uint8Array): T {
  return JSON.parse(Buffer.from(column.buffer, column.byteOffset, column.byteLength).toString("utf8"));
}

/** Rows of facts side by side, as bytes, words and floats over one buffer. */
class FactRows {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly floats: Float64Array;
  readonly #count: number;

  constructor(count: number) {
    this.bytes = new Uint8Array(count * FACT_BYTES);
    this.words = new Uint32Array(this.bytes.buffer);
    this.floats = new Float64Array(this.bytes.buffer);
    this.#count = count;
  }

  setIdentity(row: number, identities: Uint32Array, from: number): void {
    const at = row * FACT_WORDS + FACT_WORDS - IDENTITY_BYTES / 4;
    for (let i = 0; i < 4; i++) this.words[at + i] = identities[4 * from + i]!;
  }

  root(): { salts: Uint8Array; root: Uint8Array } {
    const salts = newSalts(this.#count);
    return { salts, root: factRoot(salts, this.bytes, FACT_BYTES, this.#count) };
  }
}
