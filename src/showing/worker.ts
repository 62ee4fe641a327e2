/** Reading worker of showings. It is given no key. */
import { parentPort } from "node:worker_threads";
import { BlockReader, type InputFormat, parquetBatches, serveReading } from "../input/index.js";
import { batchMemory, type ShowingBatch, ShowingRows } from "./rows.js";

/** What the worker is started with; plain data. */
export interface WorkerInput {
  readonly format: InputFormat;
  /** Parquet only: the file. */
  readonly path: string;
}

if (parentPort !== null) {
  serveReading<WorkerInput, ShowingBatch, null>(
    parentPort,
    ({ format, path }, onWarning) => {
      if (format === "parquet") return fromParquet(path, onWarning);
      const reader = new BlockReader(format, new ShowingRows(), { onWarning });
      return { push: (bytes) => reader.push(bytes), end: () => ({ batches: reader.end(), end: null }) };
    },
    batchMemory,
  );
}

async function* fromParquet(path: string, onWarning: (message: string) => void): AsyncGenerator<ShowingBatch, null> {
  yield* parquetBatches(path, new ShowingRows(), { onWarning });
  return null;
}
