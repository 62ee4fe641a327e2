/**
 * What was shown before: finds the rows of a batch that were taken already, exactly, without keeping every row in memory;
 * those included that are still on their way to the disk.
 *
 * An account that is not in the day's set is new, and so is an instant after the day's last; the exact rows of a day
 * are read from the store only where both leave it open, and kept while there is room. Those of all days that a batch leaves
 * open are read together: a leaf holds many.
 */
import type { Log } from "../log/index.js";
import { DAY_MS, GROUP, type ShownBatch } from "./facts.js";
import { type BatchOnTheWay, type GroupRows, spanOf } from "./on-the-way.js";
import { Pairs } from "./pairs.js";
import type { Showings, ShownDay } from "./showings.js";

/** Rows kept in memory, some 14 bytes each. */
const MAX_ROWS = 16_000_000;

export class ShownBefore {
  readonly #log: Log;
  readonly #showings: Showings;
  readonly #maxRows: number;
  /** Exact rows of days; the last used last. */
  readonly #kept = new Map<ShownDay, Pairs>();
  #rows = 0;
  readonly #onTheWay = new Set<BatchOnTheWay>();
  #leavesOnTheWay = 0;
  /** Rows of one group: of those on their way, and of the batch itself. */
  readonly #waiting = new Pairs();
  readonly #own = new Pairs();

  /** @param maxRows rows that are kept; fewer for tests */
  constructor(log: Log, showings: Showings, maxRows = MAX_ROWS) {
    this.#log = log;
    this.#showings = showings;
    this.#maxRows = maxRows;
  }

  /**
   * The rows that are new, each once, with the names that they need. Only inside a section, when everything before it
   * counts or is on its way here. The batch's columns are written over.
   */
  async without(shown: ShownBatch): Promise<ShownBatch> {
    const { audiences, campaigns, directory, account, ofDayMs } = shown;
    const { firstMs } = spanOf(shown);
    // Both as of now: what arrives while rows are read is among the late ones.
    const late = [...this.#onTheWay].filter((batch) => batch.reaches(firstMs));
    const open = this.#openDays(shown);
    const fresh = new Uint32Array(directory.length);
    const [audienceNames, campaignNames] = [new UsedNames(audiences), new UsedNames(campaigns)];
    let [groups, kept] = [0, 0];
    for (let at = 0, from = 0; at < directory.length; at += GROUP.words) {
      const audience = directory[at + GROUP.audience]!;
      const campaign = directory[at + GROUP.campaign]!;
      const day = directory[at + GROUP.day]!;
      const end = directory[at + GROUP.end]!;
      const [audienceName, campaignName] = [audiences[audience]!, campaigns[campaign]!];
      const waiting = this.#rowsOf(late.flatMap((batch) => batch.group(audienceName, campaignName, day) ?? []));
      const before = await this.#read(open, at / GROUP.words);
      const own = isAscending(ofDayMs, from, end) ? undefined : this.#own;
      own?.clear(end - from);
      const first = kept;
      for (let row = from; row < end; row++) {
        const [number, ms] = [account[row]!, ofDayMs[row]!];
        if (before?.has(number, ms) === true || waiting?.has(number, ms) === true) continue;
        if (own?.add(number, ms) === false) continue;
        account[kept] = number;
        ofDayMs[kept++] = ms;
      }
      from = end;
      if (kept === first) continue;
      fresh[groups + GROUP.audience] = audienceNames.place(audience);
      fresh[groups + GROUP.campaign] = campaignNames.place(campaign);
      fresh[groups + GROUP.day] = day;
      fresh[groups + GROUP.end] = kept;
      groups += GROUP.words;
    }
    return {
      ...{ audiences: audienceNames.names, campaigns: campaignNames.names, directory: fresh.subarray(0, groups) },
      ...{ account: account.subarray(0, kept), ofDayMs: ofDayMs.subarray(0, kept) },
    };
  }

  /** Leaves of showings that are sealed and do not count yet. */
  get leavesOnTheWay(): number {
    return this.#leavesOnTheWay;
  }

  /** Resolves when all that is on its way now counts. */
  async arrival(): Promise<void> {
    await Promise.all([...this.#onTheWay].map(({ done }) => done));
  }

  /** Takes note of what was sealed just now. */
  expect(batch: BatchOnTheWay): void {
    this.#onTheWay.add(batch);
    this.#leavesOnTheWay += batch.leaves;
  }

  /** Takes back what `expect` noted. */
  forget(batch: BatchOnTheWay): void {
    this.#onTheWay.delete(batch);
    this.#leavesOnTheWay -= batch.leaves;
  }

  /** Takes note that rows that were on their way are durable, and among the showings. */
  arrived(batch: BatchOnTheWay): void {
    this.forget(batch);
    this.#note(batch.shown);
  }

  /** Those of groups on their way, until they are asked for again. */
  #rowsOf(groups: readonly GroupRows[]): Pairs | undefined {
    if (groups.length === 0) return undefined;
    const pairs = this.#waiting;
    pairs.clear(groups.reduce((sum, { account }) => sum + account.length, 0));
    for (const { account, ofDayMs } of groups) {
      for (let row = 0; row < account.length; row++) pairs.add(account[row]!, ofDayMs[row]!);
    }
    return pairs;
  }

  #note({ audiences, campaigns, directory, account, ofDayMs }: ShownBatch): void {
    if (this.#kept.size === 0) return;
    for (let at = 0, from = 0; at < directory.length; from = directory[at + GROUP.end]!, at += GROUP.words) {
      const [audience, campaign, day, end] = directory.subarray(at, at + GROUP.words);
      const pairs = this.#kept.get(this.#showings.get(audiences[audience!]!, campaigns[campaign!]!, day!)!);
      if (pairs === undefined) continue;
      for (let row = from; row < end!; row++) pairs.add(account[row]!, ofDayMs[row]!);
      this.#rows += end! - from;
    }
  }

  /** By group: the day that holds what some of its rows may repeat. */
  #openDays({ audiences, campaigns, directory, account, ofDayMs }: ShownBatch): (ShownDay | undefined)[] {
    const open: (ShownDay | undefined)[] = [];
    for (let at = 0, from = 0; at < directory.length; from = directory[at + GROUP.end]!, at += GROUP.words) {
      const [audience, campaign, day, end] = directory.subarray(at, at + GROUP.words);
      const known = this.#showings.get(audiences[audience!]!, campaigns[campaign!]!, day!);
      open.push(known !== undefined && isOpen(known, account, ofDayMs, from, end!) ? known : undefined);
    }
    return open;
  }

  /** The rows of one of the days; those of the next ones are read with it, as many as there is room for. */
  async #read(days: readonly (ShownDay | undefined)[], place: number): Promise<Pairs | undefined> {
    const day = days[place];
    if (day === undefined) return undefined;
    if (!this.#kept.has(day)) {
      // What arrives while they are read would be missed.
      await this.#log.writer.settled();
      const wanted = new Map([[day, new Pairs()]]);
      let rows = day.showings;
      for (let next = place + 1; next < days.length && rows < this.#maxRows / 2; next++) {
        const other = days[next];
        if (other === undefined || this.#kept.has(other)) continue;
        wanted.set(other, new Pairs());
        rows += other.showings;
      }
      for await (const { shown, account, atMs } of this.#showings.rows(this.#log, wanted.keys())) {
        const pairs = wanted.get(shown)!;
        for (let row = 0; row < account.length; row++) pairs.add(account[row]!, atMs[row]! - shown.day * DAY_MS);
      }
      for (const [read, pairs] of wanted) {
        this.#kept.set(read, pairs);
        this.#rows += pairs.size;
      }
    }
    const pairs = this.#kept.get(day)!;
    this.#kept.delete(day);
    this.#kept.set(day, pairs);
    for (const [other, { size }] of this.#kept) {
      if (this.#rows <= this.#maxRows || other === day) break;
      this.#kept.delete(other);
      this.#rows -= size;
    }
    return pairs;
  }
}

/** Whether some row may have been taken before, as far as the day's set of accounts and its last instant tell. */
function isOpen(known: ShownDay, account: Uint32Array, ofDayMs: Uint32Array, from: number, end: number): boolean {
  for (let row = from; row < end; row++) {
    if (ofDayMs[row]! <= known.lastOfDayMs && known.accounts.has(account[row]!)) return true;
  }
  return false;
}

/** Whether each instant is later than the one before, so that no row is there twice. */
function isAscending(ofDayMs: Uint32Array, from: number, end: number): boolean {
  for (let row = from + 1; row < end; row++) if (ofDayMs[row]! <= ofDayMs[row - 1]!) return false;
  return true;
}

/** Those names of a batch that are used, in the order of their first use. */
class UsedNames {
  readonly names: string[] = [];
  readonly #all: readonly string[];
  /** Place + 1. */
  readonly #places: Uint32Array;

  constructor(all: readonly string[]) {
    this.#all = all;
    this.#places = new Uint32Array(all.length);
  }

  place(name: number): number {
    if (this.#places[name] === 0) this.#places[name] = this.names.push(this.#all[name]!);
    return this.#places[name]! - 1;
  }
}
