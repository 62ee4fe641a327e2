/**
 * The case of 2019 at a share of its size: Solely takes it in, assesses it cold and warm, and is held number by number
 * against the truth of who made it; DuckDB, PostgreSQL and ClickHouse's engine answer the same question by SQL.
 *
 *     npm run bench:case                          1 % of the case
 *     npm run bench:case -- --scale 0.001         any share; several, with commas: what grows with what
 *     npm run bench:case -- --peers duckdb,none   which peers, of duckdb, postgresql, clickhouse
 *     npm run bench:case -- --json
 *     npm run bench:case -- --short               1 %, with DuckDB alone: what CI runs
 *
 * What an engine is not there for is said, and skipped. Exits 1 when a number is not the truth.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { count, machine, median, say } from "../figures.js";
import type { Assessed } from "./assess.js";
import type { Loaded } from "./load.js";
import { inOwnProcess } from "./measure.js";
import { clickHouse, differences, duckDb, type Peer, type PeerResult, postgreSql } from "./peers.js";
import { totalsOf } from "./question.js";
import { differencesFromTruth } from "./truth.js";
import { type CaseWorld, writeCase } from "./world.js";

const SEED = 20_190_917;
const PEERS: Readonly<Record<string, Peer>> = { duckdb: duckDb, postgresql: postgreSql, clickhouse: clickHouse };

interface CaseResult {
  readonly scale: number;
  readonly world: Omit<CaseWorld, "lists" | "truth" | "folder">;
  readonly loaded: Loaded;
  readonly assessed: Omit<Assessed, "audiences">;
  /** Where ours is not the truth. */
  readonly wrong: readonly string[];
  readonly peers: readonly (PeerResult & { readonly wrong: readonly string[] })[];
  /** One minute's load of the machine, before and after. */
  readonly load: readonly [number, number];
}

const { values: flags } = parseArgs({
  options: {
    scale: { type: "string" },
    peers: { type: "string" },
    json: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
  },
});
const scales = (flags.scale ?? "0.01").split(",").map(Number);
const peers = (flags.peers ?? (flags.short ? "duckdb" : Object.keys(PEERS).join(","))).split(",");
async function runCase(scale: number): Promise<CaseResult> {
  const scratch = await mkdtemp(join(tmpdir(), "solely-case-"));
  const before = loadavg()[0]!;
  try {
    const folder = join(scratch, "world");
    const whole = await writeCase(folder, { scale, seed: SEED, hasTables: peers.some((name) => name in PEERS) }, say);
    await writeFile(join(folder, "case.json"), JSON.stringify(whole));
    const data = join(scratch, "data");
    const loaded = await inOwnProcess<Loaded>("load", [data, folder]);
    const { audiences, ...assessed } = await inOwnProcess<Assessed>("assess", [data]);
    const wrong = differencesFromTruth(assessed.assessment, audiences, whole.truth);
    const answers: CaseResult["peers"][number][] = [];
    for (const name of peers) {
      const peer = PEERS[name];
      if (peer === undefined) continue;
      say(`${name}: loading and asking`);
      const result = await peer(whole, scratch);
      answers.push({
        ...result,
        wrong: result.answer === undefined ? [] : differences(result.answer, totalsOf(whole.truth)),
      });
    }
    const { lists, truth, folder: _, ...world } = whole;
    return { scale, world, loaded, assessed, wrong, peers: answers, load: [before, loadavg()[0]!] };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(2);
function lines({ scale, world, loaded, assessed, wrong, peers, load }: CaseResult): string[] {
  const { assessment } = assessed;
  const warm = median(assessed.warmSeconds);
  const rates = [
    `contacts taken in: ${count(loaded.rows)} in ${loaded.contactSeconds.toFixed(1)} s, ${count(loaded.rows / loaded.contactSeconds)}/s`,
    `rows of lists matched: ${count(loaded.listRows)} in ${loaded.matchSeconds.toFixed(1)} s, ${count(loaded.listRows / loaded.matchSeconds)}/s`,
    `showings taken in: ${count(loaded.showings)} in ${loaded.showingSeconds.toFixed(1)} s, ${count(loaded.showings / loaded.showingSeconds)}/s`,
    `memory: ${(assessed.open.own / loaded.contactPoints).toFixed(0)} bytes a contact point with the store open, and ${gib(assessed.open.files)} GiB of files in memory; at most ${gib(loaded.peakBytes)} GiB while loading, ${gib(assessed.peakBytes)} GiB while assessing`,
    `totals: ${assessed.coldSeconds.toFixed(3)} s cold (and ${assessed.openSeconds.toFixed(2)} s to open the store), ${warm.toFixed(4)} s warm; with the table per audience ${assessed.tableSeconds.toFixed(3)} s`,
  ];
  const answer = Object.entries(assessment).filter(([name]) => name !== "byDay");
  return [
    `${(scale * 100).toString()} %: ${count(world.accounts)} people, ${count(loaded.contactPoints)} contact points, ${count(world.memberships)} matches, load ${load.map((one) => one.toFixed(1)).join(" to ")}`,
    ...rates,
    ...answer.map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
    wrong.length === 0 ? "  as the truth says, number by number" : `  NOT THE TRUTH: ${wrong.join("; ")}`,
    ...peers.map((peer) => {
      if (peer.seconds === undefined) return `${peer.peer}: skipped, ${peer.skipped}`;
      const theirs = Math.min(...peer.seconds);
      const equal = peer.wrong.length === 0 ? "equal numbers" : `OTHER NUMBERS: ${peer.wrong.join("; ")}`;
      return `${peer.peer}: ${theirs.toFixed(3)} s (loaded in ${peer.loadSeconds!.toFixed(1)} s), ${equal}; ours is ${(theirs / warm).toFixed(1)} times as fast`;
    }),
  ];
}

function growth(results: readonly CaseResult[]): string {
  const head = [
    "share",
    "contact points",
    "matches",
    "lists'",
    "cold s",
    "warm s",
    "table s",
    "GiB open",
    "bytes/contact",
  ];
  const rows = results.map(({ scale, world, loaded, assessed }) => [
    `${scale * 100} %`,
    count(loaded.contactPoints),
    count(world.memberships),
    count(assessed.assessment.audiences),
    assessed.coldSeconds.toFixed(3),
    median(assessed.warmSeconds).toFixed(4),
    assessed.tableSeconds.toFixed(3),
    gib(assessed.open.own),
    (assessed.open.own / loaded.contactPoints).toFixed(0),
  ]);
  return [head, ...rows].map((cells) => cells.map((cell) => cell.padStart(15)).join("")).join("\n");
}

const machineBefore = machine();
const results: CaseResult[] = [];
for (const scale of scales) {
  const result = await runCase(scale);
  results.push(result);
  if (!flags.json) process.stdout.write(`${lines(result).join("\n")}\n\n`);
}
if (flags.json) process.stdout.write(`${JSON.stringify({ machine: machineBefore, results })}\n`);
else process.stdout.write(`${growth(results)}\n\n${machineBefore}\n`);
if (results.some(({ wrong, peers }) => wrong.length > 0 || peers.some((peer) => peer.wrong.length > 0)))
  process.exitCode = 1;
