/**
 * Reading threads: as many as there are cores, for all lists together. Each reads one block after the other, of whatever
 * list is next, so a long list uses all threads and does not hold up the others.
 *
 * A list is at most AHEAD_BYTES ahead of who takes its batches, so memory is bounded and whoever sends the bytes is held
 * up. Threads stay for the next lists, without keeping the process alive.
 */
import { availableParallelism } from "node:os";
import { type BlockMemory, type Blocks, INPUT_LIMITS, InputError, inputErrorOf } from "../input/index.js";
import { startThread } from "../thread/index.js";
import type { DigestBatch } from "./batch.js";
import type { ColumnPlan } from "./columns.js";
import { type Block, BlockCutter, blockMemory } from "./cut.js";
import { DigestMemory } from "./digest-memory.js";
import { listErrorOf } from "./error.js";
import { FairQueue } from "./fair-queue.js";
import { BLOCK_BYTES } from "./limits.js";
import type { ListOptions } from "./rows.js";
import { type ListSummary, ListTotal } from "./total.js";
import type { ReadingResult, ReadingTask } from "./worker.js";

const THREADS = availableParallelism();
/** Blocks that a thread has at once: it need not wait for the next one. */
const BLOCKS_AT_ONCE = 2;
/** More than all threads have at once is read no sooner. */
const AHEAD_BYTES = Math.min(INPUT_LIMITS.aheadBytes, (THREADS * BLOCKS_AT_ONCE + 1) * BLOCK_BYTES);

type Read = Exclude<ReadingResult, { failure: unknown }> & { readonly thread: ReadingThread };

/** A block that is to be read, and who waits for it. */
interface Job {
  readonly task: Omit<ReadingTask, "spare">;
  done(read: Read): void;
  failed(error: Error): void;
}

class ReadingThread {
  readonly jobs: Job[] = [];
  /** Of batches that it has read; it goes back with the next block. */
  readonly spare = new DigestMemory();
  readonly #worker = startThread(new URL("./worker.js", import.meta.url));

  constructor() {
    this.#worker.unref();
    this.#worker.on("message", (result: ReadingResult) => {
      const job = this.jobs.shift();
      if (this.jobs.length === 0) this.#worker.unref();
      if ("failure" in result) job?.failed(errorOf(result));
      else job?.done({ ...result, thread: this });
      startJobs();
    });
    this.#worker.on("error", (cause) =>
      this.#end(new InputError("reader-failed", "the reading thread failed", { cause })),
    );
    this.#worker.on("exit", () =>
      this.#end(new InputError("reader-failed", "the reading thread ended before its input did")),
    );
  }

  start(job: Job): void {
    this.jobs.push(job);
    this.#worker.ref();
    const task: ReadingTask = { ...job.task, spare: this.spare.give() };
    this.#worker.postMessage(task, [task.block.bytes.buffer]);
  }

  #end(error: Error): void {
    threads.delete(this);
    for (const job of this.jobs.splice(0)) job.failed(error);
    startJobs();
  }
}

const threads = new Set<ReadingThread>();
/** Of all lists. */
const textMemory = blockMemory();
const waiting = new FairQueue<object, Job>();

/** Gives blocks that wait to threads that have room for them. */
function startJobs(): void {
  while (!waiting.isEmpty) {
    const thread = leastBusy();
    if (thread.jobs.length === BLOCKS_AT_ONCE) return;
    thread.start(waiting.take()!);
  }
}

function leastBusy(): ReadingThread {
  let least: ReadingThread | undefined;
  for (const thread of threads) if (least === undefined || thread.jobs.length < least.jobs.length) least = thread;
  if (least !== undefined && (least.jobs.length === 0 || threads.size === THREADS)) return least;
  const started = new ReadingThread();
  threads.add(started);
  return started;
}

function errorOf({ failure }: Extract<ReadingResult, { failure: unknown }>): Error {
  return inputErrorOf(failure) ?? listErrorOf(failure) ?? new InputError("reader-failed", failure.message);
}

/**
 * The batches of a list, read by the threads.
 *
 * @param memory where bytes go that were copied; undefined: somebody else holds them
 * @throws {ListError | InputError} after which nothing of the list counts
 */
export async function* readInThreads(
  options: ListOptions,
  bytes: Blocks,
  memory: BlockMemory | undefined,
): AsyncGenerator<DigestBatch, ListSummary> {
  const reading = new Reading(options);
  const fed = reading.feed(bytes, memory);
  try {
    return yield* reading.batches();
  } finally {
    reading.stop();
    // Not waited for: a stream that has stalled would hold up the error that stopped it.
    void fed;
    void bytes.close();
  }
}

/** One list that is being read. */
class Reading {
  readonly #options: ListOptions;
  readonly #cutter = new BlockCutter(undefined, textMemory);
  readonly #total: ListTotal;
  /** What is read or being read, in the order of the list, and how long each block is. */
  readonly #reads: { readonly read: Promise<Read>; readonly bytes: number }[] = [];
  #plan: ColumnPlan | undefined;
  #aheadBytes = 0;
  #isFed = false;
  #isStopped = false;
  #failure: unknown;
  #wake = () => {};
  #change = new Promise<void>((resolve) => (this.#wake = resolve));

  constructor({ scheme, region, limits }: ListOptions) {
    this.#options = { scheme, region, limits };
    this.#total = new ListTotal(limits);
  }

  /** Cuts the input and hands out its blocks, as far ahead as may be. */
  async feed(bytes: Blocks, memory: BlockMemory | undefined): Promise<void> {
    try {
      for await (const part of bytes) {
        if (this.#isStopped) {
          if (memory !== undefined) part.fill(0);
          return;
        }
        const blocks = this.#cutter.push(part);
        memory?.takeBack(part);
        for (const block of blocks) await this.#handOut(block);
      }
      for (const block of this.#cutter.end()) await this.#handOut(block);
      this.#isFed = true;
    } catch (error) {
      this.#failure ??= error;
    }
    this.#signal();
  }

  async *batches(): AsyncGenerator<DigestBatch, ListSummary> {
    for (let isFirst = true; ; isFirst = false) {
      while (this.#reads.length === 0) {
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#isFed) return this.#total.summary(this.#plan!);
        await this.#change;
      }
      const next = this.#reads[0]!;
      const { read, plan, memory, thread } = await next.read;
      this.#plan ??= plan;
      this.#signal();
      for (const batch of this.#total.add(read, isFirst ? this.#cutter.linesBefore : 0)) {
        yield batch;
        thread.spare.takeBack(batch);
      }
      this.#reads.shift();
      this.#aheadBytes -= next.bytes;
      this.#cutter.takeBack(memory);
      this.#signal();
    }
  }

  /** Nothing more is read, and nothing of values is left. */
  stop(): void {
    this.#isStopped = true;
    for (const { task } of waiting.drop(this)) this.#cutter.takeBack(task.block.bytes);
    for (const { read } of this.#reads) read.then(({ memory }) => this.#cutter.takeBack(memory)).catch(() => {});
    this.#cutter.wipe();
    this.#signal();
  }

  async #handOut(block: Block): Promise<void> {
    const isAhead = () => this.#aheadBytes >= AHEAD_BYTES || (this.#aheadBytes > 0 && this.#plan === undefined);
    while (isAhead() && !this.#isStopped) await this.#change;
    if (this.#isStopped) {
      this.#cutter.takeBack(block.bytes);
      return;
    }
    // An empty list's only block counts, too.
    const bytes = block.bytes.length;
    this.#aheadBytes += bytes;
    const task = { options: this.#options, plan: this.#plan, block };
    const read = new Promise<Read>((done, failed) => waiting.push(this, { task, done, failed }));
    read.catch(() => {});
    this.#reads.push({ read, bytes });
    startJobs();
    this.#signal();
  }

  #signal(): void {
    this.#wake();
    this.#change = new Promise((resolve) => (this.#wake = resolve));
  }
}
