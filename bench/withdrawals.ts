/**
 * How long a withdrawal takes to be acknowledged, over HTTP on loopback, each a request of its own: durable, in effect in
 * every audience, its leaf in the ledger.
 */
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { Worker } from "node:worker_threads";
import { startServer } from "../src/http/index.js";
import { createKey, ingest } from "../src/index.js";
import type { Setting, Taken } from "./job.js";
import type { LoadResult, LoadStart } from "./load.js";
import { emptyStore } from "./ours.js";

const ACTOR = "bench";
const NAME = "withdrawals";
/** Rows of the world's contacts that the store holds. */
const ROWS = 500_000;
const CLIENTS = 64;
const PER_SECOND = 5000;
const WARM_UP_SECONDS = 4;
const SECONDS = 12;

export async function withdrawalP99(setting: Setting): Promise<Taken> {
  const solely = await emptyStore(setting, NAME);
  const rows = await firstRows(join(setting.worldDir, "contacts.csv"), ROWS);
  const csv = Readable.from(pieces(rows));
  await ingest(solely, csv, { source: "local", actor: ACTOR, format: "csv" });
  const { secret } = await createKey(solely, { scopes: ["events"], actor: ACTOR }, () => {});
  const server = await startServer(solely, { port: 0 });
  const load: LoadStart = {
    port: Number(new URL(server.url).port),
    path: "/v1/events",
    secret,
    bodies: withdrawals(rows, (WARM_UP_SECONDS + SECONDS) * PER_SECOND),
    ...{ perSecond: PER_SECOND, clients: CLIENTS, warmUp: WARM_UP_SECONDS * PER_SECOND },
  };
  process.stderr.write(`${NAME}: ${load.bodies.length} of them, in a store of ${rows.length - 1} rows\n`);
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
      processor: `${Math.round((user + system) / load.bodies.length)} µs a withdrawal, the clients' share included`,
      ...durability,
    },
  };
}

/** The header and the first rows of a file. */
async function firstRows(file: string, count: number): Promise<string[]> {
  const rows: string[] = [];
  const input = createReadStream(file);
  for await (const line of createInterface({ input })) if (rows.push(line) > count) break;
  input.destroy();
  return rows;
}

function* pieces(rows: readonly string[]): Generator<Buffer> {
  for (let from = 0; from < rows.length; from += 10_000)
    yield Buffer.from(`${rows.slice(from, from + 10_000).join("\n")}\n`);
}

/** Withdrawals of that many e-mail addresses, each of another row. */
function withdrawals(rows: readonly string[], count: number): string[] {
  const plain = rows.filter((row) => /^[^,]+,email,[\w.+-]+@[\w-]+\.[a-z]+,/.test(row));
  const step = Math.floor(plain.length / count);
  if (step === 0) throw new Error(`${plain.length} contacts are too few`);
  return Array.from({ length: count }, (_, i) => {
    const [account, kind, value] = plain[i * step]!.split(",");
    return `${JSON.stringify({ type: "withdraw", account, kind, value, purpose: "ads.match" })}\n`;
  });
}

function answerOf(load: LoadStart): Promise<LoadResult> {
  const worker = new Worker(new URL("./load.js", import.meta.url), { workerData: load });
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
