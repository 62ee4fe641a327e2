/**
 * Reading thread: an input's bytes are handed to a worker, and its batches come back in order.
 *
 * The worker is at most `aheadBytes` of input ahead of who takes the batches, so memory is bounded and whoever sends
 * the bytes is held up. Who stops early leaves no worker behind.
 */
import { Worker } from "node:worker_threads";
import { InputError } from "./error.js";
import { INPUT_LIMITS } from "./limits.js";
import type { FromReader, ReadingFailure, ToReader } from "./reading-protocol.js";

const BLOCK_BYTES = 1024 * 1024;

export interface ReadingOptions {
  /** The worker's module, which calls `serveReading`. */
  readonly worker: URL;
  /** What it is started with; plain data. */
  readonly data: unknown;
  /** The input; undefined where the worker fetches it itself. */
  readonly bytes: AsyncGenerator<Uint8Array> | undefined;
  /** Whether nobody else holds the blocks, so that they may be overwritten after use. */
  readonly isOurs: boolean;
  readonly onWarning?: ((message: string) => void) | undefined;
  /** The error that a failure of the worker was. */
  failed(failure: ReadingFailure): Error;
}

/**
 * The batches that the worker makes; what its reader says at the end is returned.
 * @throws {InputError} code `reader-failed`, and what `failed` makes
 */
export async function* readInThread<Batch, End>(options: ReadingOptions): AsyncGenerator<Batch, End> {
  const { bytes } = options;
  const worker = new Worker(options.worker, { workerData: options.data, env: {}, execArgv: [] });
  const post = (message: ToReader, memory: ArrayBuffer[] = []) => worker.postMessage(message, memory);
  /** What the worker has said and nobody has taken yet, in order. */
  const said: Extract<FromReader<Batch, End>, { type: "batch" | "worked" }>[] = [];
  let aheadBytes = 0;
  let done: { end: End } | undefined;
  let failure: Error | undefined;
  let isStopped = false;
  let wake = () => {};
  let change = new Promise<void>((resolve) => (wake = resolve));
  const signal = () => {
    wake();
    change = new Promise((resolve) => (wake = resolve));
  };
  const fail = (error: Error) => {
    failure ??= error;
    signal();
  };
  worker.on("message", (message: FromReader<Batch, End>) => {
    if (message.type === "batch" || message.type === "worked") said.push(message);
    else if (message.type === "warning") options.onWarning?.(message.message);
    else if (message.type === "done") done = { end: message.end };
    else failure ??= options.failed(message.failure);
    signal();
  });
  worker.on("error", (cause) => fail(new InputError("reader-failed", "the reading thread failed", { cause })));
  worker.on("exit", () => {
    if (done === undefined) fail(new InputError("reader-failed", "the reading thread ended before its input did"));
  });

  const feed = async (blocks: AsyncGenerator<Uint8Array>) => {
    for await (const block of blocks) {
      while (aheadBytes >= INPUT_LIMITS.aheadBytes && !isStopped && failure === undefined) await change;
      if (isStopped || failure !== undefined) return;
      aheadBytes += block.length;
      post({ type: "block", bytes: block }, [ownMemory(block)]);
    }
    post({ type: "end" });
  };
  if (bytes !== undefined) {
    feed(ofBlockSize(bytes, options.isOurs)).catch((error: unknown) =>
      fail(error instanceof Error ? error : new Error(String(error))),
    );
  }
  try {
    for (;;) {
      const next = said.shift();
      if (next?.type === "worked") {
        aheadBytes -= next.bytes;
        signal();
      } else if (next !== undefined) {
        if (bytes === undefined) post({ type: "taken" });
        yield next.batch;
      } else if (failure !== undefined) throw failure;
      else if (done !== undefined) return done.end;
      else await change;
    }
  } finally {
    isStopped = true;
    signal();
    await worker.terminate();
    // Not waited for: a stream that has stalled would hold up the error that stopped it.
    bytes?.return(undefined).catch(() => undefined);
  }
}

/** The same bytes in blocks of one size, each in memory of its own. What was copied is overwritten if it is ours. */
async function* ofBlockSize(bytes: AsyncGenerator<Uint8Array>, isOurs: boolean): AsyncGenerator<Uint8Array> {
  let block = new Uint8Array(BLOCK_BYTES);
  let used = 0;
  for await (const part of bytes) {
    for (let from = 0; from < part.length; ) {
      const to = Math.min(part.length, from + BLOCK_BYTES - used);
      block.set(part.subarray(from, to), used);
      used += to - from;
      from = to;
      if (used === BLOCK_BYTES) {
        yield block;
        block = new Uint8Array(BLOCK_BYTES);
        used = 0;
      }
    }
    if (isOurs) part.fill(0);
  }
  if (used > 0) yield block.subarray(0, used);
}

function ownMemory(block: Uint8Array): ArrayBuffer {
  if (block.buffer instanceof ArrayBuffer) return block.buffer;
  throw new TypeError("a block lies in shared memory");
}
