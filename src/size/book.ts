/**
 * A book: the last release of each audience, and what all of them have cost, up to some release.
 */
import { type Fraction, type FractionParts, fraction, fractionOf, largerFraction, partsOf } from "./fraction.js";
import type { ReleaseFact } from "./release-facts.js";
import { type SavedSpending, Spending } from "./spending.js";
import { costOf } from "./terms.js";

/** The last release of an audience. */
export interface Released {
  readonly atMs: number;
  /** Accounts, with the noise; null where nothing was drawn. */
  readonly value: number | null;
  readonly variance: Fraction;
  readonly isReady: boolean;
  /** Whether it was due, could not be paid for, and may not go on to be served as it was. */
  readonly isUnfunded: boolean;
}

export interface SavedBook {
  readonly released: readonly (readonly [string, Omit<Released, "variance"> & { variance: FractionParts }])[];
  readonly spending: SavedSpending;
  readonly lastAtMs: number;
  readonly largestMonth: FractionParts;
}

export class Book {
  readonly spending = new Spending();
  readonly #released = new Map<string, Released>();
  /** The latest tick that was released at: there is no release for an earlier one. */
  lastAtMs = 0;
  /** The largest budget of a month that anything was drawn under. */
  largestMonth = fraction(0n);

  apply(fact: ReleaseFact): void {
    const { entity, audience, value, isReady, isUnfunded = false, draws } = fact;
    const variance = fractionOf(fact.variance);
    const { numerator, denominator } = costOf(variance);
    const atMs = Date.parse(fact.at);
    this.spending.charge(entity, atMs, fraction(numerator * BigInt(draws.length), denominator));
    this.#released.set(audience, { atMs, value, variance, isReady, isUnfunded });
    this.lastAtMs = Math.max(this.lastAtMs, atMs);
    this.largestMonth = largerFraction(this.largestMonth, fractionOf(fact.month));
  }

  get(audience: string): Released | undefined {
    return this.#released.get(audience);
  }

  save(): SavedBook {
    return {
      released: [...this.#released].map(([id, { variance, ...rest }]) => [
        id,
        { ...rest, variance: partsOf(variance) },
      ]),
      spending: this.spending.save(),
      lastAtMs: this.lastAtMs,
      largestMonth: partsOf(this.largestMonth),
    };
  }

  restore({ released, spending, lastAtMs, largestMonth }: SavedBook): void {
    for (const [id, { variance, ...rest }] of released) {
      this.#released.set(id, { ...rest, variance: fractionOf(variance) });
    }
    this.spending.restore(spending);
    this.lastAtMs = lastAtMs;
    this.largestMonth = fractionOf(largestMonth);
  }
}
