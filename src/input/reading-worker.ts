/**
 * The worker's side of a reading thread: takes blocks in, gives batches out, takes typed errors apart.
 */
import type { MessagePort } from "node:worker_threads";
import { BATCHES_AHEAD, type FromReader, type ReadingFailure, type ToReader } from "./reading-protocol.js";

/** Reads an input that comes block by block. */
export interface PushReader<Batch, End> {
  /** The batches that the next bytes complete; they are copied. */
  push(bytes: Uint8Array): Batch[];
  /** The batches that remained, and what there is to say of the whole. */
  end(): { batches: Batch[]; end: End };
}

/** What a worker has: a reader that is fed, or batches that it fetches itself. */
export type ReadingSource<Batch, End> = PushReader<Batch, End> | AsyncGenerator<Batch, End>;

/**
 * Runs a reader for the thread that started this worker.
 * @param make the reader; `warn` passes a warning on
 * @param memory the memory of a batch, for giving it away
 */
export function serveReading<Batch, End>(
  port: MessagePort,
  make: (warn: (message: string) => void) => ReadingSource<Batch, End>,
  memory: (batch: Batch) => ArrayBuffer[],
): void {
  const send = (message: FromReader<Batch, End>, given: ArrayBuffer[] = []) => port.postMessage(message, given);
  const give = (batch: Batch) => send({ type: "batch", batch }, memory(batch));
  const finish = (end: End) => {
    send({ type: "done", end });
    port.close();
  };
  const fail = (error: unknown) => {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    send({ type: "failed", failure });
    port.close();
  };
  let source: ReadingSource<Batch, End>;
  try {
    source = make((message) => send({ type: "warning", message }));
  } catch (error) {
    fail(error);
    return;
  }
  if (Symbol.asyncIterator in source) serveFetching(port, source, give).then(finish, fail);
  else serveFed(port, source, { give, finish, fail, send });
}

function serveFed<Batch, End>(
  port: MessagePort,
  reader: PushReader<Batch, End>,
  to: {
    give(batch: Batch): void;
    finish(end: End): void;
    fail(error: unknown): void;
    send(message: FromReader<Batch, End>): void;
  },
): void {
  port.on("message", (message: ToReader) => {
    try {
      if (message.type === "block") {
        for (const batch of reader.push(message.bytes)) to.give(batch);
        message.bytes.fill(0);
        to.send({ type: "worked", bytes: message.bytes.length });
      } else if (message.type === "end") {
        const { batches, end } = reader.end();
        for (const batch of batches) to.give(batch);
        to.finish(end);
      }
    } catch (error) {
      to.fail(error);
    }
  });
}

async function serveFetching<Batch, End>(
  port: MessagePort,
  batches: AsyncGenerator<Batch, End>,
  give: (batch: Batch) => void,
): Promise<End> {
  let waiting = 0;
  let taken = () => {};
  port.on("message", (message: ToReader) => {
    if (message.type !== "taken") return;
    waiting--;
    taken();
  });
  for (;;) {
    const next = await batches.next();
    if (next.done === true) return next.value;
    give(next.value);
    waiting++;
    while (waiting >= BATCHES_AHEAD) await new Promise<void>((resolve) => (taken = resolve));
  }
}

/** The parts of a typed error; undefined for any other, which is a mistake of ours. */
function failureOf(error: unknown): ReadingFailure | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  const text = (field: string): string | undefined => {
    const value: unknown = Reflect.get(error, field);
    return typeof value === "string" ? value : undefined;
  };
  return { name: error.name, code: error.code, message: error.message, fix: text("fix"), field: text("field") };
}
