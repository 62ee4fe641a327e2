/**
 * Numbers: a list of 32-bit numbers that grows, four bytes each, however many there are.
 */
import { grown } from "./growing.js";
import { lowerBound } from "./lower-bound.js";

const NONE = new Uint32Array(0);
const FIRST_SIZE = 8;

export class Numbers {
  #values: Uint32Array = NONE;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  push(value: number): void {
    const at = this.#count++;
    if (at === this.#values.length) this.#values = grown(this.#values, Math.max(FIRST_SIZE, at + 1));
    this.#values[at] = value;
  }

  /** A view; of no use once something is added. */
  get values(): Uint32Array {
    return this.#values.subarray(0, this.#count);
  }

  /** How many are below a number; of a list that ascends. */
  countBelow(number: number): number {
    return lowerBound(this.#values, number, 0, this.#count);
  }

  clear(): void {
    this.#count = 0;
  }
}
