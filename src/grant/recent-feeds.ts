/**
 * What sources have fed last: runs of leaves of grants, for whoever looks at the day's work. A fold of the heads of those
 * leaves, by their own times; leaves of one source and actor that come close upon each other are one run.
 */
import type { GrantHeader } from "./contact-facts.js";

export interface FedRun {
  readonly source: string;
  readonly actor: string;
  readonly fromMs: number;
  toMs: number;
  /** Positions of its first leaf and its last. */
  readonly firstLeaf: number;
  lastLeaf: number;
  /** Rows of its leaves that were good, and that were refused. */
  good: number;
  refused: number;
  /** Contact points for security or under an exclusive notice that it newly permitted. */
  freed: number;
}

const DAY_MS = 24 * 3_600_000;
/** Leaves that are further apart are of two runs. */
const SAME_RUN_MS = 60_000;
/** Runs that are kept; of more the oldest leave. */
const MAX_RUNS = 1000;

export class RecentFeeds {
  #runs: FedRun[] = [];

  learn({ source, actor, good, refused, freed }: GrantHeader, position: number, timeMs: number): void {
    const run = this.#runs.findLast((one) => one.source === source && one.actor === actor);
    if (run !== undefined && timeMs - run.toMs < SAME_RUN_MS) {
      run.toMs = timeMs;
      run.lastLeaf = position;
      run.good += good;
      run.refused += refused;
      run.freed += freed;
      return;
    }
    const leaves = { firstLeaf: position, lastLeaf: position };
    this.#runs.push({ source, actor, fromMs: timeMs, toMs: timeMs, ...leaves, good, refused, freed });
    if (this.#runs.length > MAX_RUNS) this.#runs.shift();
  }

  /** The latest first. */
  latest(): FedRun[] {
    return this.#runs.toReversed();
  }

  /** Runs that ended within the day before `nowMs`, in order. */
  lastDay(nowMs: number): FedRun[] {
    return this.#runs.filter(({ toMs }) => toMs > nowMs - DAY_MS);
  }

  /** For snapshots. */
  get saved(): readonly FedRun[] {
    return this.#runs;
  }

  restore(runs: readonly FedRun[]): void {
    this.#runs = runs.map((run) => ({ ...run }));
  }
}
