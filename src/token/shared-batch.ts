/**
 * A batch of a list on its way to be looked up, in one piece of memory that all threads share: the digests and their kinds
 * as they came, and beside them their tokens in order. So it is not copied from thread to thread.
 *
 * The memory is used again: to have it anew for each batch is slow, and has the runtime look for garbage. What is given
 * back is overwritten.
 */
import type { Purpose } from "../purpose/index.js";
import { ASKED_BYTES, ORDER_PARTS, type Ordered, orderTokens } from "./ordered.js";
import { TOKEN_BYTES } from "./token.js";
import type { Tokeniser } from "./tokeniser.js";
import type { Workbench } from "./workbench.js";

export interface SharedBatch {
  readonly memory: SharedArrayBuffer;
  /** Of its digests, at most BATCH_TOKENS. */
  readonly count: number;
}

export interface SharedColumns extends Ordered {
  /** 16 bytes each. */
  readonly digests: Uint8Array;
  /** Of each digest, the bits of the kinds that it may be of. */
  readonly kinds: Uint8Array;
}

export const BATCH_TOKENS = 64 * 1024;
const ENDS_BYTES = 4 * ORDER_PARTS;
const RECORDS_AT = ENDS_BYTES;
const DIGESTS_AT = RECORDS_AT + ASKED_BYTES * BATCH_TOKENS;
const KINDS_AT = DIGESTS_AT + TOKEN_BYTES * BATCH_TOKENS;
const MEMORY_BYTES = KINDS_AT + BATCH_TOKENS;
/** Batches of a long list that are under way at once, or nearly so. */
const MOST_SPARE = 32;

export function columnsOf({ memory, count }: SharedBatch): SharedColumns {
  return {
    ends: new Uint32Array(memory, 0, ORDER_PARTS),
    records: new Uint8Array(memory, RECORDS_AT, ASKED_BYTES * count),
    digests: new Uint8Array(memory, DIGESTS_AT, TOKEN_BYTES * count),
    kinds: new Uint8Array(memory, KINDS_AT, count),
  };
}

/** Makes a batch's tokens, and puts them in order beside its digests. */
export function orderBatch(batch: SharedBatch, tokeniser: Tokeniser<Purpose>, bench: Workbench): void {
  const { digests, kinds, records, ends } = columnsOf(batch);
  const ordered = orderTokens(tokeniser.pieces(digests), kinds, bench);
  records.set(ordered.records);
  ends.set(ordered.ends);
  bench.wipe();
}

/** A batch that is being filled. */
export class BatchFill implements SharedBatch {
  count = 0;

  constructor(readonly memory: SharedArrayBuffer) {}

  get isFull(): boolean {
    return this.count === BATCH_TOKENS;
  }

  /** Copies digests, from the one at `from` on, as many as there is room for. @returns how many these were */
  add(digests: Uint8Array, kinds: Uint8Array, from: number): number {
    const count = Math.min(kinds.length - from, BATCH_TOKENS - this.count);
    const digestsAt = DIGESTS_AT + TOKEN_BYTES * this.count;
    const added = digests.subarray(TOKEN_BYTES * from, TOKEN_BYTES * (from + count));
    new Uint8Array(this.memory, digestsAt, TOKEN_BYTES * count).set(added);
    new Uint8Array(this.memory, KINDS_AT + this.count, count).set(kinds.subarray(from, from + count));
    this.count += count;
    return count;
  }
}

/** Memory for batches. */
export class BatchMemory {
  readonly #spare: SharedArrayBuffer[] = [];

  lend(): SharedArrayBuffer {
    return this.#spare.pop() ?? new SharedArrayBuffer(MEMORY_BYTES);
  }

  /** Takes back the memory of a batch that no thread looks at any more. */
  takeBack({ memory, count }: SharedBatch): void {
    overwrite(memory, RECORDS_AT, ASKED_BYTES * count);
    overwrite(memory, DIGESTS_AT, TOKEN_BYTES * count);
    overwrite(memory, KINDS_AT, count);
    if (this.#spare.length < MOST_SPARE) this.#spare.push(memory);
  }
}

/** By words: byte by byte it takes ten times as long in shared memory. */
function overwrite(memory: SharedArrayBuffer, at: number, bytes: number): void {
  new BigUint64Array(memory, at, Math.ceil(bytes / 8)).fill(0n);
}
