/**
 * Contacts from a file or a stream, whatever its format and compression, batch by batch.
 *
 * A large input is read in a worker thread, at most two batches ahead of who takes them; a small one in this
 * thread. Both give the same batches.
 */
import { Worker } from "node:worker_threads";
import { openBatches } from "./block-reader.js";
import { IntakeError } from "./error.js";
import { type InputOptions, type OpenInput, openedInput } from "./input.js";
import { INTAKE_LIMITS } from "./limits.js";
import { type ContactBatch, ContactRows, type ContactRowsOptions } from "./rows.js";
import type { FromWorker, ToWorker, WorkerInput } from "./worker-protocol.js";

const BLOCK_BYTES = 1024 * 1024;

export interface ContactsInputOptions extends ContactRowsOptions, InputOptions {
  /** Key of the batches' digests, 32 bytes. */
  readonly batchKey: Uint8Array;
  /** What else the digest says, so that equal bytes for another end differ. */
  readonly context: string;
  /** CSV only; found in the header when absent. */
  readonly delimiter?: string | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
  /** For tests. */
  readonly batchBytes?: number | undefined;
  /** Where to read; by size when absent. */
  readonly thread?: "worker" | "caller" | undefined;
}

/**
 * The contacts of `input`, batch by batch.
 *
 * @param input path of a file, or a stream of bytes
 * @throws {IntakeError} while it is read
 * @throws {ContactError} code `unknown-region`
 * @example for await (const batch of readContacts("contacts.csv.gz", options)) await commit(batch);
 */
export async function* readContacts(
  input: string | AsyncIterable<Uint8Array>,
  options: ContactsInputOptions,
): AsyncGenerator<ContactBatch> {
  const rows = new ContactRows(options);
  const open = await openedInput(input, options);
  const isHere = options.thread === "caller" || (options.thread === undefined && open.isSmall);
  if (isHere) return yield* openBatches(open, rows, options);
  const { identityKey, batchKey, region, source, vouches, notices, context, nowMs, delimiter, batchBytes } = options;
  const given = { identityKey, batchKey, region, source, vouches, notices, context, nowMs, delimiter, batchBytes };
  yield* inWorker({ ...given, format: open.format, path: open.path }, open, options.onWarning);
}

async function* inWorker(
  input: WorkerInput,
  { bytes, isOurs }: OpenInput,
  onWarning: ((message: string) => void) | undefined,
): AsyncGenerator<ContactBatch> {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: input });
  const post = (message: ToWorker, memory: ArrayBuffer[] = []) => worker.postMessage(message, memory);
  const batches: ContactBatch[] = [];
  let unworkedBytes = 0;
  let isDone = false;
  let failure: unknown;
  let changed = () => {};
  let change = new Promise<void>((resolve) => (changed = resolve));
  const signal = () => {
    changed();
    change = new Promise((resolve) => (changed = resolve));
  };
  const fail = (error: unknown) => {
    failure ??= error;
    signal();
  };
  worker.on("message", (message: FromWorker) => {
    if (message.type === "batch") batches.push(message.batch);
    else if (message.type === "worked") unworkedBytes -= message.bytes;
    else if (message.type === "warning") onWarning?.(message.message);
    else if (message.type === "done") isDone = true;
    else fail(new IntakeError(message.code, message.message, message));
    signal();
  });
  worker.on("error", (cause) => fail(new IntakeError("worker-failed", "the reading worker failed", { cause })));
  worker.on("exit", () => {
    if (!isDone) fail(new IntakeError("worker-failed", "the reading worker ended before its input did"));
  });

  let isStopped = false;
  const aheadBytes = () => unworkedBytes + batches.length * INTAKE_LIMITS.batchBytes;
  const feed = async (blocks: AsyncGenerator<Uint8Array>) => {
    for await (const block of blocks) {
      while (
        aheadBytes() >= INTAKE_LIMITS.batchesInFlight * INTAKE_LIMITS.batchBytes &&
        !isStopped &&
        failure === undefined
      )
        await change;
      if (isStopped || failure !== undefined) return;
      unworkedBytes += block.length;
      post({ type: "block", bytes: block }, [ownMemory(block)]);
    }
    post({ type: "end" });
  };
  const isPulled = input.format === "parquet";
  if (!isPulled) feed(ofBlockSize(bytes, isOurs)).catch(fail);
  try {
    for (;;) {
      const batch = batches.shift();
      if (batch !== undefined) {
        if (isPulled) post({ type: "taken" });
        else signal();
        yield batch;
      } else if (failure !== undefined) {
        throw failure;
      } else if (isDone) {
        return;
      } else {
        await change;
      }
    }
  } finally {
    isStopped = true;
    signal();
    await worker.terminate();
    // Not waited for: a stream that has stalled would hold up the error that stopped it.
    bytes.return(undefined).catch(() => undefined);
  }
}

/** The same bytes in blocks of one size, each in memory of its own. What was copied is overwritten if it is ours. */
async function* ofBlockSize(bytes: AsyncGenerator<Uint8Array>, isOurs: boolean): AsyncGenerator<Uint8Array> {
  let block = new Uint8Array(BLOCK_BYTES);
  let used = 0;
  for await (const part of bytes) {
    for (let from = 0; from < part.length; ) {
      const to = Math.min(part.length, from + BLOCK_BYTES - used);
      block.set(part.subarray(from, to), used);
      used += to - from;
      from = to;
      if (used === BLOCK_BYTES) {
        yield block;
        block = new Uint8Array(BLOCK_BYTES);
        used = 0;
      }
    }
    if (isOurs) part.fill(0);
  }
  if (used > 0) yield block.subarray(0, used);
}

function ownMemory(block: Uint8Array): ArrayBuffer {
  if (block.buffer instanceof ArrayBuffer) return block.buffer;
  throw new TypeError("a block lies in shared memory");
}
