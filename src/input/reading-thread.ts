/**
 * Reading thread: an input's bytes are handed to a worker, and its batches come back in order.
 *
 * The worker is at most `aheadBytes` of input ahead of who takes the batches, so memory is bounded and whoever sends
 * the bytes is held up. One that has read its input to the end is kept for the next; who stops early leaves none behind.
 */
import type { Worker } from "node:worker_threads";
import { startThread } from "../thread/index.js";
import { InputError } from "./error.js";
import { type Blocks, FILE_MEMORY } from "./input.js";
import { INPUT_LIMITS } from "./limits.js";
import type { FromReader, ReadingFailure, ToReader } from "./reading-protocol.js";

const BLOCK_BYTES = 1024 * 1024;
/** Workers of one module that wait for their next input. */
const MAX_IDLE = 2;

export interface ReadingOptions {
  /** The worker's module, which calls `serveReading`. */
  readonly worker: URL;
  /** What it is started with; plain data. */
  readonly data: unknown;
  /** The input; undefined where the worker fetches it itself. */
  readonly bytes: Blocks | undefined;
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
  const worker = takeWorker(options.worker);
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
  const onMessage = (message: FromReader<Batch, End>) => {
    if (message.type === "batch" || message.type === "worked") said.push(message);
    else if (message.type === "warning") options.onWarning?.(message.message);
    else if (message.type === "done") done = { end: message.end };
    else failure ??= options.failed(message.failure);
    signal();
  };
  const onError = (cause: Error) => fail(new InputError("reader-failed", "the reading thread failed", { cause }));
  const onExit = () => fail(new InputError("reader-failed", "the reading thread ended before its input did"));
  worker.on("message", onMessage).on("error", onError).on("exit", onExit);
  post({ type: "start", data: options.data });

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
        FILE_MEMORY.takeBack(new Uint8Array(next.memory));
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
    worker.off("message", onMessage).off("error", onError).off("exit", onExit);
    if (done !== undefined && failure === undefined) giveBack(options.worker, worker);
    else await worker.terminate();
    // Not waited for: a stream that has stalled would hold up the error that stopped it.
    void bytes?.close();
  }
}

/** Workers that wait for their next input, by module. */
const idle = new Map<string, Worker[]>();

/** A worker of a module: one that waits, or a new one, which takes 0.1 s. */
function takeWorker({ href }: URL): Worker {
  const waiting = idle.get(href)?.pop();
  waiting?.ref();
  return waiting ?? newWorker(href);
}

function newWorker(href: string): Worker {
  const worker = startThread(new URL(href));
  const others = () => idle.get(href)?.filter((other) => other !== worker) ?? [];
  // One that fails while it waits ends, and is not taken again.
  return worker.on("error", () => {}).on("exit", () => idle.set(href, others()));
}

/** Keeps a worker that has read to the end; it does not keep the process alive. */
function giveBack({ href }: URL, worker: Worker): void {
  const waiting = idle.get(href) ?? [];
  if (waiting.length === MAX_IDLE) void worker.terminate();
  else {
    worker.unref();
    idle.set(href, [...waiting, worker]);
  }
}

/**
 * The same bytes in blocks of at most one size, each in memory of its own. What was copied is overwritten if it is ours;
 * a block that has the size already is ours to give away as it is.
 */
async function* ofBlockSize(bytes: Blocks, isOurs: boolean): AsyncGenerator<Uint8Array> {
  let block = new Uint8Array(0);
  let used = 0;
  for await (const part of bytes) {
    const isBlock = part.length === BLOCK_BYTES && part.buffer.byteLength === BLOCK_BYTES;
    if (isOurs && isBlock && used === 0) {
      yield part;
      continue;
    }
    if (block.length === 0) block = new Uint8Array(BLOCK_BYTES);
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
