/** Reading a list in the page's own threads for it: what is in it, and its parts as they may be sent. */
import { Refused } from "../ask.js";
import type { Found, ListAnswer, ListOptions, LookTask } from "./list-protocol.js";

declare const LIST_WORKER_URL: string;

/** Some rows of a list, as they are sent. */
export interface Part {
  /** In the form of digests, with its media type; kept by the browser, out of the page's memory. */
  readonly digests: Blob;
  readonly rows: number;
}

export interface Looked extends Found {
  readonly parts: readonly Part[];
}

/**
 * What is in a list, without sending anything.
 * @throws {Refused} why it can't be read as a list; when it was cancelled, what the signal says
 */
export function look(
  file: Blob,
  options: ListOptions,
  onProgress: (rows: number, share: number) => void,
  signal: AbortSignal,
): Promise<Looked> {
  signal.throwIfAborted();
  const worker = new Worker(LIST_WORKER_URL, { type: "module" });
  const parts: Part[] = [];
  return new Promise<Looked>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.onmessage = ({ data: answer }: MessageEvent<ListAnswer>) => {
      if (answer.is === "progress") onProgress(answer.rows, answer.share);
      else if (answer.is === "found") resolve({ ...answer.found, parts });
      else if (answer.is === "part") parts.push({ digests: new Blob([answer.bytes], answer), rows: answer.rows });
      else reject(new Refused(answer, 0));
    };
    worker.postMessage({ do: "look", file, options } satisfies LookTask);
  }).finally(() => worker.terminate());
}
