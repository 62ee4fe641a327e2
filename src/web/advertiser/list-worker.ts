/**
 * Reads a list in threads of the page: the very reader of the server, over the very kernels, so that what leaves the page is
 * what the server would have made of the list, and no address leaves it.
 */
import { loadKernels } from "../../kernel/index.js";
import {
  type Block,
  BlockCutter,
  type ColumnPlan,
  DIGEST_FORM_TYPE,
  type DigestBatch,
  encodeDigests,
  ListTotal,
  listRefusals,
} from "../../list/index.js";
import { BlockReaders, readBlock } from "./block-readers.js";
import { DistinctDigests } from "./distinct.js";
import type { BlockRead, Failed, ListAnswer, LookTask, ReadTask, RefusedRow } from "./list-protocol.js";

declare const KERNEL_URL: string;

/** Rows of a part, and a few more: what a lost connection costs at most. */
const PART_ROWS = 250_000;
/** Of refused rows; all are counted. More would hold the page up when they are shown. */
const REFUSED_LISTED = 200;
const TOLD_EVERY_MS = 100;
const GZIP = [0x1f, 0x8b];
const MOST_THREADS = 8;
/** A shorter list is not worth threads of its own. */
const SMALL_BYTES = 1024 * 1024;

const tell = (answer: ListAnswer | BlockRead, transfer: Transferable[] = []): void => postMessage(answer, { transfer });

const loaded = fetch(KERNEL_URL)
  .then((answer) => answer.arrayBuffer())
  .then((bytes) => loadKernels(new Uint8Array(bytes)));

addEventListener("message", async ({ data: task }: MessageEvent<LookTask | ReadTask>) => {
  try {
    await loaded;
    if (task.do === "look") await look(task);
    else tellRead(readBlock(task));
  } catch (error) {
    tell(failureOf(error as Error));
  }
});

function failureOf(error: Error & { problem?: Failed; code?: unknown; fix?: unknown }): Failed {
  const { code, message, fix } = error.problem ?? error;
  return { is: "failed", code: String(code ?? "unreadable"), message, fix: typeof fix === "string" ? fix : "" };
}

function tellRead(read: BlockRead): void {
  const batches = read.read.batches.flatMap(({ digest, kinds }) => [digest.buffer, kinds.buffer] as ArrayBuffer[]);
  tell(read, [read.bytes.buffer, ...batches]);
}

async function look({ file, options }: LookTask): Promise<void> {
  const threads = Math.min(MOST_THREADS, navigator.hardwareConcurrency);
  const readers = new BlockReaders(location.href, file.size < SMALL_BYTES ? 0 : threads);
  const cutter = new BlockCutter();
  const total = new ListTotal();
  const distinct = new DistinctDigests();
  const refused: RefusedRow[] = [];
  const parts = new Parts();
  const reads: Promise<BlockRead>[] = [];
  const progress = { bytes: 0, rows: 0, toldMs: 0 };
  let plan: ColumnPlan | undefined;

  const takeFirst = async () => {
    const { read, plan: planned, bytes } = await reads.shift()!;
    const linesBefore = plan === undefined ? cutter.linesBefore : 0;
    plan ??= planned;
    for (const batch of total.add(read, linesBefore)) {
      distinct.add(batch.digest, batch.count);
      list(batch, refused);
      parts.add(batch);
      progress.rows += batch.rows;
    }
    cutter.takeBack(bytes);
    if (performance.now() < progress.toldMs + TOLD_EVERY_MS) return;
    progress.toldMs = performance.now();
    tell({ is: "progress", rows: progress.rows, share: file.size === 0 ? 1 : progress.bytes / file.size });
  };
  const handOut = async (block: Block) => {
    const read = readers.read({ do: "read", options, plan, block });
    read.catch(() => {});
    reads.push(read);
    // The other blocks are read by the plan that the first one's reader makes.
    while (reads.length > (plan === undefined ? 0 : readers.ahead)) await takeFirst();
  };

  const blocks = (await plainOf(file, (bytes) => (progress.bytes += bytes))).getReader();
  for (let next = await blocks.read(); !next.done; next = await blocks.read()) {
    for (const block of cutter.push(next.value)) await handOut(block);
  }
  for (const block of cutter.end()) await handOut(block);
  while (reads.length > 0) await takeFirst();
  const { duplicates, isFull } = distinct;
  const summary = total.summary(plan!);
  parts.end();
  tell({ is: "found", found: { summary, refused, duplicates, isMore: isFull } });
}

/** Parts of the list as they are sent: the same ones, and in the same order, whenever it is read. */
class Parts {
  #batches: DigestBatch[] = [];
  #rows = 0;
  #isNone = true;

  add(batch: DigestBatch): void {
    this.#batches.push(batch);
    this.#rows += batch.rows;
    if (this.#rows >= PART_ROWS) this.#tell();
  }

  /** There is one at least, be it of no rows. */
  end(): void {
    if (this.#rows > 0 || this.#isNone) this.#tell();
  }

  #tell(): void {
    const bytes = encodeDigests(this.#batches).buffer;
    tell({ is: "part", type: DIGEST_FORM_TYPE, bytes, rows: this.#rows }, [bytes]);
    this.#batches = [];
    this.#rows = 0;
    this.#isNone = false;
  }
}

function list({ refusals: { line, column, code, count } }: DigestBatch, refused: RefusedRow[]): void {
  for (let i = 0; i < count && refused.length < REFUSED_LISTED; i++) {
    const { reason, fix } = listRefusals.refusal(code[i]!);
    refused.push({ line: line[i]!, column: column[i]!, reason, fix });
  }
}

/** The list's own bytes, where it is compressed. */
async function plainOf(file: Blob, onBytes: (bytes: number) => void): Promise<ReadableStream<Uint8Array>> {
  const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(block, controller) {
      onBytes(block.length);
      controller.enqueue(block);
    },
  });
  const bytes = file.stream().pipeThrough(counted);
  if (head[0] !== GZIP[0] || head[1] !== GZIP[1]) return bytes;
  return bytes.pipeThrough(new DecompressionStream("gzip") as unknown as TransformStream<Uint8Array, Uint8Array>);
}
