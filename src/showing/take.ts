/**
 * Takes showings in: each batch is a leaf, durable before it is acknowledged; what was taken before changes nothing, be
 * it a batch or a single row. A few batches may be on their way to the disk while the next is planned.
 *
 * A row is what was shown to one account, through one audience, of one campaign, at one instant. That it was taken before
 * is found in the day's set of accounts, and only where that leaves it open in the exact rows, which the store has.
 */
import { type InputFormat, inLineOrder, type RefusedRow, type RejectOptions, Rejects } from "../input/index.js";
import { LeafKind } from "../ledger/index.js";
import type { LeafThread } from "../log/index.js";
import type { Append, FactRow } from "../store/index.js";
import { type AlarmAbout, type Alarms, alarmEntry } from "./alarms.js";
import type { Eligible, EligibleAccounts, EligibleRooms } from "./eligible.js";
import {
  DAY_MS,
  type EncodedShowings,
  GROUP,
  NO_ROWS,
  type PlannedShowings,
  type ShowingCounts,
  type ShownBatch,
} from "./facts.js";
import { grouped } from "./grouping.js";
import { BatchOnTheWay } from "./on-the-way.js";
import { readShowings } from "./read.js";
import { showingRefusals } from "./refusal.js";
import type { ShowingBatch } from "./rows.js";
import type { Showings } from "./showings.js";
import type { ShownBefore } from "./shown-before.js";

export interface ShowingRooms extends EligibleRooms {
  readonly showings: Showings;
  readonly alarms: Alarms;
  readonly eligible: Eligible;
  readonly shownBefore: ShownBefore;
  readonly showingLeaves: Pick<LeafThread<PlannedShowings, EncodedShowings>, "make">;
}

export interface ShowingOptions extends RejectOptions {
  readonly actor: string;
  readonly format?: InputFormat | undefined;
  /** The same key of the same caller within 30 days gives the first run's counts again. */
  readonly idempotencyKey?: string | undefined;
  /** @param share how much of a file is read, 0 to 1; 0 while it is not known */
  readonly onProgress?: ((rows: number, share: number) => void) | undefined;
  readonly onWarning?: ((warning: string) => void) | undefined;
  /** Called before each batch counts; throws when it may not any more. */
  readonly admit?: (() => void) | undefined;
}

export interface ShowingsResult extends ShowingCounts {
  readonly rejectFile: string | null;
  readonly refusedRows: readonly RefusedRow[];
}

type Counts = { -readonly [K in keyof ShowingCounts]: ShowingCounts[K] };

/** Batches that may be on their way to the disk. */
const MAX_BATCHES_ON_THE_WAY = 4;
/** Accounts that one alarm names by their numbers, and campaigns. */
const MAX_NAMED = 100;

/**
 * @example await takeShowings(solely, "showings.ndjson", { actor: "job" })
 * @throws {InputError} while it is read
 */
export async function takeShowings(
  rooms: ShowingRooms,
  input: string | AsyncIterable<Uint8Array>,
  { actor, format, idempotencyKey, onProgress, onWarning, admit, ...options }: ShowingOptions,
): Promise<ShowingsResult> {
  const { log, showings } = rooms;
  const before = idempotencyKey === undefined ? undefined : showings.run(actor, idempotencyKey, log.writer.nowMs());
  if (before !== undefined) {
    if (typeof input !== "string") for await (const _ of input);
    return { ...before, rejectFile: null, refusedRows: [] };
  }
  const rejects = new Rejects(showingRefusals, options);
  const counts: Counts = { rows: 0, accepted: 0, duplicates: 0, refused: 0, ineligible: 0 };
  let share = 0;
  const onTheWay: Promise<void>[] = [];
  let failure: unknown;
  const requireUnfailed = () => {
    if (failure !== undefined) throw failure;
    admit?.();
  };
  try {
    const reading = { format, onWarning, onShare: (read: number) => (share = read) };
    for await (const batch of readShowings(input, reading)) {
      counts.rows += batch.totalRows;
      await log.writer.capacity();
      const taken = await takeBatch(rooms, batch, actor, rejects, requireUnfailed);
      onTheWay.push(
        taken.done.catch((error: unknown) => {
          failure ??= error;
        }),
      );
      if (onTheWay.length >= MAX_BATCHES_ON_THE_WAY) await onTheWay.shift();
      counts.accepted += taken.accepted;
      counts.duplicates += taken.duplicates;
      counts.ineligible += taken.ineligible;
      onProgress?.(counts.rows, share);
    }
  } finally {
    await Promise.all(onTheWay);
    await rejects.close();
  }
  if (failure !== undefined) throw failure;
  counts.refused = counts.rows - counts.accepted - counts.duplicates;
  if (idempotencyKey !== undefined) await endRun(rooms, actor, idempotencyKey, counts);
  return { ...counts, rejectFile: rejects.file, refusedRows: rejects.kept };
}

interface Taken {
  readonly accepted: number;
  readonly duplicates: number;
  readonly ineligible: number;
  readonly done: Promise<void>;
}

/** Planned when everything before it counts, but for other showings, which may be on their way. */
async function takeBatch(
  rooms: ShowingRooms,
  batch: ShowingBatch,
  actor: string,
  rejects: Rejects,
  admit: () => void,
): Promise<Taken> {
  const { log, shownBefore } = rooms;
  const plan = async () => {
    admit();
    const { shown, refused } = grouped(rooms, batch);
    await rejects.add(inLineOrder(batch.refusals, refused.take()));
    const fresh = await shownBefore.without(shown);
    const accepted = fresh.account.length;
    const counts = { accepted, duplicates: shown.account.length - accepted, ineligible: 0 };
    // What it repeats may be on its way: it is told as taken when that is durable.
    if (accepted === 0) return { ...counts, done: shownBefore.arrival() };
    await rooms.eligible.learn();
    const wrong = wrongOf(rooms, fresh);
    for (const { showings } of wrong) counts.ineligible += showings;
    return { ...counts, done: sealShowings(rooms, fresh, wrong.map(alarmOf), { actor }) };
  };
  return log.writer.exclusiveSettled(plan, () => shownBefore.leavesOnTheWay);
}

/** Showings of one audience that should not have been. */
interface Wrong {
  readonly audience: string;
  showings: number;
  readonly accounts: Set<number>;
  readonly campaigns: Set<string>;
  firstMs: number;
  lastMs: number;
}

/** Showings to accounts that were not eligible then, by audience. */
function wrongOf(
  { eligible }: ShowingRooms,
  { audiences, campaigns, directory, account, ofDayMs }: ShownBatch,
): Wrong[] {
  const wrong = new Map<string, Wrong>();
  let row = 0;
  let [audience, accounts] = ["", undefined as EligibleAccounts | undefined];
  for (let at = 0; at < directory.length; at += GROUP.words) {
    const own = audiences[directory[at + GROUP.audience]!]!;
    // Groups of one audience follow each other.
    if (accounts === undefined || own !== audience) [audience, accounts] = [own, eligible.of(own)];
    const campaign = campaigns[directory[at + GROUP.campaign]!]!;
    const fromMs = directory[at + GROUP.day]! * DAY_MS;
    for (const end = directory[at + GROUP.end]!; row < end; row++) {
      const atMs = fromMs + ofDayMs[row]!;
      if (accounts.wasEligible(account[row]!, atMs)) continue;
      const found = wrong.get(audience) ?? noneOf(audience);
      wrong.set(audience, found);
      found.showings++;
      if (found.campaigns.size < MAX_NAMED) found.campaigns.add(campaign);
      if (found.accounts.size < MAX_NAMED) found.accounts.add(account[row]!);
      found.firstMs = Math.min(found.firstMs, atMs);
      found.lastMs = Math.max(found.lastMs, atMs);
    }
  }
  return [...wrong.values()];
}

const noneOf = (audience: string): Wrong => ({
  ...{ audience, showings: 0, accounts: new Set(), campaigns: new Set() },
  ...{ firstMs: Number.POSITIVE_INFINITY, lastMs: 0 },
});

const alarmOf = ({ audience, showings, accounts, campaigns, firstMs, lastMs }: Wrong): AlarmAbout => ({
  alarm: "ineligible-showings",
  audience,
  showings,
  accounts: [...accounts],
  campaigns: [...campaigns],
  firstAt: new Date(firstMs).toISOString(),
  lastAt: new Date(lastMs).toISOString(),
});

/** Only inside a section. */
function sealShowings(
  { log, showings, alarms, shownBefore, showingLeaves }: ShowingRooms,
  shown: ShownBatch,
  about: readonly AlarmAbout[],
  header: Omit<PlannedShowings, "shown">,
): Promise<void> {
  const timeMs = log.writer.nowMs();
  const { position } = log.writer;
  const told = about.map((one) => alarmEntry(one, header.actor, timeMs));
  const { audiences, campaigns, directory, account, ofDayMs } = shown;
  // Copies are given away: later batches are held against these rows.
  const columns = { directory: directory.slice(), account: account.slice(), ofDayMs: ofDayMs.slice() };
  const made = showingLeaves.make({ shown: { audiences, campaigns, ...columns }, ...header });
  const entryOf = (facts: EncodedShowings): Append => log.entry({ kind: LeafKind.showings, timeMs, ...facts });
  const entry = made instanceof Promise ? made.then(entryOf) : entryOf(made);
  // Whoever seals it is told; it may be taken back before.
  if (entry instanceof Promise) entry.catch(() => {});
  const alarmFacts = told.map(({ facts }, place): FactRow => {
    const { kind, body } = facts[0]!;
    // The entry's own body is given away.
    return { position: position + 1 + place, part: 0, kind, timeMs, body: body.slice(), keys: new Uint8Array(0) };
  });
  const publish = () => {
    showings.take({ position, timeMs }, shown, header);
    for (const alarm of alarmFacts) alarms.apply(alarm);
    shownBefore.arrived(onTheWay);
  };
  const entries = [entry, ...told];
  const done = log.writer.seal({ entries, publish, undo: () => shownBefore.forget(onTheWay) });
  const onTheWay = new BatchOnTheWay(shown, entries.length, done);
  shownBefore.expect(onTheWay);
  return done;
}

/** The last leaf of a run, under its key: it has no rows, and counts like any. */
async function endRun(rooms: ShowingRooms, actor: string, key: string, counts: ShowingCounts): Promise<void> {
  const { done } = await rooms.log.writer.exclusiveSettled(() => ({
    done: sealShowings(rooms, NO_ROWS, [], { actor, run: { key, counts } }),
  }));
  await done;
}
