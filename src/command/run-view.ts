/** Runs of sources and the rows that were refused, as an operator is told of them. */
import type { FedRun } from "../grant/index.js";
import type { RefusalCount } from "../input/index.js";
import type { Solely } from "../instance/index.js";

/** A run of a source, as its leaves tell of it. */
export type RunView = Omit<FedRun, "fromMs" | "toMs"> & { readonly from: string; readonly to: string };

export const viewRun = ({ fromMs, toMs, ...run }: FedRun): RunView => ({
  ...run,
  from: new Date(fromMs).toISOString(),
  to: new Date(toMs).toISOString(),
});

/** Rows refused within a day, since the process began at the earliest. */
export interface RefusalsView {
  readonly since: string;
  readonly counts: readonly RefusalCount[];
}

export const DAY_MS = 24 * 3_600_000;

export const viewRefusals = ({ refusals }: Solely, nowMs: number): RefusalsView => ({
  since: new Date(Math.max(refusals.sinceMs, nowMs - DAY_MS)).toISOString(),
  counts: refusals.lastDay(nowMs),
});
