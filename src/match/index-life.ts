/**
 * The life of an index: tells every thread each change, in one order, and has the keeper make runs of what is fresh, join
 * them, and wipe what was taken out, while the threads go on matching.
 */
import type { EntryColumns, KeptRuns, Run } from "../token/index.js";
import type { Change, IndexName, KeeperAnswers, KeeperRequest, ThreadAnswers, ThreadRequest } from "./protocol.js";
import { RetiredRuns } from "./retired-runs.js";
import type { Thread } from "./thread.js";

/** A run is made of so many fresh tokens, and what comes is held up when there are so many more than a run is made of. */
const RUN_TOKENS = 128 * 1024;
const MOST_FRESH = 8 * RUN_TOKENS;
/** So many at once are made a run by themselves, which is cheaper than telling them to every thread. */
const MANY_TOKENS = 16 * 1024;
/** So many runs are joined, those of like size. */
const MANY_RUNS = 16;
/**
 * After so long without a change there is time to put the index in order, and after so many times as long as that took the last
 * time: all of it is written again, and between the batches of a long run there is no such time.
 */
const IDLE_MS = 2000;
const ORDER_PAUSE = 10;
/** Wiping looks through the whole index: it waits so long, and so many times as long as it took the last time. */
const WIPE_AFTER_MS = 100;
const WIPE_PAUSE = 10;

/** The caller's heap is large, and looked through seldom. */
const RETIRED_BYTES = 512 * 1024 * 1024;

export type MatchThread = Thread<ThreadRequest, ThreadAnswers>;
export type KeeperThread = Thread<KeeperRequest, KeeperAnswers>;

export class IndexLife {
  readonly #name: IndexName;
  readonly #threads: readonly MatchThread[];
  readonly #keeper: KeeperThread;
  #runs: readonly Run[] = [];
  readonly #retired = new RetiredRuns(RETIRED_BYTES);
  /** Tokens told since the last run was begun. */
  #fresh = 0;
  #building: Promise<void> | undefined;
  #idle: NodeJS.Timeout | undefined;
  #orderMs = 0;
  #wiping: NodeJS.Timeout | undefined;
  #wipeMs = 0;
  #isEnded = false;

  constructor(name: IndexName, threads: readonly MatchThread[], keeper: KeeperThread) {
    this.#name = name;
    this.#threads = threads;
    this.#keeper = keeper;
  }

  /** Resolves when every thread that matches has it. */
  async insert(columns: EntryColumns): Promise<void> {
    if (columns.ordinals.length >= MANY_TOKENS) return this.#add(columns);
    const told = this.#tell({ op: "insert", index: this.#name, ...columns });
    this.#fresh += columns.ordinals.length;
    if (this.#fresh >= RUN_TOKENS && this.#building === undefined) this.#build(false);
    this.#orderWhenIdle();
    await told;
    while (this.#fresh >= MOST_FRESH && this.#building !== undefined) await this.#building;
  }

  async #add(columns: EntryColumns): Promise<void> {
    await this.#adopt(this.#keeper.ask({ op: "add", index: this.#name, ...columns }), false);
    if (this.#runs.length >= MANY_RUNS && this.#building === undefined) this.#build(false);
    this.#orderWhenIdle();
  }

  /** What was taken out by a change that all threads were told is wiped some time later. */
  wipeLater(): void {
    if (this.#wiping !== undefined || this.#isEnded) return;
    const wipe = () => {
      this.#wiping = undefined;
      this.wipe().catch(() => {}); // The thread says that it has stopped.
    };
    this.#wiping = setTimeout(wipe, Math.max(WIPE_AFTER_MS, WIPE_PAUSE * this.#wipeMs)).unref();
  }

  /** Wipes what was taken out before. */
  async wipe(): Promise<void> {
    const from = performance.now();
    await this.#adopt(this.#keeper.ask({ op: "wipe", index: this.#name }), false);
    this.#wipeMs = performance.now() - from;
  }

  /** Makes runs of everything, wipes what was taken out, and says which runs there are. */
  async settled(): Promise<readonly Run[]> {
    while (this.#building !== undefined) await this.#building;
    if (this.#fresh > 0) await this.#build(false);
    await this.wipe();
    return this.#runs;
  }

  /** The runs of a snapshot. */
  restore(runs: readonly Run[]): Promise<void> {
    return this.#adopt(this.#keeper.ask({ op: "restore", runs }), false);
  }

  /** Nothing is begun any more. */
  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#idle);
    clearTimeout(this.#wiping);
  }

  #orderWhenIdle(): void {
    clearTimeout(this.#idle);
    const order = async () => {
      if (this.#building !== undefined) return;
      const from = performance.now();
      await this.#build(true);
      this.#orderMs = performance.now() - from;
    };
    if (this.#isEnded) return;
    this.#idle = setTimeout(order, Math.max(IDLE_MS, ORDER_PAUSE * this.#orderMs)).unref();
  }

  #build(isIdle: boolean): Promise<void> {
    const told = this.#tell({ op: "seal", index: this.#name });
    this.#fresh = 0;
    const built = this.#adopt(this.#keeper.ask({ op: "build", index: this.#name, isIdle }), true);
    const ended = (isBuilt: boolean) => {
      this.#building = undefined;
      if (isBuilt && this.#fresh >= RUN_TOKENS && !this.#isEnded) this.#build(false);
    };
    // A thread that has stopped says so to whoever asks it next.
    this.#building = Promise.all([told, built]).then(
      () => ended(true),
      () => ended(false),
    );
    return this.#building;
  }

  async #adopt(kept: Promise<KeptRuns>, isSealedIn: boolean): Promise<void> {
    const { runs, wiped } = await kept;
    // Another index may have this one's name by now.
    if (this.#isEnded) return;
    this.#retired.note(this.#runs, runs);
    this.#runs = runs;
    const request = { op: "adopt", index: this.#name, runs, wiped, isSealedIn } as const;
    await Promise.all(this.#threads.map((thread) => thread.ask(request)));
  }

  #tell(change: Change): Promise<void> {
    return tell(this.#threads, this.#keeper, change);
  }
}

/** Tells all a change. The keeper has it when it comes to it, and is not waited for. */
export async function tell(threads: readonly MatchThread[], keeper: KeeperThread, change: Change): Promise<void> {
  keeper.ask(change).catch(() => {}); // The thread says that it has stopped.
  await Promise.all(threads.map((thread) => thread.ask(change)));
}
