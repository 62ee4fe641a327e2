/**
 * Erasure: what was given up to an instant is destroyed, of one contact point or of a whole account; as a leaf of its own.
 *
 * A contact point of which nothing later than the instant is known loses its identity, an account of which nothing later
 * is known its name (a later grant stands, and a later withdrawal must still be found by what it takes away); both keep
 * their bare numbers with memberships, notice versions and instants. A tombstone refuses what was given
 * up to the instant when it comes again. One row is one fact of 32 bytes, little-endian:
 *
 *     u8 1: whole account   3 zeros   u32 number (2^32 - 1: unknown)   u48 at   u16 0   16 bytes digest of the tombstone
 *
 * Folding the leaf does what planning it did: which grants are later than the instant is told by the histories alone.
 */
import { type BatchRows, batchFacts, KeyTree, leafRoot } from "../ledger/index.js";
import { decodeColumns, encodeColumns, viewF64, viewU32 } from "../store/index.js";
import type { EventColumns } from "./batch.js";
import type { EncodedFacts, EventHeader } from "./contact-facts.js";
import type { Change, Contacts } from "./contacts.js";
import { GrantError } from "./error.js";
import { ALL_PROMOTIONAL, EVENT_TYPES } from "./events.js";
import { accountEntries, pointEntries } from "./permission.js";
import type { ToldAccounts } from "./told-accounts.js";
import { identityDigests, nameDigests, TOMBSTONE_BYTES } from "./tombstones.js";

const FACT_BYTES = 32;
const TWO_32 = 2 ** 32;
const UNKNOWN = TWO_32 - 1;
const ERASE = EVENT_TYPES.indexOf("erase");

/** Rows of one leaf, column by column. */
export interface ErasureRows {
  readonly count: number;
  readonly whole: Uint8Array;
  /** The contact point's number, the account's where `whole` is 1, or 2^32 - 1. */
  readonly number: Uint32Array;
  readonly atMs: Float64Array;
  /** 4 words each. */
  readonly digests: Uint32Array;
}

/** What a leaf of erasures destroys beside the hot state. */
export interface Erased {
  /** Contact points, and the leaves whose values, masks and tokens of each are destroyed. */
  readonly points: readonly ErasedPoint[];
  /** Accounts whose names are destroyed, and the leaves that tell of each. */
  readonly accounts: readonly { readonly account: number; readonly leaves: number[] }[];
}

export interface ErasedPoint {
  readonly number: number;
  readonly leaves: readonly number[];
  /** Whether nothing of it is left: its identity and the salts of its facts go too. */
  readonly isWhole: boolean;
}

/** Plans a leaf of the erasures of a batch, all of whose rows are such. */
export function planErasures(
  contacts: Contacts,
  change: Change,
  batch: EventColumns,
  key: Uint8Array,
  told: ToldAccounts,
): { rows: ErasureRows; erased: Erased } {
  const n = batch.rows;
  const [names, identities] = [
    nameDigests(key, batch.accountBytes, batch.accountEnds),
    identityDigests(key, batch.identity),
  ];
  const words = new Uint32Array(batch.identity.buffer, batch.identity.byteOffset, batch.identity.byteLength / 4);
  const whole = Uint8Array.from(batch.hasContact, (has) => 1 - has);
  const number = new Uint32Array(n).fill(UNKNOWN);
  const digests = new Uint32Array(4 * n);
  for (let row = 0; row < n; row++) {
    const start = row === 0 ? 0 : batch.accountEnds[row - 1]!;
    const found =
      whole[row] === 1
        ? contacts.accounts.find(batch.accountBytes, start, batch.accountEnds[row]!)
        : contacts.points.find(words, row);
    if (found >= 0) number[row] = found;
    digests.set((whole[row] === 1 ? names : identities).subarray(4 * row, 4 * row + 4), 4 * row);
  }
  const rows: ErasureRows = { count: n, whole, number, atMs: batch.at, digests };
  const erased = applyErasures(contacts, change, rows);
  for (const { account, leaves } of erased.accounts) {
    leaves.push(...told.leavesOf(account).filter((leaf) => !leaves.includes(leaf)));
  }
  return { rows, erased };
}

/** Applies the rows to the hot state; says what else they destroy. */
export function applyErasures(contacts: Contacts, change: Change, rows: ErasureRows): Erased {
  const points = new Map<number, ErasedPoint>();
  const accounts = new Map<number, { account: number; leaves: number[] }>();
  for (let row = 0; row < rows.count; row++) {
    const [number, atMs] = [rows.number[row]!, rows.atMs[row]!];
    contacts.addTombstone(change, rows.digests, row, atMs);
    if (number === UNKNOWN) continue;
    const isWhole = rows.whole[row] === 1;
    if (isWhole) contacts.addAccountEvent(change, number, ERASE, ALL_PROMOTIONAL, atMs);
    else contacts.addPointEvent(change, number, ERASE, ALL_PROMOTIONAL, atMs);
    const all = isWhole ? contacts.pointsOf(number) : [number];
    const erased = all.map((point) => erasedPoint(contacts, change, point, atMs));
    for (const point of erased) {
      if (points.get(point.number)?.isWhole !== true) points.set(point.number, point);
      if (point.isWhole) contacts.forgetPoint(change, point.number);
    }
    if (!isWhole || !erased.every((point) => point.isWhole)) continue;
    const told = accountEntries(contacts, number);
    if (told.some((entry) => entry.atMs > atMs)) continue;
    contacts.forgetAccount(change, number);
    const leaves = [...new Set([...told.map(({ leaf }) => leaf), contacts.arrivals.ofAccount(number).position])];
    accounts.set(number, { account: number, leaves: leaves.filter((leaf) => leaf < change.position) });
  }
  contacts.settle(change);
  contacts.dropDeadSpellings(change);
  return { points: [...points.values()], accounts: [...accounts.values()] };
}

function erasedPoint(contacts: Contacts, change: Change, number: number, atMs: number): ErasedPoint {
  const entries = pointEntries(contacts, number).filter(({ leaf }) => leaf < change.position);
  const kept = new Set(entries.filter((entry) => entry.atMs > atMs).map(({ leaf }) => leaf));
  const leaves = [...new Set([...entries.map(({ leaf }) => leaf), contacts.arrivals.ofPoint(number).position])];
  return { number, leaves: leaves.filter((leaf) => !kept.has(leaf)), isWhole: kept.size === 0 };
}

export function encodeErasures(rows: ErasureRows, header: EventHeader): EncodedFacts {
  const tree = KeyTree.fresh(rows.count + 1);
  const body = encodeColumns([
    Buffer.from(JSON.stringify(header)),
    rows.whole,
    rows.number,
    rows.atMs.slice(0, rows.count),
    rows.digests,
  ]);
  return { root: leafRoot(batchFacts(erasureRows(rows), body, tree.keys())), body, keys: KeyTree.encode([tree]) };
}

/** The rows as facts. */
export function erasureRows(rows: ErasureRows): BatchRows {
  const facts = new Uint8Array(FACT_BYTES * rows.count);
  const words = new Uint32Array(facts.buffer);
  for (let row = 0, at = 0; row < rows.count; row++, at += FACT_BYTES / 4) {
    words[at] = rows.whole[row]!;
    words[at + 1] = rows.number[row]!;
    words[at + 2] = rows.atMs[row]! % TWO_32;
    words[at + 3] = rows.atMs[row]! / TWO_32;
    words.set(rows.digests.subarray(4 * row, 4 * row + TOMBSTONE_BYTES / 4), at + 4);
  }
  return { count: rows.count, bytes: facts, width: FACT_BYTES };
}

export function decodeErasures(body: Uint8Array): { header: EventHeader; rows: ErasureRows } {
  const [header, whole, number, atMs, digests] = decodeColumns(body);
  if (header === undefined || digests === undefined)
    throw new GrantError("malformed-facts", "a body of erasures lacks columns");
  return {
    header: JSON.parse(Buffer.from(header).toString("utf8")),
    rows: {
      count: whole!.length,
      whole: whole!,
      number: viewU32(number!),
      atMs: viewF64(atMs!),
      digests: viewU32(digests),
    },
  };
}
