/**
 * Batches of digests, as they go to the match.
 */
import { RefusalList, type Refusals } from "../input/index.js";
import { KEPT_BYTES, type Turn } from "../kernel/index.js";
import { type DigestMemory, newRoom } from "./digest-memory.js";
import { BATCH_DIGESTS } from "./limits.js";

/**
 * Digests of some rows of a list. All buffers are the batch's own, so that it can be transferred; those of a list that
 * threads read are good until its next batch is asked for.
 */
export interface DigestBatch {
  readonly count: number;
  /** 16 bytes each: the first 128 bits of the SHA-256 of a normal form. */
  readonly digest: Uint8Array;
  /** Bits of the kinds that each may be of: 1 << code (contact room). */
  readonly kinds: Uint8Array;
  /** Rows that the batch was made of: usable and refused. */
  readonly rows: number;
  readonly usable: number;
  readonly refused: number;
  readonly refusals: Refusals;
}

const NONE: Uint8Array = new Uint8Array(0);

/** A batch that is being filled. */
export class BatchBuilder {
  rows = 0;
  usable = 0;
  readonly refusals = new RefusalList();
  #count = 0;
  /** Memory of the batch, from its first digest on. */
  #digest = NONE;
  #kinds = NONE;
  readonly #memory: DigestMemory | undefined;

  /** @param memory for batches; without it each has its own */
  constructor(memory?: DigestMemory) {
    this.#memory = memory;
  }

  /** How many more digests the batch takes. */
  get room(): number {
    return BATCH_DIGESTS - this.#count;
  }

  get isEmpty(): boolean {
    return this.rows === 0;
  }

  /** Adds the digests of a turn, for which there must be room. */
  add(turn: Turn): void {
    this.#reserve();
    this.#count += turn.finish(this.#digest, this.#kinds, this.#count);
  }

  /** Adds lines that are nothing but a digest, as rows, up to the batch's end. @returns how many there were */
  addLines(turn: Turn, kinds: number): number {
    this.#reserve();
    const count = turn.digestLines(turn.linesEnd, this.room, this.#digest, this.#count);
    this.#kinds.fill(kinds, this.#count, this.#count + count);
    this.#count += count;
    this.rows += count;
    this.usable += count;
    return count;
  }

  /** The batch; the next one starts empty. */
  take(): DigestBatch {
    const count = this.#count;
    // Memory that is used again need not be small.
    const isSmall = this.#memory === undefined && count < BATCH_DIGESTS / 2;
    const digest = isSmall ? this.#digest.slice(0, count * KEPT_BYTES) : this.#digest.subarray(0, count * KEPT_BYTES);
    const kinds = isSmall ? this.#kinds.slice(0, count) : this.#kinds.subarray(0, count);
    const { rows, usable } = this;
    this.#count = this.rows = this.usable = 0;
    if (!isSmall) {
      this.#digest = NONE;
      this.#kinds = NONE;
    }
    return { count, digest, kinds, rows, usable, refused: rows - usable, refusals: this.refusals.take() };
  }

  /** Gives back the memory that it has. */
  end(): void {
    this.#memory?.takeBack({ digest: this.#digest, kinds: this.#kinds });
    this.#digest = NONE;
    this.#kinds = NONE;
  }

  #reserve(): void {
    if (this.#kinds.length > 0) return;
    const { digest, kinds } = this.#memory?.lend() ?? newRoom();
    this.#digest = digest;
    this.#kinds = kinds;
  }
}
