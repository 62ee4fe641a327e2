/**
 * Contact reader: bytes of CSV or NDJSON in, batches of contact rows out, in the thread of its caller.
 *
 * For small bodies, and inside the worker for large ones. Parquet needs a file.
 */
import { BlockReader, type BlockReaderOptions, parquetBatches } from "./block-reader.js";
import { type ContactBatch, ContactRows, type ContactRowsOptions } from "./rows.js";

export interface ContactReaderOptions extends ContactRowsOptions, BlockReaderOptions {
  readonly format: "csv" | "ndjson";
  readonly batchKey: Uint8Array;
  readonly context: string;
}

export class ContactReader {
  readonly #blocks: BlockReader<ContactBatch>;

  /**
   * @throws {ContactError} code `unknown-region`
   * @example
   * const reader = new ContactReader({ format: "ndjson", identityKey, batchKey, context, source, vouches, notices, nowMs });
   * for await (const bytes of body) for (const batch of reader.push(bytes)) await commit(batch);
   * for (const batch of reader.end()) await commit(batch);
   */
  constructor(options: ContactReaderOptions) {
    this.#blocks = new BlockReader(options.format, new ContactRows(options), options);
  }

  /**
   * Takes the next bytes of the input; they are copied.
   * @returns the batches that they complete
   * @throws {IntakeError} codes `missing-column`, `duplicate-column`, `malformed-header`
   */
  push(bytes: Uint8Array): ContactBatch[] {
    return this.#blocks.push(bytes);
  }

  /** The input has ended; the batches that remained. */
  end(): ContactBatch[] {
    return this.#blocks.end();
  }
}

/**
 * The contacts of a Parquet file, batch by batch.
 * @throws {IntakeError} codes `unreadable-file`, `broken-parquet`, `parquet-too-large`, `missing-column`
 */
export function parquetContacts(
  path: string,
  options: ContactRowsOptions & BlockReaderOptions,
): AsyncGenerator<ContactBatch> {
  return parquetBatches(path, new ContactRows(options), options);
}
