/**
 * The facts of grants and events: their columns in the store, their root in the leaf, and their fold.
 *
 * A body begins with a header (JSON) and the newcomers: accounts and contact points that the leaf adds, in
 * order of number. Every kept row is one fact (see fact-rows.ts); one more fact is the body itself, and one each the
 * newcomers' names (see the ledger's leaf-facts.ts). Tokens are no part of a fact: they are derived, and change with their key.
 *
 * Beside the body lie two key trees: one key for each row and one for the body, of which their salts and the pad over a
 * newcomer's identity are made, and one for each new account, whose pad is over its name. Destroying a key destroys these
 * and no more: number, notice and instants stay, so that counts stay exact.
 */
import { Scratch } from "../column/index.js";
import { batchFacts, KEY_BYTES, KeyTree, leafRoot, padBlocks, padStrings } from "../ledger/index.js";
import { decodeColumns, encodeColumns, viewF64, viewU16, viewU32 } from "../store/index.js";
import type { Change, Contacts } from "./contacts.js";
import { GrantError } from "./error.js";
import { FACT_WORDS, FactRows, IDENTITY_WORDS } from "./fact-rows.js";
import type { GrantPlan, GrantRows } from "./grants.js";
import { WHAT } from "./history.js";
import { FLAG } from "./point-table.js";

const TWO_32 = 2 ** 32;
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

/**
 * All that the facts of a planned batch are encoded from, as plain data of its own: another thread can do it, and what is
 * planned meanwhile changes nothing of it.
 */
export interface GrantLeaf {
  readonly header: GrantHeader;
  readonly rows: GrantRows;
  /** Identities of the batch's rows, 16 bytes each. */
  readonly identity: Uint8Array;
  readonly newcomers: Newcomers;
}

/** What a leaf adds to the hot state. */
export interface Newcomers {
  /** Number of its first contact point, and of each its account and kind. */
  readonly firstPoint: number;
  readonly account: Uint32Array;
  readonly kind: Uint8Array;
  /** Names of the accounts, and where each ends. */
  readonly names: Uint8Array;
  readonly nameEnds: Uint32Array;
}

/** To be called before anything else is planned. */
export function grantLeaf(contacts: Contacts, plan: GrantPlan, header: GrantHeader): GrantLeaf {
  const { rows, batch, change } = plan;
  return { header, rows, identity: batch.identity, newcomers: newcomersOf(contacts, change) };
}

/** What a change has added, as long as it is the last one. */
function newcomersOf({ points, accounts }: Contacts, { firstPoint, firstAccount }: Change): Newcomers {
  // Ordinals of later stretches come behind all contact points of their leaf.
  let end = firstPoint;
  while (end < points.count && !points.isLaterOrdinal(end)) end++;
  const kind = points.flags.slice(firstPoint, end).map((flags) => flags & FLAG.kindMask);
  const { bytes: names, ends: nameEnds } = accounts.namesFrom(firstAccount);
  return { firstPoint, account: points.account.slice(firstPoint, end), kind, names, nameEnds };
}

export function encodeGrants({ header, rows, identity, newcomers }: GrantLeaf): EncodedFacts {
  const n = rows.count;
  const facts = new FactRows(n, ROWS.of(n * FACT_WORDS));
  const [late, lateAtMs, givers] = [LATE.of(n), LATE_AT.of(n), GIVERS.of(n)];
  let [lates, given] = [0, 0];
  const identities = viewU32(identity);
  const arrivals = new Arrivals(newcomers.firstPoint, n);
  for (let k = 0; k < n; k++) {
    const what = rows.what[k]!;
    const verifiedAtMs = rows.verifiedAtMs[k]!;
    const givenAtMs = rows.givenAtMs[k]!;
    const isVerified = (what & WHAT.verified) !== 0;
    const isByOther = (what & WHAT.byOther) !== 0;
    if (isVerified && verifiedAtMs !== givenAtMs) {
      late[lates] = k;
      lateAtMs[lates++] = verifiedAtMs;
    }
    if (isByOther) givers[given++] = rows.giver[k]!;
    facts.setGrant(k, what, rows.notice[k]!, rows.number[k]!, rows.giver[k]!, givenAtMs, verifiedAtMs);
    if (arrivals.take(rows.number[k]!, k, identities, rows.batchRow[k]!)) {
      facts.setIdentity(k, identities, rows.batchRow[k]!);
    }
  }
  const hidden = hide(newcomers, n, arrivals);
  const body = encodeColumns([
    utf8.encode(JSON.stringify(header)),
    ...hidden.columns,
    ...arrivals.numbers(rows.number),
    rows.what.subarray(0, n),
    rows.notice.subarray(0, n),
    ...encodeTimes(rows.givenAtMs, n),
    late.subarray(0, lates),
    lateAtMs.subarray(0, lates),
    givers.subarray(0, given),
  ]);
  return rooted(facts, body, hidden);
}

export function encodeEvents(contacts: Contacts, change: Change, rows: EventRows, header: EventHeader): EncodedFacts {
  const n = rows.count;
  const facts = new FactRows(n);
  const identities = new Uint32Array(rows.identity.buffer, rows.identity.byteOffset, n * IDENTITY_WORDS);
  const arrivals = new Arrivals(change.firstPoint, n);
  for (let k = 0; k < n; k++) {
    facts.setEvent(k, rows.type[k]!, rows.purpose[k]!, rows.whole[k]!, rows.number[k]!, rows.atMs[k]!);
    if (rows.whole[k] === 0 && arrivals.take(rows.number[k]!, k, identities, k)) facts.setIdentity(k, identities, k);
  }
  const hidden = hide(newcomersOf(contacts, change), n, arrivals);
  const body = encodeColumns([
    utf8.encode(JSON.stringify(header)),
    ...hidden.columns,
    ...arrivals.numbers(rows.number),
    rows.type.subarray(0, n),
    rows.purpose.subarray(0, n),
    rows.whole.subarray(0, n),
    ...encodeTimes(rows.atMs, n),
  ]);
  return rooted(facts, body, hidden);
}

// What is needed until a leaf's body is made.
const ROWS = new Scratch(Uint32Array);
const IDENTITIES = new Scratch(Uint32Array);
const ARRIVAL_KEYS = new Scratch(Uint32Array);
const LATE = new Scratch(Uint32Array);
const LATE_AT = new Scratch(Float64Array);
const GIVERS = new Scratch(Uint32Array);
const TIMES = { low: new Scratch(Uint32Array), high: new Scratch(Uint16Array) };

/** Instants in six bytes each: their low 32 bits, and the 16 above. */
function encodeTimes(timesMs: Float64Array, count: number): [Uint32Array, Uint16Array] {
  const low = TIMES.low.of(count);
  const high = TIMES.high.of(count);
  for (let i = 0; i < count; i++) {
    const ms = timesMs[i]!;
    high[i] = ms / TWO_32;
    low[i] = ms - high[i]! * TWO_32;
  }
  return [low, high];
}

function decodeTimes(low: Uint32Array, high: Uint16Array): Float64Array {
  const timesMs = new Float64Array(low.length);
  for (let i = 0; i < timesMs.length; i++) timesMs[i] = high[i]! * TWO_32 + low[i]!;
  return timesMs;
}

/** The contact points that a leaf adds: which fact each came with, and its identity. They are numbered in order. */
class Arrivals {
  count = 0;
  readonly #first: number;
  readonly #rows: number;
  readonly #facts: Uint32Array;
  readonly #identities: Uint32Array;
  /** One bit a row: whether it added its contact point. */
  readonly #isArrival: Uint8Array;

  constructor(firstPoint: number, rows: number) {
    this.#first = firstPoint;
    this.#rows = rows;
    this.#facts = new Uint32Array(rows);
    this.#identities = IDENTITIES.of(rows * IDENTITY_WORDS);
    this.#isArrival = new Uint8Array(Math.ceil(rows / 8));
  }

  /** Notes the row if it is the one that adds its contact point. */
  take(number: number, fact: number, identities: Uint32Array, row: number): boolean {
    if (number !== this.#first + this.count) return false;
    this.#facts[this.count] = fact;
    this.#isArrival[fact >> 3]! |= 1 << (fact & 7);
    const from = IDENTITY_WORDS * row;
    const to = IDENTITY_WORDS * this.count;
    for (let word = 0; word < IDENTITY_WORDS; word++) this.#identities[to + word] = identities[from + word]!;
    this.count++;
    return true;
  }

  get facts(): Uint32Array {
    return this.#facts.subarray(0, this.count);
  }

  /** 16 bytes each. */
  get identities(): Uint8Array {
    const { buffer, byteOffset } = this.#identities;
    return new Uint8Array(buffer, byteOffset, this.count * IDENTITY_WORDS * 4);
  }

  /** Columns from which every row's number can be told: the bits, and the numbers of rows that added nothing. */
  numbers(number: Uint32Array): [Uint8Array, Uint32Array] {
    const others = new Uint32Array(this.#rows - this.count);
    for (let k = 0, to = 0; k < this.#rows; k++) {
      if ((this.#isArrival[k >> 3]! & (1 << (k & 7))) === 0) others[to++] = number[k]!;
    }
    return [this.#isArrival, others];
  }
}

/** The newcomers' columns: identities, accounts, kinds; account names and where each ends. */
const NEWCOMER_COLUMNS = 5;

/** The newcomers' columns with what is erasable hidden, and the keys that show it again. */
interface HiddenNewcomers {
  readonly columns: readonly ArrayBufferView[];
  readonly factTree: KeyTree;
  readonly factKeys: Uint8Array;
  readonly nameTree: KeyTree;
  readonly nameKeys: Uint8Array;
}

/** @param facts how many there are; the body has a key too, after theirs */
function hide({ account, kind, names, nameEnds }: Newcomers, facts: number, arrivals: Arrivals): HiddenNewcomers {
  const factTree = KeyTree.fresh(facts + 1);
  const factKeys = factTree.keys().keys;
  const identity = arrivals.identities;
  padBlocks(keysOf(factKeys, arrivals.facts, ARRIVAL_KEYS.of(arrivals.count * KEY_WORDS)), identity);
  const nameTree = KeyTree.fresh(nameEnds.length);
  const nameKeys = nameTree.keys().keys;
  const hiddenNames = names.slice();
  padStrings(nameKeys, hiddenNames, nameEnds);
  const columns = [identity, account, kind, hiddenNames, nameEnds];
  return { columns, factTree, factKeys, nameTree, nameKeys };
}

function rooted(
  rows: FactRows,
  body: Uint8Array,
  { factTree, factKeys, nameTree, nameKeys }: HiddenNewcomers,
): EncodedFacts {
  const root = leafRoot(batchFacts(rows, body, { keys: factKeys }, { keys: nameKeys }));
  return { root, body, keys: KeyTree.encode([factTree, nameTree]) };
}

/**
 * The keys of some items.
 * @param some where they go
 */
export function keysOf(
  keys: Uint8Array,
  items: Uint32Array,
  some = new Uint32Array(items.length * KEY_WORDS),
): Uint8Array {
  const from = new Uint32Array(keys.buffer, keys.byteOffset, keys.length / 4);
  for (let i = 0, to = 0; i < items.length; i++) {
    const at = items[i]! * KEY_WORDS;
    for (let word = 0; word < KEY_WORDS; word++) some[to++] = from[at + word]!;
  }
  return new Uint8Array(some.buffer, some.byteOffset, some.byteLength);
}

const KEY_WORDS = KEY_BYTES / 4;

/** A decoded body of grants. */
export interface GrantFacts {
  readonly header: GrantHeader;
  readonly numbers: RowNumbers;
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

/** A decoded body of events. */
export interface EventFacts {
  readonly header: EventHeader;
  readonly numbers: RowNumbers;
  readonly type: Uint8Array;
  readonly purpose: Uint8Array;
  readonly whole: Uint8Array;
  readonly atMs: Float64Array;
  readonly newcomers: readonly Uint8Array[];
}

/** Which rows added their contact point (one bit each), and the numbers of the others, in order. */
export interface RowNumbers {
  readonly isArrival: Uint8Array;
  readonly others: Uint32Array;
}

export function decodeGrants(body: Uint8Array): GrantFacts {
  const [header, ...rest] = decodeColumns(body);
  const [isArrival, others, what, notice, low, high, lateRow, lateAt, giver] = rest.slice(NEWCOMER_COLUMNS);
  if (header === undefined || giver === undefined)
    throw new GrantError("malformed-facts", "a body of grants lacks columns");
  return {
    header: parseHeader<GrantHeader>(header),
    numbers: { isArrival: isArrival!, others: viewU32(others!) },
    what: what!,
    notice: viewU16(notice!),
    givenAtMs: decodeTimes(viewU32(low!), viewU16(high!)),
    lateRow: viewU32(lateRow!),
    lateAtMs: viewF64(lateAt!),
    giver: viewU32(giver),
    newcomers: rest.slice(0, NEWCOMER_COLUMNS),
  };
}

export function decodeEvents(body: Uint8Array): EventFacts {
  const [header, ...rest] = decodeColumns(body);
  const [isArrival, others, type, purpose, whole, low, high] = rest.slice(NEWCOMER_COLUMNS);
  if (header === undefined || high === undefined)
    throw new GrantError("malformed-facts", "a body of events lacks columns");
  return {
    header: parseHeader<EventHeader>(header),
    numbers: { isArrival: isArrival!, others: viewU32(others!) },
    type: type!,
    purpose: purpose!,
    whole: whole!,
    atMs: decodeTimes(viewU32(low!), viewU16(high)),
    newcomers: rest.slice(0, NEWCOMER_COLUMNS),
  };
}

/** Applies a leaf of grants that is in the store already. */
export function foldGrants(contacts: Contacts, change: Change, facts: GrantFacts, keys: Uint8Array): void {
  const { isArrival, others } = facts.numbers;
  const addNext = addNewcomers(contacts, facts, keys);
  let giver = 0;
  let other = 0;
  for (let k = 0; k < facts.what.length; k++) {
    const number = hasBit(isArrival, k) ? addNext() : others[other++]!;
    const what = facts.what[k]!;
    const by = (what & WHAT.byOther) !== 0 ? facts.giver[giver++]! : contacts.points.account[number]!;
    contacts.addGrant(change, number, facts.notice[k]!, what, facts.givenAtMs[k]!, by);
  }
  contacts.settle(change);
  contacts.dropDeadSpellings(change);
}

/** Applies a leaf of events that is in the store already. */
export function foldEvents(contacts: Contacts, change: Change, facts: EventFacts, keys: Uint8Array): void {
  const { isArrival, others } = facts.numbers;
  const addNext = addNewcomers(contacts, facts, keys);
  let other = 0;
  for (let k = 0; k < facts.type.length; k++) {
    const number = hasBit(isArrival, k) ? addNext() : others[other++]!;
    const [type, purpose, atMs] = [facts.type[k]!, facts.purpose[k]!, facts.atMs[k]!];
    if (facts.whole[k] === 1) contacts.addAccountEvent(change, number, type, purpose, atMs);
    else contacts.addPointEvent(change, number, type, purpose, atMs);
  }
  contacts.settle(change);
  contacts.dropDeadSpellings(change);
}

/** Whether the bit at a place is set. */
export const hasBit = (bits: Uint8Array, place: number): boolean => (bits[place >> 3]! & (1 << (place & 7))) !== 0;

/** Adds the accounts at once; each call of the result adds the next contact point and gives its number. */
function addNewcomers(
  contacts: Contacts,
  { numbers, newcomers }: { readonly numbers: RowNumbers; readonly newcomers: readonly Uint8Array[] },
  keys: Uint8Array,
): () => number {
  const [hidden, account, kind, names, ends] = newcomers;
  const [factTree, nameTree] = KeyTree.decode(keys);
  if (factTree === undefined || nameTree === undefined)
    throw new GrantError("malformed-facts", "a leaf lacks its keys");
  addAccounts(contacts, names!, viewU32(ends!), nameTree);
  const accounts = viewU32(account!);
  const came = new Uint32Array(accounts.length);
  for (let k = 0, next = 0; next < came.length; k++) if (hasBit(numbers.isArrival, k)) came[next++] = k;
  const identity = hidden!.slice();
  const { keys: factKeys, destroyed } = factTree.keys();
  padBlocks(keysOf(factKeys, came), identity);
  const identities = viewU32(identity);
  came.forEach((fact, i) => {
    if (destroyed[fact] === 1) identities.fill(0, i * IDENTITY_WORDS, (i + 1) * IDENTITY_WORDS);
  });
  let next = 0;
  return () => {
    if (next === accounts.length) throw new GrantError("malformed-facts", "a leaf has more newcomers than it says");
    const number = contacts.addPoint(identities, next, accounts[next]!, kind![next]!);
    next++;
    return number;
  };
}

/** Adds accounts whose names are hidden under the keys of a tree. */
export function addAccounts(contacts: Contacts, hidden: Uint8Array, ends: Uint32Array, tree: KeyTree): void {
  const names = hidden.slice();
  const { keys, destroyed } = tree.keys();
  padStrings(keys, names, ends);
  for (let i = 0; i < ends.length; i++) {
    if (destroyed[i] === 1) contacts.accounts.addNameless();
    else contacts.accounts.findOrAdd(names, i === 0 ? 0 : ends[i - 1]!, ends[i]!);
  }
}

/**
 * Tokens as they are stored: hidden under a key each, so that each can be destroyed.
 * @param before keys of the row whose place they take: what is destroyed there stays so
 */
export function encodeTokens(
  { number, mark, token }: StoredTokens,
  before?: Uint8Array,
): { body: Uint8Array; keys: Uint8Array } {
  const fresh = KeyTree.fresh(number.length);
  const tree = before === undefined ? fresh : fresh.puncture(destroyedItems(before));
  const hidden = token.slice();
  padBlocks(tree.keys().keys, hidden);
  return { body: encodeColumns([number, mark, hidden]), keys: KeyTree.encode([tree]) };
}

function destroyedItems(keys: Uint8Array): number[] {
  const destroyed = KeyTree.decode(keys)[0]?.keys().destroyed ?? new Uint8Array(0);
  return [...destroyed.keys()].filter((item) => destroyed[item] === 1);
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
