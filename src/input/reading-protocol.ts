/** What passes between a reading thread and the thread that started it. */

export type ToReader =
  /** What is to be read; plain data. A reader reads one input after the other. */
  | { readonly type: "start"; readonly data: unknown }
  /** The next bytes of the input, their memory given away. */
  | { readonly type: "block"; readonly bytes: Uint8Array }
  | { readonly type: "end" }
  /** A batch was taken; for readers that fetch their input themselves. */
  | { readonly type: "taken" };

export type FromReader<Batch, End> =
  | { readonly type: "batch"; readonly batch: Batch }
  /** So many bytes of a block were worked off, after the batches that they completed; its memory, overwritten, is given back. */
  | { readonly type: "worked"; readonly bytes: number; readonly memory: ArrayBuffer }
  | { readonly type: "warning"; readonly message: string }
  | { readonly type: "failed"; readonly failure: ReadingFailure }
  | { readonly type: "done"; readonly end: End };

/** A typed error of whatever room reads, taken apart. */
export interface ReadingFailure {
  /** Name of its class. */
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly fix?: string | undefined;
  readonly field?: string | undefined;
}

/** Batches that a reader that fetches its input itself may be ahead of who takes them. */
export const BATCHES_AHEAD = 2;
