/**
 * Random draws that anybody can repeat: the n-th draw of (seed, a, b) is always the same number.
 *
 * Counter-based, so that account 7,000,000 can be made without making those before it. The mixer is the
 * 32-bit finaliser of the "hash prospector" family (https://github.com/skeeto/hash-prospector), the walk
 * is splitmix's. Good for a sample world; of no use for secrets or noise.
 */

/** A bijection of 32-bit numbers in which every input bit moves about half of the output's. */
export function mix32(value: number): number {
  let z = value ^ (value >>> 16);
  z = Math.imul(z, 0x21f0aaad);
  z ^= z >>> 15;
  z = Math.imul(z, 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

const GOLDEN = 0x9e3779b9;

/** One 32-bit number out of three. */
export function mix3(seed: number, a: number, b: number): number {
  return mix32(mix32(mix32(seed + GOLDEN) ^ a) + Math.imul(b + 1, GOLDEN));
}

/** A stream of draws; `from` sets it to the start of another one. */
export class Draw {
  #state = 0;

  from(seed: number, a: number, b: number): this {
    this.#state = mix3(seed, a, b);
    return this;
  }

  /** A number in [0, 2^32). */
  next(): number {
    this.#state = (this.#state + GOLDEN) | 0;
    return mix32(this.#state);
  }

  /** A whole number in [0, limit); `limit` at most 2^32. */
  below(limit: number): number {
    return Math.floor((this.next() / 0x1_0000_0000) * limit);
  }

  /** True in `perMille` of 1,000 draws. */
  chance(perMille: number): boolean {
    return this.below(1000) < perMille;
  }
}

/** A draw from a table of weights, as prepared by `cumulative`. */
export function weighted(draw: Draw, sums: Uint32Array): number {
  const at = draw.below(sums[sums.length - 1]!);
  let i = 0;
  while (sums[i]! <= at) i++;
  return i;
}

export function cumulative(weights: readonly number[]): Uint32Array {
  let sum = 0;
  return Uint32Array.from(weights, (weight) => (sum += weight));
}
