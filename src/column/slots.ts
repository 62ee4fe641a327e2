/**
 * Slots: an open-addressed table of entry numbers, for tables that keep their entries as columns.
 *
 * The caller brings 32 bits of hash and eight more as a mark, which lie side by side, so that nearly every probe of
 * another entry is passed over without looking at the entry. Any size will do, not powers of two only, so that memory
 * follows the number of entries. Linear probing; removal closes the gap (Knuth, vol. 3, 6.4, algorithm R).
 */
const FREE = 0;
/** Marks run from 1, so that a slot's mark alone tells that it is free. */
const MARKS = 255;
const FIRST_SIZE = 1 << 10;
/** Fuller than this it is made larger; made for a known number, it begins with the other. */
const MAX_LOAD = 0.85;
const MADE_LOAD = 0.75;
const GROWTH = 2;
/** A table of so many slots grows by less: what is empty of it takes memory. */
const LARGE_SIZE = 2 ** 26;
const LARGE_GROWTH = 1.5;
const TWO_32 = 2 ** 32;

export class Slots {
  /** Entry + 1. */
  #entries: Uint32Array = new Uint32Array(FIRST_SIZE);
  #marks: Uint8Array = new Uint8Array(FIRST_SIZE);
  #used = 0;

  /** Entries in the table. */
  get used(): number {
    return this.#used;
  }

  /** Whether one more entry wants a larger table first: `enlarge`, then `add` all of them again. */
  get isFull(): boolean {
    return this.#used + 1 > this.#entries.length * MAX_LOAD;
  }

  /** Empties the table and makes it larger. */
  enlarge(): void {
    const size = this.#entries.length;
    this.#make(Math.ceil(size * (size < LARGE_SIZE ? GROWTH : LARGE_GROWTH)));
  }

  /** Empties the table and makes it right for a number of entries. */
  makeFor(count: number): void {
    this.#make(Math.max(FIRST_SIZE, Math.ceil(count / MADE_LOAD)));
  }

  #make(size: number): void {
    this.#entries = new Uint32Array(size);
    this.#marks = new Uint8Array(size);
    this.#used = 0;
  }

  /**
   * The entry with this hash and mark that is the one looked for, or -1.
   * @param hash 32 bits, unsigned
   * @param mark bits that are independent of the hash's upper ones; the lowest eight count
   */
  find(hash: number, mark: number, isIt: (entry: number) => boolean): number {
    const marks = this.#marks;
    const size = marks.length;
    const wanted = markOf(mark);
    let slot = Math.floor((hash * size) / TWO_32);
    for (;;) {
      const mark = marks[slot]!;
      if (mark === FREE) return -1;
      if (mark === wanted) {
        const entry = this.#entries[slot]! - 1;
        if (isIt(entry)) return entry;
      }
      if (++slot === size) slot = 0;
    }
  }

  /** As `find`, for entries whose keys are three words each in `keys`, the first of them the hash, the second the mark. */
  findKey(keys: Uint32Array, a: number, b: number, c: number): number {
    const marks = this.#marks;
    const size = marks.length;
    const wanted = markOf(b);
    let slot = Math.floor((a * size) / TWO_32);
    for (;;) {
      const mark = marks[slot]!;
      if (mark === FREE) return -1;
      if (mark === wanted) {
        const entry = this.#entries[slot]! - 1;
        const at = 3 * entry;
        if (keys[at] === a && keys[at + 1] === b && keys[at + 2] === c) return entry;
      }
      if (++slot === size) slot = 0;
    }
  }

  /**
   * As `findKey` by the first two words alone, for many at once: the steps of all are taken together, so that the waits
   * for memory overlap.
   * @param words four for each that is looked for, the first two count
   * @param found entry of each, or -1
   * @returns those that have one, by their places in `found`
   */
  findPairs(keys: Uint32Array, words: Uint32Array, count: number, found: Int32Array): Uint32Array {
    const entries = this.#entries;
    const marks = this.#marks;
    const size = marks.length;
    const scale = size / TWO_32;
    const { slots, firsts, hits } = scratch(count);
    for (let i = 0; i < count; i++) {
      const slot = Math.floor(words[4 * i]! * scale);
      slots[i] = slot;
      firsts[i] = marks[slot]!;
    }
    let hit = 0;
    for (let i = 0; i < count; i++) {
      const wanted = markOf(words[4 * i + 1]!);
      let mark = firsts[i]!;
      let slot = slots[i]!;
      while (mark !== FREE && mark !== wanted) {
        if (++slot === size) slot = 0;
        mark = marks[slot]!;
      }
      found[i] = -1;
      if (mark === FREE) continue;
      slots[i] = slot;
      hits[hit++] = i;
    }
    for (let h = 0; h < hit; h++) found[hits[h]!] = entries[slots[hits[h]!]!]! - 1;
    let kept = 0;
    for (let h = 0; h < hit; h++) {
      const i = hits[h]!;
      const at = 3 * found[i]!;
      if (keys[at] !== words[4 * i] || keys[at + 1] !== words[4 * i + 1]) {
        found[i] = this.#findPairAfter(keys, slots[i]!, words[4 * i]!, words[4 * i + 1]!);
      }
      if (found[i]! >= 0) hits[kept++] = i;
    }
    return hits.slice(0, kept);
  }

  /** As `findKey` by the first two words alone. */
  findPair(keys: Uint32Array, a: number, b: number): number {
    return this.#findPairAfter(keys, Math.floor((a * this.#marks.length) / TWO_32) - 1, a, b);
  }

  #findPairAfter(keys: Uint32Array, before: number, a: number, b: number): number {
    const marks = this.#marks;
    const size = marks.length;
    const wanted = markOf(b);
    for (let slot = before; ; ) {
      if (++slot === size) slot = 0;
      const mark = marks[slot]!;
      if (mark === FREE) return -1;
      if (mark !== wanted) continue;
      const entry = this.#entries[slot]! - 1;
      if (keys[3 * entry] === a && keys[3 * entry + 1] === b) return entry;
    }
  }

  /**
   * Looks at where some hashes belong, so that the waits for memory overlap: what is found or added soon after need not wait
   * one by one.
   * @param words a hash at every `stride`-th, those numbered [from, to) are meant
   */
  touch(words: Uint32Array, stride: number, from: number, to: number): void {
    const entries = this.#entries;
    const marks = this.#marks;
    const scale = marks.length / TWO_32;
    let sum = 0;
    for (let i = from; i < to; i++) {
      const slot = Math.floor(words[i * stride]! * scale);
      sum += marks[slot]! + entries[slot]!;
    }
    SEEN[0] = sum;
  }

  /**
   * The first entry that has the mark of each of some hashes, or -1; it may be another one's. The waits for memory overlap.
   * @param hashes those numbered [from, to) are meant; their lowest bits are the marks
   * @param found where the entries go
   */
  firsts(hashes: Uint32Array, from: number, to: number, found: Int32Array): void {
    this.touch(hashes, 1, from, to);
    const entries = this.#entries;
    const marks = this.#marks;
    const size = marks.length;
    const scale = size / TWO_32;
    for (let i = from; i < to; i++) {
      const hash = hashes[i]!;
      const wanted = markOf(hash);
      let slot = Math.floor(hash * scale);
      while (marks[slot] !== wanted && marks[slot] !== FREE) if (++slot === size) slot = 0;
      found[i] = marks[slot] === FREE ? -1 : entries[slot]! - 1;
    }
  }

  /** Adds an entry that is not there; the table must not be full. */
  add(hash: number, mark: number, entry: number): void {
    const marks = this.#marks;
    const size = marks.length;
    let slot = Math.floor((hash * size) / TWO_32);
    while (marks[slot] !== FREE) if (++slot === size) slot = 0;
    this.#entries[slot] = entry + 1;
    marks[slot] = markOf(mark);
    this.#used++;
  }

  /** Puts another entry with the same hash and mark in the place of one that is there. */
  replace(hash: number, entry: number, heir: number): void {
    this.#entries[this.#slotOf(hash, entry)] = heir + 1;
  }

  /** Removes an entry that is there. */
  remove(hash: number, entry: number, hashOf: (entry: number) => number): void {
    const entries = this.#entries;
    const size = entries.length;
    let gap = this.#slotOf(hash, entry);
    this.#used--;
    for (let probe = gap; ; ) {
      if (++probe === size) probe = 0;
      const other = entries[probe]!;
      if (other === FREE) break;
      const home = Math.floor((hashOf(other - 1) * size) / TWO_32);
      // It may move into the gap unless its home lies behind the gap, up to where it is.
      if ((probe - home + size) % size < (probe - gap + size) % size) continue;
      entries[gap] = other;
      this.#marks[gap] = this.#marks[probe]!;
      gap = probe;
    }
    entries[gap] = FREE;
    this.#marks[gap] = FREE;
  }

  #slotOf(hash: number, entry: number): number {
    const entries = this.#entries;
    const size = entries.length;
    let slot = Math.floor((hash * size) / TWO_32);
    while (entries[slot] !== entry + 1) if (++slot === size) slot = 0;
    return slot;
  }
}

/** What `touch` has seen; kept, so that it has to be looked at. */
const SEEN = new Uint32Array(1);

/** Entries that are touched before they are looked for one by one: few enough for the cache. */
export const TOUCHED_AT_ONCE = 1024;

/** The mark of the lowest eight bits; two of the 256 share one. */
function markOf(bits: number): number {
  const low = bits & 0xff;
  return low === 0 ? MARKS : low;
}

/** Room for the steps of `findPairs`, kept for the next time. */
let room = { slots: new Uint32Array(0), firsts: new Uint8Array(0), hits: new Uint32Array(0) };

function scratch(count: number): typeof room {
  if (room.slots.length < count) {
    room = { slots: new Uint32Array(count), firsts: new Uint8Array(count), hits: new Uint32Array(count) };
  }
  return room;
}
