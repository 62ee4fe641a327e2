/**
 * The facts of a stored leaf of this room, rebuilt from its row as they were hashed when it was written.
 *
 * Numbers of contact points that a leaf added are not in its row: they go on from those before it. What was erased can't be
 * rebuilt; the hashes of such entries are made just before their keys are destroyed, and of these entries alone.
 */
import {
  type BatchRows,
  batchFacts,
  entryHashes,
  HASH_BYTES,
  KEY_BYTES,
  KeyTree,
  type LeafFacts,
  LeafKind,
  LedgerError,
  nameFacts,
  padBlocks,
  type TreeKeys,
} from "../ledger/index.js";
import { type FactRow, viewU32 } from "../store/index.js";
import { accountRows, decodeAccounts } from "./account-facts.js";
import { decodeEvents, decodeGrants, hasBit, keysOf, type RowNumbers } from "./contact-facts.js";
import { decodeErasures, erasureRows } from "./erasure.js";
import { FactRows } from "./fact-rows.js";
import { WHAT } from "./history.js";

type Stored = Pick<FactRow, "kind" | "body" | "keys">;

/** Rows of a body, and what is hidden in them. */
interface StoredRows {
  readonly rows: BatchRows;
  /** Rows that added contact points, in order of number, and their hidden identities, 16 bytes each. */
  readonly arrivals: Uint32Array;
  readonly hidden: Uint8Array;
  /** How many names are hidden in it; undefined where none can be. */
  readonly names: number | undefined;
  show(row: number, identities: Uint32Array, from: number): void;
}

/**
 * Every fact of a leaf.
 * @param first number of the first contact point that it adds, if it adds any
 * @throws {GrantError} code `malformed-facts`
 * @throws {LedgerError} code `malformed-keys`
 * @throws {StoreError} code `malformed`
 */
export function batchFactsOf(stored: Stored, first: number): LeafFacts {
  const from = rowsOf(stored, first);
  const { factTree, nameTree } = treesOf(stored, from);
  const rowKeys = factTree.keys();
  showIdentities(from, from.arrivals, keysOf(rowKeys.keys, from.arrivals));
  return batchFacts(from.rows, stored.body, rowKeys, nameTree?.keys());
}

/** How many contact points a leaf adds. */
export const countArrivals = (stored: Stored): number => rowsOf(stored, 0).arrivals.length;

/** The hash of an entry that is to be destroyed. */
export interface EntryHash {
  /** Its number among the leaf's facts. */
  readonly fact: number;
  readonly hash: Uint8Array;
}

/**
 * Hashes of some entries that are not destroyed yet.
 * @param items numbers of rows, ascending; `names` those of hidden names
 */
export function someHashes(stored: Stored, first: number, items: Uint32Array, names: Uint32Array): EntryHash[] {
  const from = rowsOf(stored, first);
  const { factTree, nameTree } = treesOf(stored, from);
  const { rows } = from;
  const rowKeys = factTree.keysAt(items);
  const arrived = new Set(from.arrivals);
  const came = [...items.keys()].filter((i) => arrived.has(items[i]!));
  const cameKeys = new Uint8Array(Buffer.concat(came.map((i) => keyAt(rowKeys, i))));
  showIdentities(
    from,
    Uint32Array.from(came, (i) => items[i]!),
    cameKeys,
  );
  const bytes = Buffer.concat(
    Array.from(items, (item) => rows.bytes.subarray(item * rows.width, (item + 1) * rows.width)),
  );
  const hashes = hashesOf(
    batchFacts({ count: items.length, bytes, width: rows.width }, stored.body, rowKeys),
    items,
    rowKeys,
  );
  if (nameTree === undefined || factTree.count === rows.count) return hashes;
  const nameKeys = nameTree.keysAt(names);
  const numbers = names.map((name) => factTree.count + name);
  return [...hashes, ...hashesOf([nameFacts(nameKeys)], numbers, nameKeys)];
}

const keyAt = ({ keys }: TreeKeys, i: number): Uint8Array => keys.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES);

function hashesOf([group]: LeafFacts, numbers: Uint32Array, { destroyed }: TreeKeys): EntryHash[] {
  const { salts, facts, width, count } = group!;
  const hashes = new Uint8Array(count * HASH_BYTES);
  entryHashes(salts, facts, width, count, hashes);
  return Array.from(numbers, (fact, i) => ({ fact, hash: hashes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES) })).filter(
    (_, i) => destroyed?.[i] !== 1,
  );
}

/** The trees of a row, which have a key for each row and one for the body (before: for each row), and one for each name. */
function treesOf({ keys }: Stored, { rows, names }: StoredRows): { factTree: KeyTree; nameTree: KeyTree | undefined } {
  const [factTree, nameTree, more] = KeyTree.decode(keys);
  const bodies = (factTree?.count ?? -1) - rows.count;
  if (factTree !== undefined && (bodies === 0 || bodies === 1) && nameTree?.count === names && more === undefined) {
    return { factTree, nameTree };
  }
  throw new LedgerError("malformed-keys", "these are not the keys of this body");
}

/** Shows the identities that came with some rows, by these rows' keys. */
function showIdentities({ arrivals, hidden, show }: StoredRows, rows: Uint32Array, keys: Uint8Array): void {
  if (rows.length === 0) return;
  const shown = new Uint8Array(keys.length);
  const places = arrivals === rows ? undefined : new Map(Array.from(arrivals, (row, i) => [row, i] as const));
  for (let i = 0; i < rows.length; i++) {
    const from = (places?.get(rows[i]!) ?? i) * KEY_BYTES;
    shown.set(hidden.subarray(from, from + KEY_BYTES), i * KEY_BYTES);
  }
  padBlocks(keys, shown);
  const identities = viewU32(shown);
  for (let i = 0; i < rows.length; i++) show(rows[i]!, identities, i);
}

function rowsOf({ kind, body }: Stored, first: number): StoredRows {
  if (kind === LeafKind.contacts) return grantRowsOf(body, first);
  if (kind === LeafKind.events) return eventRowsOf(body, first);
  const nobody = { arrivals: new Uint32Array(0), hidden: new Uint8Array(0), show: () => {} };
  if (kind === LeafKind.erasure) return { ...nobody, rows: erasureRows(decodeErasures(body).rows), names: undefined };
  const { rows, ends } = decodeAccounts(body);
  return { ...nobody, rows: accountRows(rows), names: ends.length };
}

function grantRowsOf(body: Uint8Array, first: number): StoredRows {
  const { numbers, what, notice, givenAtMs, lateRow, lateAtMs, giver, newcomers } = decodeGrants(body);
  const count = what.length;
  const number = rowNumbers(numbers, count, first);
  const verifiedAtMs = givenAtMs.slice();
  lateRow.forEach((row, i) => {
    verifiedAtMs[row] = lateAtMs[i]!;
  });
  const rows = new FactRows(count);
  for (let row = 0, by = 0; row < count; row++) {
    const giverOf = (what[row]! & WHAT.byOther) !== 0 ? giver[by++]! : 0;
    rows.setGrant(row, what[row]!, notice[row]!, number[row]!, giverOf, givenAtMs[row]!, verifiedAtMs[row]!);
  }
  return withNewcomers(rows, numbers, newcomers);
}

function eventRowsOf(body: Uint8Array, first: number): StoredRows {
  const { numbers, type, purpose, whole, atMs, newcomers } = decodeEvents(body);
  const number = rowNumbers(numbers, type.length, first);
  const rows = new FactRows(type.length);
  for (let row = 0; row < rows.count; row++) {
    rows.setEvent(row, type[row]!, purpose[row]!, whole[row]!, number[row]!, atMs[row]!);
  }
  return withNewcomers(rows, numbers, newcomers);
}

function withNewcomers(
  rows: FactRows,
  { isArrival }: RowNumbers,
  [hidden, , , , ends]: readonly Uint8Array[],
): StoredRows {
  const arrivals = new Uint32Array(hidden!.length / KEY_BYTES);
  for (let row = 0, next = 0; row < rows.count; row++) if (hasBit(isArrival, row)) arrivals[next++] = row;
  const show = (row: number, identities: Uint32Array, from: number): void => rows.setIdentity(row, identities, from);
  return { rows, arrivals, hidden: hidden!, names: viewU32(ends!).length, show };
}

/** The contact point that each row is about (the account, of an event of a whole one). */
export function rowNumbers({ isArrival, others }: RowNumbers, count: number, first: number): Uint32Array {
  const numbers = new Uint32Array(count);
  let [next, other] = [first, 0];
  for (let row = 0; row < count; row++) numbers[row] = hasBit(isArrival, row) ? next++ : others[other++]!;
  return numbers;
}
