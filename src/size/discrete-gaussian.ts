/**
 * Exact draws of the discrete Gaussian: P(x) is proportional to exp(-x² / 2σ²) over all whole numbers, by Canonne, Kamath and
 * Steinke, "The Discrete Gaussian for Differential Privacy", 2020 (https://arxiv.org/abs/2004.00010), algorithms 1 to 3.
 *
 * Whole numbers only: a double in the way of the noise would leave gaps that give the count away (Mironov 2012). Every coin is
 * thrown with bytes of the system's source, evenly by rejection; the bytes are overwritten, though whole numbers made of them
 * are not, as the language has no way to. There is no seed that could be stolen or repeated.
 *
 * Never call this while somebody waits for an answer: how long a draw takes tells what it drew (Jin, McMurtry, Rubinstein and
 * Ohrimenko, "Are We There Yet? Timing and Floating-Point Attacks on Differential Privacy Systems", IEEE S&P 2022).
 */
import { randomFillSync } from "node:crypto";
import type { Fraction } from "./fraction.js";

/** Overwrites all of the bytes with random ones. */
export type RandomSource = (bytes: Uint8Array) => void;

const systemRandom: RandomSource = (bytes) => {
  randomFillSync(bytes);
};

/** About what a draw needs. */
const BYTES = 192;

/**
 * Noise of the given variance parameter σ², above zero. Its variance is never above σ².
 *
 * @param random another source, for tests alone
 */
export function drawDiscreteGaussian(variance: Fraction, random: RandomSource = systemRandom): bigint {
  if (variance.numerator <= 0n) throw new RangeError("noise without a variance");
  const coins = new Coins(random);
  try {
    return coins.gaussian(variance);
  } finally {
    coins.wipe();
  }
}

/** What draws are made of, each exact; the random bytes live until `wipe`. */
export class Coins {
  readonly #random: RandomSource;
  readonly #bytes = new Uint8Array(BYTES);
  #used = BYTES;

  constructor(random: RandomSource = systemRandom) {
    this.#random = random;
  }

  /** Algorithm 3: a discrete Laplace that is kept with what makes a Gaussian of it. */
  gaussian({ numerator, denominator }: Fraction): bigint {
    const scale = wholeRoot(numerator / denominator) + 1n;
    const scaled = scale * denominator;
    for (;;) {
      const drawn = this.laplace(scale);
      // (|y| - σ²/t)² / 2σ², with σ² the fraction and t the scale.
      const off = (drawn < 0n ? -drawn : drawn) * scaled - numerator;
      if (this.isExp(off * off, 2n * numerator * scale * scaled)) return drawn;
    }
  }

  /** Algorithm 2 for a whole scale: P(x) is proportional to exp(-|x| / scale). */
  laplace(scale: bigint): bigint {
    for (;;) {
      const rest = this.below(scale);
      if (!this.isExp(rest, scale)) continue;
      let times = 0n;
      while (this.isExp(1n, 1n)) times++;
      const size = rest + scale * times;
      const isNegative = this.below(2n) === 1n;
      // Zero has no sign, or it would come twice as often.
      if (isNegative && size === 0n) continue;
      return isNegative ? -size : size;
    }
  }

  /** Algorithm 1: true with probability exp(-x), where x is a fraction, not below zero. */
  isExp(numerator: bigint, denominator: bigint): boolean {
    let rest = numerator;
    for (; rest > denominator; rest -= denominator) if (!this.#isExpUpToOne(1n, 1n)) return false;
    return this.#isExpUpToOne(rest, denominator);
  }

  /** The alternating series of exp(-x), term by term, for x from 0 to 1. */
  #isExpUpToOne(numerator: bigint, denominator: bigint): boolean {
    let term = 1n;
    while (this.below(denominator * term) < numerator) term++;
    return term % 2n === 1n;
  }

  /** A whole number from 0 to below the bound, each as likely: as many bits as the last one has, until they are below. */
  below(bound: bigint): bigint {
    const bits = bound === 1n ? 0 : (bound - 1n).toString(2).length;
    for (;;) {
      const drawn = this.#bits(bits);
      if (drawn < bound) return drawn;
    }
  }

  #bits(count: number): bigint {
    let drawn = 0n;
    let left = count;
    for (; left > 8; left -= 8) drawn = (drawn << 8n) | BigInt(this.#byte());
    return left === 0 ? drawn : (drawn << BigInt(left)) | BigInt(this.#byte() >> (8 - left));
  }

  #byte(): number {
    if (this.#used === BYTES) {
      this.#random(this.#bytes);
      this.#used = 0;
    }
    return this.#bytes[this.#used++]!;
  }

  wipe(): void {
    this.#bytes.fill(0);
    this.#used = BYTES;
  }
}

/** The largest whole number whose square is not above the given one (Newton's method). */
function wholeRoot(square: bigint): bigint {
  if (square === 0n) return 0n;
  let root = 1n << BigInt((square.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
