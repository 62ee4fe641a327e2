/**
 * The worker of an audit: reads sources into its own spill, then judges parts of what all have spilled. It does one thing at a
 * time, as it is told, and answers each.
 */
import { parentPort, workerData } from "node:worker_threads";
import { failureOf, ignoredColumns, openBatches, openedInput, type ReadingFailure } from "../input/index.js";
import { reading as readingFrom } from "./database.js";
import { AccountFilter } from "./filter.js";
import { Judge, type Verdicts } from "./judge.js";
import { Names } from "./names.js";
import type { AuditNotices } from "./notices.js";
import { type GroupListener, ParquetGroups } from "./parquet.js";
import { type JoinedNumbers, Part } from "./part.js";
import { PartPeople } from "./people.js";
import type { AuditRows, Reading, RowsTaken } from "./rows.js";
import type { AuditSource } from "./sources.js";
import { type Spilled, type SpillIndex, SpillReader, SpillWriter } from "./spill.js";
import { rowsOf } from "./table-rows.js";
import type { TallyData } from "./tally.js";
import { Times } from "./times.js";

/** What a worker is started with. */
export interface WorkerStart {
  readonly fd: number;
  readonly runKey: Uint8Array;
  readonly notices: AuditNotices;
  readonly noticeVersions: number;
  readonly region: string | undefined;
  readonly filter: SharedArrayBuffer;
  readonly keepsNames: boolean;
  readonly claimedMatches: readonly string[];
  readonly from: string | undefined;
}

/** Rows [firstLine, …) of a Parquet file's row group, or all of a source. */
export interface ReadTask {
  readonly type: "read";
  readonly source: AuditSource;
  readonly group: number | undefined;
  readonly firstLine: number;
}
interface JudgeStart {
  readonly type: "judge";
  readonly files: readonly Spilled[];
  readonly joined: JoinedNumbers;
  readonly hasClaim: boolean;
  readonly untilMs: number;
  readonly rows: number;
}
export type ToAudit = ReadTask | { type: "close" } | JudgeStart | { type: "part"; part: number } | { type: "end" };

export interface Closed {
  readonly index: SpillIndex;
  readonly lists: string[];
  readonly campaigns: string[];
  readonly countries: string[];
  readonly noticeRows: Float64Array;
  readonly latestMs: number;
  readonly withoutOffset: number;
  readonly days: number;
  readonly numbers: number;
  readonly takenAsVerified: number;
  readonly unknownEnds: number;
  readonly endsBefore: number;
  readonly late: readonly string[];
}
export interface Judged {
  readonly least: TallyData;
  readonly most: TallyData;
  readonly matched: Float64Array;
  readonly verdicts: Verdicts;
}
type Answer = Closed | Judged | Uint8Array | undefined;
export type FromAudit =
  /** What was read since the last time; the share is of the source, 0 to 1. */
  | { type: "rows"; taken: RowsTaken; share: number }
  | { type: "warning"; message: string }
  | { type: "done"; result: Answer }
  | { type: "failed"; failure: ReadingFailure };

const start = workerData as WorkerStart;
const port = parentPort!;
const send = (message: FromAudit): void => port.postMessage(message);

const spill = new SpillWriter(start.fd);
const times = new Times();
const reading: Reading = {
  spill,
  ...{ runKey: start.runKey, notices: start.notices, region: start.region, keepsNames: start.keepsNames },
  filter: new AccountFilter(start.filter),
  claimedMatches: new Set(start.claimedMatches),
  ...{ lists: new Names(), campaigns: new Names(), countries: new Names() },
  noticeRows: new Float64Array(start.noticeVersions),
  told: { latestMs: 0, times, takenAsVerified: 0, unknownEnds: 0, endsBefore: 0, late: [] },
};

async function read({ source, group, firstLine }: ReadTask): Promise<void> {
  const rows = rowsOf(source, reading);
  let share = 0;
  const tell = (taken: RowsTaken): void => send({ type: "rows", taken, share });
  const onWarning = (warning: string): void => send({ type: "warning", message: `${source.name}: ${warning}` });
  const takeAll = async (input: string | AsyncIterable<Uint8Array>, format?: "csv"): Promise<void> => {
    const open = await openedInput(input, { format, onShare: (read) => void (share = read) });
    for await (const taken of openBatches(open, rows, { onWarning })) tell(taken);
  };
  if (group !== undefined) {
    await parquetGroup(source.file!, group, firstLine, rows, {
      onBatch: () => tell(rows.take()),
      onIgnored: (names) => names.length > 0 && onWarning(ignoredColumns(names)),
    });
  } else if (source.sql === undefined) await takeAll(source.file!);
  else await readingFrom(start.from!, ({ csv }) => takeAll(csv(source.sql!), "csv"));
  rows.flush();
  share = 1;
  tell(rows.take());
}

let opened: { readonly file: string; readonly groups: ParquetGroups } | undefined;

async function parquetGroup(
  file: string,
  group: number,
  firstLine: number,
  rows: AuditRows,
  listener: GroupListener,
): Promise<void> {
  if (opened?.file !== file) opened = { file, groups: await ParquetGroups.open(file) };
  await opened.groups.read(group, firstLine, rows, listener);
}

function close(): Closed {
  const { lists, campaigns, countries, noticeRows, told } = reading;
  return {
    index: spill.close(),
    ...{ lists: lists.all(), campaigns: campaigns.all(), countries: countries.all(), noticeRows },
    ...{ latestMs: told.latestMs, withoutOffset: times.withoutOffset, days: times.days, numbers: times.numbers },
    ...{
      takenAsVerified: told.takenAsVerified,
      unknownEnds: told.unknownEnds,
      endsBefore: told.endsBefore,
      late: told.late,
    },
  };
}

let judging: { judge: Judge; reader: SpillReader; joined: JoinedNumbers; people: PartPeople } | undefined;

function startJudging({ files, joined, hasClaim, untilMs, rows }: JudgeStart): void {
  const people = new PartPeople();
  const onPerson = start.keepsNames ? people.add.bind(people) : undefined;
  const judge = new Judge({ notices: start.notices, hasClaim, untilMs, rows, onPerson });
  judging = { judge, reader: new SpillReader(files), joined, people };
}

/** Judges a part; its people, if they are wanted. */
function judgePart(number: number): Uint8Array | undefined {
  const { judge, reader, joined, people } = judging!;
  const part = new Part(reader, number, joined);
  judge.part(part);
  return start.keepsNames ? people.take(part, reader.read("name", number)) : undefined;
}

function judged(): Judged {
  const { least, most, matched, verdicts } = judging!.judge;
  return { least: least.data(), most: most.data(), matched, verdicts };
}

async function answer(message: ToAudit): Promise<Answer> {
  switch (message.type) {
    case "read":
      await read(message);
      return undefined;
    case "close":
      return close();
    case "judge":
      startJudging(message);
      return undefined;
    case "part":
      return judgePart(message.part);
    case "end":
      return judged();
  }
}

port.on("message", (message: ToAudit) => {
  answer(message).then(
    (result) => send({ type: "done", result }),
    (error: unknown) => {
      const failure = failureOf(error);
      // What has no code is a mistake of ours, and ends the thread with its stack.
      if (failure === undefined) throw error;
      send({ type: "failed", failure });
    },
  );
});
