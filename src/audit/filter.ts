/**
 * Which accounts were ever matched: a Bloom filter that all threads share, two bits an account in one word of memory, so that
 * it is asked at the cost of one miss (Putze, Sanders, Singler 2007). Contacts of those that never were need not be kept. It may
 * name one too many, never one too few.
 */
const MIN_BITS = 2 ** 16;
/** 256 MiB. */
const MAX_BITS = 2 ** 31;
const BITS_A_ROW = 16;

export class AccountFilter {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #mask: number;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
    this.#mask = this.#words.length - 1;
  }

  /** @param rows of matches, about */
  static for(rows: number): AccountFilter {
    let bits = MIN_BITS;
    while (bits < rows * BITS_A_ROW && bits < MAX_BITS) bits *= 2;
    return new AccountFilter(new SharedArrayBuffer(bits / 8));
  }

  /** @param one,other words of an account's label */
  add(one: number, other: number): void {
    const bits = bitsOf(other);
    if ((this.#words[one & this.#mask]! & bits) !== bits) Atomics.or(this.#words, one & this.#mask, bits);
  }

  has(one: number, other: number): boolean {
    const bits = bitsOf(other);
    return (this.#words[one & this.#mask]! & bits) === bits;
  }
}

const bitsOf = (word: number): number => (1 << (word & 31)) | (1 << ((word >>> 5) & 31));
