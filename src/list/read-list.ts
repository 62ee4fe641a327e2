/**
 * A list from a file or a stream -> batches of digests. A large one is read by the reading threads, a bounded way ahead
 * of who takes its batches; a small one in this thread. Both give the same batches.
 */
import {
  type BlockMemory,
  type Blocks,
  decodedBytes,
  FILE_MEMORY,
  fileBytes,
  peeked,
  sniffFormat,
} from "../input/index.js";
import type { DigestBatch } from "./batch.js";
import { ListError } from "./error.js";
import { LIST_LIMITS } from "./limits.js";
import { ListReader } from "./reader.js";
import type { ListOptions } from "./rows.js";
import { readInThreads } from "./threads.js";
import type { ListSummary } from "./total.js";

/** A shorter list is not worth a thread. */
const SMALL_BYTES = 1024 * 1024;

export interface ReadListOptions extends ListOptions {
  /** Where to read; by size when absent. */
  readonly thread?: "worker" | "caller" | undefined;
  /** Told how much of a file is read, 0 to 1. */
  readonly onShare?: ((share: number) => void) | undefined;
}

/**
 * The batches of a list, each good until the next is asked for; its summary is returned at the end.
 *
 * @param input path of a CSV file, plain or gzip, or a stream of its bytes
 * @throws {ListError | InputError} after which nothing of the list counts
 * @example
 * const reading = readList("customers.csv", { scheme: "plain" });
 * for (let next = await reading.next(); ; next = await reading.next()) {
 *   if (next.done) return next.value; // summary
 *   await match(next.value);
 * }
 */
export async function* readList(
  input: string | AsyncIterable<Uint8Array>,
  options: ReadListOptions,
): AsyncGenerator<DigestBatch, ListSummary> {
  const reader = new ListReader(options);
  const memory = typeof input === "string" ? FILE_MEMORY : undefined;
  const maxBytes = options.limits?.bytes ?? LIST_LIMITS.bytes;
  const decoded = decodedBytes(typeof input === "string" ? fileBytes(input, options.onShare) : input, {
    maxBytes,
  });
  try {
    const { head, isWhole, all } = await peeked(decoded, SMALL_BYTES);
    requireCsv(head);
    const isHere = options.thread === "caller" || (options.thread === undefined && isWhole);
    if (isHere) return yield* readHere(reader, all, memory);
    return yield* readInThreads(options, all, memory);
  } finally {
    reader.close();
  }
}

/** Other files that people take for a list say so, rather than that they have no columns. */
function requireCsv(head: Uint8Array): void {
  const format = sniffFormat(head);
  head.fill(0);
  if (format === "parquet") throw new ListError("not-csv", "the list is Parquet", "save it as CSV (UTF-8)");
}

async function* readHere(
  reader: ListReader,
  blocks: Blocks,
  memory: BlockMemory | undefined,
): AsyncGenerator<DigestBatch, ListSummary> {
  try {
    for await (const block of blocks) {
      const batches = reader.push(block);
      memory?.takeBack(block);
      yield* batches;
    }
  } finally {
    await blocks.close();
  }
  const { batches, summary } = reader.end();
  yield* batches;
  return summary;
}
