/**
 * Showings on their way: batches that are planned and not durable yet, which nothing but the next batches may know of. They
 * count when they are durable; one that can't be made durable leaves no trace here.
 */
import { DAY_MS, GROUP, type ShownBatch } from "./facts.js";

/** Rows of one audience, campaign and day. */
export type GroupRows = Pick<ShownBatch, "account" | "ofDayMs">;

/** A batch on its way, with the leaves that it becomes. */
export class BatchOnTheWay {
  readonly shown: ShownBatch;
  readonly leaves: number;
  /** Resolves when it counts. */
  readonly done: Promise<void>;
  readonly #lastMs: number;
  /** Places of its groups in the directory, once they were asked for. */
  #groups: Map<string, number> | undefined;

  constructor(shown: ShownBatch, leaves: number, done: Promise<void>) {
    this.shown = shown;
    this.leaves = leaves;
    this.done = done;
    this.#lastMs = spanOf(shown).lastMs;
  }

  /** Whether some of its rows may be as late as the first of a batch. */
  reaches(firstMs: number): boolean {
    return this.#lastMs >= firstMs;
  }

  group(audience: string, campaign: string, day: number): GroupRows | undefined {
    const { directory, account, ofDayMs } = this.shown;
    this.#groups ??= groupsOf(this.shown);
    const at = this.#groups.get(keyOf(audience, campaign, day));
    if (at === undefined) return undefined;
    const [from, end] = [at === 0 ? 0 : directory[at - GROUP.words + GROUP.end]!, directory[at + GROUP.end]!];
    return { account: account.subarray(from, end), ofDayMs: ofDayMs.subarray(from, end) };
  }
}

/** The first and the last instant of a batch, milliseconds since 1970. */
export function spanOf({ directory, ofDayMs }: ShownBatch): { readonly firstMs: number; readonly lastMs: number } {
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0, row = 0; at < directory.length; at += GROUP.words) {
    let [first, last] = [DAY_MS, -1];
    for (const end = directory[at + GROUP.end]!; row < end; row++) {
      const ms = ofDayMs[row]!;
      if (ms < first) first = ms;
      if (ms > last) last = ms;
    }
    const fromMs = directory[at + GROUP.day]! * DAY_MS;
    firstMs = Math.min(firstMs, fromMs + first);
    lastMs = Math.max(lastMs, fromMs + last);
  }
  return { firstMs, lastMs };
}

function groupsOf({ audiences, campaigns, directory }: ShownBatch): Map<string, number> {
  const groups = new Map<string, number>();
  for (let at = 0; at < directory.length; at += GROUP.words) {
    const [audience, campaign, day] = directory.subarray(at, at + GROUP.words);
    groups.set(keyOf(audiences[audience!]!, campaigns[campaign!]!, day!), at);
  }
  return groups;
}

/** A campaign's name may hold anything; what is before it can't hold a space. */
const keyOf = (audience: string, campaign: string, day: number): string => `${day} ${audience} ${campaign}`;
