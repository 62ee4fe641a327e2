/**
 * How many rows were refused within a day, by what they were and by reason. Kept in memory: it begins with the process, and
 * knows no row, line or value.
 */
import type { RefusalBook, Refusals } from "./refusal.js";

/** Whose rows they are. */
export type RefusedRows = "contacts" | "accounts" | "events" | "lists";

export interface RefusalCount {
  readonly of: RefusedRows;
  readonly code: string;
  readonly reason: string;
  readonly fix: string;
  readonly rows: number;
}

const HOUR_MS = 3_600_000;
const HOURS = 24;

export class RefusalTally {
  readonly sinceMs = Date.now();
  /** By hour since 1970: counts by `of code`. */
  readonly #hours = new Map<number, Map<string, RefusalCount>>();

  add(of: RefusedRows, { count, code }: Refusals, book: RefusalBook, nowMs = Date.now()): void {
    if (count === 0) return;
    const byCode = new Uint32Array(256);
    for (let i = 0; i < count; i++) byCode[code[i]!]!++;
    const hour = this.#hour(nowMs);
    byCode.forEach((rows, one) => {
      if (rows === 0) return;
      const { name, reason, fix } = book.refusal(one);
      const key = `${of} ${name}`;
      hour.set(key, { of, code: name, reason, fix, rows: rows + (hour.get(key)?.rows ?? 0) });
    });
  }

  /** Those of the last 24 hours, to the hour; the most frequent first. */
  lastDay(nowMs = Date.now()): RefusalCount[] {
    const sums = new Map<string, RefusalCount>();
    for (const [hour, counts] of this.#hours) {
      if (hour <= nowMs / HOUR_MS - HOURS - 1) continue;
      for (const [key, count] of counts) sums.set(key, { ...count, rows: count.rows + (sums.get(key)?.rows ?? 0) });
    }
    return [...sums.values()].sort((a, b) => b.rows - a.rows);
  }

  #hour(nowMs: number): Map<string, RefusalCount> {
    const now = Math.floor(nowMs / HOUR_MS);
    for (const hour of this.#hours.keys()) if (hour < now - HOURS) this.#hours.delete(hour);
    const found = this.#hours.get(now) ?? new Map<string, RefusalCount>();
    this.#hours.set(now, found);
    return found;
  }
}
