/**
 * A thread that is asked: requests go to a worker, answers come back by their number. It keeps the process alive only while
 * it owes an answer.
 */
import type { Worker } from "node:worker_threads";
import { startThread } from "../thread/index.js";
import { MatchError } from "./error.js";

export interface Envelope<Request> {
  readonly id: number;
  readonly request: Request;
}

export type Reply<Answer> =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly failure: { readonly name: string; readonly message: string } };

/** What answers each request, by its `op`. */
type AnswersOf<Request extends { op: string }> = { [op in Request["op"]]: unknown };

export class Thread<Request extends { op: string }, Answers extends AnswersOf<Request>> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(answer: never): void; reject(error: Error): void }>();
  readonly #onStop: (error: MatchError) => void;
  #lastId = 0;
  #stopped: MatchError | undefined;
  #isClosing = false;

  /**
   * @param module the worker's, which answers by `answerRequests`
   * @param onStop told once when it has ended or failed as a whole
   */
  constructor(module: URL, name: string, start: unknown, onStop: (error: MatchError) => void) {
    this.#onStop = onStop;
    this.#worker = startThread(module, { workerData: start, name });
    this.#worker.on("message", (reply: Reply<never>) => this.#take(reply));
    this.#worker.on("error", (cause) =>
      this.stop(new MatchError("matcher-failed", `the matcher stopped: ${cause}`, { cause })),
    );
    this.#worker.on("exit", () => this.stop(new MatchError("matcher-stopped", "the matcher has stopped")));
  }

  /** Resolves when the worker is there. */
  async started(): Promise<void> {
    await new Promise<void>((resolve, reject) => this.#waiting.set(0, { resolve: () => resolve(), reject }));
    this.#worker.unref();
  }

  /** Requests that it has not answered yet. */
  get load(): number {
    return this.#waiting.size;
  }

  /** @throws {MatchError} codes `matcher-stopped`, `matcher-failed` */
  ask<R extends Request>(request: R, transfer: readonly ArrayBufferLike[] = []): Promise<Answers[R["op"]]> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    const id = ++this.#lastId;
    const envelope: Envelope<Request> = { id, request };
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage(envelope, transfer.filter(isOwnMemory));
    });
  }

  #take(reply: Reply<never>): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0 && !this.#isClosing) this.#worker.unref();
    if ("answer" in reply) waiting?.resolve(reply.answer);
    else waiting?.reject(new MatchError("matcher-failed", `${reply.failure.name}: ${reply.failure.message}`));
  }

  /** Answers nothing any more. */
  stop(error: MatchError): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#onStop(error);
  }

  /** Keeps the process alive until the worker has ended, whatever it still answers. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#worker.terminate();
  }
}

const isOwnMemory = (buffer: ArrayBufferLike): buffer is ArrayBuffer =>
  buffer instanceof ArrayBuffer && buffer.byteLength > 0;
