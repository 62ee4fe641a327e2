/**
 * Audit: whom the matching of a platform that doesn't run Solely has affected, from what it can export.
 *
 * Two passes, each in as many threads as there are cores. The first reads every row once, matches before all else, and spills
 * it by account; the second judges accounts part by part. Memory is that of a part in each thread, whatever the sizes. Nothing
 * is kept: the spill's files have no name, and what values are in it is under a key of this run.
 */
import { randomBytes } from "node:crypto";
import { closeSync } from "node:fs";
import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { type Claim, matchesOf } from "../incident/index.js";
import { AuditError } from "./error.js";
import { AccountFilter } from "./filter.js";
import { AUDIT_TABLES, type AuditTable, type Finding, type ReadTable } from "./finding.js";
import { makeFinding } from "./found.js";
import { RUN_KEY_BYTES } from "./labels.js";
import { joinedNames, MAX_NAMES } from "./names.js";
import { type AuditedNotices, type AuditNotices, readNotices } from "./notices.js";
import { parquetGroups } from "./parquet-groups.js";
import { PeopleRuns } from "./people.js";
import { Refused } from "./refused.js";
import type { RowsTaken } from "./rows.js";
import { type AuditMap, type AuditSource, findSources, readMap } from "./sources.js";
import { PARTS, workingFiles } from "./spill.js";
import { Threads } from "./threads.js";
import type { Closed, Judged, ReadTask, WorkerStart } from "./worker.js";

export interface AuditOptions {
  /** Absolute. */
  readonly dir: string;
  /** What is claimed to have been wrong; without one, the rule itself is held against the notices' texts. */
  readonly claim?: Claim | undefined;
  /** A map of names elsewhere than in the folder. */
  readonly map?: string | undefined;
  /** A PostgreSQL database that the map's queries are of. */
  readonly from?: string | undefined;
  /** Two letters: how phone numbers without "+" are read; stronger than the map's. */
  readonly region?: string | undefined;
  /** Memberships that nothing ended go on until here; default: the latest instant of any row. */
  readonly untilMs?: number | undefined;
  /** Where everybody who is, or may be, affected is written: `.csv` or `.parquet`. */
  readonly people?: string | undefined;
  /** Where refused rows are told, as CSV. */
  readonly rejects?: string | undefined;
  /** Default: as many as there are cores. */
  readonly threads?: number | undefined;
  readonly onProgress?: ((what: string, done: number, share: number) => void) | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Less than this is read by one thread: it is done before others would have begun. */
const SMALL_BYTES = 4 * 1024 * 1024;
/** Bytes of text that a match takes, at least; for the filter's size. */
const MATCH_BYTES = 24;
/** Matches that a query is taken for, since nobody knows before. */
const QUERY_ROWS = 1e8;

/**
 * Audits a folder.
 * @throws {AuditError}
 * @throws {InputError} of a source as a whole
 * @throws {IncidentError} code `malformed-claim`
 */
export async function audit(options: AuditOptions): Promise<Finding> {
  const { dir, people } = options;
  if (people !== undefined && !/\.(csv|parquet)$/.test(people)) {
    throw new AuditError("unwritable-file", `${people} is neither .csv nor .parquet`, "name it so");
  }
  const map = await readMap(dir, options.map);
  const sources = await findSources(dir, map, options.from !== undefined, options.onWarning);
  for (const out of [people, options.rejects]) {
    if (out === undefined || !sources.some(({ file }) => file === resolve(out))) continue;
    throw new AuditError("unwritable-file", `${out} is a file of the export itself`, "write elsewhere");
  }
  const notices = await readNotices(dir, map);
  const forThreads = notices.forThreads(options.claim);
  const tasks = await tasksOf(sources);
  const refused = await Refused.to(options.rejects);
  const run = new Run(options, { map, notices, forThreads, tasks, refused });
  try {
    return await run.finding();
  } finally {
    await run.end();
  }
}

/** What an audit is about, read before any row is. */
interface Prepared {
  readonly map: AuditMap;
  readonly notices: AuditedNotices;
  readonly forThreads: AuditNotices;
  readonly tasks: readonly Task[];
  readonly refused: Refused;
}

/** What is read in one piece, and how much it is of the whole. */
interface Task extends ReadTask {
  readonly bytes: number;
  readonly rows: number | undefined;
}

async function tasksOf(sources: readonly AuditSource[]): Promise<Task[]> {
  const found = sources.map(async (source): Promise<Task[]> => {
    const whole = { type: "read", source, group: undefined, firstLine: 1, bytes: 0, rows: undefined } as const;
    if (source.file === undefined) return [whole];
    const entry = await stat(source.file).catch(() => undefined);
    if (entry?.isFile() !== true) {
      throw new AuditError(
        "unreadable-file",
        `${source.file} is no file that can be read`,
        "check its name and permissions",
      );
    }
    const bytes = entry.size;
    if (!/\.parquet$/i.test(source.file)) return [{ ...whole, bytes }];
    let firstLine = 1;
    const groups = await parquetGroups(source.file);
    return groups.map((rows, group) => {
      const task = { ...whole, group, firstLine, bytes: bytes / groups.length, rows };
      firstLine += rows;
      return task;
    });
  });
  return (await Promise.all(found)).flat();
}

/** What the driver of PostgreSQL looks for: its own variables, and where the file of passwords is. */
function databaseEnvironment(): NodeJS.ProcessEnv {
  const wanted = Object.entries(process.env).filter(([name]) => /^(PG[A-Z]+|HOME|APPDATA|USER)$/.test(name));
  return Object.fromEntries(wanted);
}

class Run {
  readonly #options: AuditOptions;
  readonly #notices: AuditedNotices;
  readonly #tasks: readonly Task[];
  readonly #files: readonly number[];
  readonly #threads: Threads;
  readonly #refused: Refused;
  /** Good and refused rows, by table. */
  readonly #rows = new Map<AuditTable, { good: number; refused: number }>();
  /** By thread: what it reads, and how much of that. */
  readonly #reading: ({ task: Task; share: number } | undefined)[] = [];
  /** Of all that is read, and of what is done. */
  readonly #bytes: number;
  #doneBytes = 0;

  constructor(options: AuditOptions, { map, notices, forThreads, tasks, refused }: Prepared) {
    this.#options = options;
    this.#notices = notices;
    this.#tasks = tasks;
    this.#refused = refused;
    this.#bytes = tasks.reduce((sum, task) => sum + task.bytes, 0);
    const isSmall = this.#bytes < SMALL_BYTES && options.from === undefined;
    const threads = options.threads ?? (isSmall ? 1 : availableParallelism());
    // One more, for who is affected.
    this.#files = workingFiles(threads + 1);
    const matches = tasks.filter(({ source }) => source.table === "matches");
    const rows = matches.reduce((sum, task) => {
      return sum + (task.rows ?? (task.source.sql === undefined ? task.bytes / MATCH_BYTES : QUERY_ROWS));
    }, 0);
    const start: Omit<WorkerStart, "fd"> = {
      ...{ runKey: randomBytes(RUN_KEY_BYTES), notices: forThreads, from: options.from },
      ...{
        noticeVersions: notices.book.size,
        region: options.region ?? map.region,
        filter: AccountFilter.for(rows).memory,
      },
      keepsNames: options.people !== undefined,
      claimedMatches: options.claim === undefined ? [] : matchesOf(options.claim),
    };
    const starts = this.#files.slice(0, threads).map((fd) => ({ ...start, fd }));
    this.#threads = new Threads(starts, options.from === undefined ? {} : databaseEnvironment(), {
      onRows: (thread, taken, share) => this.#note(thread, taken, share),
      onWarning: (message) => options.onWarning?.(message),
    });
  }

  async finding(): Promise<Finding> {
    for (const surface of this.#notices.ambiguousSurfaces(this.#options.claim)) {
      this.#options.onWarning?.(
        `notices of different meaning were shown at ${JSON.stringify(surface)}: rows there must name their notice`,
      );
    }
    // Who was matched says whose other rows are wanted.
    await this.#read(this.#tasks.filter(({ source }) => source.table === "matches"));
    await this.#read(this.#tasks.filter(({ source }) => source.table !== "matches"));
    const closed = await this.#threads.all<Closed>({ type: "close" });
    await this.#refused.close();
    const lists = joinedNames(closed.map((one) => one.lists));
    const campaigns = joinedNames(closed.map((one) => one.campaigns));
    const countries = joinedNames(closed.map((one) => one.countries));
    if (lists.names.length > MAX_NAMES) {
      throw new AuditError(
        "too-many-names",
        `there are more than ${MAX_NAMES} lists`,
        "check which column is the list",
      );
    }
    const untilMs = this.#options.untilMs ?? closed.reduce((latest, { latestMs }) => Math.max(latest, latestMs), 0);
    const people = new PeopleRuns(this.#files.at(-1)!);
    const judged = await this.#judge(closed, untilMs, lists.names.length + 1, people, {
      lists: lists.numbers,
      campaigns: campaigns.numbers,
      countries: countries.numbers,
    });
    if (this.#options.people !== undefined) await people.write(this.#options.people);
    return makeFinding({
      ...{ claim: this.#options.claim, untilMs, notices: this.#notices, closed, judged, tables: this.#tables() },
      ...{ lists: lists.names, countries: countries.names.map((name) => name.slice(0, -1)) },
      isUntilGiven: this.#options.untilMs !== undefined,
    });
  }

  async #read(tasks: readonly Task[]): Promise<void> {
    await this.#threads.each<void>(
      tasks,
      (task, thread) => {
        this.#reading[thread] = undefined;
        this.#doneBytes += tasks[task]!.bytes;
        this.#progress();
      },
      (task, thread) => {
        this.#reading[thread] = { task: tasks[task]!, share: 0 };
      },
    );
  }

  #note(thread: number, { rows, refusals }: RowsTaken, share: number): void {
    const reading = this.#reading[thread]!;
    const { table, name } = reading.task.source;
    reading.share = share;
    const counted = this.#rows.get(table) ?? { good: 0, refused: 0 };
    this.#rows.set(table, counted);
    counted.good += rows;
    counted.refused += refusals.count;
    this.#refused.add(table, name, refusals);
    this.#progress();
  }

  #progress(): void {
    const all = this.#bytes;
    const now = this.#reading.reduce((sum, one) => sum + (one === undefined ? 0 : one.share * one.task.bytes), 0);
    let rows = 0;
    for (const { good, refused } of this.#rows.values()) rows += good + refused;
    this.#options.onProgress?.("rows read", rows, all === 0 ? 0 : (this.#doneBytes + now) / all);
  }

  async #judge(
    closed: readonly Closed[],
    untilMs: number,
    rows: number,
    people: PeopleRuns,
    joined: { lists: Uint32Array[]; campaigns: Uint32Array[]; countries: Uint32Array[] },
  ): Promise<Judged[]> {
    const files = closed.map(({ index }, thread) => ({ fd: this.#files[thread]!, index }));
    await this.#threads.all({
      type: "judge",
      files,
      joined,
      hasClaim: this.#options.claim !== undefined,
      untilMs,
      rows,
    });
    const parts = Array.from({ length: PARTS }, (_, part) => ({ type: "part", part }) as const);
    let done = 0;
    await this.#threads.each<Uint8Array | undefined>(parts, (_, __, run) => {
      if (run !== undefined) people.add(run);
      this.#options.onProgress?.("parts judged", ++done, done / PARTS);
    });
    return this.#threads.all<Judged>({ type: "end" });
  }

  #tables(): ReadTable[] {
    return AUDIT_TABLES.map((table) => {
      const sources = new Set(this.#tasks.filter(({ source }) => source.table === table).map(({ source }) => source));
      const { good, refused } = this.#rows.get(table) ?? { good: 0, refused: 0 };
      const reasons = this.#refused.reasonsOf(table);
      return { table, sources: sources.size, rows: good + refused, refused, reasons };
    });
  }

  async end(): Promise<void> {
    await this.#threads.end();
    await this.#refused.close().catch(() => undefined);
    for (const fd of this.#files) closeSync(fd);
  }
}
