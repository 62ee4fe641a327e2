/**
 * How a system makes sizes, as its papers say (Kerckhoffs: an attacker knows all but the draws), and what a reader can
 * conclude: the likelihood of what is shown, given the true count.
 *
 * A size is the count plus noise of a known spread, shown rounded, or as "too small" under a floor. Between two counts
 * that are possible, the ratio of likelihoods of all that was read is the best that anybody can do (Neyman, Pearson 1933).
 */
import type { View } from "./advertiser.js";

/** What is shown of a size that is under the floor. */
const TOO_SMALL = "too small";

export interface MechanismTerms {
  /** Standard deviation of the noise; 0: none. */
  readonly sigma: number;
  /** What is shown of a noisy count, as `shownOf` writes it. */
  readonly shown: (noisy: number) => string;
  /** New sizes that a legal entity can have in a month. */
  readonly releases?: number;
  /** Whether one matched set always has the same noise. */
  readonly isStickyBySet?: boolean;
  /** Whether all that an audience is made of, and all that is left out of it, must reach the floor as well. */
  readonly holdsEveryNode?: boolean;
}

/** Beyond so many standard deviations nothing is drawn. */
const REACH = 9;
/** Of what is impossible by the papers: they may be wrong. */
const IMPOSSIBLE = 1e-9;

export class Mechanism {
  readonly sigma: number;
  readonly releases: number;
  readonly isStickyBySet: boolean;
  readonly holdsEveryNode: boolean;
  readonly #shown: (noisy: number) => string;
  readonly #offsets: readonly number[];
  readonly #weights: readonly number[];
  readonly #byCount = new Map<number, ReadonlyMap<string, number>>();

  constructor(terms: MechanismTerms) {
    const { sigma, shown } = terms;
    this.sigma = sigma;
    this.releases = terms.releases ?? Number.POSITIVE_INFINITY;
    this.isStickyBySet = terms.isStickyBySet === true;
    this.holdsEveryNode = terms.holdsEveryNode === true;
    this.#shown = shown;
    const reach = Math.ceil(REACH * sigma);
    this.#offsets = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
    const weights = this.#offsets.map((offset) => (sigma === 0 ? 1 : Math.exp(-(offset ** 2) / (2 * sigma ** 2))));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    this.#weights = weights.map((weight) => weight / sum);
  }

  /** How likely each thing that can be shown is, given the true count. */
  distribution(count: number): ReadonlyMap<string, number> {
    const known = this.#byCount.get(count);
    if (known !== undefined) return known;
    const made = new Map<string, number>();
    this.#offsets.forEach((offset, i) => {
      const shown = this.#shown(Math.max(0, count + offset));
      made.set(shown, (made.get(shown) ?? 0) + this.#weights[i]!);
    });
    this.#byCount.set(count, made);
    return made;
  }

  /** How likely what a view shows is, given the true count; 1 while it shows nothing. */
  likelihood(view: View, count: number): number {
    const shown = shownIn(view);
    return shown === undefined ? 1 : Math.max(IMPOSSIBLE, this.distribution(count).get(shown) ?? 0);
  }

  /**
   * The count at which one account more changes most of what is shown: an attacker pads its lists up to there. The
   * measure is Hellinger's distance, which tells how much each of several readings is worth.
   */
  edge(from: number, to: number): number {
    let best = { count: from, distance: -1 };
    for (let count = from; count <= to; count++) {
      const distance = hellinger(this.distribution(count), this.distribution(count + 1));
      if (distance > best.distance) best = { count, distance };
    }
    return best.count;
  }
}

/** Squared, 0 to 1. */
function hellinger(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): number {
  let overlap = 0;
  for (const [shown, share] of one) overlap += Math.sqrt(share * (other.get(shown) ?? 0));
  return 1 - overlap;
}

/** What is shown of a size, as a text; null: too small. */
export function shownOf(size: Readonly<Record<string, unknown>> | null): string {
  if (size === null) return TOO_SMALL;
  const fields = Object.entries(size).filter(([name]) => name !== "releasedAt");
  return JSON.stringify(fields.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** What a view shows of the size; undefined while there is none. */
function shownIn({ status, size }: View): string | undefined {
  return size === null && status !== "too-small" ? undefined : shownOf(size);
}

/** What readings say of a secret: whether the counts behind them were these, or those. Each reading counts once. */
export class Evidence {
  readonly #read = new Set<string>();
  #logRatio = 0;

  constructor(readonly mechanism: Mechanism) {}

  /**
   * @param ifNot the true count if the secret is no
   * @param ifSo the true count if it is yes
   * @param epoch tells apart readings that bear no time of their own
   */
  add(view: View | undefined, ifNot: number, ifSo: number, epoch = 0): void {
    if (view === undefined || shownIn(view) === undefined) return;
    const reading = JSON.stringify([view.audience, view.size?.releasedAt ?? epoch]);
    if (this.#read.has(reading)) return;
    this.#read.add(reading);
    const [no, yes] = [this.mechanism.likelihood(view, ifNot), this.mechanism.likelihood(view, ifSo)];
    if (no === IMPOSSIBLE && yes === IMPOSSIBLE) throw new Error(`not made as published: ${JSON.stringify(view)}`);
    this.weigh(no, yes);
  }

  /** Something else that was seen, and how likely it was. */
  weigh(ifNot: number, ifSo: number): void {
    this.#logRatio += Math.log(ifSo) - Math.log(ifNot);
  }

  /** More likely than not; where nothing speaks for either, a coin decides. */
  guess(coin: () => boolean): boolean {
    return Math.abs(this.#logRatio) < 1e-9 ? coin() : this.#logRatio > 0;
  }
}
