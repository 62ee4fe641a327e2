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
 * Reads one input after the other for the thread that started this worker.
 * @param make the reader of an input, by what it is started with; `warn` passes a warning on
 * @param memory the memory of a batch, for giving it away
 */
export function serveReading<Data, Batch, End>(
  port: MessagePort,
  make: (data: Data, warn: (message: string) => void) => ReadingSource<Batch, End>,
  memory: (batch: Batch) => ArrayBuffer[],
): void {
  const send = (message: FromReader<Batch, End>, given: ArrayBuffer[] = []) => port.postMessage(message, given);
  const give = (batch: Batch) => send({ type: "batch", batch }, memory(batch));
  const fail = (error: unknown) => {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    send({ type: "failed", failure });
  };
  let reader: PushReader<Batch, End> | undefined;
  let taken = () => {};

  const start = (data: unknown) => {
    reader = undefined;
    const source = make(data as Data, (message) => send({ type: "warning", message }));
    if (!(Symbol.asyncIterator in source)) {
      reader = source;
      return;
    }
    const ahead = new Ahead();
    taken = () => ahead.taken();
    fetchAll(source, give, ahead).then((end) => send({ type: "done", end }), fail);
  };
  port.on("message", (message: ToReader) => {
    try {
      if (message.type === "start") start(message.data);
      else if (message.type === "taken") taken();
      else if (reader === undefined) {
        // It failed before the rest of its input came.
      } else if (message.type === "block") {
        for (const batch of reader.push(message.bytes)) give(batch);
        const { bytes } = message;
        bytes.fill(0);
        const memory = bytes.buffer as ArrayBuffer;
        send({ type: "worked", bytes: bytes.length, memory }, [memory]);
      } else {
        const { batches, end } = reader.end();
        reader = undefined;
        for (const batch of batches) give(batch);
        send({ type: "done", end });
      }
    } catch (error) {
      reader = undefined;
      fail(error);
    }
  });
}

/** Batches that were given and not yet taken. */
class Ahead {
  #count = 0;
  #wake = () => {};

  taken(): void {
    this.#count--;
    this.#wake();
  }

  /** Counts one more, and waits while there are enough. */
  async given(): Promise<void> {
    this.#count++;
    while (this.#count >= BATCHES_AHEAD) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

async function fetchAll<Batch, End>(
  batches: AsyncGenerator<Batch, End>,
  give: (batch: Batch) => void,
  ahead: Ahead,
): Promise<End> {
  for (;;) {
    const next = await batches.next();
    if (next.done === true) return next.value;
    give(next.value);
    await ahead.given();
  }
}

/** The parts of a typed error; undefined for any other, which is a mistake of ours. */
export function failureOf(error: unknown): ReadingFailure | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  const text = (field: string): string | undefined => {
    const value: unknown = Reflect.get(error, field);
    return typeof value === "string" ? value : undefined;
  };
  return { name: error.name, code: error.code, message: error.message, fix: text("fix"), field: text("field") };
}
