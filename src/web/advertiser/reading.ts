/** Reading a list in the page's own thread for it: what is in it, and its parts as they are to be sent. */
import { Refused } from "../ask.js";
import type { Found, ListAnswer, ListOptions, ListTask } from "./list-protocol.js";

declare const LIST_WORKER_URL: string;

export interface Part {
  /** The media type of its bytes. */
  readonly type: string;
  readonly bytes: ArrayBuffer;
  readonly rows: number;
  readonly isLast: boolean;
}

type OnProgress = (rows: number, share: number) => void;

/**
 * What is in a list, without sending anything.
 * @throws {Refused} why it can't be read as a list
 */
export async function look(
  file: Blob,
  options: ListOptions,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Found> {
  for await (const answer of answers({ do: "look", file, options }, onProgress, signal)) {
    if (answer.is === "found") return answer.found;
  }
  throw new DOMException("cancelled", "AbortError");
}

/** The parts of a list as digests, each when it is asked for. */
export async function* parts(
  file: Blob,
  options: ListOptions,
  onProgress: OnProgress,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  for await (const answer of answers({ do: "hash", file, options }, onProgress, signal)) {
    if (answer.is !== "part") continue;
    yield answer;
    if (answer.isLast) return;
  }
}

/** Answers of a thread that lives as long as they are wanted; each part asks for the next. */
async function* answers(task: ListTask, onProgress: OnProgress, signal: AbortSignal): AsyncGenerator<ListAnswer> {
  const worker = new Worker(LIST_WORKER_URL, { type: "module" });
  const waiting: ListAnswer[] = [];
  let wake = () => {};
  const failed = (message: string): ListAnswer => ({ is: "failed", code: "unreadable", message, fix: "" });
  const arrived = (answer: ListAnswer) => {
    if (answer.is === "progress") return onProgress(answer.rows, answer.share);
    waiting.push(answer);
    wake();
  };
  worker.onmessage = ({ data }: MessageEvent<ListAnswer>) => arrived(data);
  worker.onerror = ({ message }) => arrived(failed(message));
  const aborted = () => wake();
  signal.addEventListener("abort", aborted);
  try {
    worker.postMessage(task);
    for (;;) {
      signal.throwIfAborted();
      const answer = waiting.shift();
      if (answer === undefined) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      if (answer.is === "failed") throw new Refused(answer, 0);
      yield answer;
      if (answer.is === "part" && !answer.isLast) worker.postMessage({ do: "next" } satisfies ListTask);
    }
  } finally {
    signal.removeEventListener("abort", aborted);
    worker.terminate();
  }
}
