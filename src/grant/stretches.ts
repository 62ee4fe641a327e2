/**
 * Stretches of permission after the first: for a contact point's number the ordinal of the last one, and the leaf that it
 * began at.
 *
 * An open-addressed table of columns, twelve bytes an entry, since an incident that is undone can begin a stretch of every
 * contact point at once. Linear probing; removal closes the gap (Knuth, vol. 3, 6.4, algorithm R).
 */
const FIRST_SIZE = 1 << 4;
const MAX_LOAD = 0.7;

export class Stretches {
  /** Number + 1; 0 is free. */
  #numbers: Uint32Array = new Uint32Array(FIRST_SIZE);
  #ordinals: Uint32Array = new Uint32Array(FIRST_SIZE);
  #leaves: Uint32Array = new Uint32Array(FIRST_SIZE);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The ordinal of a contact point's last stretch, or -1 if it has had none but the first. */
  ordinalOf(number: number): number {
    if (this.#count === 0) return -1;
    const slot = this.#find(number);
    return this.#numbers[slot] === 0 ? -1 : this.#ordinals[slot]!;
  }

  /** The leaf that a contact point's last stretch began at; 0 if it has had none but the first. */
  leafOf(number: number): number {
    if (this.#count === 0) return 0;
    const slot = this.#find(number);
    return this.#numbers[slot] === 0 ? 0 : this.#leaves[slot]!;
  }

  set(number: number, ordinal: number, leaf: number): void {
    if (this.#count + 1 > this.#numbers.length * MAX_LOAD) this.#enlarge();
    const slot = this.#find(number);
    if (this.#numbers[slot] === 0) this.#count++;
    this.#numbers[slot] = number + 1;
    this.#ordinals[slot] = ordinal;
    this.#leaves[slot] = leaf;
  }

  delete(number: number): void {
    let hole = this.#find(number);
    if (this.#numbers[hole] === 0) return;
    this.#count--;
    const mask = this.#numbers.length - 1;
    for (let slot = (hole + 1) & mask; this.#numbers[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.#home(this.#numbers[slot]! - 1);
      // It may stay where it is if its home lies behind the hole.
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      this.#move(slot, hole);
      hole = slot;
    }
    this.#numbers[hole] = 0;
  }

  /** For a snapshot: numbers, ordinals, leaves. */
  sections(): [Uint32Array, Uint32Array, Uint32Array] {
    const [numbers, ordinals, leaves] = [0, 1, 2].map(() => new Uint32Array(this.#count));
    let at = 0;
    this.#numbers.forEach((number, slot) => {
      if (number === 0) return;
      numbers![at] = number - 1;
      ordinals![at] = this.#ordinals[slot]!;
      leaves![at++] = this.#leaves[slot]!;
    });
    return [numbers!, ordinals!, leaves!];
  }

  restore(numbers: Uint32Array, ordinals: Uint32Array, leaves: Uint32Array): void {
    for (let i = 0; i < numbers.length; i++) this.set(numbers[i]!, ordinals[i]!, leaves[i]!);
  }

  #home(number: number): number {
    // The upper bits of a product with the golden ratio (Knuth, vol. 3, 6.4): numbers that come in a row lie apart.
    return Math.imul(number, 0x9e3779b1) >>> Math.clz32(this.#numbers.length - 1);
  }

  /** The slot of a number, or the free one where it belongs. */
  #find(number: number): number {
    const mask = this.#numbers.length - 1;
    let slot = this.#home(number);
    while (this.#numbers[slot] !== 0 && this.#numbers[slot] !== number + 1) slot = (slot + 1) & mask;
    return slot;
  }

  #move(from: number, to: number): void {
    this.#numbers[to] = this.#numbers[from]!;
    this.#ordinals[to] = this.#ordinals[from]!;
    this.#leaves[to] = this.#leaves[from]!;
  }

  #enlarge(): void {
    const [numbers, ordinals, leaves] = [this.#numbers, this.#ordinals, this.#leaves];
    [this.#numbers, this.#ordinals, this.#leaves] = [numbers, ordinals, leaves].map(
      ({ length }) => new Uint32Array(2 * length),
    ) as [Uint32Array, Uint32Array, Uint32Array];
    this.#count = 0;
    for (let slot = 0; slot < numbers.length; slot++) {
      if (numbers[slot] !== 0) this.set(numbers[slot]! - 1, ordinals[slot]!, leaves[slot]!);
    }
  }
}
