/**
 * A set of showings within one audience, campaign and day: pairs of an account and a millisecond of the day, in an
 * open-addressed table without an object per pair.
 */
const FREE = 0xffff_ffff;
const MAX_LOAD = 0.6;
const MIN_SLOTS = 16;

export class Pairs {
  #account: Uint32Array;
  #ofDayMs: Uint32Array;
  /** Of the slots that are in use, a power of two. */
  #mask: number;
  size = 0;

  /** @param expected pairs that it has room for at once */
  constructor(expected = 0) {
    const slots = slotsFor(expected);
    this.#account = new Uint32Array(slots);
    this.#ofDayMs = new Uint32Array(slots).fill(FREE);
    this.#mask = slots - 1;
  }

  /** Empties it, and makes room for a number of pairs. */
  clear(expected: number): void {
    const slots = slotsFor(expected);
    if (slots > this.#ofDayMs.length) {
      this.#account = new Uint32Array(slots);
      this.#ofDayMs = new Uint32Array(slots);
    }
    this.#mask = slots - 1;
    this.#ofDayMs.fill(FREE, 0, slots);
    this.size = 0;
  }

  /** Whether it was not there yet. */
  add(account: number, ofDayMs: number): boolean {
    if (this.size + 1 > (this.#mask + 1) * MAX_LOAD) this.#grow();
    const mask = this.#mask;
    let slot = hash(account, ofDayMs) & mask;
    for (; this.#ofDayMs[slot] !== FREE; slot = (slot + 1) & mask) {
      if (this.#ofDayMs[slot] === ofDayMs && this.#account[slot] === account) return false;
    }
    this.#account[slot] = account;
    this.#ofDayMs[slot] = ofDayMs;
    this.size++;
    return true;
  }

  has(account: number, ofDayMs: number): boolean {
    const mask = this.#mask;
    for (let slot = hash(account, ofDayMs) & mask; this.#ofDayMs[slot] !== FREE; slot = (slot + 1) & mask) {
      if (this.#ofDayMs[slot] === ofDayMs && this.#account[slot] === account) return true;
    }
    return false;
  }

  #grow(): void {
    const [account, ofDayMs] = [this.#account, this.#ofDayMs];
    const slots = this.#mask + 1;
    this.#account = new Uint32Array(2 * slots);
    this.#ofDayMs = new Uint32Array(2 * slots).fill(FREE);
    this.#mask = 2 * slots - 1;
    this.size = 0;
    for (let i = 0; i < slots; i++) if (ofDayMs[i] !== FREE) this.add(account[i]!, ofDayMs[i]!);
  }
}

/** A power of two. */
const slotsFor = (pairs: number): number => 2 ** Math.ceil(Math.log2(Math.max(MIN_SLOTS, pairs / MAX_LOAD + 1)));

/** Two multiplications that spread both halves over all bits. */
function hash(account: number, ofDayMs: number): number {
  let sum = Math.imul(account ^ Math.imul(ofDayMs, 0x9e3779b1), 0x85ebca6b);
  sum ^= sum >>> 15;
  sum = Math.imul(sum, 0xc2b2ae35);
  return (sum ^ (sum >>> 13)) >>> 0;
}
