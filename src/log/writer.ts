/**
 * The one writer: plans are made one at a time, become durable in groups, and count only after that.
 *
 * A section plans against the hot state and seals what it made; sealed leaves are appended in order, as many
 * at once as are waiting, each group in one transaction. If a group can't be made durable, everything sealed
 * after it is taken back too, the last one first; if the database was lost during the commit, the store is
 * asked, when it is back, whether the group's very leaves stand. A leaf that can't even be made is taken back in the same
 * way. An acknowledgement waits for durability and for `publish`.
 * Once another process has written, this one never writes again: what it holds is no longer the whole.
 */
import { type Append, type Store, StoreError } from "../store/index.js";

/** What one section wants to make durable, in one transaction. */
export interface Sealed {
  /** In order; another thread may still be making some of them while the next section plans. */
  readonly entries: readonly (Append | Promise<Append>)[];
  /** Makes it count; called in order, after it is durable. */
  publish(): void | Promise<void>;
  /** Takes it back; called in reverse order. */
  undo(): void;
}

interface Pending extends Sealed {
  /** The entries, once all of them are made. */
  made: readonly Append[] | undefined;
  /** Resolves when they are; rejects if one can't be made. */
  readonly making: Promise<void> | undefined;
  /** Of their facts and tokens; counted when they are made, before their memory is given away. */
  bytes: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** Sealed bytes that may wait for the database. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** Leaves in one transaction. */
const MAX_GROUP_ENTRIES = 4096;

export class Writer {
  readonly #store: Store;
  /** Position of the next leaf to be sealed. */
  #position: number;
  /** Number of leaves that are durable and count. */
  #durable: number;
  /** The latest time that a leaf was given. */
  #lastMs: number;
  #lock: Promise<void> = Promise.resolve();
  #waiting: Pending[] = [];
  #waitingBytes = 0;
  #factBytes = 0;
  #flushing: Promise<void> | undefined;
  /** After a failure: what could be neither confirmed nor taken back yet. */
  #unresolved: { group: Pending[]; later: Pending[]; error: unknown } | undefined;
  /** Set once another process has written: nothing that this one holds may be used any more. */
  #fenced: StoreError | undefined;
  #reclaiming: Promise<void> | undefined;
  #wake: (() => void)[] = [];
  readonly #whenDurable: ((leaves: readonly Uint8Array[]) => void)[] = [];

  /** @param lastMs time of the last leaf that is there */
  constructor(store: Store, position: number, lastMs: number) {
    this.#store = store;
    this.#position = position;
    this.#durable = position;
    this.#lastMs = lastMs;
  }

  /**
   * The time of a leaf that is sealed in this section: the clock's, but never before an earlier leaf's, so that an
   * instant stands for a position. While the clock is behind, leaves keep the last time.
   */
  nowMs(): number {
    this.#lastMs = Math.max(this.#lastMs, Date.now());
    return this.#lastMs;
  }

  get position(): number {
    return this.#position;
  }

  /** Number of leaves that are durable and count. */
  get durablePosition(): number {
    return this.#durable;
  }

  /**
   * Whether what this process holds is sure to be the whole: not while the writer's lock is lost, since another process
   * may have written by then. Asks for it again.
   * @throws {StoreError} code `lost-lock`
   */
  requireWhole(): void {
    if (this.#fenced !== undefined) throw this.#fenced;
    if (this.#store.isWriter) return;
    this.#reclaiming ??= this.exclusive(() => {})
      .catch(() => {})
      .finally(() => (this.#reclaiming = undefined));
    throw lostLock();
  }

  /** Bytes of facts and tokens that became durable here. */
  get factBytes(): number {
    return this.#factBytes;
  }

  /** Tells of leaves that have become durable, in order. */
  whenDurable(tell: (leaves: readonly Uint8Array[]) => void): void {
    this.#whenDurable.push(tell);
  }

  /** Waits until sealed bytes are few enough for more. */
  async capacity(): Promise<void> {
    while (this.#waitingBytes > MAX_WAITING_BYTES && this.#unresolved === undefined) {
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** Runs a section alone. It may seal; what it sealed becomes durable later. */
  async exclusive<T>(section: () => T | Promise<T>): Promise<T> {
    const release = await this.#acquire();
    try {
      await this.#recover();
      return await section();
    } finally {
      release();
    }
  }

  /**
   * Runs a section alone, after everything before it counts.
   * @param but how many leaves, all of which the section knows of, may still be on their way when these are all
   */
  exclusiveSettled<T>(section: () => T | Promise<T>, but: () => number = () => 0): Promise<T> {
    return this.exclusive(async () => {
      // What fails meanwhile is whoever's sealed it; the section has not begun.
      while (this.#flushing !== undefined && this.#position - this.#durable > but()) {
        await this.#flushing;
        await this.#recover();
      }
      return section();
    });
  }

  /**
   * Hands leaves over; only inside a section. Resolves when they are durable and count: to be waited for outside the
   * section, since what fails is taken back when no section runs.
   */
  seal(sealed: Sealed): Promise<void> {
    const { entries } = sealed;
    this.#position += entries.length;
    return new Promise((resolve, reject) => {
      const made = entries.every((entry) => !(entry instanceof Promise)) ? (entries as readonly Append[]) : undefined;
      const pending: Pending = {
        made,
        making: made === undefined ? Promise.all(entries).then((all) => this.#noteMade(pending, all)) : undefined,
        bytes: made === undefined ? 0 : bytesOf(made),
        entries,
        publish: () => sealed.publish(),
        undo: () => sealed.undo(),
        resolve,
        reject,
      };
      // Whoever waits for it is told; it may be taken back before anybody does.
      pending.making?.catch(() => {});
      if (this.#unresolved !== undefined) {
        // Planned on what has failed.
        this.#unresolved.later.push(pending);
        return;
      }
      this.#waitingBytes += pending.bytes;
      this.#waiting.push(pending);
      this.#flushing ??= this.#flush();
    });
  }

  #noteMade(pending: Pending, made: readonly Append[]): void {
    pending.made = made;
    pending.bytes = bytesOf(made);
    if (this.#waiting.includes(pending)) this.#waitingBytes += pending.bytes;
  }

  /** Waits until everything that was sealed is durable and counts. */
  async settled(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
    if (this.#unresolved !== undefined) throw this.#unresolved.error;
  }

  async #acquire(): Promise<() => void> {
    const before = this.#lock;
    let release = () => {};
    this.#lock = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }

  async #flush(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      let group: Pending[] = [];
      try {
        await this.#waiting[0]!.making;
        group = this.#takeGroup();
        const entries = group.flatMap(({ made }) => made!);
        await this.#store.append(this.#durable, entries);
      } catch (error) {
        this.#unresolved = { group, later: this.#waiting, error };
        this.#waiting = [];
        break;
      }
      await this.#confirm(group);
    }
    this.#flushing = undefined;
    this.#wakeAll();
    if (this.#unresolved !== undefined) void this.exclusive(() => {}).catch(() => {});
  }

  /** The first ones that wait and are made. */
  #takeGroup(): Pending[] {
    const group: Pending[] = [];
    let entries = 0;
    let bytes = 0;
    const isNextMade = () => this.#waiting.length > 0 && this.#waiting[0]!.made !== undefined;
    while (isNextMade() && entries < MAX_GROUP_ENTRIES && bytes < MAX_WAITING_BYTES) {
      const pending = this.#waiting.shift()!;
      group.push(pending);
      entries += pending.entries.length;
      bytes += pending.bytes;
    }
    this.#waitingBytes -= bytes;
    return group;
  }

  async #confirm(group: readonly Pending[]): Promise<void> {
    for (const pending of group) {
      this.#factBytes += pending.bytes;
      for (const tell of this.#whenDurable) tell(pending.made!.map(({ leaf }) => leaf));
      try {
        await pending.publish();
        this.#durable += pending.entries.length;
        pending.resolve();
      } catch (error) {
        this.#durable += pending.entries.length;
        pending.reject(error);
      }
    }
    this.#wakeAll();
  }

  /** Settles what a failure left open; only while no section runs. */
  async #recover(): Promise<void> {
    if (this.#fenced !== undefined) throw this.#fenced;
    if (!this.#store.isWriter) await this.#flushing;
    if (this.#unresolved === undefined && this.#store.isWriter) return;
    const { group, later, error } = this.#unresolved ?? { group: [], later: [], error: lostLock() };
    const isStoresFault =
      !(error instanceof StoreError) || ["unavailable", "lost-lock", "disk-full"].includes(error.code);
    // What could not even be made was never sent.
    const isLost = !this.#store.isWriter || (group.length > 0 && isStoresFault);
    try {
      if (isLost) await this.#store.reopen();
      const stands = (isLost || group.length > 0) && (await this.#stands(group));
      this.#unresolved = undefined;
      this.#waitingBytes = 0;
      for (const pending of [...(stands ? [] : group), ...later].reverse()) {
        pending.undo();
        pending.reject(error);
      }
      if (stands) await this.#confirm(group);
      this.#position = this.#durable;
      this.#wakeAll();
    } catch (reason) {
      for (const pending of [...group, ...later]) pending.reject(error);
      throw reason;
    }
  }

  /**
   * Whether the store has the group's leaves, and no more.
   * @throws {StoreError} code `lost-lock` when it has other leaves in their place or behind them
   */
  async #stands(group: readonly Pending[]): Promise<boolean> {
    const leaves = group.flatMap(({ made }) => made!.map(({ leaf }) => leaf));
    let found = 0;
    for await (const { body } of this.#store.leaves(this.#durable)) {
      if (found === leaves.length || Buffer.compare(body, leaves[found]!) !== 0) this.#fence();
      found++;
    }
    if (found !== 0 && found !== leaves.length) this.#fence();
    return found !== 0;
  }

  #fence(): never {
    this.#fenced = new StoreError(
      "lost-lock",
      "another process has written to this store; what this one holds is behind",
      {
        fix: "end this process, and use the other one or start anew",
      },
    );
    throw this.#fenced;
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

function lostLock(): StoreError {
  return new StoreError("lost-lock", "the connection that holds the writer's lock is lost; it is asked for again", {
    fix: "try again in a moment",
  });
}

function bytesOf(entries: readonly Append[]): number {
  let bytes = 0;
  for (const { facts, tokens, sealed } of entries) {
    for (const bodies of [facts, tokens]) for (const { body } of bodies) bytes += body.byteLength;
    bytes += sealed?.bodies.byteLength ?? 0;
  }
  return bytes;
}
