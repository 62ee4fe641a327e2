/**
 * Releases: the size of each audience as it was drawn last, and what that has cost. A fold of the facts of releases.
 *
 * What was drawn is served from then on, for ever: no answer draws anything. What is new shows at the next tick after it became
 * durable, so that an advertiser does not see how long counting took.
 */
import type { Audiences } from "../audience/index.js";
import { LeafKind } from "../ledger/index.js";
import { type Fold, jsonSection, type Kept, payloadOf, readJson } from "../log/index.js";
import type { FactRow } from "../store/index.js";
import { type Fraction, fraction } from "./fraction.js";
import { decodeRelease, varianceIn } from "./release-facts.js";
import { type LostSpan, type SavedSpending, Spending } from "./spending.js";
import { costOf } from "./terms.js";

/** The last release of an audience. */
export interface Released {
  readonly atMs: number;
  /** Accounts, with the noise; null where an operand was too small to draw anything. */
  readonly value: number | null;
  readonly variance: Fraction;
  readonly isReady: boolean;
  readonly isUnfunded: boolean;
}

/** Restored states that two operators accepted. */
export interface AcceptedStates {
  readonly accepted: readonly { readonly position: number; readonly timeMs: number }[];
}

interface SavedReleases {
  readonly released: readonly (readonly [
    string,
    Omit<Released, "variance"> & { variance: readonly [string, string] },
  ])[];
  readonly spending: SavedSpending;
  readonly lastAtMs: number;
  readonly last: { readonly position: number; readonly timeMs: number } | undefined;
  readonly lost: readonly LostSpan[];
}

export class Releases implements Fold {
  readonly kinds = [LeafKind.release];
  readonly spending = new Spending();
  readonly #audiences: Audiences;
  readonly #recoveries: AcceptedStates;
  readonly #released = new Map<string, Released>();
  /** What shows of audiences whose newest release does not show yet; undefined for nothing. */
  readonly #before = new Map<string, Released | undefined>();
  /** Audiences whose first release was due and could not be paid for, as of the last tick. */
  #unfunded: ReadonlySet<string> = new Set();
  #unfundedNext: ReadonlySet<string> = new Set();
  /** The latest tick that was released at: there is no release for an earlier one. */
  #lastAtMs = 0;
  /** The last leaf of a release. */
  #last: { readonly position: number; readonly timeMs: number } | undefined;
  readonly #lost: LostSpan[] = [];
  /** When the store began, where nothing was released before. */
  beganAtMs = 0;

  constructor(audiences: Audiences, recoveries: AcceptedStates) {
    this.#audiences = audiences;
    this.#recoveries = recoveries;
  }

  apply({ body, position, timeMs }: FactRow): void {
    const fact = decodeRelease(payloadOf(body));
    const { entity, audience, value, isReady, isUnfunded = false, draws } = fact;
    this.#lost.push(...this.#lostBefore(position));
    const variance = varianceIn(fact);
    const { numerator, denominator } = costOf(variance);
    const atMs = Date.parse(fact.at);
    this.spending.charge(entity, atMs, fraction(numerator * BigInt(draws.length), denominator));
    if (!this.#before.has(audience)) this.#before.set(audience, this.#released.get(audience));
    this.#released.set(audience, { atMs, value, variance, isReady, isUnfunded });
    this.#lastAtMs = Math.max(this.#lastAtMs, atMs);
    this.#last = { position, timeMs };
    this.#audiences.release(audience, isReady && value !== null ? value : undefined, position, timeMs);
  }

  get lastAtMs(): number {
    return this.#lastAtMs;
  }

  /** The last release of an audience, whether it shows yet or not. */
  get(audience: string): Released | undefined {
    return this.#released.get(audience);
  }

  /** The release of an audience that shows. */
  shown(audience: string): Released | undefined {
    return this.#before.has(audience) ? this.#before.get(audience) : this.#released.get(audience);
  }

  isUnfunded(audience: string): boolean {
    return this.#unfunded.has(audience) || this.shown(audience)?.isUnfunded === true;
  }

  /** Notes which first releases could not be paid for; shows at the next tick. */
  noteUnfunded(audiences: ReadonlySet<string>): void {
    this.#unfundedNext = audiences;
  }

  /** From here on all that is durable shows. To be called at ticks, whatever else goes on. */
  show(): void {
    this.#before.clear();
    this.#unfunded = this.#unfundedNext;
  }

  /** Spans whose releases a recovered store does not know. */
  get lost(): readonly LostSpan[] {
    return [...this.#lost, ...this.#lostBefore(Number.POSITIVE_INFINITY)];
  }

  /** Nothing is released for an epoch that began before this: it may have been drawn for already, and be lost. */
  get closedUntilMs(): number {
    return Math.max(0, ...this.#recoveries.accepted.map(({ timeMs }) => timeMs));
  }

  /** Recoveries between the last release and a position: what was released behind the restored state is not known any more. */
  #lostBefore(position: number): LostSpan[] {
    const { position: since, timeMs: fromMs } = this.#last ?? { position: -1, timeMs: this.beganAtMs };
    return this.#recoveries.accepted
      .filter((recovery) => recovery.position > since && recovery.position < position)
      .map(({ timeMs: toMs }) => ({ fromMs, toMs }));
  }

  readonly kept: Kept = {
    name: "releases",
    save: () => {
      const released = [...this.#released].map(([audience, { variance, ...rest }]) => {
        const parts = [String(variance.numerator), String(variance.denominator)] as const;
        return [audience, { ...rest, variance: parts }] as const;
      });
      const saved: SavedReleases = {
        released,
        spending: this.spending.save(),
        lastAtMs: this.#lastAtMs,
        last: this.#last,
        lost: this.#lost,
      };
      return [jsonSection("state", saved)];
    },
    restore: (sections) => {
      const saved = readJson(sections, "state") as SavedReleases;
      for (const [audience, { variance, ...rest }] of saved.released) {
        this.#released.set(audience, { ...rest, variance: fraction(BigInt(variance[0]), BigInt(variance[1])) });
      }
      this.spending.restore(saved.spending);
      this.#lastAtMs = saved.lastAtMs;
      this.#last = saved.last;
      this.#lost.push(...saved.lost);
    },
  };
}
