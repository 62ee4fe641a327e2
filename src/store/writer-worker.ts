/**
 * The writing thread: holds the one connection that holds the writer's lock, and does on it what it is asked, in order.
 *
 * A thread of its own, so that bytes flow to the database while the next batch is planned.
 */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { type Append, copyEntries, copyTokens, type TokenRewrite } from "./append.js";
import { compact } from "./compaction.js";
import { StoreError, type StoreErrorFields, storeError } from "./failure.js";
import { rewriteSealed } from "./sealed.js";
import { readLength, Session } from "./session.js";
import { saveTiles } from "./tiles.js";
import { publishWriter, tryWriterLock } from "./writer-lock.js";
import type { WriterReply, WriterRequest, WriterStart } from "./writer-protocol.js";

if (parentPort !== null) void run(parentPort, workerData);

async function run(port: MessagePort, { config, dir }: WriterStart): Promise<void> {
  let session: Session;
  try {
    session = await Session.connect(config, dir);
  } catch (thrown) {
    port.postMessage(failed(0, thrown, true));
    return;
  }
  session.whenLost(() => port.postMessage({ isLost: true } satisfies WriterReply));
  let turn: Promise<unknown> = Promise.resolve();
  port.on("message", ({ id, request }: { id: number; request: WriterRequest }) => {
    turn = turn.then(async () => {
      try {
        const answer = await answerTo(session, request);
        port.postMessage({ id, answer } satisfies WriterReply);
      } catch (thrown) {
        port.postMessage(failed(id, thrown, session.isBroken));
      }
      if (request.op === "end") port.close();
    });
  });
  port.postMessage({ id: 0, answer: true } satisfies WriterReply);
}

async function answerTo(session: Session, request: WriterRequest): Promise<boolean> {
  switch (request.op) {
    case "lock":
      return tryWriterLock(session);
    case "publish":
      await publishWriter(session, request.address);
      return true;
    case "append":
      await transaction(session, () => append(session, request.firstPosition, request.entries));
      return true;
    case "rewrite":
      await transaction(session, () => rewrite(session, request.rows));
      return true;
    case "rewrite-sealed":
      await transaction(session, () => rewriteSealed(session, request.rows));
      return true;
    case "save-tiles":
      await transaction(session, () => saveTiles(session, request.signed));
      return true;
    case "compact":
      return compact(session);
    case "end":
      await session.end();
      return true;
  }
}

async function append(session: Session, firstPosition: number, entries: readonly Append[]): Promise<void> {
  const length = await readLength(session);
  if (length !== firstPosition) {
    throw new StoreError("position-conflict", `the log has ${length} leaves, the append starts at ${firstPosition}`);
  }
  await copyEntries(session, firstPosition, entries);
}

async function rewrite(session: Session, rows: readonly TokenRewrite[]): Promise<void> {
  const places = [rows.map(({ position }) => position), rows.map(({ part }) => part)];
  const keys = rows.map(({ replaces }) => Buffer.from(replaces));
  for (const [table, values, isSame] of [
    ["token_key", [...places, keys], "AND row.body = old.body"],
    ["token", [...places, keys], ""],
  ] as const) {
    const { rowCount } = await session.run(
      `DELETE FROM solely.${table} AS row
       USING unnest($1::bigint[], $2::int[], $3::bytea[]) AS old (position, part, body)
       WHERE row.position = old.position AND row.part = old.part ${isSame}`,
      values,
    );
    if (rowCount !== rows.length) {
      throw new StoreError("position-conflict", `${rows.length} token rows to rewrite, ${rowCount} are there`);
    }
  }
  await copyTokens(session, rows);
}

async function transaction(session: Session, work: () => Promise<void>): Promise<void> {
  let isCommitting = false;
  try {
    await session.run("BEGIN");
    await work();
    isCommitting = true;
    const { command } = await session.run("COMMIT");
    if (command !== "COMMIT") throw new StoreError("refused", "the transaction was rolled back");
  } catch (thrown) {
    if (!session.isBroken) await session.run("ROLLBACK").catch(() => {});
    throw isCommitting && session.isBroken ? outcomeUnknown(thrown) : thrown;
  }
}

function outcomeUnknown(thrown: unknown): unknown {
  if (!(thrown instanceof StoreError)) return thrown;
  const fields: StoreErrorFields = { fix: thrown.fix, sqlState: thrown.sqlState, mayBeCommitted: true };
  const isFull = thrown.code === "disk-full";
  const what = isFull ? "the disk that holds the database was full" : "the connection to the database broke";
  return new StoreError(thrown.code, `${what} while a commit was under way`, fields);
}

function failed(id: number, thrown: unknown, isBroken: boolean): WriterReply {
  const { code, message, fix, sqlState, mayBeCommitted } = storeError(thrown);
  return { id, failure: { code, message, fix, sqlState, mayBeCommitted }, isBroken };
}
