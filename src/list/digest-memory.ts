/**
 * Memory of batches, which a reading thread shares with who takes them. It is used again, and never handed over: of memory
 * that comes and goes the runtime keeps count, and looks for garbage. What is given back is overwritten.
 */
import { KEPT_BYTES } from "../kernel/index.js";
import { BATCH_DIGESTS } from "./limits.js";

/** Columns of a batch, in memory of their own. */
export interface DigestRoom {
  readonly digest: Uint8Array;
  readonly kinds: Uint8Array;
}

const DIGEST_BYTES = BATCH_DIGESTS * KEPT_BYTES;
/** A thread keeps so many for its next batches. */
const MOST_SPARE = 8;

/** Room for a batch in memory of its own. */
export function newRoom(): DigestRoom {
  return { digest: new Uint8Array(DIGEST_BYTES), kinds: new Uint8Array(BATCH_DIGESTS) };
}

export class DigestMemory {
  readonly #spare: SharedArrayBuffer[] = [];

  /** Room for a batch in memory that threads share. */
  lend(): DigestRoom {
    const memory = this.#spare.pop() ?? new SharedArrayBuffer(DIGEST_BYTES + BATCH_DIGESTS);
    return { digest: new Uint8Array(memory, 0, DIGEST_BYTES), kinds: new Uint8Array(memory, DIGEST_BYTES) };
  }

  /** Takes back the memory of a batch, or of what was used of it, that nobody looks at any more. */
  takeBack({ digest: { buffer, byteLength } }: DigestRoom): void {
    if (!(buffer instanceof SharedArrayBuffer)) return;
    // By words: byte by byte it takes ten times as long in shared memory.
    new BigUint64Array(buffer, 0, byteLength / BigUint64Array.BYTES_PER_ELEMENT).fill(0n);
    if (this.#spare.length < MOST_SPARE) this.#spare.push(buffer);
  }

  /** All that is spare: it goes to another. */
  give(): readonly SharedArrayBuffer[] {
    return this.#spare.splice(0);
  }

  /** Takes what another gave. */
  add(spare: readonly SharedArrayBuffer[]): void {
    this.#spare.push(...spare.slice(0, MOST_SPARE - this.#spare.length));
  }
}
