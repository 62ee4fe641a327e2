/**
 * Releases: the size of each audience as it was drawn last, and what that has cost. A fold of the facts of releases.
 *
 * What was drawn is served from then on, for ever: no answer draws anything. There are two books: one of all that is durable, by
 * which the job goes, and one of what shows, by which advertisers are answered. The first becomes the second at ticks, so that
 * nobody sees how long counting took.
 */
import type { Audiences } from "../audience/index.js";
import { LeafKind } from "../ledger/index.js";
import { type Fold, jsonSection, type Kept, payloadOf, readJson } from "../log/index.js";
import type { FactRow } from "../store/index.js";
import { Book, type SavedBook } from "./book.js";
import { largerFraction } from "./fraction.js";
import { decodeRelease, type ReleaseFact } from "./release-facts.js";
import type { LostSpan, Spent } from "./spending.js";
import type { Budget } from "./terms.js";

/** Restored states that two operators accepted. */
export interface AcceptedStates {
  readonly accepted: readonly { readonly position: number; readonly timeMs: number }[];
}

interface SavedReleases {
  readonly book: SavedBook;
  readonly last: { readonly position: number; readonly timeMs: number } | undefined;
  readonly lost: readonly LostSpan[];
}

export class Releases implements Fold {
  readonly kinds = [LeafKind.release];
  /** All that is durable: for the job alone. */
  readonly durable = new Book();
  /** What shows. */
  readonly shown = new Book();
  readonly #unshown: ReleaseFact[] = [];
  readonly #audiences: Audiences;
  readonly #recoveries: AcceptedStates;
  /** Audiences whose first release was due and could not be paid for, as of the last tick. */
  #unfunded: ReadonlySet<string> = new Set();
  #unfundedNext: ReadonlySet<string> = new Set();
  /** The last leaf that drew anything. */
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
    if (fact.draws.length > 0) {
      this.#lost.push(...this.#lostBefore(position));
      this.#last = { position, timeMs };
    }
    this.durable.apply(fact);
    this.#unshown.push(fact);
    this.#audiences.release(fact.audience, fact.isReady, position, timeMs);
  }

  /** Whether the first release of an audience is due and can't be paid for, or it could not be paid for any more. */
  isUnfunded(audience: string): boolean {
    return this.#unfunded.has(audience) || this.shown.get(audience)?.isUnfunded === true;
  }

  /** Notes which first releases could not be paid for; shows at the next tick. */
  noteUnfunded(audiences: ReadonlySet<string>): void {
    this.#unfundedNext = audiences;
  }

  /** From here on all that is durable shows. To be called at ticks, whatever else goes on. */
  show(): void {
    for (const fact of this.#unshown.splice(0)) this.shown.apply(fact);
    this.#unfunded = this.#unfundedNext;
  }

  /** What an entity has spent by a book, and besides it whatever a recovered store does not know of. */
  spent({ spending }: Book, entity: string, atMs: number, budget: Budget): Spent {
    const lost = [...this.#lost, ...this.#lostBefore(Number.POSITIVE_INFINITY)];
    return spending.spent(entity, atMs, lost, largerFraction(budget.month, this.durable.largestMonth));
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
      const saved: SavedReleases = { book: this.durable.save(), last: this.#last, lost: this.#lost };
      return [jsonSection("state", saved)];
    },
    restore: (sections) => {
      const { book, last, lost } = readJson(sections, "state") as SavedReleases;
      this.durable.restore(book);
      this.shown.restore(book);
      this.#last = last;
      this.#lost.push(...lost);
    },
  };
}
