/**
 * Runs that nobody looks into any more. The memory that threads share is freed when no thread refers to it, which the runtime
 * looks for only when a heap of its own fills, and these heaps hardly do. So it is told to look when enough is retired.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Run } from "../token/index.js";

/** A thread with a small heap may keep so much. */
const MOST_BYTES = 64 * 1024 * 1024;

let collect: (() => void) | undefined;

export class RetiredRuns {
  readonly #mostBytes: number;
  #bytes = 0;

  /** @param mostBytes of retired runs that a thread may keep */
  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** Told which runs are looked into from now on, and which were before. */
  note(before: readonly Run[], after: readonly Run[]): void {
    const shards = before.filter(({ id }) => after.every((run) => run.id !== id)).flatMap((run) => run.shards);
    this.#bytes += shards.reduce((sum, { memory }) => sum + memory.buffer.byteLength, 0);
    if (this.#bytes < this.#mostBytes) return;
    this.#bytes = 0;
    // What is being replaced is still referred to now.
    setImmediate(collectGarbage);
  }
}

function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
}
