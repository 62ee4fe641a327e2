/** What passes between the reading worker and the thread that started it. */
import type { IntakeErrorCode } from "./error.js";
import type { ContactBatch, ContactRowsOptions } from "./rows.js";

/** What the worker is started with; plain data. */
export interface WorkerInput extends ContactRowsOptions {
  readonly batchKey: Uint8Array;
  readonly context: string;
  readonly delimiter?: string | undefined;
  readonly batchBytes?: number | undefined;
  readonly format: "csv" | "ndjson" | "parquet";
  /** Parquet only: the file. */
  readonly path?: string | undefined;
}

export type ToWorker =
  /** The next bytes of the input, their memory given away. */
  | { readonly type: "block"; readonly bytes: Uint8Array }
  | { readonly type: "end" }
  /** Parquet only: one batch was taken. */
  | { readonly type: "taken" };

export type FromWorker =
  | { readonly type: "batch"; readonly batch: ContactBatch }
  /** So many bytes of blocks were worked off, after the batches that they completed. */
  | { readonly type: "worked"; readonly bytes: number }
  | { readonly type: "warning"; readonly message: string }
  | {
      readonly type: "failed";
      readonly code: IntakeErrorCode;
      readonly message: string;
      readonly fix?: string;
      readonly field?: string;
    }
  | { readonly type: "done" };
