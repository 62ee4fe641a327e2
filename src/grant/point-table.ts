/**
 * Contact points: identity, account, kind and first grant of each number, as columns.
 *
 * Numbers and ordinals are drawn from one counter: the first stretch of a contact point has its number as
 * ordinal, a later stretch a fresh id, whose row here only says whose it is. Identities are keyed values
 * (AES of a hash), so their bits are used as hash without mixing; 96 of them are compared. Additions can
 * be undone in reverse order (`truncate`). A contact point that was erased keeps its number; its identity is zero, and
 * nothing finds it.
 */
import { grown, Slots, TOUCHED_AT_ONCE } from "../column/index.js";
import { Paging, SETTLE_EVERY } from "../paging/index.js";

/** Bits of `flags`. The low three are the kind's code; 7 marks an id that is a later ordinal. */
export const FLAG = {
  kindMask: 0x07,
  laterOrdinal: 0x07,
  /** Permitted for ads.match, by all that was learned. */
  permitted: 0x08,
  /** Has had its first stretch: the number has been used as an ordinal. */
  begun: 0x10,
  /** Has entries beyond the first grant. */
  more: 0x20,
  /** Was given for security or under an exclusive notice. */
  guarded: 0x40,
  /** Changed by the leaf that is being made. */
  touched: 0x80,
} as const;

/** `notice` of a contact point that was made by something else than a grant of its own account. */
export const NO_GRANT = 0xffff;

const TWO_32 = 2 ** 32;

export class PointTable {
  readonly #paging: Paging;
  /** Ids given out: numbers and later ordinals. */
  count = 0;
  #identity: Uint32Array = new Uint32Array(3 << 12);
  readonly #slots = new Slots();
  /** Whether contact points can be looked up; else `prepare` makes it so. */
  #isPlaced = true;
  /** Contact points. */
  numbered = 0;
  account: Uint32Array = new Uint32Array(1 << 12);
  /** Next contact point + 1 of the same account. */
  next: Uint32Array = new Uint32Array(1 << 12);
  flags: Uint8Array = new Uint8Array(1 << 12);
  /** First grant: notice version, or NO_GRANT. */
  notice: Uint16Array = new Uint16Array(1 << 12);
  /** First grant: WHAT bits. */
  what: Uint8Array = new Uint8Array(1 << 12);
  #givenLow: Uint32Array = new Uint32Array(1 << 12);
  #givenHigh: Uint16Array = new Uint16Array(1 << 12);

  /** @param paging for what is looked at only where something was found: identities, chains, instants */
  constructor(paging = Paging.none) {
    this.#paging = paging;
  }

  /** @param identities 16-byte identities as 32-bit words, 4 each */
  find(identities: Uint32Array, row: number): number {
    this.prepare();
    const at = 4 * row;
    return this.#slots.findKey(this.#identity, identities[at]!, identities[at + 1]!, identities[at + 2]!);
  }

  /** Gets ready for looking up rows [from, to) of identities. */
  touch(identities: Uint32Array, from: number, to: number): void {
    this.prepare();
    this.#slots.touch(identities, 4, from, to);
  }

  /** Makes contact points of a snapshot such that they can be looked up; otherwise the first look does. */
  prepare(): void {
    if (this.#isPlaced) return;
    this.#slots.makeFor(this.numbered);
    this.#placeAll();
    this.#isPlaced = true;
  }

  /** A new contact point, without a grant. */
  add(identities: Uint32Array, row: number, account: number, kind: number): number {
    this.prepare();
    if (this.#slots.isFull) {
      this.#slots.enlarge();
      this.#placeAll();
    }
    const number = this.#newId(account, kind);
    this.#identity[3 * number] = identities[4 * row]!;
    this.#identity[3 * number + 1] = identities[4 * row + 1]!;
    this.#identity[3 * number + 2] = identities[4 * row + 2]!;
    this.notice[number] = NO_GRANT;
    this.numbered++;
    if (!this.isForgotten(number)) this.#place(number);
    return number;
  }

  isForgotten(number: number): boolean {
    const at = 3 * number;
    return this.#identity[at] === 0 && this.#identity[at + 1] === 0 && this.#identity[at + 2] === 0;
  }

  /** Destroys an identity; returns it, for undoing that. */
  forget(number: number): Uint32Array {
    const identity = this.#identity.slice(3 * number, 3 * number + 3);
    if (this.isForgotten(number)) return identity;
    this.prepare();
    this.#slots.remove(identity[0]!, number, (other) => this.#identity[3 * other]!);
    this.#identity.fill(0, 3 * number, 3 * number + 3);
    return identity;
  }

  /** Gives an identity back that `forget` took. */
  recall(number: number, identity: Uint32Array): void {
    this.prepare();
    this.#identity.set(identity, 3 * number);
    if (!this.isForgotten(number)) this.#place(number);
  }

  setFirstGrant(number: number, notice: number, what: number, givenAtMs: number): void {
    this.notice[number] = notice;
    this.what[number] = what;
    this.#givenHigh[number] = Math.floor(givenAtMs / TWO_32);
    this.#givenLow[number] = givenAtMs % TWO_32;
  }

  givenAtMs(number: number): number {
    return this.#givenHigh[number]! * TWO_32 + this.#givenLow[number]!;
  }

  /**
   * A fresh ordinal for a later stretch of `number`.
   * @param before ordinal of its last stretch
   */
  addOrdinal(number: number, before: number): number {
    const ordinal = this.#newId(this.account[number]!, FLAG.laterOrdinal);
    this.#identity[3 * ordinal] = number;
    this.#identity[3 * ordinal + 1] = before;
    return ordinal;
  }

  /** The ordinal of the stretch before a later one. */
  ordinalBefore(ordinal: number): number {
    return this.#identity[3 * ordinal + 1]!;
  }

  /** The contact point whose stretch `ordinal` is. */
  numberOf(ordinal: number): number {
    return this.isLaterOrdinal(ordinal) ? this.#identity[3 * ordinal]! : ordinal;
  }

  isLaterOrdinal(id: number): boolean {
    return (this.flags[id]! & FLAG.kindMask) === FLAG.laterOrdinal;
  }

  kind(number: number): number {
    return this.flags[number]! & FLAG.kindMask;
  }

  truncate(count: number): void {
    for (let id = this.count - 1; id >= count; id--) {
      if (this.isLaterOrdinal(id)) continue;
      this.numbered--;
      if (this.isForgotten(id)) continue;
      this.#slots.remove(this.#identity[3 * id]!, id, (other) => this.#identity[3 * other]!);
    }
    // What was undone leaves nothing behind, not even in a snapshot's unused columns.
    this.#identity.fill(0, 3 * count, 3 * this.count);
    for (const column of [this.account, this.next, this.flags, this.notice, this.what])
      column.fill(0, count, this.count);
    this.#givenLow.fill(0, count, this.count);
    this.#givenHigh.fill(0, count, this.count);
    this.count = count;
  }

  /** Three words each; a view for a snapshot. */
  get identities(): Uint32Array {
    return this.#identity.subarray(0, 3 * this.count);
  }

  /** Views of the other columns for a snapshot, in the order that `restore` takes. */
  sections(): [Uint32Array, Uint32Array, Uint8Array, Uint16Array, Uint8Array, Uint32Array, Uint16Array] {
    const n = this.count;
    return [
      this.account.subarray(0, n),
      this.next.subarray(0, n),
      this.flags.subarray(0, n),
      this.notice.subarray(0, n),
      this.what.subarray(0, n),
      this.#givenLow.subarray(0, n),
      this.#givenHigh.subarray(0, n),
    ];
  }

  /** @param identities in parts, in order */
  restore(identities: readonly Uint32Array[], ...columns: ReturnType<PointTable["sections"]>): void {
    [this.account, this.next, this.flags, this.notice, this.what, this.#givenLow, this.#givenHigh] = columns;
    this.count = this.account.length;
    this.#identity = identities.length === 1 ? identities[0]! : this.#joined(identities);
    this.numbered = 0;
    for (let id = 0; id < this.count; id++) if (!this.isLaterOrdinal(id)) this.numbered++;
    this.#isPlaced = false;
  }

  #newId(account: number, kind: number): number {
    const id = this.count;
    if (id % SETTLE_EVERY === 0) this.#settle();
    if (id >= this.account.length) {
      const paging = this.#paging;
      this.account = grown(this.account, id + 1);
      const capacity = this.account.length;
      this.#identity = paging.grown(this.#identity, 3 * capacity);
      this.next = paging.grown(this.next, capacity);
      this.flags = grown(this.flags, capacity);
      this.notice = grown(this.notice, capacity);
      this.what = grown(this.what, capacity);
      this.#givenLow = paging.grown(this.#givenLow, capacity);
      this.#givenHigh = paging.grown(this.#givenHigh, capacity);
    }
    this.account[id] = account;
    this.flags[id] = kind;
    this.next[id] = 0;
    this.count = id + 1;
    return id;
  }

  #joined(parts: readonly Uint32Array[]): Uint32Array {
    const identity = new Uint32Array(3 * this.count);
    let joined = 0;
    for (const part of parts) {
      identity.set(part, joined);
      joined += part.length;
      this.#paging.settle(identity, joined, Number.POSITIVE_INFINITY);
    }
    return identity;
  }

  #settle(): void {
    this.#paging.settle(this.#identity, 3 * this.count);
    for (const column of [this.next, this.#givenLow, this.#givenHigh]) this.#paging.settle(column, this.count);
  }

  #place(number: number): void {
    this.#slots.add(this.#identity[3 * number]!, this.#identity[3 * number + 1]! & 0xff, number);
  }

  #placeAll(): void {
    for (let id = 0; id < this.count; id++) {
      if (id % TOUCHED_AT_ONCE === 0) {
        this.#slots.touch(this.#identity, 3, id, Math.min(id + TOUCHED_AT_ONCE, this.count));
      }
      if (!this.isLaterOrdinal(id) && !this.isForgotten(id)) this.#place(id);
    }
  }
}
