/**
 * What was taken out of the index and may still be in the memory of its runs: by ordinal, the tags of what is no more.
 */
import { NumberMap } from "../column/index.js";

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
  #tags = new NumberMap();

  /** Ordinals of which something was taken out. */
  get size(): number {
    return this.#tags.size;
  }

  get ordinals(): Uint32Array {
    return this.#tags.keys;
  }

  add(drop: Drop): void {
    this.#drops.push(drop);
    this.#note(drop);
  }

  has(ordinal: number, tag: number): boolean {
    return (this.#tagsOf(ordinal) & (1 << tag)) !== 0;
  }

  /** Forgets the changes up to one: what they took out is wiped. */
  forget(sequence: number): void {
    if (this.#drops.length === 0) return;
    this.#drops = this.#drops.filter((drop) => drop.sequence > sequence);
    this.#tags = new NumberMap();
    for (const drop of this.#drops) this.#note(drop);
  }

  #note({ ordinals, tags }: Drop): void {
    for (let i = 0; i < ordinals.length; i++) this.#tags.set(ordinals[i]!, this.#tagsOf(ordinals[i]!) | tags[i]!);
  }

  #tagsOf(ordinal: number): number {
    return Math.max(0, this.#tags.get(ordinal));
  }
}
