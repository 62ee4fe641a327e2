/**
 * A fresh store for tests: made by `init` in a temporary folder, with operators alice and bob, whose keys both lie there
 * too; on the embedded PostgreSQL, or on the server that SOLELY_TEST_DATABASE names.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { init, Solely } from "../src/index.js";
import { openCheckpoint } from "../src/ledger/index.js";
import { type Action, readOperatorKey, signApproval, signProposal } from "../src/operator/index.js";
import { releaseDue } from "../src/size/index.js";
import { type Append, Store } from "../src/store/index.js";
import { startPostgres } from "../src/store/postgres.js";

/** Terms on which a list of one has a size, and that is what it is: noise of this variance is never drawn. */
export const EVERYBODY_COUNTS = {
  ...{ floor: 1, cohortCap: 1_000_000 },
  budget: { month: 1e9, releases: 1e6, year: 1e12 },
};
const EPOCH_MS = 168 * 3_600_000;
/** So many minutes that the store's own job, which runs at each whole one, comes in no test's way. */
const NEVER = 1e9;

export class FreshStore {
  readonly folder: string;
  readonly data: string;
  readonly databaseUrl: string | undefined;
  #solely: Solely | undefined;
  readonly #isReleasedByHand: boolean;
  #epochs = 0;

  private constructor(folder: string, databaseUrl: string | undefined, isReleasedByHand: boolean) {
    this.folder = folder;
    this.data = join(folder, "data");
    this.databaseUrl = databaseUrl;
    this.#isReleasedByHand = isReleasedByHand;
  }

  /** @param sizes terms of releases; without any everybody counts, and nothing is released but by `release` */
  static async make(sizes?: Readonly<Record<string, unknown>>): Promise<FreshStore> {
    const folder = mkdtempSync(join(tmpdir(), "solely-test-"));
    const store = new FreshStore(folder, await freshDatabase(), sizes === undefined);
    process.env.SOLELY_OPERATORS = store.operators;
    const { data, databaseUrl } = store;
    await init({ data, databaseUrl, operators: ["alice", "bob"], actor: "test" });
    store.configure({ sizes: sizes ?? EVERYBODY_COUNTS });
    await store.open();
    return store;
  }

  get operators(): string {
    return join(this.folder, "operators");
  }

  get solely(): Solely {
    if (this.#solely === undefined) throw new Error("the store is closed");
    return this.#solely;
  }

  /** Changes the configuration, for the next time that it is opened. */
  configure(changes: Readonly<Record<string, unknown>>): void {
    const file = join(this.data, "solely.json");
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...changes }));
  }

  /** Lets an epoch pass, and what is released show. */
  async release(): Promise<void> {
    this.#epochs++;
    this.#firstReleaseAfter(0);
    await releaseDue(this.solely, Date.now() + this.#epochs * EPOCH_MS);
    this.#firstReleaseAfter(NEVER);
    this.solely.releases.show();
  }

  #firstReleaseAfter(minutes: number): void {
    if (!this.#isReleasedByHand) return;
    // Not enumerable: a backup is not to hold it.
    const held = { value: minutes, enumerable: false, configurable: true };
    Object.defineProperty(this.solely.config.sizes, "firstReleaseMinutes", held);
  }

  async open(): Promise<Solely> {
    const { data, databaseUrl } = this;
    this.#solely = await Solely.open({ data, databaseUrl });
    this.#firstReleaseAfter(NEVER);
    return this.#solely;
  }

  async close(): Promise<void> {
    await this.#solely?.close();
    this.#solely = undefined;
  }

  /** Writes a snapshot and keeps a copy of it, to open from when it has become old. */
  async keepSnapshot(): Promise<void> {
    await this.solely.log.snapshot();
    copyFileSync(this.#snapshot, join(this.folder, "kept-snapshot"));
  }

  /** Closes and opens again: from the newest snapshot, from the one that was kept, or from the first fact. */
  async reopen(from: "newest" | "kept" | "facts"): Promise<Solely> {
    await this.close();
    if (from === "kept") copyFileSync(join(this.folder, "kept-snapshot"), this.#snapshot);
    if (from === "facts") rmSync(this.#snapshot);
    return this.open();
  }

  get #snapshot(): string {
    return join(this.data, "snapshots", "hot.10");
  }

  async remove(): Promise<void> {
    await this.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Where its newest checkpoint is kept. */
  get keptFile(): string {
    return `${this.data}.checkpoint`;
  }

  /** Leaves of the kept checkpoint, held against a running store's key. */
  keptSize(solely: Solely = this.solely): number {
    return openCheckpoint(readFileSync(this.keptFile, "utf8"), solely.checkpoints.verifier).checkpoint.size;
  }

  /** Ends every connection of ours, as a failover does. */
  async cutConnections(): Promise<void> {
    const own = this.databaseUrl === undefined ? (await startPostgres(this.data)).connection : undefined;
    const client = new pg.Client(own ?? { connectionString: this.databaseUrl });
    await client.connect();
    await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'solely' AND datname = current_database()`);
    await client.end();
    await sleep(100); // until it is noticed
  }

  /** Appends leaves past every check, as whoever has the database can; the store must be closed. */
  async slipIn(entries: readonly Append[]): Promise<void> {
    const { data: dataDir, databaseUrl } = this;
    const raw = await Store.open({ dataDir, databaseUrl });
    try {
      if (!(await raw.acquireWriter({ pid: process.pid }))) throw new Error("the store is not closed");
      await raw.append(await raw.length(), entries);
    } finally {
      await raw.close();
    }
  }

  /** Alice proposes, bob approves. */
  async decide(action: Action, confirm: readonly string[] = []): Promise<void> {
    const { decisions, log, config } = this.solely;
    const { privateKey: key } = await readOperatorKey(this.operators, "alice");
    const signed = signProposal({ key, name: "alice", storeId: config.root, atMs: Date.now(), action });
    const { id } = await decisions.propose(log, signed);
    await this.approve(id, confirm);
  }

  /** Bob approves what somebody else proposed. */
  async approve(proposal: string, confirm: readonly string[] = []): Promise<void> {
    const { decisions, log, config } = this.solely;
    const { privateKey: key } = await readOperatorKey(this.operators, "bob");
    const frame = { key, name: "bob", storeId: config.root, atMs: Date.now() };
    await decisions.approve(log, signApproval({ ...frame, proposal, confirm }));
  }

  /** Takes a notice into force; what is left out has a default. */
  async adopt(notice: { readonly id: string; readonly purposes: readonly string[] } & Record<string, unknown>) {
    const full = {
      surface: notice.id,
      version: 1,
      language: "en",
      text: "We use this to show you ads, as you asked.",
      effective_from: "2000-01-01T00:00:00Z",
      ...notice,
    };
    await this.decide({ type: "notice.adopt", notice: full });
  }
}

async function freshDatabase(): Promise<string | undefined> {
  const server = process.env.SOLELY_TEST_DATABASE;
  if (server === undefined) return undefined;
  const name = `solely_test_${process.pid}_${Math.random().toString(36).slice(2)}`;
  const client = new pg.Client(server);
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** A look at the kept file each second, and the database's and the disk's time. */
const SOON_MS = 30_000;

/** Waits until something is so, for half a minute at most. */
export async function soon(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + SOON_MS;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`not within ${SOON_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Text as a stream of bytes. */
export async function* streamOf(text: string): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(Buffer.from(text));
}

/** Objects as a stream of NDJSON. */
export const ndjson = (rows: readonly unknown[]): AsyncGenerator<Uint8Array> =>
  streamOf(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
