/**
 * Block reader: cuts an input into batches by its content alone, and digests each.
 *
 * A batch is the whole records within 8 MiB from where the last one ended, so the same bytes give the same
 * batches and digests however they arrive. The digest is HMAC-SHA-256 over a context, the header and the
 * batch's bytes, each with its length before it. The input's bytes are overwritten when a batch is made.
 */
import { createHmac } from "node:crypto";
import { CsvTable } from "./csv.js";
import { type InputOptions, type OpenInput, openedInput } from "./input.js";
import { INPUT_LIMITS } from "./limits.js";
import { NdjsonTable } from "./ndjson.js";
import { parquetRows } from "./parquet.js";
import { Columns, type RowTaker, type TextTable } from "./table.js";

/** Takes rows and makes batches of them. */
export interface BatchTaker<Batch> extends RowTaker {
  /** What was taken since the last call; undefined if nothing was. */
  take(digest: Uint8Array): Batch | undefined;
}

export interface BlockReaderOptions {
  /** Key of the batches' digests, 32 bytes; without one they are empty. */
  readonly batchKey?: Uint8Array | undefined;
  /** What else the digest says, so that equal bytes for another end differ. */
  readonly context?: string | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
  /** CSV only; found in the header when absent. */
  readonly delimiter?: string | undefined;
  /** For tests; at least four times the longest record. */
  readonly batchBytes?: number | undefined;
}

const MIN_BATCH_BYTES = 4 * Math.max(INPUT_LIMITS.recordBytes, INPUT_LIMITS.fieldBytes);

export class BlockReader<Batch> {
  readonly #taker: BatchTaker<Batch>;
  readonly #table: TextTable;
  readonly #options: BlockReaderOptions;
  readonly #batchBytes: number;
  #block = new Uint8Array(0);
  #used = 0;

  constructor(format: "csv" | "ndjson", taker: BatchTaker<Batch>, options: BlockReaderOptions) {
    const columns = new Columns(taker, options.onWarning ?? (() => undefined));
    this.#taker = taker;
    this.#table = format === "csv" ? new CsvTable(taker, columns, options.delimiter) : new NdjsonTable(columns);
    this.#options = options;
    this.#batchBytes = Math.max(options.batchBytes ?? INPUT_LIMITS.batchBytes, MIN_BATCH_BYTES);
  }

  /**
   * Takes the next bytes of the input; they are copied.
   * @returns the batches that they complete
   * @throws {InputError} codes `missing-column`, `duplicate-column`, `malformed-header`
   */
  push(bytes: Uint8Array): Batch[] {
    const batches: Batch[] = [];
    for (let from = 0; from < bytes.length; ) {
      const to = Math.min(bytes.length, from + this.#batchBytes - this.#used);
      this.#reserve(this.#used + to - from);
      this.#block.set(bytes.subarray(from, to), this.#used);
      this.#used += to - from;
      from = to;
      if (this.#used === this.#batchBytes) this.#cut(false, batches);
    }
    return batches;
  }

  /** The input has ended. */
  end(): Batch[] {
    const batches: Batch[] = [];
    this.#cut(true, batches);
    return batches;
  }

  #cut(isLast: boolean, batches: Batch[]): void {
    const consumed = this.#table.find(this.#block, this.#used, isLast);
    if (consumed === 0 && !isLast) throw new Error("a block is shorter than a record");
    const content = this.#block.subarray(this.#table.recordsFrom, consumed);
    const digest = batchDigest(this.#options, this.#table.header, content);
    this.#table.take(this.#block, this.#taker);
    this.#block.copyWithin(0, consumed, this.#used);
    this.#block.fill(0, this.#used - consumed, this.#used);
    this.#used -= consumed;
    const batch = this.#taker.take(digest);
    if (batch !== undefined) batches.push(batch);
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#block.length) return;
    const larger = new Uint8Array(Math.min(this.#batchBytes, Math.max(bytes, this.#block.length * 2)));
    larger.set(this.#block.subarray(0, this.#used));
    this.#block.fill(0);
    this.#block = larger;
  }
}

/**
 * The batches of a Parquet file.
 * @throws {InputError} codes `unreadable-file`, `broken-parquet`, `parquet-too-large`, `missing-column`
 */
export async function* parquetBatches<Batch>(
  path: string,
  taker: BatchTaker<Batch>,
  options: BlockReaderOptions,
): AsyncGenerator<Batch> {
  const columns = new Columns(taker, options.onWarning ?? (() => undefined));
  for await (const rows of parquetRows(path, taker, columns, options.batchBytes ?? INPUT_LIMITS.batchBytes)) {
    const digest = batchDigest(options, PARQUET_HEADER, rows.content);
    rows.take(taker);
    rows.wipe();
    const batch = taker.take(digest);
    if (batch !== undefined) yield batch;
  }
}

/**
 * The batches of a file or a stream, whatever its format and compression, read in this thread.
 * @throws {InputError} while it is read
 */
export async function* tableBatches<Batch>(
  input: string | AsyncIterable<Uint8Array>,
  taker: BatchTaker<Batch>,
  options: BlockReaderOptions & InputOptions,
): AsyncGenerator<Batch> {
  yield* openBatches(await openedInput(input, options), taker, options);
}

/** The batches of an input that is open. */
export async function* openBatches<Batch>(
  input: OpenInput,
  taker: BatchTaker<Batch>,
  options: BlockReaderOptions,
): AsyncGenerator<Batch> {
  if (input.format === "parquet") return yield* parquetBatches(input.path, taker, options);
  const reader = new BlockReader(input.format, taker, options);
  for await (const block of input.bytes) {
    const batches = reader.push(block);
    if (input.isOurs) block.fill(0);
    for (const batch of batches) yield batch;
  }
  for (const batch of reader.end()) yield batch;
}

const PARQUET_HEADER = new TextEncoder().encode("parquet");

function batchDigest(
  { batchKey, context = "" }: BlockReaderOptions,
  header: Uint8Array,
  content: Uint8Array,
): Uint8Array {
  if (batchKey === undefined) return new Uint8Array(0);
  const hmac = createHmac("sha256", batchKey);
  for (const part of [Buffer.from(context), header, content]) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(part.length);
    hmac.update(length).update(part);
  }
  return new Uint8Array(hmac.digest());
}
