/**
 * Takes showings in: each batch is a leaf, durable before it is acknowledged; what was taken before changes nothing, be
 * it a batch or a single row. A batch is read while the one before becomes durable.
 *
 * A row is what was shown to one account, through one audience, of one campaign, at one instant. That it was taken before
 * is found in the day's set of accounts, and only where that leaves it open in the exact rows, which the store has.
 */
import { type InputFormat, RefusalList, type RefusedRow, type RejectOptions, Rejects } from "../input/index.js";
import { LeafKind } from "../ledger/index.js";
import { OrdinalSet } from "../set/index.js";
import type { Append, FactRow } from "../store/index.js";
import { type AlarmAbout, type Alarms, alarmEntry } from "./alarms.js";
import type { Eligible, EligibleRooms } from "./eligible.js";
import { DAY_MS, encodeShowings, instantsOf, type ShowingCounts, type ShownRows } from "./facts.js";
import { readShowings } from "./read.js";
import { SHOWING_REFUSAL, showingRefusals } from "./refusal.js";
import type { ShowingBatch } from "./rows.js";
import type { Showings } from "./showings.js";
import type { ShownBefore } from "./shown-before.js";

export interface ShowingRooms extends EligibleRooms {
  readonly showings: Showings;
  readonly alarms: Alarms;
  readonly eligible: Eligible;
  readonly shownBefore: ShownBefore;
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
  let durable: Promise<void> = Promise.resolve();
  try {
    const reading = { format, onWarning, onShare: (read: number) => (share = read) };
    for await (const batch of readShowings(input, reading)) {
      await durable;
      counts.rows += batch.totalRows;
      await rejects.add(batch.refusals);
      const taken = await takeBatch(rooms, batch, actor, rejects, admit);
      durable = taken.done;
      // What fails is told when it is waited for.
      durable.catch(() => {});
      counts.accepted += taken.accepted;
      counts.duplicates += taken.duplicates;
      counts.ineligible += taken.ineligible;
      onProgress?.(counts.rows, share);
    }
    await durable;
  } finally {
    await durable.catch(() => {});
    await rejects.close();
  }
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

/** Planned when everything before it counts. */
async function takeBatch(
  rooms: ShowingRooms,
  batch: ShowingBatch,
  actor: string,
  rejects: Rejects,
  admit: (() => void) | undefined,
): Promise<Taken> {
  const { log } = rooms;
  return log.writer.exclusiveSettled(async () => {
    admit?.();
    const { groups, rows, refused } = grouped(rooms, batch);
    await rejects.add(refused.take());
    const fresh: ShownRows[] = [];
    const wrong = new Map<string, Wrong>();
    let [accepted, ineligible] = [0, 0];
    // What is kept of an audience is then asked for by all of its groups, one after the other.
    groups.sort((a, b) => (a.audience < b.audience ? -1 : a.audience > b.audience ? 1 : 0));
    for (const group of groups) {
      const accounts = OrdinalSet.from(group.account);
      try {
        const kept = await rooms.shownBefore.without(group, accounts);
        if (kept.account.length === 0) continue;
        fresh.push(kept);
        accepted += kept.account.length;
        ineligible += await findIneligible(rooms, kept, accounts, wrong);
      } finally {
        accounts.dispose();
      }
    }
    const counts = { accepted, duplicates: rows - accepted, ineligible };
    if (fresh.length === 0) return { ...counts, done: Promise.resolve() };
    return { ...counts, done: sealShowings(rooms, fresh, [...wrong.values()].map(alarmOf), { actor }) };
  });
}

/** Rows by audience, campaign and day; those that name what there is not are refused. */
function grouped(
  { audiences, contacts }: ShowingRooms,
  batch: ShowingBatch,
): { groups: ShownRows[]; rows: number; refused: RefusalList } {
  const { accountBytes, accountEnds, atMs, campaigns } = batch;
  const refused = new RefusalList();
  const known = new Map(audiences.all().map((audience) => [audience.id, audience]));
  // By the places of names: the advertiser that an audience is of, -1 if it is of none that is named here, -2 for none.
  const advertiserOf = batch.audiences.map((id) => {
    const found = known.get(id);
    return found === undefined ? -2 : batch.advertisers.indexOf(found.advertiser);
  });
  const groupOfKey = new Map<number, number>();
  const keys: { audience: string; campaign: string; day: number; rows: number }[] = [];
  const groupOf = new Int32Array(batch.rows).fill(-1);
  const number = new Uint32Array(batch.rows);
  let [lastKey, lastGroup, rows] = [-1, -1, 0];
  for (let row = 0; row < batch.rows; row++) {
    const audience = batch.audience[row]!;
    const owner = advertiserOf[audience]!;
    if (owner !== batch.advertiser[row]) {
      const [column, code] = owner === -2 ? [3, SHOWING_REFUSAL.unknownAudience] : [1, SHOWING_REFUSAL.otherAdvertiser];
      refused.add(batch.line[row]!, column!, code!);
      continue;
    }
    const account = contacts.accounts.find(accountBytes, row === 0 ? 0 : accountEnds[row - 1]!, accountEnds[row]!);
    if (account < 0) {
      refused.add(batch.line[row]!, 4, SHOWING_REFUSAL.unknownAccount);
      continue;
    }
    const day = Math.floor(atMs[row]! / DAY_MS);
    const key = (day * campaigns.length + batch.campaign[row]!) * batch.audiences.length + audience;
    if (key !== lastKey) {
      lastKey = key;
      lastGroup = groupOfKey.get(key) ?? -1;
      if (lastGroup < 0) {
        const names = { audience: batch.audiences[audience]!, campaign: campaigns[batch.campaign[row]!]! };
        lastGroup = keys.push({ ...names, day, rows: 0 }) - 1;
        groupOfKey.set(key, lastGroup);
      }
    }
    groupOf[row] = lastGroup;
    number[row] = account;
    keys[lastGroup]!.rows++;
    rows++;
  }
  const groups = keys.map(({ rows: count, ...key }) => ({
    ...key,
    account: new Uint32Array(count),
    ofDayMs: new Uint32Array(count),
  }));
  const used = new Uint32Array(keys.length);
  for (let row = 0; row < batch.rows; row++) {
    const group = groupOf[row]!;
    if (group < 0) continue;
    const at = used[group]!++;
    groups[group]!.account[at] = number[row]!;
    groups[group]!.ofDayMs[at] = atMs[row]! - groups[group]!.day * DAY_MS;
  }
  return { groups, rows, refused };
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

async function findIneligible(
  { eligible }: ShowingRooms,
  { audience, campaign, day, account, ofDayMs }: ShownRows,
  accounts: OrdinalSet,
  wrong: Map<string, Wrong>,
): Promise<number> {
  const atMs = instantsOf(day, ofDayMs);
  const places = await eligible.ineligible(audience, accounts, account, atMs);
  if (places.length === 0) return 0;
  const found = wrong.get(audience) ?? {
    ...{ audience, showings: 0, accounts: new Set<number>(), campaigns: new Set<string>() },
    ...{ firstMs: Number.POSITIVE_INFINITY, lastMs: 0 },
  };
  wrong.set(audience, found);
  found.showings += places.length;
  if (found.campaigns.size < MAX_NAMED) found.campaigns.add(campaign);
  for (const place of places) {
    if (found.accounts.size < MAX_NAMED) found.accounts.add(account[place]!);
    found.firstMs = Math.min(found.firstMs, atMs[place]!);
    found.lastMs = Math.max(found.lastMs, atMs[place]!);
  }
  return places.length;
}

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
  { log, showings, alarms, shownBefore }: ShowingRooms,
  groups: readonly ShownRows[],
  about: readonly AlarmAbout[],
  header: Parameters<typeof encodeShowings>[1],
): Promise<void> {
  const timeMs = log.writer.nowMs();
  const { position } = log.writer;
  const encoded = encodeShowings(groups, header);
  const told = about.map((one) => alarmEntry(one, header.actor, timeMs));
  const factOf = (entry: Append, place: number): FactRow => {
    const { kind, body, keys = new Uint8Array(0) } = entry.facts[0]!;
    // The entry's own body is given away.
    return { position: position + place, part: 0, kind, timeMs, body: body.slice(), keys };
  };
  const entries = [log.entry({ kind: LeafKind.showings, timeMs, ...encoded }), ...told];
  const facts = entries.map(factOf);
  const publish = () => {
    showings.apply(facts[0]!);
    for (const alarm of facts.slice(1)) alarms.apply(alarm);
    shownBefore.note(groups);
  };
  return log.writer.seal({ entries, publish, undo: () => {} });
}

/** The last leaf of a run, under its key: it has no rows, and counts like any. */
async function endRun(rooms: ShowingRooms, actor: string, key: string, counts: ShowingCounts): Promise<void> {
  const { done } = await rooms.log.writer.exclusiveSettled(() => ({
    done: sealShowings(rooms, [], [], { actor, run: { key, counts } }),
  }));
  await done;
}
