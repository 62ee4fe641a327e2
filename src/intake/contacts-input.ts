/**
 * Contacts from a file or a stream, whatever its format and compression, batch by batch.
 *
 * A large input is read in a thread of its own, a bounded way ahead of who takes its batches; a small one in this
 * thread. Both give the same batches.
 */
import { InputError, type InputOptions, inputErrorOf, openBatches, openedInput, readInThread } from "../input/index.js";
import { type ContactBatch, ContactRows, type ContactRowsOptions } from "./rows.js";
import type { WorkerInput } from "./worker.js";

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
 * @throws {InputError} while it is read
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
  const { identityKey, batchKey, region, source, vouches, notices, context, nowMs, keepsValues } = options;
  const { delimiter, batchBytes } = options;
  const judging = { identityKey, region, source, vouches, notices, nowMs, keepsValues };
  const given = { ...judging, batchKey, context, delimiter, batchBytes };
  yield* readInThread<ContactBatch, null>({
    worker: new URL("./worker.js", import.meta.url),
    data: { ...given, format: open.format, path: open.path } satisfies WorkerInput,
    bytes: open.format === "parquet" ? undefined : open.bytes,
    isOurs: open.isOurs,
    onWarning: options.onWarning,
    failed: (failure) => inputErrorOf(failure) ?? new InputError("reader-failed", failure.message),
  });
}
