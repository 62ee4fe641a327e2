/** What a job found, ours beside a peer, and how results are shown. */
import { aligned, count } from "./figures.js";

export interface JobResult {
  readonly job: string;
  readonly rows: number;
  readonly contacts: number;
  readonly ours: string;
  readonly peer: string;
  /** Medians. */
  readonly seconds: { readonly ours: number; readonly peer: number };
  /** The peer's time over ours: above 1 we are faster. */
  readonly ratio: number;
  readonly answer: string;
  /** Ours, the peer's and the one that the files hold. */
  readonly equal: boolean;
}

export function jobsTable(results: readonly JobResult[]): string {
  const head = ["job", "rows", "contacts", "ours s", "rows/s", "peer s", "ratio", "equal", "peer", "answer"];
  const rows = results.map((row) => [
    row.job,
    count(row.rows),
    count(row.contacts),
    digits(row.seconds.ours),
    count(row.rows / row.seconds.ours),
    digits(row.seconds.peer),
    `${row.ratio.toFixed(2)}x`,
    row.equal ? "yes" : "NO",
    row.peer,
    row.answer,
  ]);
  return aligned([head, ...rows]);
}

/** Seconds: to the millisecond, short ones to the microsecond. */
export const digits = (seconds: number): string => seconds.toFixed(seconds < 0.1 ? 6 : 3);
