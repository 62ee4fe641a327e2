/**
 * The store's side of its writing thread. What is handed over to be appended is given away: large bodies change threads
 * without being copied, and can't be read any more.
 */
import type { Worker } from "node:worker_threads";
import type { ClientConfig } from "pg";
import { startThread } from "../thread/index.js";
import type { Append, TokenRewrite } from "./append.js";
import { StoreError } from "./failure.js";
import type { SealedRow } from "./sealed.js";
import type { SignedTiles } from "./tiles.js";
import type { WriterAddress } from "./writer-lock.js";
import type { WriterReply, WriterRequest, WriterStart } from "./writer-protocol.js";

/** A body up to this size is cheaper to copy than to give away. */
const SMALL_BODY_BYTES = 64 * 1024;

export class WriterThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(answer: boolean): void; reject(error: StoreError): void }>();
  #lastId = 0;
  #isBroken = false;

  private constructor(start: WriterStart) {
    this.#worker = startThread(new URL("./writer-worker.js", import.meta.url), {
      workerData: start,
      name: "solely-writer",
    });
    this.#worker.on("message", (reply: WriterReply) => this.#take(reply));
    this.#worker.on("error", () => this.#over());
    this.#worker.on("exit", () => this.#over());
  }

  /** Starts the thread and connects; `dir` is the server's data folder if it is local. */
  static async connect(config: ClientConfig, dir: string | undefined): Promise<WriterThread> {
    const thread = new WriterThread({ config, dir });
    try {
      await thread.#answer(0);
    } catch (thrown) {
      await thread.#worker.terminate();
      throw thrown;
    }
    thread.#worker.unref();
    return thread;
  }

  /** True once the connection is lost; it never comes back. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Asks once for the writer's lock. */
  tryLock(): Promise<boolean> {
    return this.#ask({ op: "lock" });
  }

  /** Says where the holder of the lock, which this is, can be reached. */
  async publish(address: WriterAddress): Promise<void> {
    await this.#ask({ op: "publish", address });
  }

  /** One transaction; see `Store.append`. */
  async append(firstPosition: number, entries: readonly Append[]): Promise<void> {
    const memory = entries.flatMap(({ facts, tokens, sealed }) => [
      ...facts.flatMap(({ body }) => largeMemory(body)),
      ...tokens.flatMap(({ body }) => largeMemory(body)),
      ...(sealed === undefined ? [] : largeMemory(sealed.bodies)),
    ]);
    await this.#ask({ op: "append", firstPosition, entries }, [...new Set(memory)]);
  }

  /** One transaction; see `Store.rewriteTokens`. */
  async rewriteTokens(rows: readonly TokenRewrite[]): Promise<void> {
    await this.#ask({ op: "rewrite", rows });
  }

  /** One transaction; see `Store.rewriteSealed`. */
  async rewriteSealed(rows: readonly SealedRow[]): Promise<void> {
    await this.#ask({ op: "rewrite-sealed", rows });
  }

  /** One transaction; see `Store.saveTiles`. */
  async saveTiles(signed: SignedTiles): Promise<void> {
    await this.#ask({ op: "save-tiles", signed });
  }

  /** See `Store.compact`. */
  compact(): Promise<boolean> {
    return this.#ask({ op: "compact" });
  }

  /** Ends the connection, and with it the lock. */
  async end(): Promise<void> {
    if (!this.#isBroken) await this.#ask({ op: "end" }).catch(() => {});
    this.#over();
    await this.#worker.terminate();
  }

  #ask(request: WriterRequest, memory: ArrayBuffer[] = []): Promise<boolean> {
    if (this.#isBroken) return Promise.reject(lost());
    const id = ++this.#lastId;
    const answer = this.#answer(id);
    this.#worker.ref();
    this.#worker.postMessage({ id, request }, memory);
    return answer;
  }

  #answer(id: number): Promise<boolean> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #take(reply: WriterReply): void {
    if ("isLost" in reply) {
      this.#isBroken = true;
      return;
    }
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ("answer" in reply) waiting?.resolve(reply.answer);
    else {
      this.#isBroken ||= reply.isBroken;
      const { code, message, ...fields } = reply.failure;
      waiting?.reject(new StoreError(code, message, fields));
    }
  }

  #over(): void {
    this.#isBroken = true;
    for (const { reject } of this.#waiting.values()) reject(lost());
    this.#waiting.clear();
  }
}

/** The memory of a large body that has it for itself. */
function largeMemory({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  const isOwn = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  return isOwn && byteLength > SMALL_BODY_BYTES ? [buffer] : [];
}

function lost(): StoreError {
  return new StoreError("unavailable", "the connection to the database is lost", {
    fix: "reopen the store",
    mayBeCommitted: true,
  });
}
