/**
 * Spending: what the draws of each legal entity have cost, by day; the filter that refuses what would be over its budget
 * in a month or a year (privacy filters: Rogers, Roth, Ullman, Vadhan 2016; that they compose as zCDP does: Whitehouse,
 * Ramdas, Rogers, Wu 2023), and the odometer that shows how far it is.
 *
 * Nothing is ever given back. What a restored store no longer knows of counts as spent wholly.
 */
import {
  addFractions,
  compareFractions,
  type Fraction,
  type FractionParts,
  fraction,
  fractionOf,
  largerFraction,
  partsOf,
} from "./fraction.js";
import type { Budget } from "./terms.js";

const DAY_MS = 86_400_000;
const YEAR_DAYS = 365;
/** More than a year, by more than a month. */
const KEPT_DAYS = 400;
const NOTHING = fraction(0n);

/** Of one entity. */
export interface Spent {
  readonly month: Fraction;
  readonly year: Fraction;
}

/** By entity, then by day since 1970. */
export type SavedSpending = readonly (readonly [string, readonly (readonly [number, FractionParts])[]])[];

export class Spending {
  readonly #byEntity = new Map<string, Map<number, Fraction>>();

  charge(entity: string, atMs: number, rho: Fraction): void {
    const day = Math.floor(atMs / DAY_MS);
    const days = this.#byEntity.get(entity) ?? new Map<number, Fraction>();
    for (const old of days.keys()) if (old < day - KEPT_DAYS) days.delete(old);
    this.#byEntity.set(entity, days.set(day, addFractions(days.get(day) ?? NOTHING, rho)));
  }

  entities(): string[] {
    return [...this.#byEntity.keys()];
  }

  /**
   * What an entity has spent in the month and in the 365 days that an instant ends.
   * @param lost spans whose charges are not known any more: each month that one touches counts as spent wholly
   * @param whole what a whole month is: the largest budget that anything may have been drawn under
   */
  spent(entity: string, atMs: number, lost: readonly LostSpan[], whole: Fraction): Spent {
    const today = Math.floor(atMs / DAY_MS);
    const firstOfYear = today - YEAR_DAYS + 1;
    const lostMonths = monthsOf(lost);
    const months = new Map<number, Fraction>();
    for (const [day, rho] of this.#byEntity.get(entity) ?? []) {
      if (day < firstOfYear) continue;
      const month = monthOf(day * DAY_MS);
      months.set(month, addFractions(months.get(month) ?? NOTHING, rho));
    }
    for (const month of lostMonths) {
      if (month < monthOf(firstOfYear * DAY_MS)) continue;
      months.set(month, largerFraction(months.get(month) ?? NOTHING, whole));
    }
    const month = months.get(monthOf(atMs)) ?? NOTHING;
    const year = [...months.values()].reduce(addFractions, NOTHING);
    return { month, year };
  }

  save(): SavedSpending {
    return [...this.#byEntity].map(([entity, days]) => [entity, [...days].map(([day, rho]) => [day, partsOf(rho)])]);
  }

  restore(saved: SavedSpending): void {
    for (const [entity, days] of saved) {
      this.#byEntity.set(entity, new Map(days.map(([day, parts]) => [day, fractionOf(parts)])));
    }
  }
}

/** From what a restored store last knew to its recovery. */
export interface LostSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What is left of a budget: the lesser of month and year, never below zero. */
export function leftOf({ month, year }: Spent, budget: Budget): Fraction {
  const lefts = [minus(budget.month, month), minus(budget.year, year)] as const;
  const least = compareFractions(...lefts) < 0 ? lefts[0] : lefts[1];
  return compareFractions(least, NOTHING) < 0 ? NOTHING : least;
}

const minus = (a: Fraction, b: Fraction): Fraction => addFractions(a, fraction(-b.numerator, b.denominator));

/** Months since the year 0, UTC. */
function monthOf(ms: number): number {
  const date = new Date(ms);
  return 12 * date.getUTCFullYear() + date.getUTCMonth();
}

/** When the month after an instant's begins. */
export function nextMonthMs(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

function monthsOf(spans: readonly LostSpan[]): Set<number> {
  const months = new Set<number>();
  for (const { fromMs, toMs } of spans)
    for (let month = monthOf(fromMs); month <= monthOf(toMs); month++) months.add(month);
  return months;
}
