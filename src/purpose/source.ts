/**
 * Sources: the systems that feed contacts, and how many guarded contact points each may newly permit.
 *
 * `freed` is counted for every run (see the intake room); the sum over 30 days may not pass the source's
 * limit unless two operators approved that very run by its keyed digest. Sets no limit of its own.
 */
import { z } from "zod";
import { PurposeError } from "./error.js";

export const FREED_WINDOW_MS = 30 * 24 * 3600 * 1000;

export const sourceSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "a source's name is a-z, 0-9, dot, dash, underscore; at most 64"),
  vouches: z.boolean().default(false),
  /** Contact points in 30 days; null: no limit. */
  freedLimit: z.int().min(0).nullable().default(0),
});

export type Source = z.infer<typeof sourceSchema>;

/** The source that every store begins with: the platform's own exports, fed by whoever has the data folder. */
const LOCAL: Source = { name: "local", vouches: true, freedLimit: null };

export class Sources {
  readonly #sources = new Map<string, Source>([[LOCAL.name, LOCAL]]);
  readonly #freed = new Map<string, { atMs: number; count: number }[]>();
  /** Keyed digests of runs that two operators have let past the limit, by source. */
  /** What an approved run may free, by source and digest. */
  readonly #approvedRuns = new Map<string, number>();

  /** The effect of an approved `source.set`. */
  set(source: Source): void {
    this.#sources.set(source.name, source);
  }

  /** The effect of an approved `run.free`. */
  approveRun(source: string, digest: string, freed: number): void {
    this.#approvedRuns.set(`${source} ${digest}`, freed);
  }

  /** Whether two operators let a run free that many, and not only fewer that were known then. */
  isApproved(source: string, digest: string, freed: number): boolean {
    return freed <= (this.#approvedRuns.get(`${source} ${digest}`) ?? -1);
  }

  /** @throws {PurposeError} code `unknown-source` */
  get(name: string): Source {
    const source = this.#sources.get(name);
    if (source !== undefined) return source;
    throw new PurposeError(
      "unknown-source",
      `no source is named ${JSON.stringify(name)}`,
      "solely source list shows those in force",
    );
  }

  list(): Source[] {
    return [...this.#sources.values()];
  }

  /** Remembers what a committed run freed. */
  charge(source: string, count: number, atMs: number): void {
    if (count === 0) return;
    const freed = this.#freed.get(source);
    // None is forgotten, so that a clock that was wrong once takes nothing out of the window.
    if (freed === undefined) this.#freed.set(source, [{ atMs, count }]);
    else freed.push({ atMs, count });
  }

  /** Contact points that the source's runs freed in the 30 days before `nowMs`. */
  freed(source: string, nowMs: number): number {
    const runs = this.#freed.get(source) ?? [];
    return runs.reduce((sum, run) => (run.atMs > nowMs - FREED_WINDOW_MS ? sum + run.count : sum), 0);
  }

  /** For snapshots. */
  get charges(): [string, { atMs: number; count: number }[]][] {
    return [...this.#freed];
  }

  restoreCharges(charges: Iterable<readonly [string, { atMs: number; count: number }[]]>): void {
    for (const [source, runs] of charges) this.#freed.set(source, runs);
  }
}
