/**
 * How long a withdrawal takes to be acknowledged, over HTTP on loopback, each a request of its own: durable, in effect in
 * every audience, its leaf in the ledger.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Worker } from "node:worker_threads";
import { startServer } from "../src/http/index.js";
import { createKey, ingest } from "../src/index.js";
import { firstRows } from "./first-rows.js";
import type { Setting, Taken } from "./job.js";
import type { LoadResult, LoadStart } from "./load.js";
import { emptyStore } from "./ours.js";

const ACTOR = "bench";
const NAME = "withdrawals";
/** Rows of the world's contacts that the store holds. */
const ROWS = 500_000;
const PIECE_ROWS = 10_000;
const CLIENTS = 64;
const PER_SECOND = 5000;
const WARM_UP_SECONDS = 4;
const SECONDS = 12;

export async function withdrawalP99(setting: Setting): Promise<Taken> {
  const solely = await emptyStore(setting, NAME);
  const file = join(setting.worldDir, "contacts.csv");
  const csv = Readable.from(pieces(firstRows(file, ROWS)));
  await ingest(solely, csv, { source: "local", actor: ACTOR, format: "csv" });
  const { secret } = await createKey(solely, { scopes: ["events"], actor: ACTOR }, () => {});
  const server = await startServer(solely, { port: 0 });
  const load: LoadStart = {
    port: Number(new URL(server.url).port),
    path: "/v1/events",
    secret,
    ...{ file, rows: ROWS, requests: (WARM_UP_SECONDS + SECONDS) * PER_SECOND },
    ...{ perSecond: PER_SECOND, clients: CLIENTS, warmUp: WARM_UP_SECONDS * PER_SECOND },
  };
  process.stderr.write(`${NAME}: ${load.requests} of them, in a store of ${ROWS} rows\n`);
  const from = process.cpuUsage();
  const leavesBefore = solely.log.position;
  const { ms, seconds, refused } = await answerOf(load);
  const leaves = solely.log.position - leavesBefore;
  const { user, system } = process.cpuUsage(from);
  const durability = await solely.store.durability();
  await server.close();
  await solely.close();
  for (const name of [NAME, `${NAME}-operators`]) {
    await rm(join(setting.scratchDir, name), { recursive: true, force: true });
  }
  if (refused > 0) throw new Error(`${refused} withdrawals were refused`);
  const sorted = ms.toSorted();
  const at = (share: number): number => sorted[Math.floor(share * sorted.length)]!;
  return {
    value: at(0.99),
    details: {
      clients: CLIENTS,
      asked: `${PER_SECOND}/s`,
      achieved: `${Math.round(ms.length / seconds)}/s`,
      p50: `${at(0.5).toFixed(1)} ms`,
      p999: `${at(0.999).toFixed(1)} ms`,
      leaves,
      processor: `${Math.round((user + system) / load.requests)} µs a withdrawal, the clients' share included`,
      ...durability,
    },
  };
}

/** Rows as bytes, some thousand at a time; none stays in the server's memory. */
async function* pieces(rows: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let piece: string[] = [];
  for await (const row of rows) {
    if (piece.push(`${row}\n`) < PIECE_ROWS) continue;
    yield Buffer.from(piece.join(""));
    piece = [];
  }
  yield Buffer.from(piece.join(""));
}

function answerOf(load: LoadStart): Promise<LoadResult> {
  const worker = new Worker(new URL("./load.js", import.meta.url), { workerData: load });
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
