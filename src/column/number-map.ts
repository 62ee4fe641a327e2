/** A map from 32-bit numbers to numbers below 2^31, as an open-addressed table without an object for each. */
const MIN_SLOTS = 64;
const MAX_LOAD = 0.6;

export class NumberMap {
  #keys = new Uint32Array(MIN_SLOTS);
  /** Value + 1; 0 is free. */
  #values = new Uint32Array(MIN_SLOTS);
  size = 0;

  get bytes(): number {
    return this.#keys.byteLength + this.#values.byteLength;
  }

  /** The keys, in no order. */
  get keys(): Uint32Array {
    const keys = new Uint32Array(this.size);
    let at = 0;
    for (let slot = 0; slot < this.#keys.length; slot++) if (this.#values[slot] !== 0) keys[at++] = this.#keys[slot]!;
    return keys;
  }

  /** The value of a key, or -1. */
  get(key: number): number {
    return this.#values[this.#slotOf(key)]! - 1;
  }

  set(key: number, value: number): void {
    if (this.size + 1 > this.#keys.length * MAX_LOAD) this.#grow();
    const slot = this.#slotOf(key);
    if (this.#values[slot] === 0) this.size++;
    this.#keys[slot] = key;
    this.#values[slot] = value + 1;
  }

  /** Where a key is, or the free slot where it would be. */
  #slotOf(key: number): number {
    const mask = this.#keys.length - 1;
    const spread = Math.imul(key, 0x9e3779b1);
    let slot = (spread ^ (spread >>> 15)) & mask;
    while (this.#values[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Uint32Array(2 * keys.length);
    this.#values = new Uint32Array(2 * keys.length);
    for (let slot = 0; slot < keys.length; slot++) {
      if (values[slot] === 0) continue;
      const free = this.#slotOf(keys[slot]!);
      this.#keys[free] = keys[slot]!;
      this.#values[free] = values[slot]!;
    }
  }
}
