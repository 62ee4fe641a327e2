/**
 * Distinct digests: how many came before. Open addressing over 64 bits of each, in memory that grows up to a bound; beyond it
 * nothing new is kept, and what is counted is at least so many.
 */

const DIGEST_WORDS = 4;
const FIRST_SLOTS = 1 << 16;
/** 8 bytes each: 128 MiB. */
const MOST_SLOTS = 1 << 24;
const MOST_FILLED = 0.7;

export class DistinctDigests {
  duplicates = 0;
  #slots = new Uint32Array(2 * FIRST_SLOTS);
  #kept = 0;
  #isFull = false;
  readonly #mostSlots: number;

  /** @param mostSlots a power of two */
  constructor(mostSlots = MOST_SLOTS) {
    this.#mostSlots = mostSlots;
  }

  /** Whether there may be more duplicates than were counted. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** @param digests 16 bytes each */
  add(digests: Uint8Array, count: number): void {
    const words = new Uint32Array(digests.buffer, digests.byteOffset, count * DIGEST_WORDS);
    for (let at = 0; at < words.length; at += DIGEST_WORDS) this.#addOne(words[at]!, words[at + 1]! | 1);
  }

  /** @param high never 0, so that an empty slot is told by it */
  #addOne(low: number, high: number): void {
    const slots = this.#slots;
    const mask = slots.length / 2 - 1;
    let slot = low & mask;
    while (slots[2 * slot + 1] !== 0) {
      if (slots[2 * slot] === low && slots[2 * slot + 1] === high >>> 0) {
        this.duplicates++;
        return;
      }
      slot = (slot + 1) & mask;
    }
    if (this.#isFull) return;
    slots[2 * slot] = low;
    slots[2 * slot + 1] = high;
    this.#kept++;
    if (this.#kept > (MOST_FILLED * slots.length) / 2) this.#grow();
  }

  #grow(): void {
    const old = this.#slots;
    if (old.length >= 2 * this.#mostSlots) {
      this.#isFull = true;
      return;
    }
    const slots = new Uint32Array(2 * old.length);
    const mask = slots.length / 2 - 1;
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] === 0) continue;
      let slot = old[at]! & mask;
      while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
      slots[2 * slot] = old[at]!;
      slots[2 * slot + 1] = old[at + 1]!;
    }
    this.#slots = slots;
  }
}
