/**
 * Reading worker of contacts. It is given the keys of identities and of batch digests, and no other.
 */
import { parentPort } from "node:worker_threads";
import { BlockReader, type InputFormat, parquetBatches, serveReading } from "../input/index.js";
import { batchMemory, type ContactBatch, ContactRows, type ContactRowsOptions } from "./rows.js";

/** What the worker is started with; plain data. */
export interface WorkerInput extends ContactRowsOptions {
  readonly batchKey: Uint8Array;
  readonly context: string;
  readonly delimiter?: string | undefined;
  readonly batchBytes?: number | undefined;
  readonly format: InputFormat;
  /** Parquet only: the file. */
  readonly path: string;
}

if (parentPort !== null) {
  serveReading<WorkerInput, ContactBatch, null>(
    parentPort,
    (input, onWarning) => {
      const rows = new ContactRows(input);
      if (input.format === "parquet") return fromParquet(input, rows, onWarning);
      const reader = new BlockReader(input.format, rows, { ...input, onWarning });
      return { push: (bytes) => reader.push(bytes), end: () => ({ batches: reader.end(), end: null }) };
    },
    batchMemory,
  );
}

async function* fromParquet(
  input: WorkerInput,
  rows: ContactRows,
  onWarning: (message: string) => void,
): AsyncGenerator<ContactBatch, null> {
  yield* parquetBatches(input.path, rows, { ...input, onWarning });
  return null;
}
