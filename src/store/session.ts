/**
 * One connection to PostgreSQL that knows when it is over: what the driver throws becomes a StoreError, and once the
 * connection broke every further use is refused at once. Binary COPY goes both ways; see `copy` for the rows.
 *
 * COPY IN is a query object of our own instead of pg-copy-streams': it sends bodies without joining or copying them,
 * and stops cleanly when the server refuses in the middle (a full disk), where a stream would go on to a lost connection.
 */
import { once } from "node:events";
import type pg from "pg";
import { type CopyRow, encodeRows, type Shape } from "./copy.js";
import { endsSession, StoreError, storeErrorAt } from "./failure.js";

/** Bytes that a COPY OUT may hold before it stops reading from the server. */
const COPY_OUT_WINDOW_BYTES = 1024 * 1024;

export class Session {
  readonly #client: pg.Client;
  readonly #dir: string | undefined;
  #isBroken = false;
  #tellOver = () => {};

  /** Connects; `dir` is the server's data folder if it is local, to tell a full disk from a lost server. */
  static async connect(config: pg.ClientConfig, dir: string | undefined): Promise<Session> {
    // Loaded at first use: threads that need no database have none of the driver.
    const { default: driver } = await import("pg");
    const client = new driver.Client(config);
    const session = new Session(client, dir);
    try {
      await client.connect();
      return session;
    } catch (thrown) {
      session.#isBroken = true;
      await client.end().catch(() => {});
      throw await storeErrorAt(dir, thrown);
    }
  }

  private constructor(client: pg.Client, dir: string | undefined) {
    this.#client = client;
    this.#dir = dir;
    const over = () => {
      if (this.#isBroken) return;
      this.#isBroken = true;
      this.#tellOver();
    };
    client.on("error", over);
    client.on("end", over);
  }

  /** True once the connection is lost; it never comes back. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Tells when the connection is lost while nothing is asked of it. */
  whenLost(tell: () => void): void {
    this.#tellOver = tell;
  }

  /** Rows of one statement. Parameters are never logged by a server of ours. */
  async rows(text: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    return (await this.#query(text, values)).rows;
  }

  /** Runs one statement and says how many rows it touched, and its command tag. */
  async run(text: string, values: readonly unknown[] = []): Promise<{ command: string; rowCount: number }> {
    const { command, rowCount } = await this.#query(text, values);
    return { command, rowCount: rowCount ?? 0 };
  }

  async #query(text: string, values: readonly unknown[]): Promise<pg.QueryResult<Record<string, unknown>>> {
    this.#assertUsable();
    try {
      return await this.#client.query<Record<string, unknown>>(text, [...values]);
    } catch (thrown) {
      throw await this.#failed(thrown);
    }
  }

  /** Sends the pieces of a COPY … FROM STDIN statement. */
  async copyIn(statement: string, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    this.#assertUsable();
    const copy = new CopyIn(statement, pieces);
    try {
      this.#client.query(copy);
      await copy.finished;
    } catch (thrown) {
      throw await this.#failed(thrown);
    }
  }

  /** Copies rows into columns of one of our tables, such as `leaf (position, body)`. */
  async copyRows(target: string, shape: Shape, rows: Iterable<CopyRow>): Promise<void> {
    await this.copyIn(`COPY solely.${target} FROM STDIN (FORMAT binary)`, encodeRows(shape, rows));
  }

  /** The pieces of a COPY … TO STDOUT statement; ending early ends the connection. */
  async *copyOut(statement: string): AsyncGenerator<Uint8Array> {
    const { to: copyTo } = await import("pg-copy-streams");
    this.#assertUsable();
    const stream = this.#client.query(copyTo(statement, { highWaterMark: COPY_OUT_WINDOW_BYTES }));
    let isComplete = false;
    try {
      for await (const piece of stream) yield piece;
      isComplete = true;
    } catch (thrown) {
      throw await this.#failed(thrown);
    } finally {
      if (!isComplete) this.#isBroken = true;
    }
  }

  /** Ends the connection; a statement under way is abandoned. */
  async end(): Promise<void> {
    this.#isBroken = true;
    await this.#client.end().catch(() => {});
  }

  #assertUsable(): void {
    if (this.#isBroken) {
      throw new StoreError("unavailable", "the connection to the database is lost", { fix: "reopen the store" });
    }
  }

  async #failed(thrown: unknown): Promise<StoreError> {
    if (endsSession(thrown)) this.#isBroken = true;
    const error = await storeErrorAt(this.#dir, thrown);
    if (error.code === "unavailable") this.#isBroken = true;
    return error;
  }
}

/** A column of a row that must be a number (of SQL's types, `float8` and `int` are). */
export function numberIn(row: Readonly<Record<string, unknown>> | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value !== "number") throw new StoreError("malformed", `the database sent no number for ${column}`);
  return value;
}

/** Number of leaves in the log. */
export async function readLength(session: Session): Promise<number> {
  const [row] = await session.rows("SELECT coalesce(max(position) + 1, 0)::float8 AS length FROM solely.leaf");
  return numberIn(row, "length");
}

// Messages of the protocol: a letter, the length of the rest with itself, and for a failure its reason.
const COPY_DONE = Uint8Array.of(0x63, 0, 0, 0, 4);
const COPY_FAIL = Buffer.from("f\0\0\0\x0eabandoned\0", "latin1");

/** A query of the driver that answers the server's call for data; the driver calls the `handle…` methods. */
class CopyIn implements pg.Submittable {
  readonly finished: Promise<void>;
  readonly #statement: string;
  readonly #pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  #succeed: () => void = () => {};
  #fail: (reason: unknown) => void = () => {};
  #refusal: unknown;

  constructor(statement: string, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
    this.#statement = statement;
    this.#pieces = pieces;
    this.finished = new Promise((succeed, fail) => {
      this.#succeed = succeed;
      this.#fail = fail;
    });
  }

  submit(connection: pg.Connection): void {
    connection.query(this.#statement);
  }

  handleCopyInResponse(connection: pg.Connection): void {
    this.#send(connection).catch((thrown: unknown) => {
      // Our own rows were at fault: tell the server, so that it ends the COPY; its answer then comes to handleError.
      const isKnown = thrown instanceof StoreError;
      this.#refusal ??= isKnown ? thrown : new StoreError("malformed", "rows that cannot be encoded");
      connection.stream.write(COPY_FAIL);
    });
  }

  async #send(connection: pg.Connection): Promise<void> {
    const { stream } = connection;
    for await (const piece of this.#pieces) {
      if (this.#refusal !== undefined || stream.destroyed) return;
      const head = Buffer.allocUnsafe(5);
      head.writeUInt8(0x64, 0); // CopyData
      head.writeUInt32BE(piece.byteLength + 4, 1);
      stream.cork();
      stream.write(head);
      const hasRoom = stream.write(piece);
      stream.uncork();
      if (!hasRoom) await roomIn(stream);
    }
    if (this.#refusal === undefined) stream.write(COPY_DONE);
  }

  handleError(thrown: unknown): void {
    this.#refusal ??= thrown;
    this.#fail(this.#refusal);
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#succeed();
  }
}

/** Resolves when a socket takes more, or never will. */
async function roomIn(stream: pg.Connection["stream"]): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  try {
    await Promise.race([once(stream, "drain", { signal }), once(stream, "close", { signal })]);
  } catch {
    // the socket failed: the driver tells handleError
  } finally {
    over.abort();
  }
}
