/**
 * Accounts: the platform's names for them, numbered in order of arrival, and the first contact point of each.
 *
 * Names are bytes, compared as bytes. The hash is HalfSipHash-1-3 under a random key of this process, so
 * that no choice of names can make the table slow. Additions can be undone in reverse order (`truncate`). An account that
 * was erased keeps its number and has no name: zeros, which no name begins with.
 */
import { randomFillSync } from "node:crypto";
import { grown, Scratch, Slots, TOUCHED_AT_ONCE } from "../column/index.js";
import { Paging, SETTLE_EVERY } from "../paging/index.js";
import { GrantError } from "./error.js";

const MAX_NAME_STORE_BYTES = 2 ** 32 - 1;
const NAMELESS = Uint8Array.of(0);
const KEY = randomFillSync(new Uint32Array(2));
const SUMS = new Scratch(Uint32Array);
/** What was touched; kept, so that it has to be looked at. */
const SEEN = new Uint32Array(1);

export class AccountTable {
  readonly #paging: Paging;
  count = 0;
  #names: Uint8Array = new Uint8Array(1 << 16);
  #ends: Uint32Array = new Uint32Array(1 << 12);
  readonly #slots = new Slots();
  /** Whether names can be looked up; else `prepare` makes it so. */
  #isPlaced = true;
  /** First contact point + 1 of each account; 0 is none. */
  firstPoint: Uint32Array = new Uint32Array(1 << 12);

  /** @param paging for names, which are looked at only where something was found */
  constructor(paging = Paging.none) {
    this.#paging = paging;
  }

  /** Makes names of a snapshot such that they can be looked up; otherwise the first look does. */
  prepare(): void {
    if (this.#isPlaced) return;
    this.#slots.makeFor(this.count);
    this.#placeAll();
    this.#isPlaced = true;
  }

  /** @returns the account's number, or -1 */
  find(bytes: Uint8Array, start: number, end: number): number {
    this.prepare();
    const sum = hash(bytes, start, end);
    return this.#slots.find(sum, sum & 0xff, (account) => this.#isNamed(account, bytes, start, end));
  }

  /**
   * The hashes of names one after the other, those numbered [from, to), for looking them up soon after; a name that
   * follows its like is hashed once.
   * @param sums where each goes
   */
  hashes(bytes: Uint8Array, ends: Uint32Array, from: number, to: number, sums: Uint32Array): void {
    this.prepare();
    for (let i = from; i < to; i++) {
      const start = i === 0 ? 0 : ends[i - 1]!;
      const before = i < 2 ? 0 : ends[i - 2]!;
      const isSame = i > from && sameBytes(bytes, before, start, ends[i]!);
      sums[i] = isSame ? sums[i - 1]! : hash(bytes, start, ends[i]!);
    }
    this.#slots.touch(sums, 1, from, to);
  }

  /**
   * The numbers of the accounts of names one after the other, or -1.
   * @param found where they go
   */
  findAll(bytes: Uint8Array, ends: Uint32Array, count: number, found: Int32Array): void {
    const sums = SUMS.of(count);
    for (let from = 0; from < count; from += TOUCHED_AT_ONCE) {
      const to = Math.min(count, from + TOUCHED_AT_ONCE);
      this.hashes(bytes, ends, from, to, sums);
      this.#slots.firsts(sums, from, to, found);
      this.#touchNames(found, from, to);
      for (let i = from; i < to; i++) {
        const account = found[i]!;
        const start = i === 0 ? 0 : ends[i - 1]!;
        if (account < 0 || this.#isNamed(account, bytes, start, ends[i]!)) continue;
        // Another one has its mark.
        found[i] = this.find(bytes, start, ends[i]!);
      }
    }
  }

  /** Looks at where some accounts' names lie, so that the waits for memory overlap. */
  #touchNames(accounts: Int32Array, from: number, to: number): void {
    let sum = 0;
    for (let i = from; i < to; i++) if (accounts[i]! > 0) sum += this.#names[this.#ends[accounts[i]! - 1]!]!;
    SEEN[0] = sum;
  }

  /** The account's number, newly given if the name is new; `sum` is its hash, as `hashes` gives it. */
  findOrAdd(bytes: Uint8Array, start: number, end: number, sum = hash(bytes, start, end)): number {
    this.prepare();
    const found = this.#slots.find(sum, sum & 0xff, (account) => this.#isNamed(account, bytes, start, end));
    if (found >= 0) return found;
    if (this.#slots.isFull) {
      this.#slots.enlarge();
      this.#placeAll();
    }
    const account = this.#append(bytes, start, end);
    this.#slots.add(sum, sum & 0xff, account);
    return account;
  }

  /** Adds an account whose name was destroyed. */
  addNameless(): number {
    return this.#append(NAMELESS, 0, NAMELESS.length);
  }

  #append(bytes: Uint8Array, start: number, end: number): number {
    const account = this.count;
    if (account % SETTLE_EVERY === 0) this.#settle();
    const from = account === 0 ? 0 : this.#ends[account - 1]!;
    const to = from + (end - start);
    if (to > MAX_NAME_STORE_BYTES) throw new GrantError("too-many-accounts", "account names take 4 GiB already");
    this.#names = this.#paging.grown(this.#names, to);
    for (let i = start, at = from; i < end; i++) this.#names[at++] = bytes[i]!;
    this.#ends = this.#paging.grown(this.#ends, account + 1);
    this.#ends[account] = to;
    this.firstPoint = grown(this.firstPoint, account + 1);
    this.firstPoint[account] = 0;
    this.count = account + 1;
    return account;
  }

  /** A copy of the account's name; empty if it was destroyed. */
  name(account: number): Uint8Array {
    const start = this.#start(account);
    return this.#names.slice(start, this.isNameless(account) ? start : this.#ends[account]!);
  }

  isNameless(account: number): boolean {
    return this.#names[this.#start(account)] === NAMELESS[0];
  }

  /** Destroys the account's name; returns it, for undoing that. */
  forget(account: number): Uint8Array {
    const name = this.name(account);
    if (name.length === 0) return name;
    this.prepare();
    this.#slots.remove(this.#hashOf(account), account, (other) => this.#hashOf(other));
    this.#names.fill(0, this.#start(account), this.#ends[account]!);
    return name;
  }

  /** Gives a name back that `forget` took. */
  recall(account: number, name: Uint8Array): void {
    if (name.length === 0) return;
    this.prepare();
    this.#names.set(name, this.#start(account));
    const sum = this.#hashOf(account);
    this.#slots.add(sum, sum & 0xff, account);
  }

  #start(account: number): number {
    return account === 0 ? 0 : this.#ends[account - 1]!;
  }

  /** Order of two accounts by the bytes of their names. */
  compare(a: number, b: number): number {
    const names = this.#names;
    const [endA, endB] = [this.#ends[a]!, this.#ends[b]!];
    let atA = a === 0 ? 0 : this.#ends[a - 1]!;
    let atB = b === 0 ? 0 : this.#ends[b - 1]!;
    for (; atA < endA && atB < endB; atA++, atB++) {
      if (names[atA] !== names[atB]) return names[atA]! - names[atB]!;
    }
    return endA - atA - (endB - atB);
  }

  /** Names of the accounts from `first` on, one after the other, and where each ends, counted from 0. */
  namesFrom(first: number): { bytes: Uint8Array; ends: Uint32Array } {
    const start = first === 0 ? 0 : this.#ends[first - 1]!;
    const end = this.count === 0 ? 0 : this.#ends[this.count - 1]!;
    const ends = this.#ends.slice(first, this.count);
    for (let i = 0; i < ends.length; i++) ends[i]! -= start;
    return { bytes: this.#names.slice(start, end), ends };
  }

  /** Forgets every account from `count` on; they must be the last added, and have no contact points. */
  truncate(count: number): void {
    for (let account = this.count - 1; account >= count; account--) {
      if (this.isNameless(account)) continue;
      this.#slots.remove(this.#hashOf(account), account, (other) => this.#hashOf(other));
    }
    this.count = count;
  }

  /** Views for a snapshot. */
  sections(): { names: Uint8Array; ends: Uint32Array; firstPoint: Uint32Array } {
    const end = this.count === 0 ? 0 : this.#ends[this.count - 1]!;
    return {
      names: this.#names.subarray(0, end),
      ends: this.#ends.subarray(0, this.count),
      firstPoint: this.firstPoint.subarray(0, this.count),
    };
  }

  restore(names: Uint8Array, ends: Uint32Array, firstPoint: Uint32Array): void {
    this.#names = names;
    this.#ends = ends;
    this.firstPoint = firstPoint;
    this.count = ends.length;
    this.#isPlaced = false;
  }

  #settle(): void {
    this.#paging.settle(this.#names, this.#start(this.count));
    this.#paging.settle(this.#ends, this.count);
  }

  #isNamed(account: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = account === 0 ? 0 : this.#ends[account - 1]!;
    if (this.#ends[account]! - from !== end - start) return false;
    for (let i = start, at = from; i < end; i++, at++) if (bytes[i] !== this.#names[at]) return false;
    return true;
  }

  #placeAll(): void {
    const sums = new Uint32Array(TOUCHED_AT_ONCE);
    for (let first = 0; first < this.count; first += TOUCHED_AT_ONCE) {
      const size = Math.min(TOUCHED_AT_ONCE, this.count - first);
      for (let i = 0; i < size; i++) sums[i] = this.#hashOf(first + i);
      this.#slots.touch(sums, 1, 0, size);
      for (let i = 0; i < size; i++) {
        if (!this.isNameless(first + i)) this.#slots.add(sums[i]!, sums[i]! & 0xff, first + i);
      }
    }
  }

  #hashOf(account: number): number {
    return hash(this.#names, account === 0 ? 0 : this.#ends[account - 1]!, this.#ends[account]!);
  }
}

/** Whether bytes [before, start) are the same as bytes [start, end). */
export function sameBytes(bytes: Uint8Array, before: number, start: number, end: number): boolean {
  if (end - start !== start - before) return false;
  for (let a = before, b = start; b < end; a++, b++) if (bytes[a] !== bytes[b]) return false;
  return true;
}

/** HalfSipHash-1-3 (Aumasson, Bernstein; the 32-bit variant of SipHash), unsigned. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let v0 = KEY[0]! | 0;
  let v1 = KEY[1]! | 0;
  let v2 = KEY[0]! ^ 0x6c796765;
  let v3 = KEY[1]! ^ 0x74656462;
  const length = end - start;
  const words = (length >> 2) + 1;
  for (let word = 0, at = start; word < words + 3; word++) {
    let m = 0;
    if (word < words - 1) {
      m = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      at += 4;
    } else if (word === words - 1) {
      m = length << 24;
      for (let shift = 0; at < end; at++, shift += 8) m |= bytes[at]! << shift;
    } else if (word === words) {
      v2 ^= 0xff;
    }
    v3 ^= m;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= m;
  }
  return (v1 ^ v3) >>> 0;
}
