/**
 * Runs of sources: their results, known again by an idempotency key for 30 days, and those that were refused because
 * they would have freed too much. A fold of their facts.
 */
import { LeafKind } from "../ledger/index.js";
import { type Fold, jsonSection, type Kept, type Log, payloadOf, readJson } from "../log/index.js";
import type { FactRow } from "../store/index.js";

/** How long a run is known again. */
const REMEMBER_MS = 30 * 24 * 3600 * 1000;

export interface RunResult {
  readonly rows: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly freed: number;
}

/** A run that waits for two operators: nothing of it was kept but this. */
export interface RefusedRun {
  readonly source: string;
  /** Keyed digest of its bytes, hex. */
  readonly digest: string;
  readonly freed: number;
}

type RunFact =
  | { readonly type: "run"; readonly actor: string; readonly idempotencyKey: string; readonly result: RunResult }
  | ({ readonly type: "run-refused"; readonly actor: string } & RefusedRun);

interface SavedRuns {
  readonly runs: [string, { atMs: number; result: RunResult }][];
  readonly refused: [string, { atMs: number; run: RefusedRun }][];
}

export class Runs implements Fold {
  readonly kinds = [LeafKind.run];
  readonly #runs = new Map<string, { atMs: number; result: RunResult }>();
  readonly #refused = new Map<string, { atMs: number; run: RefusedRun }>();

  apply({ body, timeMs }: FactRow): void {
    const fact: RunFact = JSON.parse(Buffer.from(payloadOf(body)).toString("utf8"));
    if (fact.type === "run") this.#runs.set(fact.idempotencyKey, { atMs: timeMs, result: fact.result });
    else {
      const { source, digest, freed } = fact;
      this.#refused.set(digest, { atMs: timeMs, run: { source, digest, freed } });
    }
  }

  /** The result of an earlier run under the same (keyed) idempotency key. */
  result(idempotencyKey: string, nowMs: number): RunResult | undefined {
    const run = this.#runs.get(idempotencyKey);
    return run !== undefined && run.atMs > nowMs - REMEMBER_MS ? run.result : undefined;
  }

  /** A run that was refused, by its digest. */
  refused(digest: string): RefusedRun | undefined {
    return this.#refused.get(digest)?.run;
  }

  /** Runs that were refused within 30 days, the latest first. */
  refusedSince(nowMs: number): (RefusedRun & { readonly atMs: number })[] {
    const recent = [...this.#refused.values()].filter(({ atMs }) => atMs > nowMs - REMEMBER_MS);
    return recent.map(({ atMs, run }) => ({ ...run, atMs })).sort((a, b) => b.atMs - a.atMs);
  }

  /** The refused run of a source whose digest begins so. */
  refusedBy(source: string, digestPrefix: string): RefusedRun | undefined {
    const found = [...this.#refused.values()].filter(
      ({ run }) => run.source === source && run.digest.startsWith(digestPrefix),
    );
    return found.length === 1 ? found[0]!.run : undefined;
  }

  async record(log: Log, fact: RunFact): Promise<void> {
    await log.record(LeafKind.run, () => Buffer.from(JSON.stringify(fact)));
  }

  readonly kept: Kept = {
    name: "runs",
    save: () => {
      const since = Date.now() - REMEMBER_MS;
      const recent = <T extends { atMs: number }>(of: ReadonlyMap<string, T>) =>
        [...of].filter(([, { atMs }]) => atMs > since);
      const saved: SavedRuns = { runs: recent(this.#runs), refused: recent(this.#refused) };
      return [jsonSection("runs", saved)];
    },
    restore: (sections) => {
      const { runs, refused } = readJson(sections, "runs") as SavedRuns;
      for (const [key, run] of runs) this.#runs.set(key, run);
      for (const [digest, run] of refused) this.#refused.set(digest, run);
    },
  };
}
