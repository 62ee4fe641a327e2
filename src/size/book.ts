/**
 * A book: the last releases of each audience, and what all of them have cost, up to some release.
 */
import { type Fraction, type FractionParts, fraction, fractionOf, largerFraction, partsOf } from "./fraction.js";
import type { ReleaseFact } from "./release-facts.js";
import { type SavedSpending, Spending } from "./spending.js";
import { costOf } from "./terms.js";

/** Of each audience; of more the first leave. A year's, where one is of a week. */
const MAX_KEPT_RELEASES = 60;

/** One release of an audience. */
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
  /** By audience, the last one last. */
  readonly #released = new Map<string, Released[]>();
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
    this.#add(audience, { atMs, value, variance, isReady, isUnfunded });
    this.lastAtMs = Math.max(this.lastAtMs, atMs);
    this.largestMonth = largerFraction(this.largestMonth, fractionOf(fact.month));
  }

  get(audience: string): Released | undefined {
    return this.#released.get(audience)?.at(-1);
  }

  /** The releases of an audience that are kept, in order. */
  history(audience: string): readonly Released[] {
    return this.#released.get(audience) ?? [];
  }

  #add(audience: string, released: Released): void {
    const history = this.#released.get(audience);
    if (history === undefined) this.#released.set(audience, [released]);
    else if (history.push(released) > MAX_KEPT_RELEASES) history.shift();
  }

  save(): SavedBook {
    return {
      released: [...this.#released].flatMap(([id, history]) =>
        history.map(({ variance, ...rest }) => [id, { ...rest, variance: partsOf(variance) }] as const),
      ),
      spending: this.spending.save(),
      lastAtMs: this.lastAtMs,
      largestMonth: partsOf(this.largestMonth),
    };
  }

  restore({ released, spending, lastAtMs, largestMonth }: SavedBook): void {
    for (const [id, { variance, ...rest }] of released) {
      this.#add(id, { ...rest, variance: fractionOf(variance) });
    }
    this.spending.restore(spending);
    this.lastAtMs = lastAtMs;
    this.largestMonth = fractionOf(largestMonth);
  }
}
