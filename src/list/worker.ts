/** Reading thread of lists: a block comes in, what was read of it goes out, and its memory goes back. It is given no key. */
import { parentPort } from "node:worker_threads";
import { failureOf, type ReadingFailure } from "../input/index.js";
import type { DigestBatch } from "./batch.js";
import type { ColumnPlan } from "./columns.js";
import type { Block } from "./cut.js";
import { DigestMemory } from "./digest-memory.js";
import { type ListOptions, RowReader, type RowsRead } from "./rows.js";

export interface ReadingTask {
  readonly options: ListOptions;
  /** Undefined for a list's first block, by which the columns are planned. */
  readonly plan: ColumnPlan | undefined;
  readonly block: Block;
  /** Memory of batches of this thread that nobody needs any more. */
  readonly spare: readonly SharedArrayBuffer[];
}

export type ReadingResult =
  /** With the memory of the block, of which nothing is used any more. */
  | { readonly read: RowsRead; readonly plan: ColumnPlan; readonly memory: Uint8Array<ArrayBuffer> }
  | { readonly failure: ReadingFailure };

const digests = new DigestMemory();

parentPort?.on("message", ({ options, plan, block, spare }: ReadingTask) => {
  digests.add(spare);
  const reader = new RowReader(options, plan, digests);
  try {
    const read = reader.read(block);
    block.bytes.fill(0);
    const memory = block.bytes.subarray(0, 0);
    const transfer = [memory.buffer, ...read.batches.flatMap(batchMemory)];
    parentPort?.postMessage({ read, plan: reader.plan!, memory } satisfies ReadingResult, transfer);
  } catch (error) {
    block.bytes.fill(0);
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    parentPort?.postMessage({ failure } satisfies ReadingResult);
  } finally {
    reader.wipe();
  }
});

function batchMemory({ digest, kinds, refusals: { line, column, code } }: DigestBatch): ArrayBuffer[] {
  return [digest, kinds, line, column, code].flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
}
