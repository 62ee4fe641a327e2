/**
 * A fixed set of names that is looked up by bytes, without making a string.
 *
 * For names from our own side (kinds, purposes, references of notices), at most some ten thousands.
 */
export class ByteNames {
  readonly #names: Uint8Array[];
  /** Index of a name + 1; 0 is free. */
  readonly #slots: Uint32Array;

  constructor(names: Iterable<string>) {
    const encoder = new TextEncoder();
    this.#names = Array.from(names, (name) => encoder.encode(name));
    let slots = 16;
    while (slots < this.#names.length * 4) slots *= 2;
    this.#slots = new Uint32Array(slots);
    this.#names.forEach((name, index) => {
      let slot = hash(name, 0, name.length) & (slots - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (slots - 1);
      this.#slots[slot] = index + 1;
    });
  }

  /** Index of the name src[start, end), or -1. */
  find(src: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash(src, start, end) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]!;
      if (entry === 0) return -1;
      if (sameBytes(this.#names[entry - 1]!, src, start, end)) return entry - 1;
    }
  }
}

/** Whether src[start, end) is `name`. */
export function sameBytes(name: Uint8Array, src: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== src[start + i]) return false;
  return true;
}

/** FNV-1a, 32 bits. */
function hash(src: Uint8Array, start: number, end: number): number {
  let sum = 0x811c9dc5;
  for (let at = start; at < end; at++) sum = Math.imul(sum ^ src[at]!, 0x01000193);
  return sum ^ (sum >>> 15);
}
