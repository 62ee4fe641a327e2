/**
 * Showings: the accounts to which an ad was shown, as sets by audience, campaign and UTC day, with counts; a fold of the
 * facts of showings. The exact instants stay in the store, and are read when they are needed.
 */
import { LeafKind } from "../ledger/index.js";
import { bytesOf, type Fold, jsonSection, type Kept, type Log, readJson } from "../log/index.js";
import { OrdinalSet, type ReadonlyOrdinalSet } from "../set/index.js";
import { type FactRow, viewF64, viewU32 } from "../store/index.js";
import { DAY_MS, decodeShowings, GROUP, type ShowingCounts, type ShowingsHeader, type ShownBatch } from "./facts.js";

/** What was shown through one audience, of one campaign, on one UTC day. */
export interface ShownDay {
  readonly audience: string;
  readonly campaign: string;
  /** Days since 1970. */
  readonly day: number;
  /** Numbers of the accounts. */
  readonly accounts: ReadonlyOrdinalSet;
  readonly showings: number;
  /** The last instant, milliseconds of the day. */
  readonly lastOfDayMs: number;
  /** Positions of the leaves that hold its rows, ascending. */
  readonly positions: readonly number[];
}

/** Exact rows of one leaf; views, good until the next. */
export interface ShownAt {
  readonly shown: ShownDay;
  readonly account: Uint32Array;
  readonly atMs: Float64Array;
}

interface HotDay extends ShownDay {
  readonly accounts: OrdinalSet;
  showings: number;
  lastOfDayMs: number;
  readonly positions: number[];
}

interface SavedDays {
  readonly audiences: readonly string[];
  readonly campaigns: readonly string[];
  readonly runs: readonly (readonly [string, KeptRun])[];
}
interface KeptRun {
  readonly atMs: number;
  readonly counts: ShowingCounts;
}

/** A run's answer is given again so long. */
const RUNS_KEPT_MS = 30 * DAY_MS;
/** Leaves whose facts are asked for at once. */
const LEAVES_AT_ONCE = 256;
/** Numbers of a day's row in a snapshot: audience, campaign, day, last instant, positions, bytes of its set. */
const SAVED_NUMBERS = 6;

export class Showings implements Fold {
  readonly kinds = [LeafKind.showings];
  /** By audience, campaign and day. */
  readonly #days = new Map<string, Map<string, Map<number, HotDay>>>();
  readonly #runs = new Map<string, KeptRun>();
  /** Position of the first leaf that holds rows. */
  #first = Number.POSITIVE_INFINITY;

  apply({ position, timeMs, body }: FactRow): void {
    const { header, shown } = decodeShowings(body);
    this.take({ position, timeMs }, shown, header);
  }

  /** Takes the rows, and the run that ended, of a leaf that is durable. */
  take(
    { position, timeMs }: Pick<FactRow, "position" | "timeMs">,
    shown: ShownBatch,
    { actor, run }: Pick<ShowingsHeader, "actor" | "run">,
  ): void {
    this.#add(shown, position);
    if (shown.account.length > 0) this.#first = Math.min(this.#first, position);
    if (run === undefined) return;
    for (const [key, { atMs }] of this.#runs) {
      if (atMs >= timeMs - RUNS_KEPT_MS) break;
      this.#runs.delete(key);
    }
    const key = runKey(actor, run.key);
    if (!this.#runs.has(key)) this.#runs.set(key, { atMs: timeMs, counts: run.counts });
  }

  #add({ audiences, campaigns, directory, account, ofDayMs }: ShownBatch, position: number): void {
    for (let at = 0, row = 0; at < directory.length; at += GROUP.words) {
      const audience = audiences[directory[at + GROUP.audience]!]!;
      const hot = this.#hotDay(audience, campaigns[directory[at + GROUP.campaign]!]!, directory[at + GROUP.day]!);
      const end = directory[at + GROUP.end]!;
      hot.accounts.addAll(account.subarray(row, end));
      hot.showings += end - row;
      for (; row < end; row++) if (ofDayMs[row]! > hot.lastOfDayMs) hot.lastOfDayMs = ofDayMs[row]!;
      hot.positions.push(position);
    }
  }

  #hotDay(audience: string, campaign: string, day: number): HotDay {
    const known = this.get(audience, campaign, day);
    if (known !== undefined) return known;
    const accounts = OrdinalSet.empty();
    return this.#put({ audience, campaign, day, accounts, showings: 0, lastOfDayMs: 0, positions: [] });
  }

  #put(hot: HotDay): HotDay {
    const campaigns = this.#days.get(hot.audience) ?? new Map<string, Map<number, HotDay>>();
    this.#days.set(hot.audience, campaigns);
    const days = campaigns.get(hot.campaign) ?? new Map<number, HotDay>();
    campaigns.set(hot.campaign, days);
    days.set(hot.day, hot);
    return hot;
  }

  get(audience: string, campaign: string, day: number): HotDay | undefined {
    return this.#days.get(audience)?.get(campaign)?.get(day);
  }

  /** Everything that was shown through an audience, or through all. */
  *days(audience?: string): Generator<ShownDay> {
    const audiences = audience === undefined ? this.#days.values() : [this.#days.get(audience) ?? new Map()];
    for (const campaigns of audiences) for (const days of campaigns.values()) yield* days.values();
  }

  /** The days on which anything was shown to an account. */
  *daysOf(account: number): Generator<ShownDay> {
    for (const day of this.days()) if (day.accounts.has(account)) yield day;
  }

  /** Whether both hold the same sets and counts. */
  equals(other: Showings): boolean {
    const own = [...this.days()];
    return (
      own.length === [...other.days()].length &&
      own.every(({ audience, campaign, day, accounts, showings }) => {
        const theirs = other.get(audience, campaign, day);
        return theirs?.showings === showings && theirs.accounts.equals(accounts);
      })
    );
  }

  /** The counts of a caller's run under its idempotency key, if it was within 30 days. */
  run(actor: string, key: string, nowMs: number): ShowingCounts | undefined {
    const run = this.#runs.get(runKey(actor, key));
    return run === undefined || run.atMs < nowMs - RUNS_KEPT_MS ? undefined : run.counts;
  }

  /**
   * The exact rows of some days, leaf by leaf, as known before a position; each leaf is read once.
   * @example for await (const { shown, account, atMs } of showings.rows(log, showings.days("a…"), position)) …
   */
  async *rows(log: Log, days: Iterable<ShownDay>, before = log.position): AsyncGenerator<ShownAt> {
    const wanted = new Set(days);
    const positions = new Set<number>();
    for (const day of wanted) for (const position of day.positions) if (position < before) positions.add(position);
    const ordered = [...positions].sort((a, b) => a - b);
    for (let from = 0; from < ordered.length; from += LEAVES_AT_ONCE) {
      for await (const { body } of log.store.factsAt(ordered.slice(from, from + LEAVES_AT_ONCE))) {
        const { audiences, campaigns, directory, account, ofDayMs } = decodeShowings(body).shown;
        for (let at = 0, from = 0; at < directory.length; from = directory[at + GROUP.end]!, at += GROUP.words) {
          const [audience, campaign, day, end] = directory.subarray(at, at + GROUP.words);
          const shown = this.get(audiences[audience!]!, campaigns[campaign!]!, day!);
          if (shown === undefined || !wanted.has(shown)) continue;
          yield { shown, account: account.subarray(from, end), atMs: instantsOf(day!, ofDayMs.subarray(from, end)) };
        }
      }
    }
  }

  /** Everything that was shown, leaf by leaf, as known before a position; each is good until the next. */
  async *batches(log: Log, before: number): AsyncGenerator<ShownBatch> {
    if (this.#first >= before) return;
    const leaves = log.store.facts(this.#first, { to: before, kinds: [LeafKind.showings] });
    for await (const { body } of leaves) yield decodeShowings(body).shown;
  }

  readonly kept: Kept = {
    name: "showings",
    save: () => {
      const days = [...this.days()];
      const [audiences, campaigns] = [places(days, "audience"), places(days, "campaign")];
      const sets = days.map(({ accounts }) => accounts.toBytes());
      const numbers = days.flatMap(({ audience, campaign, day, lastOfDayMs, positions }, i) => [
        ...[audiences.get(audience)!, campaigns.get(campaign)!, day, lastOfDayMs, positions.length, sets[i]!.length],
      ]);
      const saved: SavedDays = {
        audiences: [...audiences.keys()],
        campaigns: [...campaigns.keys()],
        runs: [...this.#runs],
      };
      return [
        jsonSection("state", saved),
        { name: "days", bytes: bytesOf(Uint32Array.from(numbers)) },
        { name: "counts", bytes: bytesOf(Float64Array.from(days, ({ showings }) => showings)) },
        { name: "positions", bytes: bytesOf(Float64Array.from(days.flatMap(({ positions }) => positions))) },
        { name: "accounts", bytes: Buffer.concat(sets) },
      ];
    },
    restore: (sections) => {
      const saved = readJson(sections, "state") as SavedDays | undefined;
      if (saved === undefined) return;
      for (const [key, run] of saved.runs) this.#runs.set(key, run);
      const numbers = viewU32(sections.get("days")!);
      const counts = viewF64(sections.get("counts")!);
      const positions = viewF64(sections.get("positions")!);
      const sets = sections.get("accounts")!;
      for (const position of positions) this.#first = Math.min(this.#first, position);
      let [positionsAt, setsAt] = [0, 0];
      for (let i = 0; i < counts.length; i++) {
        const [a, c, day, lastOfDayMs, count, bytes] = numbers.subarray(SAVED_NUMBERS * i);
        const [audience, campaign] = [saved.audiences[a!]!, saved.campaigns[c!]!];
        this.#put({
          ...{ audience, campaign, day: day!, lastOfDayMs: lastOfDayMs!, showings: counts[i]! },
          accounts: OrdinalSet.fromBytes(sets.subarray(setsAt, setsAt + bytes!)),
          positions: [...positions.subarray(positionsAt, positionsAt + count!)],
        });
        positionsAt += count!;
        setsAt += bytes!;
      }
    },
  };
}

/** Milliseconds since 1970 of instants of a day. */
function instantsOf(day: number, ofDayMs: Uint32Array): Float64Array {
  const atMs = new Float64Array(ofDayMs.length);
  for (let row = 0; row < atMs.length; row++) atMs[row] = day * DAY_MS + ofDayMs[row]!;
  return atMs;
}

const runKey = (actor: string, key: string): string => JSON.stringify([actor, key]);

/** Places of the distinct names. */
function places(days: readonly ShownDay[], name: "audience" | "campaign"): Map<string, number> {
  const found = new Map<string, number>();
  for (const day of days) if (!found.has(day[name])) found.set(day[name], found.size);
  return found;
}
