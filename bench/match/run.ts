/**
 * How the match grows: lists of many lengths, in three forms, against platforms of many sizes; ours and each peer in turn
 * (A B A B …), each in a process of its own, equal answers checked first.
 *
 *     npm run bench:match                                    1 M to 300 M contacts, lists of 10,000 to 10 M rows
 *     npm run bench:match -- --contacts 1e8 --rows 1e6,1e8   which sizes, with commas
 *     npm run bench:match -- --forms hashed                  of hashed, raw, dirty
 *     npm run bench:match -- --peers duckdb,clickhouse       of duckdb, clickhouse, polars, postgresql, node; none
 *     npm run bench:match -- --rounds 9                      timed runs of each; long ones are run less often, at least 3 times
 *     npm run bench:match -- --plot                          the growth curves too, as docs/growth-FORM.svg
 *     npm run bench:match -- --plot --from a.json,b.json     the curves of runs before, each with --json; nothing is measured
 *     npm run bench:match -- --json                          one JSON object on stdout
 *     npm run bench:match -- --short                         1 M contacts, lists of 10,000 and 100,000, DuckDB and plain Node
 *
 * Contacts are a formula (population.ts); each engine has them in the table that its experts would build, before anything is
 * timed. Timed is a match from the list's file to its answer. What an engine can't hold is skipped, with the reason. Beside
 * the jobs stands what the machine allows at most (roofline.ts). Exits 1 when answers differ.
 */
import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { aligned, count, machine, median, say } from "../figures.js";
import { digits, type JobResult, jobsTable } from "../results.js";
import { type EngineProcess, type Opened, startEngine } from "./engine-process.js";
import { PEERS, type PeerName } from "./engines.js";
import { earlierSchema, type OursResult, plotGrowth } from "./plot.js";
import { type Answer, answerText, FORMS, jobOf, type List, writeList } from "./population.js";
import { hashingRate, probingRate, readingRate } from "./roofline.js";

/** A list, what its match must find, and what ours took. */
interface Case {
  readonly list: List;
  readonly answer: Answer;
  readonly ours: number[];
}
interface SkippedResult {
  readonly peer: string;
  readonly contacts: number;
  /** All of them where there is none. */
  readonly job?: string;
  readonly reason: string;
}
interface BuiltResult extends Omit<Opened, "ways"> {
  readonly contacts: number;
}
interface RooflineResult {
  readonly roofline: string;
  readonly perSecond: number;
  readonly unit: "bytes" | "addresses" | "probes";
  readonly rowsPerSecond: number;
  readonly job: string;
  readonly rows: number;
  readonly contacts: number;
  /** Of the roofline that ours reaches. */
  readonly share: number;
}

const { values: flags } = parseArgs({
  options: {
    contacts: { type: "string" },
    rows: { type: "string" },
    forms: { type: "string" },
    peers: { type: "string" },
    rounds: { type: "string" },
    from: { type: "string" },
    plot: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
  },
});
const numbers = (text: string): number[] => text.split(",").map(Number);
const contactsList = numbers(flags.contacts ?? (flags.short ? "1e6" : "1e6,1e7,1e8,3e8"));
const rowsList = numbers(flags.rows ?? (flags.short ? "1e4,1e5" : "1e4,1e5,1e6,1e7"));
const rounds = Math.max(1, Number(flags.rounds ?? (flags.short ? 3 : 5)) || 1);
const forms = FORMS.filter((form) => (flags.forms ?? FORMS.join()).split(",").includes(form));
const peerNames = (Object.keys(PEERS) as PeerName[]).filter((name) =>
  (flags.peers ?? (flags.short ? "duckdb,node" : Object.keys(PEERS).join())).split(",").includes(name),
);
/** Runs of a pair take no longer in sum, but for the fewest. */
const PAIR_SECONDS = 60;
const FEWEST_ROUNDS = 3;
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const jobs: JobResult[] = [];
const skipped: SkippedResult[] = [];
const built: BuiltResult[] = [];
const alone: OursResult[] = [];
const rooflines: RooflineResult[] = [];

/** Every match of one number of contacts. */
async function measure(contacts: number, scratch: string): Promise<void> {
  const folder = async (name: string): Promise<string> => {
    const path = join(scratch, name);
    await mkdir(path);
    return path;
  };
  const ours = await startEngine("ours", contacts, await folder("ours"));
  if ("skipped" in ours) {
    skipped.push({ peer: "Solely", contacts, reason: ours.skipped });
    return;
  }
  try {
    keepBuilt(ours, contacts);
    const cases: Case[] = [];
    for (const form of forms) {
      for (const rows of rowsList) {
        const list: List = { file: join(scratch, `${form}-${rows}.csv`), form, rows };
        const answer = await writeList(list, contacts);
        requireEqual("Solely", (await ours.match({ list })).answer, answer);
        cases.push({ list, answer, ours: [] });
      }
    }
    for (const name of peerNames) {
      const possible = cases.filter(({ list: { form } }) => PEERS[name].refuses?.(form, contacts) === undefined);
      for (const form of forms) {
        const reason = PEERS[name].refuses?.(form, contacts);
        if (reason !== undefined) skipped.push({ peer: PEERS[name].name, contacts, job: jobOf(form), reason });
      }
      if (possible.length > 0) await comparePeer(name, ours, possible, contacts, await folder(name));
      await rm(join(scratch, name), { recursive: true, force: true });
    }
    for (const each of cases) {
      while (each.ours.length < rounds) each.ours.push((await ours.match({ list: each.list })).seconds);
      const { form, rows } = each.list;
      const fromMemory: number[] = [];
      for (let round = 0; round <= rounds; round++) {
        const matched = await ours.match({ list: each.list, fromMemory: true });
        requireEqual("Solely", matched.answer, each.answer);
        if (round > 0) fromMemory.push(matched.seconds);
      }
      const seconds = { fromFile: median(each.ours), fromMemory: median(fromMemory) };
      alone.push({ job: jobOf(form), rows, contacts, seconds });
    }
    await compareRooflines(cases, contacts);
  } finally {
    await ours.close();
  }
}

function keepBuilt({ name, buildSeconds, rssBytes }: EngineProcess, contacts: number): void {
  built.push({ name, buildSeconds, rssBytes, contacts });
  say(`${name}: ${count(contacts)} contacts built in ${buildSeconds.toFixed(1)} s`);
}

function requireEqual(name: string, found: Answer, truth: Answer): void {
  if (answerText(found) === answerText(truth)) return;
  throw new Error(`${name} found ${answerText(found)}, and not ${answerText(truth)}`);
}

/** One peer, all its lists; what fails is skipped, with its own words. */
async function comparePeer(
  name: PeerName,
  ours: EngineProcess,
  cases: readonly Case[],
  contacts: number,
  scratch: string,
): Promise<void> {
  say(`${PEERS[name].name}: building ${count(contacts)} contacts`);
  const peer = await startEngine(name, contacts, scratch);
  if ("skipped" in peer) {
    skipped.push({ peer: PEERS[name].name, contacts, reason: peer.skipped });
    return;
  }
  keepBuilt(peer, contacts);
  try {
    for (const each of cases) {
      const result = await comparePair(ours, peer, each, contacts);
      jobs.push(result);
      say(
        `${result.job}, ${count(result.rows)} of ${count(contacts)}: ${digits(result.seconds.ours)} s, ` +
          `${result.peer} ${digits(result.seconds.peer)} s`,
      );
    }
  } catch (error) {
    skipped.push({ peer: peer.name, contacts, reason: reasonOf(error) });
  } finally {
    await peer.close();
  }
}

/** One list, in turn; every way of the peer is tried before, and the fastest stays. */
async function comparePair(
  ours: EngineProcess,
  peer: EngineProcess,
  { list, answer, ours: all }: Case,
  contacts: number,
): Promise<JobResult> {
  const tried = [];
  for (const way of peer.ways) {
    await peer.match({ list, way });
    tried.push({ way, ...(await peer.match({ list, way })) });
  }
  const { way, seconds } = tried.reduce((best, one) => (one.seconds < best.seconds ? one : best));
  const own = (await ours.match({ list })).answer;
  const times = { ours: [] as number[], peer: [] as number[] };
  const most = Math.min(rounds, Math.max(FEWEST_ROUNDS, Math.floor(PAIR_SECONDS / seconds)));
  for (let round = 0; round < most; round++) {
    times.ours.push((await ours.match({ list })).seconds);
    times.peer.push((await peer.match({ list, way })).seconds);
  }
  all.push(...times.ours);
  const medians = { ours: median(times.ours), peer: median(times.peer) };
  return {
    job: jobOf(list.form),
    rows: list.rows,
    contacts,
    ours: ours.name,
    peer: `${peer.name}, ${way}`,
    seconds: medians,
    ratio: medians.peer / medians.ours,
    answer: answerText(answer),
    equal: [own, ...tried.map((one) => one.answer)].every((one) => answerText(one) === answerText(answer)),
  };
}

/** What of the machine's own speed ours reaches with the longest list of each form. */
async function compareRooflines(cases: readonly Case[], contacts: number): Promise<void> {
  const hashing = hashingRate();
  const probing = probingRate(contacts).perSecond;
  for (const form of forms) {
    const longest = cases.findLast(({ list }) => list.form === form)!;
    const { file, rows } = longest.list;
    const reached = rows / median(longest.ours);
    const reading = await readingRate(file);
    const tell = (roofline: string, perSecond: number, unit: RooflineResult["unit"], ofRow = 1): void => {
      const rowsPerSecond = perSecond / ofRow;
      const share = reached / rowsPerSecond;
      rooflines.push({ roofline, perSecond, unit, rowsPerSecond, job: jobOf(form), rows, contacts, share });
    };
    tell("reading", reading, "bytes", (await stat(file)).size / rows);
    if (form !== "hashed") tell("hashing", hashing, "addresses");
    tell("probing", probing, "probes");
  }
}

function tables(): string {
  const rowsOf = <T>(head: readonly string[], results: readonly T[], cells: (result: T) => string[]): string[] =>
    results.length === 0 ? [] : [aligned([head, ...results.map(cells)])];
  return [
    ...(jobs.length === 0 ? [] : [jobsTable(jobs)]),
    ...rowsOf(["Solely", "rows", "contacts", "from the file s", "rows/s", "from memory s", "rows/s"], alone, (one) => [
      ...[one.job, count(one.rows), count(one.contacts)],
      ...[one.seconds.fromFile, one.seconds.fromMemory].flatMap((each) => [digits(each), count(one.rows / each)]),
    ]),
    ...rowsOf(["roofline", "a second", "rows/s", "job", "rows", "contacts", "reached"], rooflines, (one) => [
      ...[one.roofline, `${count(one.perSecond)} ${one.unit}`, count(one.rowsPerSecond)],
      ...[one.job, count(one.rows), count(one.contacts)],
      `${(100 * one.share).toFixed(1)} %`,
    ]),
    ...rowsOf(["engine", "contacts", "built in s", "GiB in its process"], built, (one) => [
      ...[one.name, count(one.contacts), one.buildSeconds.toFixed(1), (one.rssBytes / 2 ** 30).toFixed(2)],
    ]),
    ...rowsOf(["skipped", "contacts", "job", "reason"], skipped, (one) => [
      ...[one.peer, count(one.contacts), one.job ?? "all", one.reason],
    ]),
  ].join("\n\n");
}

if (flags.from !== undefined) {
  for (const file of flags.from.split(",")) {
    const before = earlierSchema.parse(JSON.parse(await readFile(file, "utf8")));
    alone.push(...before.alone);
    jobs.push(...before.jobs);
  }
} else {
  const machineBefore = machine();
  for (const contacts of contactsList) {
    const scratch = await mkdtemp(join(tmpdir(), "solely-match-"));
    try {
      await measure(contacts, scratch);
    } catch (error) {
      skipped.push({ peer: "Solely", contacts, reason: reasonOf(error) });
      process.exitCode = 1;
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
  const results = { machine: machineBefore, rounds, jobs, alone, rooflines, built, skipped };
  if (flags.json) process.stdout.write(`${JSON.stringify(results)}\n`);
  else process.stdout.write(`${tables()}\n\n${machineBefore}; medians, in turn\n`);
}
if (flags.plot) await plotGrowth(alone, jobs);
if (alone.length === 0 || jobs.some(({ equal }) => !equal)) process.exitCode = 1;
