/**
 * The keeper of an index's runs: makes runs of what was fresh, joins those that are of like size, and wipes what was taken out.
 *
 * It has a thread of its own, which holds no key, so that matching goes on meanwhile in the runs that were there before. It is
 * told every change in the same order as the threads that match. Runs are joined when a later one has grown to a third of an
 * earlier one: each token is written again only a few times, and a look-up goes through few runs.
 */
import { Paging } from "../paging/index.js";
import { DroppedTags } from "./dropped-tags.js";
import { ENTRY_WORDS, type Entries, type EntryColumns, entriesOfColumns, NO_ENTRIES, ordinalsOf } from "./entries.js";
import { FreshTokens } from "./fresh-tokens.js";
import { entriesOf, type Run, SHARD_ENTRIES } from "./run.js";
import { type BuildOptions, buildRun } from "./run-builder.js";
import { entriesIn, wipeDropped } from "./run-slice.js";
import { Workbench } from "./workbench.js";

/** A run takes an earlier one in when that has at most so many times its entries. */
const JOIN_RATIO = 3;
/** When there is time: the runs are made one when the smaller ones have such a share of the largest. */
const IDLE_SHARE = 0.02;
/** A run is made anew when so large a part of it was wiped. */
const MAX_WIPED = 0.25;

/** What the threads are to look into from now on. */
export interface KeptRuns {
  /** The largest first. */
  readonly runs: readonly Run[];
  /** Number of the last change whose tokens are wiped in all of them. */
  readonly wiped: number;
}

export class IndexKeeper {
  readonly #shape: Omit<BuildOptions, "id">;
  readonly #bench = new Workbench();
  #fresh = new FreshTokens();
  #sealed: FreshTokens | undefined;
  #runs: readonly Run[] = [];
  readonly #dropped = new DroppedTags();
  #sequence = 0;
  #lastId = 0;

  /**
   * @param threads threads that look into the runs
   * @param paging for large runs
   */
  constructor(threads: number, paging = Paging.none, shardEntries: number = SHARD_ENTRIES) {
    this.#shape = { threads, shardEntries, paging };
  }

  get runs(): readonly Run[] {
    return this.#runs;
  }

  insert(columns: EntryColumns): void {
    this.#fresh.insert(columns);
  }

  /** Makes a run of many entries at once. */
  add(columns: EntryColumns): KeptRuns {
    const kept = this.wipe();
    const entries = entriesOfColumns(columns, this.#bench);
    this.#runs = [...kept.runs, this.#build([], entries)];
    return { runs: this.#runs, wiped: kept.wiped };
  }

  drop(ordinals: Uint32Array, tags: Uint16Array, sequence: number): void {
    this.#fresh.drop(ordinals, tags);
    this.#sealed?.drop(ordinals, tags);
    this.#sequence = sequence;
    if (this.#runs.length > 0) this.#dropped.add({ sequence, ordinals, tags });
  }

  seal(): void {
    this.#sealed = this.#fresh;
    this.#fresh = new FreshTokens();
  }

  /** Takes runs of a snapshot over; there must be none. */
  restore(runs: readonly Run[]): KeptRuns {
    this.#runs = runs;
    this.#lastId = Math.max(0, ...runs.map(({ id }) => id));
    return { runs, wiped: this.#sequence };
  }

  /** Makes a run of what was sealed, and of runs that are to be joined with it. @param isIdle whether there is time */
  build(isIdle: boolean): KeptRuns {
    const { runs, wiped } = this.wipe();
    const fresh = this.#sealed?.entries() ?? NO_ENTRIES;
    const joined = toJoin(runs.map(entriesOf), fresh.words.length / ENTRY_WORDS, isIdle);
    const rest = runs.slice(0, runs.length - joined);
    if (fresh.words.length > 0 || joined > 1) {
      const built = this.#build(runs.slice(rest.length), fresh);
      this.#runs = entriesOf(built) === 0 ? rest : [...rest, built];
    }
    this.#sealed = undefined;
    return { runs: this.#runs, wiped };
  }

  #build(runs: readonly Run[], fresh: Entries): Run {
    return buildRun(runs, fresh, { id: ++this.#lastId, ...this.#shape });
  }

  /** Wipes what was taken out since; a run of which much was wiped is made anew. */
  wipe(): KeptRuns {
    if (this.#dropped.size > 0) {
      for (const run of this.#runs) wipeDropped(run, this.#dropped, this.#bench);
      this.#dropped.forget(this.#sequence);
      this.#runs = this.#runs.map((run) => this.#withoutHoles(run)).filter((run) => entriesOf(run) > 0);
    }
    return { runs: this.#runs, wiped: this.#sequence };
  }

  #withoutHoles(run: Run): Run {
    const places = run.shards.reduce((sum, shard) => sum + shard.places, 0);
    if (entriesOf(run) >= places * (1 - MAX_WIPED)) return run;
    return this.#build([run], NO_ENTRIES);
  }

  /** Entries, fresh ones included. */
  get size(): number {
    const fresh = this.#fresh.size + (this.#sealed?.size ?? 0);
    return fresh + this.wipe().runs.reduce((sum, run) => sum + entriesOf(run), 0);
  }

  /** The ordinals of all entries, repeats possible, piece by piece. */
  *ordinals(): Generator<Uint32Array> {
    for (const run of this.wipe().runs) for (const words of entriesIn(run, this.#bench)) yield ordinalsOf({ words });
    for (const fresh of [this.#sealed, this.#fresh]) if (fresh !== undefined) yield ordinalsOf(fresh.entries());
  }
}

/** How many of the last runs are joined with so many fresh entries. */
function toJoin(runs: readonly number[], fresh: number, isIdle: boolean): number {
  const smaller = runs.slice(1).reduce((sum, entries) => sum + entries, fresh);
  if (isIdle && smaller >= IDLE_SHARE * (runs[0] ?? 0)) return runs.length;
  let size = fresh;
  let joined = 0;
  for (let last = runs.length - 1; last >= 0; last--) {
    // Small ones between are joined with what is before them.
    if (runs[last]! <= JOIN_RATIO * size) joined = runs.length - last;
    size += runs[last]!;
  }
  return joined;
}
