/**
 * Reads a list in a thread of the page: the very reader of the server, over the very kernels, so that what leaves the page is
 * what the server would have made of the list, and no address leaves it.
 */
import { loadKernels } from "../../kernel/index.js";
import { DIGEST_FORM_TYPE, type DigestBatch, encodeDigests, ListReader, listRefusals } from "../../list/index.js";
import { DistinctDigests } from "./distinct.js";
import type { ListAnswer, ListOptions, ListTask, RefusedRow } from "./list-protocol.js";

declare const KERNEL_URL: string;

/** Rows that are sent at a time. */
const PART_ROWS = 1_000_000;
const REFUSED_LISTED = 1000;
const TOLD_EVERY_MS = 100;
const GZIP = [0x1f, 0x8b];

const tell = (answer: ListAnswer, transfer: Transferable[] = []): void => postMessage(answer, { transfer });

let goOn = () => {};
const loaded = fetch(KERNEL_URL)
  .then((answer) => answer.arrayBuffer())
  .then((bytes) => loadKernels(new Uint8Array(bytes)));

addEventListener("message", ({ data: task }: MessageEvent<ListTask>) => {
  if (task.do === "next") return goOn();
  const work = task.do === "look" ? look : hash;
  work(task.file, task.options).catch((error: Error & { code?: string; fix?: string }) =>
    tell({ is: "failed", code: error.code ?? "unreadable", message: error.message, fix: error.fix ?? "" }),
  );
});

async function look(file: Blob, options: ListOptions): Promise<void> {
  const distinct = new DistinctDigests();
  const refused: RefusedRow[] = [];
  const { summary } = await read(file, options, async (batch) => {
    distinct.add(batch.digest, batch.count);
    const { line, column, code, count } = batch.refusals;
    for (let i = 0; i < count && refused.length < REFUSED_LISTED; i++) {
      const { reason, fix } = listRefusals.refusal(code[i]!);
      refused.push({ line: line[i]!, column: column[i]!, reason, fix });
    }
  });
  const { duplicates, isFull } = distinct;
  tell({ is: "found", found: { summary, refused, duplicates, isMore: isFull } });
}

async function hash(file: Blob, options: ListOptions): Promise<void> {
  let batches: DigestBatch[] = [];
  let rows = 0;
  const send = async (isLast: boolean) => {
    const bytes = encodeDigests(batches).buffer;
    tell({ is: "part", type: DIGEST_FORM_TYPE, bytes, rows, isLast }, [bytes]);
    batches = [];
    rows = 0;
    if (!isLast) await new Promise<void>((resolve) => (goOn = resolve));
  };
  await read(file, options, async (batch) => {
    // The last part is not an empty one.
    if (rows >= PART_ROWS) await send(false);
    batches.push(batch);
    rows += batch.rows;
  });
  await send(true);
}

/** Reads a list to its end, and gives each batch to `take`. */
async function read(file: Blob, options: ListOptions, take: (batch: DigestBatch) => Promise<void>) {
  await loaded;
  const reader = new ListReader(options);
  let [bytes, rows, toldMs] = [0, 0, 0];
  const taken = async (batches: readonly DigestBatch[]) => {
    for (const batch of batches) {
      rows += batch.rows;
      await take(batch);
    }
    if (performance.now() < toldMs + TOLD_EVERY_MS) return;
    toldMs = performance.now();
    tell({ is: "progress", rows, share: file.size === 0 ? 1 : bytes / file.size });
  };
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(block, controller) {
      bytes += block.length;
      controller.enqueue(block);
    },
  });
  const blocks = (await plainOf(file, counted)).getReader();
  for (let next = await blocks.read(); !next.done; next = await blocks.read()) await taken(reader.push(next.value));
  const { batches, summary } = reader.end();
  await taken(batches);
  return { summary };
}

/** The list's own bytes, where it is compressed. */
async function plainOf(
  file: Blob,
  counted: TransformStream<Uint8Array, Uint8Array>,
): Promise<ReadableStream<Uint8Array>> {
  const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const bytes = file.stream().pipeThrough(counted);
  if (head[0] !== GZIP[0] || head[1] !== GZIP[1]) return bytes;
  return bytes.pipeThrough(new DecompressionStream("gzip") as unknown as TransformStream<Uint8Array, Uint8Array>);
}
