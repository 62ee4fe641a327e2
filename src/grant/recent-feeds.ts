/**
 * What sources have fed within a day: runs of leaves of grants, for whoever looks at the day's work. A fold of the heads of
 * those leaves, by their own times; leaves of one source and actor that come close upon each other are one run.
 */
import type { GrantHeader } from "./contact-facts.js";

export interface FedRun {
  readonly source: string;
  readonly actor: string;
  readonly fromMs: number;
  toMs: number;
  /** Rows of its leaves that were good, and that were refused. */
  good: number;
  refused: number;
}

const DAY_MS = 24 * 3_600_000;
/** Leaves that are further apart are of two runs. */
const SAME_RUN_MS = 60_000;
/** Runs that are kept; of more the first leave. */
const MAX_RUNS = 1000;

export class RecentFeeds {
  #runs: FedRun[] = [];

  learn({ source, actor, good, refused }: GrantHeader, timeMs: number): void {
    const run = this.#runs.findLast((one) => one.source === source && one.actor === actor);
    if (run !== undefined && timeMs - run.toMs < SAME_RUN_MS) {
      run.toMs = timeMs;
      run.good += good;
      run.refused += refused;
      return;
    }
    this.#runs.push({ source, actor, fromMs: timeMs, toMs: timeMs, good, refused });
    if (this.#runs.length > MAX_RUNS || this.#runs[0]!.toMs < timeMs - DAY_MS) {
      this.#runs = this.lastDay(timeMs).slice(-MAX_RUNS);
    }
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
