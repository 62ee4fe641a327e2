/**
 * One running Solely: the store, the log with its folds, the gate, the keys and the matcher's worker.
 *
 * `open` folds the facts, starts the matcher with the ads key alone and fills its index with the tokens that stand. What
 * can be done with it are functions of the rooms, which take what they need of it.
 */
import { join } from "node:path";
import type { Access } from "../access/index.js";
import { type Audiences, GateResults, Memberships } from "../audience/index.js";
import { type Canaries, type CanaryEntrance, checkCanariesIfDue } from "../canary/index.js";
import { Checkpoints, KeptCheckpoint } from "../checkpoint/index.js";
import { type Contacts, type GrantFold, PurposeCounts, standingGrants } from "../grant/index.js";
import { type Containments, type Incidents, LastAssessment } from "../incident/index.js";
import { RefusalTally } from "../input/index.js";
import { CONTACT_LEAVES, EventGathering, type Runs } from "../intake/index.js";
import { decodeLeaf } from "../ledger/index.js";
import { LeafThread, Log } from "../log/index.js";
import { IndexSnapshot, Matcher } from "../match/index.js";
import type { Decisions } from "../operator/index.js";
import { Paging } from "../paging/index.js";
import { PersonLimits } from "../person/index.js";
import { type NoticeBook, PurposeGate, type Sources } from "../purpose/index.js";
import { type Alarms, Eligible, SHOWING_LEAVES, type Showings, ShownBefore } from "../showing/index.js";
import { Attempts, Ceremonies, Links, Passwords, Sessions } from "../signin/index.js";
import { type Releases, releaseDue, tickOf } from "../size/index.js";
import { Store } from "../store/index.js";
import { firstKeyNames, KeyFolder, type KeyHistory } from "../token/index.js";
import { COMPARTMENTS, keyFamily, openVault, type Reveals, resumeRotations, type Vault } from "../vault/index.js";
import { compactIfDue } from "./compaction.js";
import { type Config, readConfig } from "./config.js";
import { InstanceError } from "./error.js";
import { type Folds, makeFolds } from "./folds.js";

export interface OpenOptions {
  /** The data folder. */
  readonly data: string;
  /** A PostgreSQL server; without it the embedded one. */
  readonly databaseUrl?: string | undefined;
  /** Where this process can be reached by others, for the writer's row. */
  readonly url?: string | undefined;
  /** How long to wait for another process that writes, milliseconds. */
  readonly waitMs?: number | undefined;
  readonly onProgress?: ((what: "facts" | "tokens", done: number, total: number) => void) | undefined;
}

const PRUNE_EVERY_MS = 1000;
const TICK_LOOK_MS = 250;
const CANARY_LOOK_MS = 60_000;
const COMPACTION_LOOK_MS = 60_000;
const LOCK_RETRY_MS = 200;
const DEFAULT_WAIT_MS = 30_000;

export class Solely {
  readonly data: string;
  readonly config: Config;
  readonly keys: KeyFolder;
  readonly store: Store;
  readonly log: Log;
  /** For columns of which little is looked at. */
  readonly paging: Paging;
  readonly checkpoints: Checkpoints;
  /** What is kept of the ledger outside the data folder. */
  readonly kept: KeptCheckpoint;
  readonly gate: PurposeGate;
  readonly matcher: Matcher;
  readonly decisions: Decisions;
  readonly notices: NoticeBook;
  readonly sources: Sources;
  readonly keyHistory: KeyHistory;
  readonly access: Access;
  readonly grants: GrantFold;
  readonly contacts: Contacts;
  readonly runs: Runs;
  readonly refusals = new RefusalTally();
  readonly purposeCounts: PurposeCounts;
  readonly gathering = new EventGathering();
  readonly leaves = new LeafThread(CONTACT_LEAVES);
  readonly audiences: Audiences;
  readonly releases: Releases;
  readonly showings: Showings;
  readonly alarms: Alarms;
  readonly eligible: Eligible;
  readonly shownBefore: ShownBefore;
  readonly showingLeaves = new LeafThread(SHOWING_LEAVES);
  readonly canaries: Canaries;
  readonly incidents: Incidents;
  readonly gateResults = new GateResults();
  readonly canaryEntrances = new Set<CanaryEntrance>();
  readonly sessions = new Sessions();
  readonly ceremonies = new Ceremonies();
  readonly passwords: Passwords;
  readonly attempts: Attempts;
  readonly links = new Links();
  readonly personLimits = new PersonLimits();
  readonly memberships = new Memberships();
  readonly lastAssessment = new LastAssessment();
  readonly containments: Containments;
  readonly vault: Vault;
  readonly reveals: Reveals;
  readonly identityKey: Uint8Array;
  readonly batchKey: Uint8Array;
  readonly tombstoneKey: Uint8Array;
  readonly #timers: readonly NodeJS.Timeout[];
  #lastTickMs = tickOf(Date.now());
  #releasing: Promise<void> | undefined;
  /** Work that goes on beside, to be waited for before the store is let go of. */
  #background: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  private constructor(parts: {
    data: string;
    config: Config;
    keys: KeyFolder;
    log: Log;
    paging: Paging;
    checkpoints: Checkpoints;
    kept: KeptCheckpoint;
    folds: Folds;
    matcher: Matcher;
    vault: Vault;
  }) {
    const { keys, log, folds } = parts;
    this.data = parts.data;
    this.config = parts.config;
    this.keys = keys;
    this.store = log.store;
    this.log = log;
    this.paging = parts.paging;
    this.checkpoints = parts.checkpoints;
    this.kept = parts.kept;
    this.matcher = parts.matcher;
    this.decisions = folds.decisions;
    this.notices = folds.notices;
    this.sources = folds.sources;
    this.keyHistory = folds.keyHistory;
    this.access = folds.access;
    this.grants = folds.grants;
    this.contacts = folds.grants.contacts;
    this.purposeCounts = new PurposeCounts(this.contacts);
    this.runs = folds.runs;
    this.audiences = folds.audiences;
    this.releases = folds.releases;
    this.showings = folds.showings;
    this.alarms = folds.alarms;
    this.eligible = new Eligible(this);
    this.shownBefore = new ShownBefore(log, this.showings);
    this.canaries = folds.canaries;
    this.incidents = folds.incidents;
    this.containments = folds.containments;
    for (const type of ["incident.contain", "incident.undo"] as const) {
      this.decisions.accompany(type, (decision, position, timeMs) =>
        this.containments.plan(this, decision, position, timeMs),
      );
    }
    this.vault = parts.vault;
    this.reveals = folds.reveals;
    this.gate = new PurposeGate(
      new Map([["ads.match", this.contacts.permitted]]),
      () => log.position,
      () => {
        log.writer.requireWhole();
        this.kept.requireCurrent();
        this.canaries.requireOpen();
      },
      (number, purpose) => standingGrants(this.contacts, number, purpose).length > 0,
    );
    this.identityKey = keys.read("identity");
    this.batchKey = keys.read("batch");
    this.tombstoneKey = keys.read("tombstone");
    this.passwords = new Passwords(this.identityKey);
    this.attempts = new Attempts(this.identityKey);
    const every = (ms: number, work: () => void) => setInterval(work, ms).unref();
    this.#timers = [
      every(PRUNE_EVERY_MS, () => this.audiences.prune()),
      every(TICK_LOOK_MS, () => this.#tick()),
      every(CANARY_LOOK_MS, () => this.#beside(() => checkCanariesIfDue(this, Date.now()))),
      every(COMPACTION_LOOK_MS, () => this.#beside(() => compactIfDue(this))),
    ];
    this.#beside(() => compactIfDue(this));
    this.#beside(() => resumeRotations(this, COMPARTMENTS, { actor: "solely:resume" }));
  }

  /** At each tick what was released shows, then what is due is released. */
  #tick(): void {
    const tickMs = tickOf(Date.now());
    if (tickMs <= this.#lastTickMs) return;
    this.#lastTickMs = tickMs;
    this.releases.show();
    // Not behind other work: a draw is of the tick that it is made at. What fails is tried again at the next.
    this.#releasing ??= releaseDue(this, tickMs)
      .then(
        () => {},
        () => {},
      )
      .finally(() => (this.#releasing = undefined));
  }

  /** Work beside everything else; what fails is tried again the next time. */
  #beside(work: () => Promise<unknown>): void {
    this.#background = this.#background.then(async () => {
      if (!this.#isClosed) await work().catch(() => {});
    });
  }

  /**
   * Opens a store for reading and writing; there is one writer at a time.
   *
   * @example const solely = await Solely.open({ data: "./solely-data" })
   * @throws {InstanceError} codes `not-initialised`, `in-use`
   * @throws {TokenError} when a key is missing or wrong
   * @throws {LogError} when a fact can't be applied
   * @throws {StoreError} when the database can't be used
   */
  static async open(options: OpenOptions): Promise<Solely> {
    const { data, databaseUrl, onProgress } = options;
    const config = readConfig(data);
    const keys = new KeyFolder(join(data, "keys"));
    const store = await Store.open({ dataDir: data, databaseUrl });
    let matcher: Matcher | undefined;
    let kept: KeptCheckpoint | undefined;
    try {
      await takeWriterLock(store, options);
      const folder = join(data, "snapshots");
      const paging = new Paging({ folder });
      const folds = makeFolds(config.root, paging);
      const index = new IndexSnapshot();
      const log = await Log.open({
        store,
        folds: folds.all,
        beside: [index],
        folder,
        key: keys.read("snapshot"),
        paging,
        onProgress: (done, total) => onProgress?.("facts", done, total),
      });
      folds.containments.requireWhole();
      folds.releases.show();
      folds.releases.beganAtMs = decodeLeaf((await store.leaf(0))!).timeMs;
      const { keyHistory } = folds;
      keyHistory.require(keys);
      await keyHistory.addMissing(log, keys, firstKeyNames(COMPARTMENTS.map(keyFamily)), "solely:open");
      for (const family of ["ads.match", ...COMPARTMENTS.map(keyFamily)] as const) {
        keyHistory.destroyOutdated(keys, family);
      }
      const checkpoints = await Checkpoints.open({ log, storeId: config.root, seed: keys.read("ledger") });
      const { recoveries } = folds;
      kept = await KeptCheckpoint.open({ file: config.checkpoint, checkpoints, recoveries, log });
      const vault = await openVault(
        { store, contacts: folds.grants.contacts, notices: folds.notices },
        { folder: keys, history: keyHistory, keepsValues: config.vault, keyCommands: config.keyService },
      );
      matcher = await Matcher.start(keys, folds.keyHistory, paging);
      const rooms = { log, grants: folds.grants, keyHistory: folds.keyHistory, matcher };
      await index.load(rooms, (done, total) => onProgress?.("tokens", done, total));
      await log.snapshotIfDue();
      return new Solely({ data, config, keys, log, paging, checkpoints, kept, folds, matcher, vault });
    } catch (error) {
      kept?.stop();
      await matcher?.close();
      await store.close();
      throw error;
    }
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Lets go of everything, after a snapshot if there is anything that a start would have to fold again. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.#background;
    await this.#releasing;
    try {
      if (this.log.isSnapshotStale) await this.log.snapshot();
    } catch {
      // A snapshot can always be made anew from the facts.
    }
    await this.checkpoints.close();
    await this.kept.close();
    await this.leaves.close();
    await this.showingLeaves.close();
    await this.matcher.close();
    await this.store.close();
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
