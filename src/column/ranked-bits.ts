/**
 * Ranked bits: numbers below a limit, and the rank of each: how many lower ones are there. Columns of a row for each of some
 * of many accounts are found by it. Cost: two bits for every number below the limit.
 */
const WORD_BITS = 32;

export class RankedBits {
  readonly #words: Uint32Array;
  /** By word: how many are in those before it; made when all are there. */
  #before: Uint32Array | undefined;

  constructor(limit: number) {
    this.#words = new Uint32Array(Math.ceil(limit / WORD_BITS));
  }

  /** Not once a rank was asked for. */
  add(number: number): void {
    this.#words[number >>> 5]! |= 1 << (number & 31);
  }

  has(number: number): boolean {
    return (this.#words[number >>> 5]! & (1 << (number & 31))) !== 0;
  }

  /** How many are there. */
  get count(): number {
    return this.rank(WORD_BITS * this.#words.length);
  }

  /** How many lower ones are there. */
  rank(number: number): number {
    this.#before ??= this.#countBefore();
    const word = number >>> 5;
    return this.#before[word]! + bitsIn(this.#words[word]! & ((1 << (number & 31)) - 1));
  }

  #countBefore(): Uint32Array {
    const before = new Uint32Array(this.#words.length + 1);
    for (let word = 0; word < this.#words.length; word++) before[word + 1] = before[word]! + bitsIn(this.#words[word]!);
    return before;
  }
}

/** How many bits of a word are set (Warren, Hacker's Delight, 5-1). */
function bitsIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
