/** Runs of sources, as an operator is told of them. */
import type { FedRun } from "../grant/index.js";

/** A run of a source, as its leaves tell of it. */
export type RunView = Omit<FedRun, "fromMs" | "toMs"> & { readonly from: string; readonly to: string };

export const viewRun = ({ fromMs, toMs, ...run }: FedRun): RunView => ({
  ...run,
  from: new Date(fromMs).toISOString(),
  to: new Date(toMs).toISOString(),
});
