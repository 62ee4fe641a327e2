/**
 * What another system matched, as columns: for each of its lists pairs of an account and of what may have matched.
 *
 * Accounts that are not known here have numbers of their own, from UNKNOWN_ACCOUNTS on. Eight bytes a row, whatever it held;
 * of accounts that are not known here their names, too.
 */
import { Numbers } from "../column/index.js";
import { AccountTable, type Contacts } from "../grant/index.js";
import { RefusalList, type Refusals } from "../input/index.js";
import { SHADOW_LIMITS } from "./limits.js";
import { SHADOW_REFUSAL } from "./refusal.js";
import type { ThereBatch } from "./rows.js";

/** The first number of an account that is not known here; of known ones there are fewer. */
export const UNKNOWN_ACCOUNTS = 2 ** 31;
/** What may have matched is the number of a contact point; or, with the kinds that it may be of in the lowest bits: */
const OPEN = 0xffff_ff00;
const NOT_FOUND = 0xffff_fe00;
const KIND_BITS = 0xff;
const LIST_COLUMN = 2;

/** What may have matched. */
export const isOpen = (match: number): boolean => match >= OPEN;
/** It was named, and nobody gave such a contact here. */
export const isNotFound = (match: number): boolean => match >= NOT_FOUND && match < OPEN;
/** Kinds that it may be of, where it is no contact point of here. */
export const kindsOf = (match: number): number => match & KIND_BITS;

export interface ThereList {
  readonly advertiser: string;
  /** As the file names it. */
  readonly list: string;
  rows: number;
  /** What may have matched, and the account, in turn. */
  readonly pairs: Numbers;
}

export class There {
  readonly lists: ThereList[] = [];
  readonly #places = new Map<string, number>();
  readonly #unknown = new AccountTable();
  /** Of those that were not known, what number they have now, if they came in since. */
  readonly #known = new Map<number, number>();
  /** Accounts that came in from here on were not known when the first row was read. */
  readonly #knownFrom: number;

  constructor({ accounts }: Contacts) {
    this.#knownFrom = accounts.count;
  }

  /** Takes a batch in; only inside a section, where nothing is planned that may not come to be. */
  take(contacts: Contacts, batch: ThereBatch): Refusals {
    const { rows, advertiser, list, advertisers, lists, accountBytes, accountEnds } = batch;
    const refused = new RefusalList();
    const placeOf = new Map<number, number>();
    let [lastKey, place, identity] = [-1, -1, 0];
    for (let row = 0; row < rows; row++) {
      const key = advertiser[row]! * lists.length + list[row]!;
      if (key !== lastKey) {
        lastKey = key;
        place = placeOf.get(key) ?? this.#place(advertisers[advertiser[row]!]!, lists[list[row]!]!);
        placeOf.set(key, place);
      }
      const first = identity;
      identity += batch.identityCounts[row]!;
      if (place < 0) {
        refused.add(batch.line[row]!, LIST_COLUMN, SHADOW_REFUSAL.tooManyLists);
        continue;
      }
      const match =
        first === identity
          ? (OPEN | batch.kinds[row]!) >>> 0
          : found(contacts, batch.identities, first, identity, batch.kinds[row]!);
      const start = row === 0 ? 0 : accountEnds[row - 1]!;
      const account = contacts.accounts.find(accountBytes, start, accountEnds[row]!);
      const into = this.lists[place]!;
      into.rows++;
      into.pairs.push(match);
      into.pairs.push(
        account >= 0 ? account : UNKNOWN_ACCOUNTS + this.#unknown.findOrAdd(accountBytes, start, accountEnds[row]!),
      );
    }
    return refused.take();
  }

  /** Place of a list, -1 where there are too many. */
  #place(advertiser: string, list: string): number {
    const key = JSON.stringify([advertiser, list]);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    if (this.lists.length === SHADOW_LIMITS.lists) return -1;
    const place = this.lists.push({ advertiser, list, rows: 0, pairs: new Numbers() }) - 1;
    this.#places.set(key, place);
    return place;
  }

  /** Accounts that came in since their rows were read are those that are known. */
  settle({ accounts }: Contacts): void {
    const { bytes, ends } = accounts.namesFrom(this.#knownFrom);
    for (let i = 0; i < ends.length; i++) {
      const place = this.#unknown.find(bytes, i === 0 ? 0 : ends[i - 1]!, ends[i]!);
      if (place >= 0) this.#known.set(UNKNOWN_ACCOUNTS + place, this.#knownFrom + i);
    }
  }

  /** Name of an account that is not known here, as bytes. */
  nameOf(account: number): Uint8Array {
    return this.#unknown.name(account - UNKNOWN_ACCOUNTS);
  }

  /** What may have matched and the account, in turn, of several lists: each pair once, in the order of accounts. */
  pairsOf(lists: readonly ThereList[]): Uint32Array {
    const pairs = new Uint32Array(lists.reduce((sum, { pairs: { count } }) => sum + count, 0));
    let used = 0;
    for (const { pairs: own } of lists) {
      pairs.set(own.values, used);
      used += own.count;
    }
    if (this.#known.size > 0) {
      for (let at = 1; at < pairs.length; at += 2) pairs[at] = this.#known.get(pairs[at]!) ?? pairs[at]!;
    }
    return distinctPairs(pairs);
  }
}

/** The contact point that one of some identities is of; else that there is none, and the kinds. */
function found(contacts: Contacts, identities: Uint32Array, from: number, to: number, kinds: number): number {
  for (let i = from; i < to; i++) {
    const point = contacts.points.find(identities, i);
    if (point >= 0) return point;
  }
  return (NOT_FOUND | kinds) >>> 0;
}

/** Sorts pairs by their second number, then by their first, and takes repeats out; in place. */
export function distinctPairs(pairs: Uint32Array): Uint32Array {
  // One number of 64 bits each, the second the upper half: all that Node runs on is little-endian.
  new BigUint64Array(pairs.buffer, pairs.byteOffset, pairs.length / 2).sort();
  let used = 0;
  for (let at = 0; at < pairs.length; at += 2) {
    if (used > 0 && pairs[used - 2] === pairs[at] && pairs[used - 1] === pairs[at + 1]) continue;
    pairs[used] = pairs[at]!;
    pairs[used + 1] = pairs[at + 1]!;
    used += 2;
  }
  return pairs.subarray(0, used);
}
