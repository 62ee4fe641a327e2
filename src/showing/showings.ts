/**
 * Showings: the accounts to which an ad was shown, as sets by audience, campaign and UTC day, with counts; a fold of the
 * facts of showings. The exact instants stay in the store, and are read when they are needed.
 */
import { Numbers } from "../column/index.js";
import { LeafKind } from "../ledger/index.js";
import { bytesOf, type Fold, jsonSection, type Kept, type Log, readJson } from "../log/index.js";
import { OrdinalSet, type ReadonlyOrdinalSet } from "../set/index.js";
import { type FactRow, viewF64, viewU32 } from "../store/index.js";
import { DAY_MS, decodeShowings, instantsOf, type ShowingCounts, type ShownRows } from "./facts.js";

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
  /** By audience, then by campaign and day. */
  readonly #days = new Map<string, Map<string, HotDay>>();
  /** Showings by audience. */
  readonly #counts = new Map<string, number>();
  readonly #runs = new Map<string, KeptRun>();
  /** Positions of leaves that hold rows, ascending. */
  readonly #positions = new Numbers();

  apply({ position, timeMs, body }: FactRow): void {
    const { header, groups } = decodeShowings(body);
    for (const group of groups) this.#add(group, position);
    if (groups.length > 0) this.#positions.push(position);
    if (header.run === undefined) return;
    for (const [key, { atMs }] of this.#runs) {
      if (atMs >= timeMs - RUNS_KEPT_MS) break;
      this.#runs.delete(key);
    }
    const key = runKey(header.actor, header.run.key);
    if (!this.#runs.has(key)) this.#runs.set(key, { atMs: timeMs, counts: header.run.counts });
  }

  #add({ audience, campaign, day, account, ofDayMs }: ShownRows, position: number): void {
    const own = this.#days.get(audience) ?? new Map<string, HotDay>();
    this.#days.set(audience, own);
    const key = dayKey(campaign, day);
    let hot = own.get(key);
    if (hot === undefined) {
      const accounts = OrdinalSet.empty();
      hot = { audience, campaign, day, accounts, showings: 0, lastOfDayMs: 0, positions: [] };
      own.set(key, hot);
    }
    hot.accounts.addAll(account);
    hot.showings += account.length;
    this.#counts.set(audience, this.countOf(audience) + account.length);
    for (const ms of ofDayMs) if (ms > hot.lastOfDayMs) hot.lastOfDayMs = ms;
    hot.positions.push(position);
  }

  get(audience: string, campaign: string, day: number): ShownDay | undefined {
    return this.#days.get(audience)?.get(dayKey(campaign, day));
  }

  /** How many leaves before a position hold rows: what is made of them stands as long as this does. */
  countBefore(position: number): number {
    return this.#positions.countBelow(position);
  }

  /** Showings through an audience. */
  countOf(audience: string): number {
    return this.#counts.get(audience) ?? 0;
  }

  /** Everything that was shown through an audience, or through all. */
  *days(audience?: string): Generator<ShownDay> {
    if (audience !== undefined) yield* this.#days.get(audience)?.values() ?? [];
    else for (const own of this.#days.values()) yield* own.values();
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
        for (const group of decodeShowings(body).groups) {
          const shown = this.get(group.audience, group.campaign, group.day);
          if (shown === undefined || !wanted.has(shown)) continue;
          yield {
            shown,
            account: group.account,
            atMs: instantsOf(group.day, group.ofDayMs),
          };
        }
      }
    }
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
      for (const position of new Set(positions.toSorted())) this.#positions.push(position);
      let [positionsAt, setsAt] = [0, 0];
      for (let i = 0; i < counts.length; i++) {
        const [a, c, day, lastOfDayMs, count, bytes] = numbers.subarray(SAVED_NUMBERS * i);
        const [audience, campaign] = [saved.audiences[a!]!, saved.campaigns[c!]!];
        const own = this.#days.get(audience) ?? new Map<string, HotDay>();
        this.#days.set(audience, own);
        this.#counts.set(audience, this.countOf(audience) + counts[i]!);
        own.set(dayKey(campaign, day!), {
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

const dayKey = (campaign: string, day: number): string => `${day} ${campaign}`;
const runKey = (actor: string, key: string): string => JSON.stringify([actor, key]);

/** Places of the distinct names. */
function places(days: readonly ShownDay[], name: "audience" | "campaign"): Map<string, number> {
  const found = new Map<string, number>();
  for (const day of days) if (!found.has(day[name])) found.set(day[name], found.size);
  return found;
}
