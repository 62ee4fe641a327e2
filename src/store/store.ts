/**
 * The store: the log's leaves, their facts and their derived tokens, in PostgreSQL.
 *
 * An append is one transaction, durable before it is acknowledged, on the very connection that holds the writer's lock,
 * in a thread of its own: when that connection dies the lock goes and nothing more can be appended (fencing). Whatever breaks shows as a
 * StoreError, and `reopen()` restarts, reconnects and takes the lock again. It knows nothing of what bodies mean.
 */

import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import {
  type Append,
  assertAppend,
  assertRewrite,
  FACT_WITH_KEYS,
  LEAF,
  TOKEN_WITH_KEYS,
  type TokenRewrite,
  type TokenRow,
} from "./append.js";
import { readBackupHead, restoreBackup, writeBackup } from "./backup.js";
import { type CopyRow, decodeRows, type Shape } from "./copy.js";
import { StoreError } from "./failure.js";
import { CONNECT_LIMIT_MS, START_LIMIT_MS } from "./limits.js";
import { type RunningPostgres, startPostgres } from "./postgres.js";
import { CONTROL_KIND_LIMIT, LEAF_KIND, migrate, USE_LOCK } from "./schema.js";
import {
  assertSealed,
  findSealed,
  type OutdatedQuery,
  outdatedSealed,
  type SealedQuery,
  type SealedRow,
} from "./sealed.js";
import { numberIn, readLength, Session } from "./session.js";
import { type PositionRange, readStoredRows, type StoredRow } from "./stored-leaves.js";
import { countTiles, readCheckpoint, readTile, readTiles, type SignedTiles } from "./tiles.js";
import { readWriter, takeWriterLock, type WriterAddress } from "./writer-lock.js";
import { WriterThread } from "./writer-thread.js";

export interface FactRow {
  readonly position: number;
  readonly part: number;
  readonly kind: number;
  /** When the system learned it, milliseconds since 1970. */
  readonly timeMs: number;
  /** Starts at a multiple of 8, ready for typed arrays. */
  readonly body: Uint8Array;
  /** Empty where nothing of the body is erasable. */
  readonly keys: Uint8Array;
}

export interface LeafRow {
  readonly position: number;
  readonly body: Uint8Array;
}

export interface StoreOptions {
  readonly dataDir: string;
  /** A PostgreSQL server; without it the embedded one of `dataDir` is used. Sessions must not be pooled by statement. */
  readonly databaseUrl?: string | undefined;
}

export class Store {
  readonly #options: StoreOptions;
  #postgres: RunningPostgres | undefined;
  #main: Session | undefined;
  #writer: WriterThread | undefined;
  #address: WriterAddress | undefined;
  #isClosed = false;
  /** The end of the last operation on the writer's connection; transactions must not mix. */
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * Starts or adopts the embedded PostgreSQL (or connects to the server), and brings the schema up to date.
   * Does not take the writer's lock.
   *
   * @example const store = await Store.open({ dataDir: "./data" })
   * @throws {StoreError}
   */
  static async open(options: StoreOptions): Promise<Store> {
    const store = new Store(options);
    await store.#connect();
    return store;
  }

  private constructor(options: StoreOptions) {
    this.#options = options;
  }

  async #connect(): Promise<void> {
    const { dataDir, databaseUrl } = this.#options;
    const deadline = Date.now() + START_LIMIT_MS;
    for (;;) {
      if (databaseUrl === undefined) this.#postgres = await startPostgres(dataDir);
      try {
        if (await this.#enter()) return;
      } catch (thrown) {
        // The last other user may have stopped the server just after we found it; a server may be starting up.
        const isLost = thrown instanceof StoreError && thrown.code === "unavailable";
        const mayPass = isLost && (databaseUrl === undefined || thrown.sqlState === "57P03");
        if (!mayPass || Date.now() > deadline) throw thrown;
      }
      await sleep(25);
    }
  }

  /** False when the embedded server is just being stopped by its last other user. */
  async #enter(): Promise<boolean> {
    const session = await this.#session();
    try {
      if (this.#postgres !== undefined) {
        const [row] = await session.rows(`SELECT pg_try_advisory_lock_shared(${USE_LOCK}) AS got`);
        if (row?.got !== true) return false;
      }
      await migrate(session);
      this.#main = session;
      return true;
    } catch (thrown) {
      await this.#stopIfUnused(session);
      throw thrown;
    } finally {
      if (this.#main !== session) await session.end();
    }
  }

  async #session(): Promise<Session> {
    return Session.connect(this.#config(), this.#postgres?.home);
  }

  #config(): pg.ClientConfig {
    const common = { application_name: "solely", connectionTimeoutMillis: CONNECT_LIMIT_MS };
    if (this.#postgres !== undefined) return { ...this.#postgres.connection, ...common };
    return { connectionString: this.#options.databaseUrl, keepAlive: true, ...common };
  }

  /**
   * Takes the writer's lock, and says where this process can be reached; called again, only changes the address.
   * Waits for a lock whose holder is a dead process of this machine. Ask `length()` only after this.
   *
   * @returns false if another process holds it
   */
  async acquireWriter(address: WriterAddress): Promise<boolean> {
    this.#assertOpen();
    return this.#alone(async () => {
      if (this.#writer === undefined && !(await this.#becomeWriter())) return false;
      await this.#writerThread().publish(address);
      this.#address = address;
      return true;
    });
  }

  async #becomeWriter(): Promise<boolean> {
    const reader = this.#mainSession();
    const thread = await WriterThread.connect(this.#config(), this.#postgres?.home);
    try {
      if (await takeWriterLock(thread, reader)) this.#writer = thread;
      return this.#writer === thread;
    } finally {
      if (this.#writer !== thread) await thread.end();
    }
  }

  /** Whether this store holds the writer's lock, as far as its connection tells. */
  get isWriter(): boolean {
    return this.#writer !== undefined && !this.#writer.isBroken;
  }

  /** The process that holds the writer's lock now, if any. */
  async writer(): Promise<WriterAddress | undefined> {
    return readWriter(this.#mainSession());
  }

  /** How durable what is acknowledged is, as the database is set. */
  async durability(): Promise<{ readonly fsync: string; readonly synchronousCommit: string }> {
    const [row] = await this.#mainSession().rows(
      "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit",
    );
    return { fsync: String(row?.fsync), synchronousCommit: String(row?.commit) };
  }

  /** Number of leaves; positions are 0 to length − 1. */
  async length(): Promise<number> {
    return readLength(this.#mainSession());
  }

  /** The leaf at a position, if there is one. */
  async leaf(position: number): Promise<Uint8Array | undefined> {
    const [row] = await this.#mainSession().rows("SELECT body FROM solely.leaf WHERE position = $1", [position]);
    return row?.body instanceof Uint8Array ? row.body : undefined;
  }

  /**
   * Appends leaves at `firstPosition`, `firstPosition + 1`, … with their facts and tokens: all of it, durably, or
   * nothing. Bodies are given away: large ones can't be read any more.
   *
   * Cost: one transaction; 5 round trips and one flush, then about 10 ms per MB.
   * @throws {StoreError} code `position-conflict` unless the log has exactly `firstPosition` leaves; `not-writer`,
   *   `lost-lock`, `too-large`, `disk-full`, `unavailable` (see `mayBeCommitted`)
   */
  async append(firstPosition: number, entries: readonly Append[]): Promise<void> {
    this.#assertOpen();
    assertAppend(entries);
    if (entries.length === 0) return;
    await this.#alone(() => this.#writerThread().append(firstPosition, entries));
  }

  /**
   * Replaces the epoch, body and keys of token rows that exist: all of them, durably, or none.
   *
   * @throws {StoreError} code `position-conflict` if a row is not there, has other keys by now (something of it was
   *   erased) or is given twice; as `append` otherwise
   */
  async rewriteTokens(rows: readonly TokenRewrite[]): Promise<void> {
    this.#assertOpen();
    assertRewrite(rows);
    if (rows.length > 0) await this.#alone(() => this.#writerThread().rewriteTokens(rows));
  }

  /** For each query the one chunk of the vault that may hold it, if there is one. */
  findSealed(queries: readonly SealedQuery[]): Promise<(SealedRow | undefined)[]> {
    return findSealed(this.#mainSession(), queries);
  }

  /** Chunks that are not of an epoch, in order. */
  outdatedSealed(query: OutdatedQuery): Promise<SealedRow[]> {
    return outdatedSealed(this.#mainSession(), query);
  }

  /** Bytes that the vault's chunks take on disk, indexes included. */
  async sealedBytes(): Promise<number> {
    const [row] = await this.#mainSession().rows("SELECT pg_total_relation_size('solely.sealed')::float8 AS bytes");
    return numberIn(row, "bytes");
  }

  /**
   * Puts chunks in the place of those that are there: all of them, durably, or none.
   * @throws {StoreError} code `position-conflict` if one is not there; as `append` otherwise
   */
  async rewriteSealed(rows: readonly SealedRow[]): Promise<void> {
    this.#assertOpen();
    assertSealed(rows);
    if (rows.length > 0) await this.#alone(() => this.#writerThread().rewriteSealed(rows));
  }

  /** Adds tiles of the ledger's tree and puts a checkpoint in the place of the last one: all of it, durably, or nothing. */
  async saveTiles(signed: SignedTiles): Promise<void> {
    this.#assertOpen();
    await this.#alone(() => this.#writerThread().saveTiles(signed));
  }

  /** How many full tiles of a level are stored. */
  countTiles(level: number): Promise<number> {
    return countTiles(this.#mainSession(), level);
  }

  /** The full tiles of a level from an index on, in order. */
  tiles(level: number, from: number): Promise<Uint8Array[]> {
    return readTiles(this.#mainSession(), level, from);
  }

  tile(level: number, index: number): Promise<Uint8Array | undefined> {
    return readTile(this.#mainSession(), level, index);
  }

  /** The note of the checkpoint that was stored last. */
  signedCheckpoint(): Promise<string | undefined> {
    return readCheckpoint(this.#mainSession());
  }

  /**
   * Takes what was erased out of the database's files. Nothing is written or read meanwhile.
   *
   * Cost: about 10 ms per MB of the vault.
   * @returns false where the server does not let us see to its write-ahead log
   */
  compact(): Promise<boolean> {
    this.#assertOpen();
    return this.#alone(() => this.#writerThread().compact());
  }

  /**
   * Writes a backup as of now; everything else goes on.
   * @param more what `backupHead` is to give back
   * @returns number of leaves, and bytes of the file
   */
  async backup(path: string, more: unknown): Promise<{ position: number; bytes: number }> {
    this.#mainSession();
    const session = await this.#session();
    try {
      return await writeBackup(session, path, more);
    } finally {
      await session.end();
    }
  }

  /** What a backup was given to keep in its head. */
  static backupHead(path: string): Promise<unknown> {
    return readBackupHead(path);
  }

  /**
   * Fills an empty database from a backup: all of it, durably, or nothing; its writer's lock must be held.
   * @returns number of leaves
   * @throws {StoreError} codes `malformed`, `schema-newer`, `position-conflict`
   */
  async restore(path: string): Promise<number> {
    this.#writerThread();
    return restoreBackup(this.#mainSession(), path);
  }

  /** How many token rows are not of this epoch. */
  async countTokens(exceptEpoch?: number): Promise<number> {
    const [row] = await this.#mainSession().rows(
      "SELECT count(*)::float8 AS count FROM solely.token WHERE epoch IS DISTINCT FROM $1",
      [exceptEpoch ?? null],
    );
    return numberIn(row, "count");
  }

  /**
   * Facts from position `from` to before `to`, in order, as of now; those of decisions, of data or of some kinds alone, if
   * asked.
   * Each call has a connection of its own, which ends with the iteration.
   */
  async *facts(
    from: number,
    options: {
      readonly to?: number | undefined;
      readonly only?: "control" | "data" | undefined;
      readonly kinds?: readonly number[] | undefined;
    } = {},
  ): AsyncGenerator<FactRow> {
    const { to, only, kinds } = options;
    const ofSort = only === undefined ? "" : ` AND kind ${only === "control" ? "<" : ">="} ${CONTROL_KIND_LIMIT}`;
    const ofKinds = kinds === undefined ? "" : ` AND kind IN (${kinds.map(integer).join(", ")})`;
    yield* this.#factsWhere(`${between(from, to)}${ofSort}${ofKinds}`);
  }

  /** Facts of some leaves, in order, as of now; in one go. */
  async *factsAt(positions: readonly number[]): AsyncGenerator<FactRow> {
    if (positions.length > 0) yield* this.#factsWhere(`position IN (${positions.map(integer).join(", ")})`);
  }

  async *#factsWhere(condition: string): AsyncGenerator<FactRow> {
    const query = `SELECT position, part, kind, time, fact.body, coalesce(fact_key.body, '')
      FROM solely.fact LEFT JOIN solely.fact_key USING (position, part)
      WHERE ${condition} ORDER BY position, part`;
    for await (const { numbers, bodies } of this.#read(query, FACT_WITH_KEYS)) {
      const [position, part, kind, timeMs] = numbers as [number, number, number, number];
      yield { position, part, kind, timeMs, body: bodies[0]!, keys: bodies[1]! };
    }
  }

  /** Leaves from position `from` to before `to`, in order, as of now; those of decisions or of data alone, if asked. */
  async *leaves(from: number, to?: number, only?: "control" | "data"): AsyncGenerator<LeafRow> {
    const kinds =
      only === undefined ? "" : ` AND ${LEAF_KIND} ${only === "control" ? "<" : ">="} ${CONTROL_KIND_LIMIT}`;
    const query = `SELECT position, body FROM solely.leaf WHERE ${between(from, to)}${kinds} ORDER BY position`;
    for await (const { numbers, bodies } of this.#read(query, LEAF)) yield { position: numbers[0]!, body: bodies[0]! };
  }

  /** Token rows of the leaves from `from` to before `to`, in order, as of now; optionally without those of one epoch. */
  async *tokens(from: number, to?: number, exceptEpoch?: number): AsyncGenerator<TokenRow> {
    const where = `${between(from, to)}${exceptEpoch === undefined ? "" : ` AND epoch <> ${integer(exceptEpoch)}`}`;
    const query = `SELECT position, part, epoch, token.body, token_key.body
      FROM solely.token JOIN solely.token_key USING (position, part) WHERE ${where} ORDER BY position, part`;
    for await (const { numbers, bodies } of this.#read(query, TOKEN_WITH_KEYS)) {
      yield { position: numbers[0]!, part: numbers[1]!, epoch: numbers[2]!, body: bodies[0]!, keys: bodies[1]! };
    }
  }

  /** All rows of leaves, facts, keys and erased facts in a range of positions, as of one instant; for an audit. */
  async *storedRows(range: PositionRange): AsyncGenerator<StoredRow> {
    this.#mainSession();
    const session = await this.#session();
    try {
      yield* readStoredRows(session, range);
    } finally {
      await session.end();
    }
  }

  async *#read(query: string, shape: Shape): AsyncGenerator<CopyRow> {
    this.#mainSession(); // a lost server is told at once, and in the same way
    const session = await this.#session();
    try {
      yield* decodeRows(shape, session.copyOut(`COPY (${query}) TO STDOUT (FORMAT binary)`));
    } finally {
      await session.end();
    }
  }

  /**
   * Makes the store usable again after `unavailable`, `lost-lock` or `disk-full`: starts the embedded server if it is
   * down, reconnects, and takes the writer's lock again if this store had it.
   *
   * @throws {StoreError} code `lost-lock` if another process has the lock by now; then it can be read, not appended to
   */
  async reopen(): Promise<void> {
    this.#assertOpen();
    await this.#alone(async () => {
      await this.#disconnect();
      await this.#connect();
    });
    const address = this.#address;
    if (address === undefined || (await this.acquireWriter(address))) return;
    throw new StoreError("lost-lock", "another process has become the writer", {
      fix: "send it what is to be written",
    });
  }

  /** Lets go of everything; stops the embedded server if no other store uses it. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#turn;
    await this.#writer?.end();
    if (this.#main !== undefined) await this.#stopIfUnused(this.#main);
    await this.#disconnect();
  }

  /** Gives up this session's share of the embedded server, and stops it if nobody else has one. */
  async #stopIfUnused(session: Session): Promise<void> {
    if (this.#postgres === undefined || session.isBroken) return;
    // Whoever holds this lock alone keeps newcomers out: they ask for a share of it before anything else.
    await session.run(`SELECT pg_advisory_unlock_shared(${USE_LOCK})`).catch(() => {});
    const [row] = await session.rows(`SELECT pg_try_advisory_lock(${USE_LOCK}) AS got`).catch(() => []);
    if (row?.got === true) await this.#postgres.stop();
  }

  async #disconnect(): Promise<void> {
    await this.#writer?.end();
    await this.#main?.end();
    this.#writer = undefined;
    this.#main = undefined;
  }

  async #alone<T>(action: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(action);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  #writerThread(): WriterThread {
    if (this.#writer === undefined && this.#address !== undefined) this.#mainSession(); // not even connected
    if (this.#writer === undefined && this.#address === undefined) {
      throw new StoreError("not-writer", "this process does not hold the writer's lock", {
        fix: "call acquireWriter(), or send it to the process that holds it",
      });
    }
    if (this.#writer === undefined || this.#writer.isBroken) {
      throw new StoreError("lost-lock", "this process held the writer's lock and lost it", {
        fix: "reopen the store",
      });
    }
    return this.#writer;
  }

  #mainSession(): Session {
    this.#assertOpen();
    if (this.#main === undefined || this.#main.isBroken) {
      throw new StoreError("unavailable", "the connection to the database is lost", { fix: "reopen the store" });
    }
    return this.#main;
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new StoreError("closed", "the store is closed");
  }
}

/** COPY takes no parameters, so numbers go into its text; this makes sure that they are numbers. */
function integer(value: number): string {
  if (!Number.isSafeInteger(value)) throw new StoreError("malformed", "a position, kind or epoch is not an integer");
  return String(value);
}

function between(from: number, to: number | undefined): string {
  return `position >= ${integer(from)}${to === undefined ? "" : ` AND position < ${integer(to)}`}`;
}
