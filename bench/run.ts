/**
 * Runs the benches: ours and a peer in turn (A B A B …) on the same files, medians, equal answers checked.
 *
 *     npm run bench                     10 M contacts, lists of 1 M rows
 *     npm run bench -- --short          1 M contacts, lists of 100,000 rows
 *     npm run bench -- --json           one JSON object on stdout
 *
 * The world is made once and kept (`--world DIR`, by default in the system's folder for temporary files).
 * Exits 1 when answers differ.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { writeWorld } from "../src/world/index.js";
import { DuckDbPeer } from "./duckdb.js";
import type { Job, Setting, Side } from "./job.js";
import { jobs } from "./jobs.js";

interface Row {
  readonly job: string;
  readonly rows: number;
  readonly contacts: number;
  readonly ours: string;
  readonly peer: string;
  /** Medians. */
  readonly seconds: { readonly ours: number | null; readonly peer: number };
  /** The peer's time over ours: above 1 we are faster. */
  readonly ratio: number | null;
  readonly answer: string;
  /** Ours, the peer's and the one that the files hold. */
  readonly equal: boolean;
}

const SEED = 20_190_917;
const summarySchema = z.object({
  accounts: z.number(),
  seed: z.number(),
  contactPoints: z.number(),
  lists: z.object({ hashed: z.object({ rows: z.number() }), raw: z.object({ rows: z.number() }) }),
});

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
    rounds: { type: "string" },
    job: { type: "string" },
    world: { type: "string" },
  },
});
const rounds = Math.max(1, Number(flags.rounds ?? (flags.short ? 3 : 5)) || 1);
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

async function openWorld(scratchDir: string): Promise<Setting> {
  const accounts = flags.short ? 400_000 : 4_000_000;
  const rows = flags.short ? 100_000 : 1_000_000;
  const worldDir = flags.world ?? join(tmpdir(), `solely-bench-${accounts}-${rows}-${SEED}`);
  const read = async () =>
    summarySchema.parse(JSON.parse(await readFile(join(worldDir, "truth", "summary.json"), "utf8")));
  const summary = await read().catch(async () => {
    say(`making a world of ${accounts.toLocaleString("en")} accounts in ${worldDir}`);
    await writeWorld({ accounts, seed: SEED, out: worldDir, lists: "bench", rows });
    return read();
  });
  return {
    worldDir,
    scratchDir,
    contacts: summary.contactPoints,
    listRows: summary.lists.hashed.rows,
    isShort: flags.short,
  };
}

async function seconds(side: Side): Promise<number> {
  const from = process.hrtime.bigint();
  await side.run();
  return Number(process.hrtime.bigint() - from) / 1e9;
}

function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

async function measure(job: Job, setting: Setting): Promise<Row> {
  say(`${job.name}: preparing`);
  const { ours, peer } = await job.prepare(setting);
  const times = { ours: [] as number[], peer: [] as number[] };
  try {
    await ours?.run();
    await peer.run();
    for (let round = 0; round < rounds; round++) {
      if (ours !== undefined) times.ours.push(await seconds(ours));
      times.peer.push(await seconds(peer));
      say(`${job.name}: round ${round + 1} of ${rounds}`);
    }
    const answers = { ours: await ours?.answer(), peer: await peer.answer() };
    const medians = { ours: ours === undefined ? null : median(times.ours), peer: median(times.peer) };
    return {
      job: job.name,
      rows: job.rows(setting),
      contacts: setting.contacts,
      ours: ours?.name ?? "-",
      peer: peer.name,
      seconds: medians,
      ratio: medians.ours === null ? null : medians.peer / medians.ours,
      answer: answers.peer,
      equal: [answers.ours, await job.expected?.(setting)].every(
        (answer) => answer === undefined || job.answersEqual(answer, answers.peer),
      ),
    };
  } finally {
    await ours?.close();
    await peer.close();
  }
}

const machine = (): string => {
  const cores = cpus();
  const load = loadavg()[0]!.toFixed(2);
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cores.length} × ${cores[0]?.model.trim() ?? "unknown"}, ${memory} GiB, load ${load}, Node ${process.version}, ${process.platform}`;
};

function table(results: readonly Row[]): string {
  const head = ["job", "rows", "contacts", "ours s", "peer s", "ratio", "equal", "ours", "peer", "answer"];
  const body = results.map((row) => [
    row.job,
    row.rows.toLocaleString("en"),
    row.contacts.toLocaleString("en"),
    row.seconds.ours?.toFixed(3) ?? "-",
    row.seconds.peer.toFixed(3),
    row.ratio === null ? "-" : `${row.ratio.toFixed(2)}x`,
    row.equal ? "yes" : "NO",
    row.ours,
    row.peer,
    row.answer,
  ]);
  const widths = head.map((title, i) => Math.max(title.length, ...body.map((cells) => cells[i]!.length)));
  return [head, ...body]
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const scratchDir = await mkdtemp(join(tmpdir(), "solely-bench-scratch-"));
const machineBefore = machine();
let peer: Promise<DuckDbPeer> | undefined;
try {
  const setting = await openWorld(scratchDir);
  const wanted = jobs((at) => (peer ??= DuckDbPeer.open(at))).filter(
    ({ name }) => flags.job === undefined || name === flags.job,
  );
  const results: Row[] = [];
  for (const job of wanted) results.push(await measure(job, setting));
  if (flags.json) process.stdout.write(`${JSON.stringify({ machine: machineBefore, rounds, results })}\n`);
  else process.stdout.write(`${table(results)}\nmachine: ${machineBefore}; medians of ${rounds} rounds, in turn\n`);
  if (wanted.length === 0 || results.some(({ equal }) => !equal)) process.exitCode = 1;
} finally {
  await peer?.then(
    (opened) => opened.close(),
    () => {},
  );
  await rm(scratchDir, { recursive: true, force: true });
}
