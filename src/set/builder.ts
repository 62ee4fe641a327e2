/**
 * A set of very many ordinals that come in batches, in any order, as the match of a long list finds them.
 *
 * To join a batch to a growing set costs the whole of it each time. Here batches are gathered, and millions of ordinals
 * joined at once, in order.
 */
import { OrdinalSet } from "./ordinals.js";

/** Ordinals that are gathered, at most: 16 MiB. */
const MANY = 1 << 22;
const FIRST_ROOM = 1 << 12;

export class OrdinalSetBuilder {
  readonly #set = OrdinalSet.empty();
  #gathered = new Uint32Array(FIRST_ROOM);
  #count = 0;

  /** @param ordinals any order, repeats allowed */
  addAll(ordinals: Uint32Array): void {
    for (let from = 0; from < ordinals.length; ) {
      const part = ordinals.subarray(from, from + MANY - this.#count);
      this.#gather(part);
      from += part.length;
      if (this.#count === MANY) this.#join();
    }
  }

  /** The set of all that were added. Whoever takes it disposes of it, and adds nothing any more. */
  build(): OrdinalSet {
    this.#join();
    return this.#set;
  }

  #gather(ordinals: Uint32Array): void {
    const count = this.#count + ordinals.length;
    if (count > this.#gathered.length) {
      const more = new Uint32Array(Math.min(MANY, Math.max(count, 2 * this.#gathered.length)));
      more.set(this.#gathered.subarray(0, this.#count));
      this.#gathered = more;
    }
    this.#gathered.set(ordinals, this.#count);
    this.#count = count;
  }

  #join(): void {
    const part = OrdinalSet.from(this.#gathered.subarray(0, this.#count));
    this.#set.addSet(part);
    part.dispose();
    this.#count = 0;
  }
}
