/**
 * Which accounts were ever matched: a Bloom filter that all threads share (Bloom 1970), two bits an account, so that contacts
 * of those that never were need not be kept. It may name one too many, never one too few.
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
    this.#mask = (memory.byteLength * 8 - 1) >>> 0;
  }

  /** @param rows of matches, about */
  static for(rows: number): AccountFilter {
    let bits = MIN_BITS;
    while (bits < rows * BITS_A_ROW && bits < MAX_BITS) bits *= 2;
    return new AccountFilter(new SharedArrayBuffer(bits / 8));
  }

  /** @param one,other words of an account's key */
  add(one: number, other: number): void {
    this.#set((one & this.#mask) >>> 0);
    this.#set((other & this.#mask) >>> 0);
  }

  #set(bit: number): void {
    const wanted = 1 << (bit & 31);
    if ((this.#words[bit >>> 5]! & wanted) === 0) Atomics.or(this.#words, bit >>> 5, wanted);
  }

  has(one: number, other: number): boolean {
    return this.#isSet((one & this.#mask) >>> 0) && this.#isSet((other & this.#mask) >>> 0);
  }

  #isSet(bit: number): boolean {
    return (this.#words[bit >>> 5]! & (1 << (bit & 31))) !== 0;
  }
}
