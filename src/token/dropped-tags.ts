/**
 * What was taken out of the index and may still be in the memory of its runs: by ordinal, the tags of what is no more.
 */

/** One change. */
export interface Drop {
  /** Changes count up. */
  readonly sequence: number;
  readonly ordinals: Uint32Array;
  /** For each ordinal, bits of the tags that were taken out. */
  readonly tags: Uint16Array;
}

export class DroppedTags {
  #drops: Drop[] = [];
  #tags = new Map<number, number>();

  /** Ordinals of which something was taken out. */
  get size(): number {
    return this.#tags.size;
  }

  get ordinals(): Uint32Array {
    return Uint32Array.from(this.#tags.keys());
  }

  add(drop: Drop): void {
    this.#drops.push(drop);
    this.#note(drop);
  }

  has(ordinal: number, tag: number): boolean {
    return ((this.#tags.get(ordinal) ?? 0) & (1 << tag)) !== 0;
  }

  /** Forgets the changes up to one: what they took out is wiped. */
  forget(sequence: number): void {
    if (this.#drops.length === 0) return;
    this.#drops = this.#drops.filter((drop) => drop.sequence > sequence);
    this.#tags.clear();
    for (const drop of this.#drops) this.#note(drop);
  }

  #note({ ordinals, tags }: Drop): void {
    ordinals.forEach((ordinal, i) => void this.#tags.set(ordinal, (this.#tags.get(ordinal) ?? 0) | tags[i]!));
  }
}
