/**
 * Showings from a file or a stream, batch by batch. A large input is read in a thread of its own, a bounded way ahead of who
 * takes its batches; a small one in this thread. Both give the same batches.
 */
import { InputError, type InputOptions, inputErrorOf, openBatches, openedInput, readInThread } from "../input/index.js";
import { type ShowingBatch, ShowingRows } from "./rows.js";
import type { WorkerInput } from "./worker.js";

export interface ReadOptions extends InputOptions {
  readonly onWarning?: ((warning: string) => void) | undefined;
}

/** @throws {InputError} while it is read */
export async function* readShowings(
  input: string | AsyncIterable<Uint8Array>,
  options: ReadOptions,
): AsyncGenerator<ShowingBatch> {
  const open = await openedInput(input, options);
  if (open.isSmall) return yield* openBatches(open, new ShowingRows(), options);
  yield* readInThread<ShowingBatch, null>({
    worker: new URL("./worker.js", import.meta.url),
    data: { format: open.format, path: open.path } satisfies WorkerInput,
    bytes: open.format === "parquet" ? undefined : open.bytes,
    isOurs: open.isOurs,
    onWarning: options.onWarning,
    failed: (failure) => inputErrorOf(failure) ?? new InputError("reader-failed", failure.message),
  });
}
