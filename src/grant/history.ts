/**
 * Histories: what was learned of a contact point (beyond its first grant) or of an account, newest first.
 *
 * Entries are columns; the newest entry of each key is found through an open-addressed table. Entries are
 * only appended, and undone in reverse order (`truncate`).
 */
import { grown } from "../column/index.js";

/** Bits of `what`. The low four are the spelling's tag of a grant for ads. */
export const WHAT = {
  tagMask: 0x0f,
  /** The tag of a grant whose spelling has no token. */
  noTag: 0x0f,
  verified: 0x10,
  /** Given by another account: never permits. */
  byOther: 0x20,
  /** The row named the notice by id only. */
  byId: 0x40,
  /** Not a grant but an event; `notice` holds its type and purpose. */
  event: 0x80,
} as const;

const NO_ENTRY = -1;

export class History {
  count = 0;
  #key: Uint32Array = new Uint32Array(1 << 10);
  #next: Uint32Array = new Uint32Array(1 << 10);
  what: Uint8Array = new Uint8Array(1 << 10);
  /** Notice version of a grant; type | purpose << 8 of an event (purpose 255: see `covers`). */
  notice: Uint16Array = new Uint16Array(1 << 10);
  atMs: Float64Array = new Float64Array(1 << 10);
  /** Account that gave it, when that is another one. */
  giver: Uint32Array = new Uint32Array(1 << 10);
  /** Ledger position that it was learned at. */
  leaf: Uint32Array = new Uint32Array(1 << 10);
  /** Keys + 1 and their newest entries + 1. */
  #slotKeys: Uint32Array = new Uint32Array(1 << 11);
  #slotHeads: Uint32Array = new Uint32Array(1 << 11);
  #keys = 0;

  add(key: number, what: number, notice: number, atMs: number, giver: number, leaf: number): number {
    const entry = this.count;
    if (entry >= this.#key.length) this.#growTo(entry + 1);
    const slot = this.#slotFor(key);
    this.#key[entry] = key;
    this.#next[entry] = this.#slotHeads[slot]!;
    this.#slotHeads[slot] = entry + 1;
    this.what[entry] = what;
    this.notice[entry] = notice;
    this.atMs[entry] = atMs;
    this.giver[entry] = giver;
    this.leaf[entry] = leaf;
    this.count = entry + 1;
    return entry;
  }

  /** Whose an entry is. */
  key(entry: number): number {
    return this.#key[entry]!;
  }

  /** The newest entry of `key`, or -1. */
  newest(key: number): number {
    if (this.#keys === 0) return NO_ENTRY;
    const slot = this.#find(key);
    return this.#slotKeys[slot] === 0 ? NO_ENTRY : this.#slotHeads[slot]! - 1;
  }

  /** The entry before `entry` of the same key, or -1. */
  older(entry: number): number {
    return this.#next[entry]! - 1;
  }

  truncate(count: number): void {
    for (let entry = this.count - 1; entry >= count; entry--) {
      this.#slotHeads[this.#find(this.#key[entry]!)] = this.#next[entry]!;
    }
    this.count = count;
  }

  /** Views for a snapshot, in the order that `restore` takes. */
  sections(): [Uint32Array, Uint8Array, Uint16Array, Float64Array, Uint32Array, Uint32Array] {
    const n = this.count;
    return [
      this.#key.subarray(0, n),
      this.what.subarray(0, n),
      this.notice.subarray(0, n),
      this.atMs.subarray(0, n),
      this.giver.subarray(0, n),
      this.leaf.subarray(0, n),
    ];
  }

  restore(
    key: Uint32Array,
    what: Uint8Array,
    notice: Uint16Array,
    atMs: Float64Array,
    giver: Uint32Array,
    leaf: Uint32Array,
  ): void {
    this.#growTo(key.length);
    for (let i = 0; i < key.length; i++) this.add(key[i]!, what[i]!, notice[i]!, atMs[i]!, giver[i]!, leaf[i]!);
  }

  #growTo(length: number): void {
    this.#key = grown(this.#key, length);
    const capacity = this.#key.length;
    this.#next = grown(this.#next, capacity);
    this.what = grown(this.what, capacity);
    this.notice = grown(this.notice, capacity);
    this.atMs = grown(this.atMs, capacity);
    this.giver = grown(this.giver, capacity);
    this.leaf = grown(this.leaf, capacity);
  }

  /** The slot of `key`, or the free slot where it belongs. */
  #find(key: number): number {
    const mask = this.#slotKeys.length - 1;
    let slot = Math.imul(key, 0x9e3779b1) & mask;
    while (this.#slotKeys[slot] !== 0 && this.#slotKeys[slot] !== key + 1) slot = (slot + 1) & mask;
    return slot;
  }

  #slotFor(key: number): number {
    const slot = this.#find(key);
    if (this.#slotKeys[slot] !== 0) return slot;
    if ((this.#keys + 1) * 4 > this.#slotKeys.length * 3) {
      const [keys, heads] = [this.#slotKeys, this.#slotHeads];
      this.#slotKeys = new Uint32Array(keys.length * 2);
      this.#slotHeads = new Uint32Array(keys.length * 2);
      for (let i = 0; i < keys.length; i++) {
        if (keys[i] === 0) continue;
        const to = this.#find(keys[i]! - 1);
        this.#slotKeys[to] = keys[i]!;
        this.#slotHeads[to] = heads[i]!;
      }
    }
    const free = this.#find(key);
    this.#slotKeys[free] = key + 1;
    this.#keys++;
    return free;
  }
}
