/**
 * Making leaves beside planning: a large batch in a thread of its own, a small one in the caller's.
 *
 * Both make the same. Each room that plans batches has such a thread, which is started when the first large batch comes and
 * keeps no process alive; when it fails, whatever waits for it fails, and the next batch gets a new one.
 */
import type { Worker } from "node:worker_threads";
import { startThread } from "../thread/index.js";
import { LogError } from "./error.js";
import type { LeafReply, LeafRequest } from "./leaf-protocol.js";

/** Rows that are made into a leaf sooner than another thread would have them. */
const SMALL_ROWS = 2048;

/** How the leaves of a room's batches are made. */
export interface LeafMaker<Planned, Made> {
  /** The thread's module, which calls `serveLeaves`. */
  readonly worker: URL;
  /** What the thread does too; of plain data alone. */
  make(planned: Planned): Made;
  rows(planned: Planned): number;
  /** The memory of a planned batch, for giving it away. */
  memory(planned: Planned): ArrayBuffer[];
}

export class LeafThread<Planned, Made> {
  readonly #maker: LeafMaker<Planned, Made>;
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, { resolve(made: Made): void; reject(error: Error): void }>();
  #lastId = 0;

  constructor(maker: LeafMaker<Planned, Made>) {
    this.#maker = maker;
  }

  /** Makes the leaf of a planned batch, whose memory is given away. */
  make(planned: Planned): Made | Promise<Made> {
    const maker = this.#maker;
    if (maker.rows(planned) <= SMALL_ROWS) return maker.make(planned);
    const id = ++this.#lastId;
    this.#worker ??= this.#start();
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) worker.ref();
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, planned } satisfies LeafRequest<Planned>, maker.memory(planned));
    });
  }

  #start(): Worker {
    const worker = startThread(this.#maker.worker, { name: "solely-leaf" });
    worker.on("message", (reply: LeafReply<Made>) => this.#take(reply));
    const over = (cause?: unknown) => this.#over(worker, cause);
    return worker.on("error", over).on("exit", () => over());
  }

  #take(reply: LeafReply<Made>): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if ("made" in reply) waiting?.resolve(reply.made);
    else waiting?.reject(leafFailed(reply.failure));
  }

  #over(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const error = leafFailed(cause instanceof Error ? cause.message : "its thread ended");
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#over(worker, undefined);
    await worker.terminate();
  }
}

const leafFailed = (reason: string): LogError =>
  new LogError("leaf-failed", `a batch could not be made into a leaf: ${reason}`, {
    fix: "feed it again; none of it is kept",
  });
