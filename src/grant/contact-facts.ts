/**
 * The facts of grants and events: their columns in the store, their rows in the leaf's tree, and their fold.
 *
 * A body begins with a header (JSON) and the newcomers: accounts and contact points that the leaf adds, in
 * order of number. Every kept row is one fact of 48 bytes, little-endian:
 *
 *     grant  u8 1  u8 what  u16 notice   u32 giver  u64 number  f64 given  f64 verified (0: not)  16 identity
 *     event  u8 2  u8 type  u8 purpose  u8 whole  u32 0  u64 number  f64 at  f64 0  16 identity
 *
 * `identity` is there where the row added the contact point, else zero. Tokens are no part of a fact: they
 * are derived, and change with their key. `number` of an event of a whole account is the account's.
 *
 * Beside the body lie two key trees: one key for each fact, of which its salt and the pad over a newcomer's identity
 * are made, and one for each new account, whose pad is over its name. Destroying a key destroys these and no more:
 * number, notice and instants stay, so that counts stay exact.
 */
import { factRoot, KEY_BYTES, KeyTree, padBlocks, padStrings, saltsOf } from "../ledger/index.js";
import { decodeColumns, encodeColumns, viewF64, viewU16, viewU32 } from "../store/index.js";
import type { Change, Contacts } from "./contacts.js";
import { GrantError } from "./error.js";
import type { GrantPlan } from "./grants.js";
import { WHAT } from "./history.js";

const FACT_BYTES = 48;
const FACT_WORDS = FACT_BYTES / 4;
const GRANT = 1;
const EVENT = 2;
const IDENTITY_WORDS = 4;
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

/** What a leaf keeps of its facts. */
export interface EncodedFacts {
  readonly root: Uint8Array;
  readonly body: Uint8Array;
  /** Key trees of what is erasable in the body. */
  readonly keys: Uint8Array;
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
  const arrivals = new Arrivals(change.firstPoint);
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
    if (!arrivals.isNext(rows.number[k]!)) continue;
    arrivals.add(k, batchIdentity, rows.batchRow[k]!);
    facts.setIdentity(k, batchIdentity, rows.batchRow[k]!);
  }
  const { root, columns, keys } = sealed(contacts, change, facts, arrivals);
  const body = encodeColumns([
    utf8.encode(JSON.stringify(header)),
    ...columns,
    rows.number.subarray(0, n),
    rows.what.subarray(0, n),
    rows.notice.subarray(0, n),
    rows.givenAtMs.subarray(0, n),
    Uint32Array.from(late),
    Float64Array.from(lateAtMs),
    Uint32Array.from(givers),
  ]);
  return { root, body, keys };
}

export function encodeEvents(contacts: Contacts, change: Change, rows: EventRows, header: EventHeader): EncodedFacts {
  const n = rows.count;
  const facts = new FactRows(n);
  const identities = new Uint32Array(rows.identity.buffer, rows.identity.byteOffset, n * 4);
  const arrivals = new Arrivals(change.firstPoint);
  for (let k = 0; k < n; k++) {
    facts.words[k * FACT_WORDS] = EVENT | (rows.type[k]! << 8) | (rows.purpose[k]! << 16) | (rows.whole[k]! << 24);
    facts.words[k * FACT_WORDS + 2] = rows.number[k]!;
    facts.floats[(k * FACT_WORDS) / 2 + 2] = rows.atMs[k]!;
    if (rows.whole[k] === 1 || !arrivals.isNext(rows.number[k]!)) continue;
    arrivals.add(k, identities, k);
    facts.setIdentity(k, identities, k);
  }
  const { root, columns, keys } = sealed(contacts, change, facts, arrivals);
  const body = encodeColumns([
    utf8.encode(JSON.stringify(header)),
    ...columns,
    rows.number.subarray(0, n),
    rows.type.subarray(0, n),
    rows.purpose.subarray(0, n),
    rows.whole.subarray(0, n),
    rows.atMs.subarray(0, n),
  ]);
  return { root, body, keys };
}

/** The contact points that a leaf adds: the fact that each came with, and its identity. */
class Arrivals {
  readonly facts: number[] = [];
  readonly identities: number[] = [];
  #next: number;

  constructor(firstPoint: number) {
    this.#next = firstPoint;
  }

  /** Whether a row about this contact point is the one that adds it. */
  isNext(number: number): boolean {
    return number === this.#next;
  }

  add(fact: number, identities: Uint32Array, row: number): void {
    this.#next++;
    this.facts.push(fact);
    for (let word = 0; word < IDENTITY_WORDS; word++) this.identities.push(identities[IDENTITY_WORDS * row + word]!);
  }
}

/** The newcomers' columns: identities, accounts, kinds; account names and where each ends. */
const NEWCOMER_COLUMNS = 5;

/** The root of the facts, the newcomers' columns with what is erasable hidden, and the keys that show it again. */
function sealed(contacts: Contacts, change: Change, facts: FactRows, arrivals: Arrivals) {
  const { points, accounts } = contacts;
  const first = change.firstPoint;
  const count = arrivals.facts.length;
  const factTree = KeyTree.fresh(facts.count);
  const factKeys = factTree.keys().keys;
  const root = factRoot(saltsOf(factKeys), facts.bytes, FACT_BYTES, facts.count);
  const identity = new Uint8Array(Uint32Array.from(arrivals.identities).buffer);
  padBlocks(keysOf(factKeys, arrivals.facts), identity);
  const kinds = new Uint8Array(count);
  for (let i = 0; i < count; i++) kinds[i] = points.kind(first + i);
  const names = accounts.namesFrom(change.firstAccount);
  const nameTree = KeyTree.fresh(names.ends.length);
  padStrings(nameTree.keys().keys, names.bytes, names.ends);
  const columns = [identity, points.account.slice(first, first + count), kinds, names.bytes, names.ends];
  return { root, columns, keys: KeyTree.encode([factTree, nameTree]) };
}

function keysOf(keys: Uint8Array, items: ArrayLike<number>): Uint8Array {
  const some = new Uint8Array(items.length * KEY_BYTES);
  for (let i = 0; i < items.length; i++) {
    some.set(keys.subarray(items[i]! * KEY_BYTES, (items[i]! + 1) * KEY_BYTES), i * KEY_BYTES);
  }
  return some;
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
  const [number, what, notice, givenAt, lateRow, lateAt, giver] = rest.slice(NEWCOMER_COLUMNS);
  if (header === undefined || giver === undefined)
    throw new GrantError("malformed-facts", "a body of grants lacks columns");
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
  const [number, type, purpose, whole, atMs] = rest.slice(NEWCOMER_COLUMNS);
  if (header === undefined || atMs === undefined)
    throw new GrantError("malformed-facts", "a body of events lacks columns");
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
export function foldGrants(contacts: Contacts, change: Change, facts: GrantFacts, keys: Uint8Array): void {
  const addNext = addNewcomers(contacts, change, facts, keys);
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
export function foldEvents(contacts: Contacts, change: Change, facts: EventFacts, keys: Uint8Array): void {
  const addNext = addNewcomers(contacts, change, facts, keys);
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
function addNewcomers(
  contacts: Contacts,
  change: Change,
  facts: { readonly number: Uint32Array; readonly whole?: Uint8Array; readonly newcomers: readonly Uint8Array[] },
  keys: Uint8Array,
): () => void {
  const [hidden, account, kind, names, ends] = facts.newcomers;
  const [factTree, nameTree] = KeyTree.decode(keys);
  if (factTree === undefined || nameTree === undefined)
    throw new GrantError("malformed-facts", "a leaf lacks its keys");
  addAccounts(contacts, names!, viewU32(ends!), nameTree);
  const accounts = viewU32(account!);
  const came = new Uint32Array(accounts.length);
  for (let k = 0, next = 0; next < came.length && k < facts.number.length; k++) {
    if (facts.whole?.[k] !== 1 && facts.number[k] === change.firstPoint + next) came[next++] = k;
  }
  const identity = hidden!.slice();
  padBlocks(keysOf(factTree.keys().keys, came), identity);
  const identities = viewU32(identity);
  let next = 0;
  return () => {
    const number = contacts.addPoint(identities, next, accounts[next]!, kind![next]!);
    if (number !== change.firstPoint + next) throw new GrantError("malformed-facts", "contact points are out of order");
    next++;
  };
}

/** Adds accounts whose names are hidden under the keys of a tree. */
export function addAccounts(contacts: Contacts, hidden: Uint8Array, ends: Uint32Array, tree: KeyTree): void {
  const names = hidden.slice();
  padStrings(tree.keys().keys, names, ends);
  for (let i = 0; i < ends.length; i++) contacts.accounts.findOrAdd(names, i === 0 ? 0 : ends[i - 1]!, ends[i]!);
}

/** Tokens as they are stored: hidden under a key each, so that each can be destroyed. */
export function encodeTokens({ number, mark, token }: StoredTokens): { body: Uint8Array; keys: Uint8Array } {
  const tree = KeyTree.fresh(number.length);
  const hidden = token.slice();
  padBlocks(tree.keys().keys, hidden);
  return { body: encodeColumns([number, mark, hidden]), keys: KeyTree.encode([tree]) };
}

/** Columns of tokens: contact point, schemes | tag << 4, and 16 bytes each. */
export interface StoredTokens {
  readonly number: Uint32Array;
  readonly mark: Uint8Array;
  readonly token: Uint8Array;
}

/** Tokens of a stored body. */
export function decodeTokens(body: Uint8Array, keys: Uint8Array): StoredTokens {
  const [number, mark, hidden] = decodeColumns(body);
  const [tree] = KeyTree.decode(keys);
  if (hidden === undefined || tree === undefined)
    throw new GrantError("malformed-facts", "a body of tokens lacks columns");
  const token = hidden.slice();
  padBlocks(tree.keys().keys, token);
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

  constructor(readonly count: number) {
    this.bytes = new Uint8Array(count * FACT_BYTES);
    this.words = new Uint32Array(this.bytes.buffer);
    this.floats = new Float64Array(this.bytes.buffer);
  }

  setIdentity(row: number, identities: Uint32Array, from: number): void {
    const at = row * FACT_WORDS + FACT_WORDS - IDENTITY_WORDS;
    for (let word = 0; word < IDENTITY_WORDS; word++) {
      this.words[at + word] = identities[IDENTITY_WORDS * from + word]!;
    }
  }
}
