/** The worker's side of a thread that is asked: one request after the other, in the order in which they came. */
import { parentPort } from "node:worker_threads";
import type { Envelope, Reply } from "./thread.js";

/** Smaller memory is copied faster than it is handed over. */
const HANDED_OVER_BYTES = 16_384;

/** Answers requests from now on, and says so. */
export function answerRequests<Request, Answer>(answer: (request: Request) => Answer): void {
  const port = parentPort!;
  port.on("message", ({ id, request }: Envelope<Request>) => {
    let reply: Reply<Answer>;
    try {
      reply = { id, answer: answer(request) };
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      reply = { id, failure: { name, message } };
    }
    port.postMessage(reply, "answer" in reply ? ownMemory(reply.answer) : []);
  });
  port.postMessage({ id: 0, answer: null } satisfies Reply<null>);
}

/** The memory of an answer's columns, or of the answer if it is one. */
function ownMemory(answer: unknown): ArrayBuffer[] {
  if (typeof answer !== "object" || answer === null) return [];
  const columns: unknown[] = ArrayBuffer.isView(answer) ? [answer] : Object.values(answer);
  const buffers = columns.flatMap((column) => (ArrayBuffer.isView(column) ? [column.buffer] : []));
  return [...new Set(buffers)].filter(
    (buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer && buffer.byteLength > HANDED_OVER_BYTES,
  );
}
