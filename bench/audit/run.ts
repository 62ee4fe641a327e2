/**
 * The audit: ours and DuckDB's SQL in turn on the same Parquet files, equal answers checked.
 *
 *     npm run bench:audit                  33 M accounts, 20 M matches
 *     npm run bench:audit -- --full        330 M accounts, 200 M matches; ours alone unless --peer
 *     npm run bench:audit -- --short       200,000 accounts, 150,000 matches
 *     npm run bench:audit -- --json        one JSON object on stdout
 *
 * The export is made once and kept (`--export DIR`, by default in the system's folder for temporary files). Working files of
 * both lie in that folder too (TMPDIR). Exits 1 when answers differ.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Finding } from "../../src/audit/index.js";
import { count, machine, median, say } from "../figures.js";
import { type JobResult, jobsTable } from "../results.js";
import { auditAnswer, type ListCounts } from "./answer.js";
import { auditByDuckDb } from "./duckdb.js";
import { UNTIL, writeExport } from "./world.js";

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
    peer: { type: "boolean", default: false },
    export: { type: "string" },
    rounds: { type: "string" },
  },
});
const size = flags.full
  ? { accounts: 330_000_000, matches: 200_000_000 }
  : flags.short
    ? { accounts: 200_000, matches: 150_000 }
    : { accounts: 33_000_000, matches: 20_000_000 };
const rounds = Math.max(1, Number(flags.rounds ?? (flags.full ? 1 : 3)) || 1);
const hasPeer = !flags.full || flags.peer;
const POLL_MS = 100;

/** Ours, as a process of its own: what it finds, and the most memory that it had. */
async function ours(dir: string): Promise<{ finding: Finding; peakMib: number }> {
  const cli = fileURLToPath(new URL("../../src/cli/program/solely.js", import.meta.url));
  const child = spawn(process.execPath, [cli, "audit", dir, "--until", UNTIL, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let peakKib = 0;
  const poll = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      peakKib = Math.max(peakKib, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
    } catch {
      // Not on this system, or it has ended.
    }
  }, POLL_MS);
  const parts: Buffer[] = [];
  for await (const part of child.stdout) parts.push(part as Buffer);
  const code = child.exitCode ?? (await new Promise<number | null>((resolve) => child.once("exit", resolve)));
  clearInterval(poll);
  if (code !== 0) throw new Error(`the audit ended with ${code}`);
  return { finding: JSON.parse(Buffer.concat(parts).toString()) as Finding, peakMib: peakKib / 1024 };
}

const answerOf = ({ atLeast, atMost, lists }: Finding): string =>
  auditAnswer(
    atLeast.people,
    atMost.people,
    lists.map((one): ListCounts => [`${one.advertiser} ${one.list}`, one.atLeast.people, one.atMost.people]),
  );

async function timed<T>(work: () => Promise<T>): Promise<[number, T]> {
  const from = performance.now();
  const result = await work();
  return [(performance.now() - from) / 1000, result];
}

const dir = flags.export ?? join(tmpdir(), `solely-bench-audit-${size.accounts}-${size.matches}`);
const done = `${dir}.done`;
if (!existsSync(done)) {
  say(`making an export of ${count(size.accounts)} accounts and ${count(size.matches)} matches in ${dir}`);
  await writeExport(dir, size);
  await writeFile(done, "");
}
const machineBefore = machine();
const scratch = await mkdtemp(join(tmpdir(), "solely-bench-audit-scratch-"));
const memoryGb = Math.max(1, Math.floor((freemem() / 1024 ** 3) * 0.7));
const times = { ours: [] as number[], peer: [] as number[] };
let [answer, peerAnswer, rows, peakMib] = ["", "", 0, 0];
try {
  for (let round = 1; round <= rounds; round++) {
    const [own, found] = await timed(() => ours(dir));
    times.ours.push(own);
    answer = answerOf(found.finding);
    rows = found.finding.tables.reduce((sum, table) => sum + table.rows, 0);
    peakMib = Math.max(peakMib, found.peakMib);
    say(`audit: round ${round} of ${rounds}: ${own.toFixed(1)} s, ${count(peakMib)} MiB`);
    if (!hasPeer) continue;
    const [other, its] = await timed(() => auditByDuckDb(dir, memoryGb, scratch));
    times.peer.push(other);
    peerAnswer = its;
    say(`audit: round ${round} of ${rounds}: peer ${other.toFixed(1)} s`);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
const seconds = { ours: median(times.ours), peer: hasPeer ? median(times.peer) : Number.NaN };
const result: JobResult = {
  ...{ job: "audit", rows, contacts: size.accounts, ours: "solely audit", peer: hasPeer ? "DuckDB, SQL" : "-" },
  ...{ seconds, ratio: seconds.peer / seconds.ours, answer, equal: !hasPeer || answer === peerAnswer },
};
if (flags.json) process.stdout.write(`${JSON.stringify({ machine: machineBefore, jobs: [{ ...result, peakMib }] })}\n`);
else say(`${jobsTable([result])}\npeak memory of ours: ${count(peakMib)} MiB`);
if (!result.equal) {
  say(`answers differ: ${answer}; peer ${peerAnswer}`);
  process.exitCode = 1;
}
