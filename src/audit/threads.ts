/** The threads of an audit: each does one thing at a time, and is given the next when it has answered. */
import { Worker } from "node:worker_threads";
import { inputErrorOf, type ReadingFailure } from "../input/index.js";
import { AuditError, auditErrorOf } from "./error.js";
import type { RowsTaken } from "./rows.js";
import type { FromAudit, ToAudit, WorkerStart } from "./worker.js";

interface ThreadListener {
  onRows(thread: number, taken: RowsTaken, share: number): void;
  onWarning(message: string): void;
}

export class Threads {
  readonly #workers: Worker[];
  readonly #listener: ThreadListener;
  /** By thread: why it has ended. */
  readonly #ended: (Error | undefined)[] = [];

  /** @param env what the driver of a database looks for */
  constructor(starts: readonly WorkerStart[], env: NodeJS.ProcessEnv, listener: ThreadListener) {
    this.#listener = listener;
    this.#workers = starts.map((workerData, thread) => {
      const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData, env, execArgv: [] });
      worker.on("error", (cause) => (this.#ended[thread] = cause));
      worker.on("exit", () => {
        this.#ended[thread] ??= new AuditError(
          "thread-failed",
          "a thread of the audit ended before its work did",
          "run it again",
        );
      });
      return worker;
    });
  }

  /**
   * Has one thread do something.
   * @throws {AuditError | InputError} what it failed of
   */
  ask<Result>(thread: number, message: ToAudit): Promise<Result> {
    const worker = this.#workers[thread]!;
    return new Promise<Result>((resolve, reject) => {
      if (this.#ended[thread] !== undefined) {
        reject(this.#ended[thread]);
        return;
      }
      const settle = (): void => {
        worker.off("message", onMessage);
        worker.off("error", onEnd);
        worker.off("exit", onEnd);
      };
      const onMessage = (answer: FromAudit): void => {
        if (answer.type === "rows") this.#listener.onRows(thread, answer.taken, answer.share);
        else if (answer.type === "warning") this.#listener.onWarning(answer.message);
        else {
          settle();
          if (answer.type === "done") resolve(answer.result as Result);
          else reject(errorOf(answer.failure));
        }
      };
      const onEnd = (): void => {
        settle();
        reject(this.#ended[thread]);
      };
      worker.on("message", onMessage);
      worker.on("error", onEnd);
      worker.on("exit", onEnd);
      worker.postMessage(message);
    });
  }

  /** Has every thread do the same. */
  all<Result>(message: ToAudit): Promise<Result[]> {
    return Promise.all(this.#workers.map((_, thread) => this.ask<Result>(thread, message)));
  }

  /** Hands tasks out, one to a thread at a time. */
  async each<Result>(
    tasks: readonly ToAudit[],
    onDone: (task: number, thread: number, result: Result) => void,
    onStart: (task: number, thread: number) => void = () => {},
  ): Promise<void> {
    let next = 0;
    await Promise.all(
      this.#workers.map(async (_, thread) => {
        while (next < tasks.length) {
          const task = next++;
          onStart(task, thread);
          onDone(task, thread, await this.ask<Result>(thread, tasks[task]!));
        }
      }),
    );
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function errorOf(failure: ReadingFailure): Error {
  return auditErrorOf(failure) ?? inputErrorOf(failure) ?? Object.assign(new Error(failure.message), { ...failure });
}
