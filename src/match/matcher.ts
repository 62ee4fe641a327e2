/**
 * The one gate's hands: every list, whatever its origin, is matched by `match` here, under a permit.
 *
 * The work is done in threads that hold the ads key alone. A list's digests are made tokens and put in order batch by batch,
 * as they come, and then looked up many batches together, a range of the order in each thread. What comes back is
 * intersected with the permit's ordinals, so that either layer alone keeps what was never permitted out.
 */
import { availableParallelism } from "node:os";
import { Paging } from "../paging/index.js";
import { type Permit, requirePermit } from "../purpose/index.js";
import { OrdinalSet } from "../set/index.js";
import {
  adsKeyName,
  BatchFill,
  BatchMemory,
  decodeRuns,
  type EntryColumns,
  encodeRuns,
  type KeyFolder,
  type KeyHistory,
  orderRanges,
  type SharedBatch,
} from "../token/index.js";
import { MatchError } from "./error.js";
import { IndexLife, type KeeperThread, type MatchThread, tell } from "./index-life.js";
import type { KeeperStart, KeyFile, ThreadStart } from "./protocol.js";
import { Thread } from "./thread.js";

const MAX_THREADS = 16;
/** Tokens that are worth another thread. */
const RANGE_TOKENS = 64 * 1024;

/** Digests as a list's reader gives them: 16 bytes each, and the bits of the kinds that each may be of. */
export interface Digests {
  readonly digest: Uint8Array;
  readonly kinds: Uint8Array;
}

/** A batch of a list that is ready to be looked up. */
export interface OrderedBatch {
  readonly batch: SharedBatch;
  /** Epoch of the key that its tokens were made with. */
  readonly epoch: number;
}

/** Digests that may become tokens, column by column: kind's code, ordinal, schemes whose form it is. */
export interface ToTokenise {
  readonly digests: Uint8Array;
  readonly kinds: Uint8Array;
  readonly ordinals: Uint32Array;
  readonly schemes: Uint8Array;
}

/** Tokens for the index. */
export interface ToInsert extends EntryColumns {
  /** Tokens of a store that is being re-keyed, made with the previous key. */
  readonly isPrevious?: boolean;
  /** Only into the index that is being built for the next key. */
  readonly isRebuild?: boolean;
}

export class Matcher {
  readonly #threads: readonly MatchThread[];
  readonly #keeper: KeeperThread;
  #live: IndexLife;
  #next: IndexLife | undefined;
  /** Changes while a key is rotated take several steps, and come one after the other. */
  #changing: Promise<unknown> = Promise.resolve();
  #sequence = 0;
  readonly #batches = new BatchMemory();
  readonly #paging: Paging;
  #stopped: MatchError | undefined;
  #epoch: number;
  #isRotating = false;

  private constructor(start: Omit<ThreadStart, "thread">, epoch: number, paging: Paging) {
    const count = Math.min(MAX_THREADS, availableParallelism());
    const onStop = (error: MatchError) => this.#stop(error);
    const module = (name: string) => new URL(name, import.meta.url);
    this.#epoch = epoch;
    this.#threads = Array.from({ length: count }, (_, thread) => {
      return new Thread(module("./worker.js"), "solely-matcher", { ...start, thread } satisfies ThreadStart, onStop);
    });
    this.#paging = paging;
    const keeper: KeeperStart = { threads: count, paging: paging.options };
    this.#keeper = new Thread(module("./keeper.js"), "solely-keeper", keeper, onStop);
    this.#live = new IndexLife("live", this.#threads, this.#keeper);
  }

  /**
   * Starts the threads with the ads key in force; after a rotation that was cut off, with the next one, and they are told
   * the old one.
   * @param paging for large indexes
   * @throws {MatchError} code `matcher-failed` when the key is missing or wrong
   */
  static async start(keys: KeyFolder, history: KeyHistory, paging = Paging.none): Promise<Matcher> {
    const { epoch, rotation } = history;
    const keyOf = (n: number): KeyFile => {
      const keyName = adsKeyName(n);
      return { keyFile: keys.file(keyName), keyName, keyCheck: history.check(keyName) ?? "" };
    };
    const own = rotation?.to ?? epoch;
    const previous = rotation === undefined ? undefined : keyOf(rotation.from);
    const matcher = new Matcher({ ...keyOf(own), previous }, own, paging);
    await Promise.all([...matcher.#threads, matcher.#keeper].map((thread) => thread.started()));
    return matcher;
  }

  /** Epoch of the key that tokens are made with. */
  get epoch(): number {
    return this.#epoch;
  }

  /**
   * Sees to it that one rotation at a time is under way in this process.
   * @throws {MatchError} code `rotation-under-way`
   */
  claimRotation(): void {
    if (this.#isRotating) throw new MatchError("rotation-under-way", "a rotation is under way");
    this.#isRotating = true;
  }

  releaseRotation(): void {
    this.#isRotating = false;
  }

  /** A batch of a list that is to be filled, then put in order and looked up soon, or given up. */
  newBatch(): BatchFill {
    return new BatchFill(this.#batches.lend());
  }

  /** Makes a batch ready to be looked up. */
  async order({ memory, count }: SharedBatch): Promise<OrderedBatch> {
    const epoch = this.#epoch;
    const batch = { memory, count };
    await this.#free().ask({ op: "order", batch });
    return { batch, epoch };
  }

  /** Takes back a batch that is not looked up, and that no thread is ordering. */
  giveUp(batch: SharedBatch): void {
    this.#batches.takeBack(batch);
  }

  /**
   * The contact points that a list's batches reach, and that the permit lets be used. The batches are used up.
   * @param schemes mask of the schemes whose forms count
   */
  async match(permit: Permit<"ads.match">, batches: readonly OrderedBatch[], schemes: number): Promise<OrdinalSet> {
    requirePermit(permit, "ads.match");
    const reached = await this.#reached(batches, schemes);
    const matched = OrdinalSet.empty();
    for (const ordinals of reached) matched.addAll(ordinals);
    matched.keepSet(permit.ordinals);
    return matched;
  }

  async #reached(batches: readonly OrderedBatch[], schemes: number): Promise<Uint32Array[]> {
    // The key may have become another one since.
    while (batches.some(({ epoch }) => epoch !== this.#epoch)) {
      const renew = (one: OrderedBatch) => (one.epoch === this.#epoch ? one : this.order(one.batch));
      batches = await Promise.all(batches.map(renew));
    }
    const shared = batches.map(({ batch }) => batch);
    const tokens = shared.reduce((sum, { count }) => sum + count, 0);
    const ranges = orderRanges(Math.max(1, Math.min(this.#threads.length, Math.floor(tokens / RANGE_TOKENS))));
    const asked = ranges.map((range) => this.#free().ask({ op: "match", batches: shared, range, schemes }));
    try {
      return await Promise.all(asked);
    } finally {
      // A thread may still look at them where another failed.
      await Promise.allSettled(asked);
      for (const batch of shared) this.#batches.takeBack(batch);
    }
  }

  /** The thread that has least to do. */
  #free(): MatchThread {
    return this.#threads.reduce((free, thread) => (thread.load < free.load ? thread : free));
  }

  /** Tokens of digests that the gate has let through, and the tag that each ordinal has each under already. */
  tokenise(request: ToTokenise): Promise<{ tokens: Uint8Array; known: Uint8Array }> {
    return this.#inTurn(() => this.#free().ask({ op: "tokenise", ...request }));
  }

  async insert({ isPrevious = false, isRebuild = false, ...columns }: ToInsert): Promise<void> {
    if (columns.ordinals.length === 0) return;
    await this.#change(async () => {
      const { tokens } = columns;
      const live = isPrevious ? await this.#rekey(tokens, "previous", "live") : tokens;
      const next = this.#next;
      const inserted = isRebuild ? undefined : this.#live.insert({ ...columns, tokens: live });
      await next?.insert({ ...columns, tokens: isRebuild ? tokens : await this.#rekey(live, "live", "next") });
      await inserted;
    });
  }

  /** @param tags bits of the tags to take out, for each ordinal */
  async drop(ordinals: Uint32Array, tags: Uint16Array): Promise<void> {
    if (ordinals.length === 0) return;
    await this.#change(async () => {
      const sequence = ++this.#sequence;
      const told = tell(this.#threads, this.#keeper, { op: "drop", ordinals, tags, sequence });
      for (const life of [this.#live, this.#next]) life?.wipeLater();
      await told;
    });
  }

  /** Tokens in the live index. */
  size(): Promise<number> {
    return this.#keeper.ask({ op: "size" });
  }

  /** Ordinals that have a token in the live index, in pieces, repeats possible; what was taken out is wiped before. */
  ordinals(): Promise<Uint32Array[]> {
    return this.#keeper.ask({ op: "ordinals" });
  }

  /** The live index for a snapshot. Nothing may be changed while its bytes are written. */
  async sections(): Promise<Map<string, Uint8Array>> {
    return encodeRuns(await this.#live.settled());
  }

  /** Takes over what `sections` gave. @returns whether it is whole */
  async restore(sections: ReadonlyMap<string, Uint8Array>): Promise<boolean> {
    const runs = decodeRuns(sections, this.#threads.length, this.#paging);
    if (runs === undefined) return false;
    await this.#live.restore(runs);
    return true;
  }

  /** From now on, the index of the next key is built beside the live one. */
  async beginRotation(key: KeyFile): Promise<void> {
    await this.#change(async () => {
      const begun = this.#threads.map((thread) => thread.ask({ op: "rotate-begin", ...key }));
      await Promise.all([...begun, this.#keeper.ask({ op: "rotate-begin" })]);
      this.#next = new IndexLife("next", this.#threads, this.#keeper);
    });
  }

  /** Stored tokens of the old key, as tokens of the new one. */
  rekey(tokens: Uint8Array): Promise<Uint8Array> {
    return this.#next === undefined ? this.#rekey(tokens, "previous", "live") : this.#rekey(tokens, "live", "next");
  }

  #rekey(tokens: Uint8Array, from: "previous" | "live", to: "live" | "next"): Promise<Uint8Array> {
    return this.#free().ask({ op: "rekey", tokens, from, to });
  }

  /** The index of the next key becomes the live one, and the old key is forgotten. */
  async endRotation(epoch: number): Promise<void> {
    await this.#change(async () => {
      const next = this.#next;
      await next?.settled();
      const ended = this.#threads.map((thread) => thread.ask({ op: "rotate-end" }));
      const kept = this.#keeper.ask({ op: "rotate-end" });
      if (next !== undefined) {
        for (const life of [this.#live, next]) life.end();
        this.#live = new IndexLife("live", this.#threads, this.#keeper);
        this.#next = undefined;
      }
      this.#epoch = epoch;
      await Promise.all([...ended, kept]);
    });
  }

  async close(): Promise<void> {
    for (const life of [this.#live, this.#next]) life?.end();
    await Promise.all([...this.#threads, this.#keeper].map((thread) => thread.close()));
  }

  /** An index that could not take a durable change is used no more: better no answer than a short one. */
  async #change(change: () => Promise<void>): Promise<void> {
    try {
      await this.#inTurn(change);
    } catch (error) {
      this.#stop(error instanceof MatchError ? error : new MatchError("matcher-failed", String(error)));
      throw error;
    }
  }

  /** Begins at once unless a change of several steps is under way. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    if (!this.#isRotating) return work();
    const done = this.#changing.then(work);
    this.#changing = done.catch(() => {});
    return done;
  }

  #stop(error: MatchError): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = error;
    for (const thread of [...this.#threads, this.#keeper]) thread.stop(error);
  }
}
