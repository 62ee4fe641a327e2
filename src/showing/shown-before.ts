/**
 * What was shown before: finds the rows of a batch that were taken already, exactly, without keeping every row in memory.
 *
 * An account that is not in the day's set is new, and so is an instant after the day's last; the exact rows of a day
 * are read from the store only where both leave it open, and kept while there is room.
 */
import type { Log } from "../log/index.js";
import type { ReadonlyOrdinalSet } from "../set/index.js";
import { DAY_MS, type ShownRows } from "./facts.js";
import { Pairs } from "./pairs.js";
import type { Showings, ShownDay } from "./showings.js";

/** Rows kept in memory, some 14 bytes each. */
const MAX_ROWS = 16_000_000;

export class ShownBefore {
  readonly #log: Log;
  readonly #showings: Showings;
  /** Exact rows of days; the last used last. */
  readonly #kept = new Map<ShownDay, Pairs>();
  #rows = 0;

  constructor(log: Log, showings: Showings) {
    this.#log = log;
    this.#showings = showings;
  }

  /**
   * The rows that are new, each once. Only inside a section, when everything before it counts.
   * @param accounts the distinct ones of the rows
   */
  async without(group: ShownRows, accounts: ReadonlyOrdinalSet): Promise<ShownRows> {
    const { audience, campaign, day, account, ofDayMs } = group;
    const known = this.#showings.get(audience, campaign, day);
    const isRepeating = accounts.size < account.length;
    const meets = known?.accounts.intersects(accounts) === true;
    if (!isRepeating && !meets) return group;
    const isOpen = meets && ofDayMs.some((ms, row) => ms <= known!.lastOfDayMs && known!.accounts.has(account[row]!));
    const before = isOpen ? await this.#read(known!) : undefined;
    const own = isRepeating ? new Pairs(account.length) : undefined;
    const isNew = new Uint8Array(account.length);
    let count = 0;
    for (let row = 0; row < account.length; row++) {
      if (before?.has(account[row]!, ofDayMs[row]!) === true) continue;
      if (own?.add(account[row]!, ofDayMs[row]!) === false) continue;
      isNew[row] = 1;
      count++;
    }
    if (count === account.length) return group;
    const fits = (_: number, row: number): boolean => isNew[row] === 1;
    return { audience, campaign, day, account: account.filter(fits), ofDayMs: ofDayMs.filter(fits) };
  }

  /** Takes note of rows that are durable now. */
  note(groups: readonly ShownRows[]): void {
    for (const { audience, campaign, day, account, ofDayMs } of groups) {
      const pairs = this.#kept.get(this.#showings.get(audience, campaign, day)!);
      if (pairs === undefined) continue;
      for (let row = 0; row < account.length; row++) pairs.add(account[row]!, ofDayMs[row]!);
      this.#rows += account.length;
    }
  }

  async #read(day: ShownDay): Promise<Pairs> {
    let pairs = this.#kept.get(day);
    if (pairs === undefined) {
      pairs = new Pairs();
      for await (const { account, atMs } of this.#showings.rows(this.#log, [day])) {
        for (let row = 0; row < account.length; row++) pairs.add(account[row]!, atMs[row]! - day.day * DAY_MS);
      }
      this.#rows += pairs.size;
    }
    this.#kept.delete(day);
    this.#kept.set(day, pairs);
    for (const [other, { size }] of this.#kept) {
      if (this.#rows <= MAX_ROWS || other === day) break;
      this.#kept.delete(other);
      this.#rows -= size;
    }
    return pairs;
  }
}
