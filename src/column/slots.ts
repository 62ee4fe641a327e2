/**
 * Slots: an open-addressed table of entry numbers, for tables that keep their entries as columns.
 *
 * The caller brings 32 bits of hash and eight more as a mark, which lie side by side, so that nearly every probe of
 * another entry is passed over without looking at the entry. Any size will do, not powers of two only, so that memory
 * follows the number of entries. Linear probing; removal closes the gap (Knuth, vol. 3, 6.4, algorithm R).
 */
const FREE = 0;
const FIRST_SIZE = 1 << 10;
/** Fuller than this it is made larger; made for a known number, it begins with the other. */
const MAX_LOAD = 0.85;
const MADE_LOAD = 0.75;
const GROWTH = 2;
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
    this.#make(Math.ceil(this.#entries.length * GROWTH));
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
   * @param mark eight bits that are independent of the hash's upper ones
   */
  find(hash: number, mark: number, isIt: (entry: number) => boolean): number {
    const entries = this.#entries;
    const marks = this.#marks;
    const size = entries.length;
    let slot = Math.floor((hash * size) / TWO_32);
    for (;;) {
      const entry = entries[slot]!;
      if (entry === FREE) return -1;
      if (marks[slot] === mark && isIt(entry - 1)) return entry - 1;
      if (++slot === size) slot = 0;
    }
  }

  /** As `find`, for entries whose keys are three words each in `keys`, the first of them the hash, the second the mark. */
  findKey(keys: Uint32Array, a: number, b: number, c: number): number {
    const entries = this.#entries;
    const marks = this.#marks;
    const size = entries.length;
    const mark = b & 0xff;
    let slot = Math.floor((a * size) / TWO_32);
    for (;;) {
      const entry = entries[slot]!;
      if (entry === FREE) return -1;
      if (marks[slot] === mark) {
        const at = 3 * entry - 3;
        if (keys[at] === a && keys[at + 1] === b && keys[at + 2] === c) return entry - 1;
      }
      if (++slot === size) slot = 0;
    }
  }

  /** Adds an entry that is not there; the table must not be full. */
  add(hash: number, mark: number, entry: number): void {
    const entries = this.#entries;
    const size = entries.length;
    let slot = Math.floor((hash * size) / TWO_32);
    while (entries[slot] !== FREE) if (++slot === size) slot = 0;
    entries[slot] = entry + 1;
    this.#marks[slot] = mark;
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
  }

  #slotOf(hash: number, entry: number): number {
    const entries = this.#entries;
    const size = entries.length;
    let slot = Math.floor((hash * size) / TWO_32);
    while (entries[slot] !== entry + 1) if (++slot === size) slot = 0;
    return slot;
  }
}
