/**
 * Draws that a seed repeats (Tommy Ettinger's mulberry32): good for a sample, of no use for secrets.
 */
export class Draw {
  #state: number;

  /** @param stream draws of one are independent of those of another */
  constructor(seed: number, stream: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b9) ^ Math.imul(stream + 1, 0x85ebca6b);
    for (let i = 0; i < 4; i++) this.share();
  }

  /** In [0, 1). */
  share(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let z = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** A whole number in [from, to). */
  between(from: number, to: number): number {
    return from + Math.floor(this.share() * (to - from));
  }

  chance(share: number): boolean {
    return this.share() < share;
  }

  one<T>(of: readonly T[]): T {
    return of[this.between(0, of.length)]!;
  }
}
