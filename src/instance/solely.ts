/**
 * One running Solely: the store, the keys, the hot state, the matcher's worker and the one writer.
 *
 * `open` folds the facts (from a snapshot that can be believed, else from the first), starts the matcher
 * with the ads key alone and fills its index with the tokens that stand. What it can do is in the files
 * beside this one, as functions over it.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { decodeLeaf, encodeLeaf, type LeafKind } from "../ledger/index.js";
import { Matcher } from "../match/index.js";
import { type Append, readSnapshot, Store, viewU32, writeSnapshot } from "../store/index.js";
import { KeyFolder, type KeyName } from "../token/index.js";
import { type Config, readConfig } from "./config.js";
import { type ControlFact, jsonEntry } from "./control.js";
import { InstanceError } from "./error.js";
import { loadTokens } from "./index-load.js";
import { State } from "./state.js";
import { Writer } from "./writer.js";

export interface OpenOptions {
  /** The data folder. */
  readonly data: string;
  /** A PostgreSQL server; without it the embedded one. */
  readonly databaseUrl?: string | undefined;
  /** Where this process can be reached by others, for the writer's row. */
  readonly url?: string | undefined;
  /** How long to wait for another process that writes, milliseconds. */
  readonly waitMs?: number;
  readonly onProgress?: (what: string, done: number, total: number) => void;
}

const SNAPSHOT = "hot";
const INDEX_SNAPSHOT = "index";
/** A snapshot is due when so many rows came since the last, or this share of all contact points. */
const SNAPSHOT_ROWS = 4_000_000;
const SNAPSHOT_SHARE = 0.6;
const PRUNE_EVERY_MS = 1000;
const LOCK_RETRY_MS = 200;
const DEFAULT_WAIT_MS = 30_000;

export class Solely {
  readonly data: string;
  readonly config: Config;
  readonly keys: KeyFolder;
  readonly store: Store;
  readonly state: State;
  readonly writer: Writer;
  readonly identityKey: Uint8Array;
  readonly batchKey: Uint8Array;
  matcher: Matcher;
  readonly #timer: NodeJS.Timeout;
  #snapshotPosition: number;
  #isClosed = false;

  private constructor(parts: {
    options: OpenOptions;
    config: Config;
    keys: KeyFolder;
    store: Store;
    state: State;
    matcher: Matcher;
    snapshotPosition: number;
  }) {
    this.data = parts.options.data;
    this.config = parts.config;
    this.keys = parts.keys;
    this.store = parts.store;
    this.state = parts.state;
    this.matcher = parts.matcher;
    this.identityKey = parts.keys.read("identity");
    this.batchKey = parts.keys.read("batch");
    this.writer = new Writer(parts.store, parts.state.position);
    this.#snapshotPosition = parts.snapshotPosition;
    this.#timer = setInterval(() => this.state.audiences.prune(), PRUNE_EVERY_MS);
    this.#timer.unref();
  }

  /**
   * Opens a store for reading and writing; there is one writer at a time.
   *
   * @example const solely = await Solely.open({ data: "./solely-data" })
   * @throws {InstanceError} codes `not-initialised`, `in-use`
   * @throws {TokenError} when a key is missing or wrong
   * @throws {StoreError} when the database can't be used
   */
  static async open(options: OpenOptions): Promise<Solely> {
    const config = readConfig(options.data);
    const keys = new KeyFolder(join(options.data, "keys"));
    const store = await Store.open({ dataDir: options.data, databaseUrl: options.databaseUrl });
    let matcher: Matcher | undefined;
    try {
      await takeWriterLock(store, options);
      const { state, sections, snapshotPosition } = await foldState(options, config, keys, store);
      matcher = await startMatcher(keys, state);
      await loadTokens(store, state, matcher, sections, options.onProgress);
      const solely = new Solely({ options, config, keys, store, state, matcher, snapshotPosition });
      if (solely.#isSnapshotDue()) await solely.snapshot();
      return solely;
    } catch (error) {
      await matcher?.close();
      await store.close();
      throw error;
    }
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Makes one control fact durable and effective; a function is called alone, when everything before it counts. */
  async record(fact: ControlFact | (() => ControlFact)): Promise<number> {
    return this.decide(() => jsonEntry(typeof fact === "function" ? fact() : fact, Date.now()));
  }

  /** Makes one leaf of one fact durable, then applies it to the state. */
  async decide(make: () => Append): Promise<number> {
    return this.writer.exclusiveSettled(async () => {
      const entry = make();
      const position = this.writer.position;
      await this.writer.seal({
        entries: [entry],
        publish: () => {
          this.state.noteLeaf(position, decodeLeaf(entry.leaf).timeMs);
          for (const [part, { kind, body }] of entry.facts.entries()) this.state.apply({ position, part, kind, body });
        },
        undo: () => {},
      });
      return position;
    });
  }

  /** A leaf of facts that are in the state already, as a change. */
  leaf(kind: LeafKind, root: Uint8Array, body: Uint8Array, tokens: Uint8Array | undefined, atMs: number): Append {
    return {
      leaf: encodeLeaf({ kind, timeMs: atMs, root }),
      facts: [{ kind, body }],
      tokens: tokens === undefined ? [] : [{ epoch: this.state.control.epoch, body: tokens }],
    };
  }

  /** Writes a snapshot when enough has come since the last. */
  async snapshotIfDue(): Promise<void> {
    if (this.#isSnapshotDue()) await this.snapshot();
  }

  /** Writes the hot state to files that can always be thrown away. */
  async snapshot(): Promise<void> {
    await this.writer.exclusiveSettled(async () => {
      const key = this.keys.read("snapshot");
      const position = this.state.position;
      const folder = join(this.data, "snapshots");
      const index = await this.matcher.sections();
      const epoch = Uint32Array.of(this.state.control.epoch);
      await writeSnapshot(folder, INDEX_SNAPSHOT, {
        position,
        key,
        sections: Object.entries({ ...index, epoch }).map(([name, array]) => ({
          name,
          bytes: new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
        })),
      });
      await writeSnapshot(folder, SNAPSHOT, { position, key, sections: this.state.save() });
      this.#snapshotPosition = position;
      this.state.rowsSinceSnapshot = 0;
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    try {
      if (this.state.rowsSinceSnapshot > 0 && this.state.position > this.#snapshotPosition) await this.snapshot();
    } catch {
      // A snapshot can always be made anew from the facts.
    }
    await this.matcher.close();
    await this.store.close();
  }

  /** A random id for an API key. */
  static newId(): string {
    return randomBytes(6).toString("hex");
  }

  #isSnapshotDue(): boolean {
    return this.state.rowsSinceSnapshot > Math.max(SNAPSHOT_ROWS, SNAPSHOT_SHARE * this.state.contacts.points.count);
  }
}

async function takeWriterLock(store: Store, { url, waitMs = DEFAULT_WAIT_MS }: OpenOptions): Promise<void> {
  const deadline = Date.now() + waitMs;
  while (!(await store.acquireWriter({ pid: process.pid, url }))) {
    if (Date.now() > deadline) {
      const writer = await store.writer();
      throw new InstanceError(
        "in-use",
        `process ${writer?.pid ?? "?"} is writing to this store`,
        "wait until it is done, or go through its server",
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS));
  }
}

async function foldState(
  { data, onProgress }: OpenOptions,
  config: Config,
  keys: KeyFolder,
  store: Store,
): Promise<{ state: State; sections: ReadonlyMap<string, Uint8Array> | undefined; snapshotPosition: number }> {
  const key = keys.read("snapshot");
  const folder = join(data, "snapshots");
  const [hot, index] = await Promise.all([
    readSnapshot(folder, SNAPSHOT, key),
    readSnapshot(folder, INDEX_SNAPSHOT, key),
  ]);
  const length = await store.length();
  const state = new State(config.root);
  let sections: ReadonlyMap<string, Uint8Array> | undefined;
  let snapshotPosition = 0;
  if (!("unusable" in hot) && !("unusable" in index) && hot.position === index.position && hot.position <= length) {
    state.restore(hot.position, hot.sections);
    snapshotPosition = hot.position;
    sections = index.sections;
  }
  await state.fold(store, (done, total) => onProgress?.("facts", done, total));
  requireKeys(keys, state);
  const epoch = sections?.get("epoch");
  if (epoch !== undefined && (viewU32(epoch)[0] !== state.control.epoch || state.control.rotation !== undefined))
    sections = undefined;
  return { state, sections, snapshotPosition };
}

/** A missing or wrong key, or one key for two purposes, stops the start. */
function requireKeys(keys: KeyFolder, state: State): void {
  const { keyChecks, epoch, rotation } = state.control;
  const needed: KeyName[] = ["identity", "batch", "snapshot", `ads.match.${epoch}`];
  if (rotation !== undefined) needed.push(`ads.match.${rotation.to}`);
  for (const name of needed) keys.read(name, keyChecks.get(name));
  keys.requireDistinct(needed);
}

/** Starts the matcher; after an unfinished rotation it works with the new key, and is told the old one. */
async function startMatcher(keys: KeyFolder, state: State): Promise<Matcher> {
  const { keyChecks, epoch, rotation } = state.control;
  const key = (n: number) => {
    const keyName: KeyName = `ads.match.${n}`;
    return { keyFile: keys.file(keyName), keyName, keyCheck: keyChecks.get(keyName) ?? "" };
  };
  return Matcher.start(rotation === undefined ? key(epoch) : { ...key(rotation.to), previous: key(rotation.from) });
}
