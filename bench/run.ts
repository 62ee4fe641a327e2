/**
 * Runs the benches: ours and a peer in turn (A B A B …) on the same files, medians, equal answers checked.
 *
 *     npm run bench                     10 M contacts, lists of 1 M rows
 *     npm run bench -- --short          1 M contacts, lists of 100,000 rows
 *     npm run bench -- --job NAME       one job or measure alone
 *     npm run bench -- --json           one JSON object on stdout
 *
 * The world is made once and kept (`--world DIR`, by default in the system's folder for temporary files).
 * Exits 1 when answers differ.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { writeWorld } from "../src/world/index.js";
import { DuckDbPeer } from "./duckdb.js";
import { aligned, count, machine, median, say } from "./figures.js";
import type { Job, Measure, Setting, Side, Taken } from "./job.js";
import { type Engines, jobs, measures } from "./jobs.js";
import { OursBench } from "./ours.js";
import { type JobResult, jobsTable } from "./results.js";

interface MeasureResult {
  readonly measure: string;
  readonly contacts: number;
  readonly value: number;
  readonly unit: string;
  readonly target: string;
  readonly details?: Taken["details"];
}

const SEED = 20_190_917;
const summarySchema = z.object({
  rows: z.number(),
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
const isWanted = ({ name }: { readonly name: string }): boolean => flags.job === undefined || name === flags.job;

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
  const { contactPoints: contacts, rows: contactRows, lists } = summary;
  return { worldDir, scratchDir, contacts, contactRows, listRows: lists.hashed.rows };
}

async function seconds(side: Side): Promise<number> {
  await side.ready?.();
  const from = process.hrtime.bigint();
  await side.run();
  return Number(process.hrtime.bigint() - from) / 1e9;
}

async function runJob(job: Job, setting: Setting): Promise<JobResult> {
  say(`${job.name}: preparing`);
  const { ours, peer } = await job.prepare(setting);
  const times = { ours: [] as number[], peer: [] as number[] };
  try {
    const most = Math.min(rounds, job.rounds ?? rounds);
    // Once to warm up, but for work that takes long.
    for (let round = job.rounds === undefined ? 0 : 1; round <= most; round++) {
      const [own, other] = [await seconds(ours), await seconds(peer)];
      if (round === 0) continue;
      times.ours.push(own);
      times.peer.push(other);
      say(`${job.name}: round ${round} of ${most}: ${own.toFixed(3)} s, peer ${other.toFixed(3)} s`);
    }
    const answers = [await ours.answer(), await job.expected?.(setting)].filter((one) => one !== undefined);
    const answer = await peer.answer();
    const medians = { ours: median(times.ours), peer: median(times.peer) };
    return {
      job: job.name,
      rows: job.rows(setting),
      contacts: setting.contacts,
      ours: ours.name,
      peer: peer.name,
      seconds: medians,
      ratio: medians.peer / medians.ours,
      answer,
      equal: answers.every((one) => one === answer),
    };
  } finally {
    await ours.close();
    await peer.close();
  }
}

async function runMeasure({ name, unit, target, take }: Measure, setting: Setting): Promise<MeasureResult> {
  say(`${name}: measuring`);
  const taken = await take(setting);
  const { value, details } = typeof taken === "number" ? { value: taken, details: {} } : taken;
  for (const [what, is] of Object.entries(details)) say(`${name}: ${what} ${is}`);
  return { measure: name, contacts: setting.contacts, value, unit, target, details };
}

function measuresTable(results: readonly MeasureResult[]): string {
  const head = ["measure", "contacts", "value", "unit", "target"];
  const rows = results.map(({ measure, contacts, value, unit, target }) => {
    return [measure, count(contacts), value.toFixed(2), unit, target];
  });
  return aligned([head, ...rows]);
}

const scratchDir = await mkdtemp(join(tmpdir(), "solely-bench-scratch-"));
const machineBefore = machine();
let ours: OursBench | undefined;
let peer: Promise<DuckDbPeer> | undefined;
const engines: Engines = {
  ours: (setting) => (ours ??= new OursBench(setting)),
  peer: (setting) => (peer ??= DuckDbPeer.open(setting)),
};
try {
  const setting = await openWorld(scratchDir);
  const jobResults: JobResult[] = [];
  for (const job of jobs(engines).filter(isWanted)) jobResults.push(await runJob(job, setting));
  const measureResults: MeasureResult[] = [];
  for (const measure of measures(engines).filter(isWanted)) measureResults.push(await runMeasure(measure, setting));
  const results = { machine: machineBefore, rounds, jobs: jobResults, measures: measureResults };
  if (flags.json) process.stdout.write(`${JSON.stringify(results)}\n`);
  else {
    const tables = [
      ...(jobResults.length > 0 ? [jobsTable(jobResults)] : []),
      ...(measureResults.length > 0 ? [measuresTable(measureResults)] : []),
    ];
    process.stdout.write(`${tables.join("\n\n")}\n\n${machineBefore}; medians, in turn\n`);
  }
  if (jobResults.some(({ equal }) => !equal) || jobResults.length + measureResults.length === 0) process.exitCode = 1;
} finally {
  await ours?.close();
  await peer?.then(
    (opened) => opened.close(),
    () => {},
  );
  await rm(scratchDir, { recursive: true, force: true });
}
