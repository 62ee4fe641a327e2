/**
 * The writer's lock: a session advisory lock of PostgreSQL, so that it ends with the connection, whatever ends that.
 *
 * Appends run on the very session that holds it, in the writing thread (fencing). Beside it a row says where the holder can be reached; the
 * row counts only while the lock is held.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "./cluster.js";
import { DEAD_WRITER_LIMIT_MS } from "./limits.js";
import { WRITER_LOCK, WRITER_LOCK_IS_HELD } from "./schema.js";
import { numberIn, type Session } from "./session.js";

/** Where the process that writes can be reached. */
export interface WriterAddress {
  readonly pid: number;
  readonly url?: string | undefined;
}

/** A connection that asks for the lock. */
export interface LockSeeker {
  readonly isBroken: boolean;
  /** Asks once. */
  tryLock(): Promise<boolean>;
}

/** The connections of this process that hold a writer's lock: after a restart a dead holder's number may be ours. */
const holders = new Set<LockSeeker>();

/**
 * Takes the lock for `seeker`, waiting only for a holder that is a dead process of this machine.
 *
 * @param reader another connection, to ask who holds the lock
 * @returns false if another process holds it
 */
export async function takeWriterLock(seeker: LockSeeker, reader: Session): Promise<boolean> {
  const deadline = Date.now() + DEAD_WRITER_LIMIT_MS;
  while (!(await seeker.tryLock())) {
    const holder = await readWriter(reader);
    if ((holder !== undefined && isWriting(holder.pid)) || Date.now() > deadline) return false;
    await sleep(20);
  }
  holders.add(seeker);
  return true;
}

/** Asks once for the lock, on the session that is to hold it. */
export async function tryWriterLock(session: Session): Promise<boolean> {
  const [row] = await session.rows(`SELECT pg_try_advisory_lock(${WRITER_LOCK}) AS got`);
  if (row?.got !== true) return false;
  // A role or server may have switched durability off; an acknowledgement must mean that it is on disk.
  await session.run(
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
  );
  return true;
}

function isWriting(pid: number): boolean {
  if (pid !== process.pid) return isAlive(pid);
  for (const holder of holders) if (holder.isBroken) holders.delete(holder);
  return holders.size > 0;
}

/** Says where the holder of the lock, whose session this is, can be reached. */
export async function publishWriter(session: Session, address: WriterAddress): Promise<void> {
  await session.run(
    `INSERT INTO solely.writer (single, pid, url, since) VALUES (true, $1, $2, now())
     ON CONFLICT (single) DO UPDATE SET pid = excluded.pid, url = excluded.url, since = excluded.since`,
    [address.pid, address.url ?? null],
  );
}

/** Where the holder of the lock is; undefined if nobody holds it. */
export async function readWriter(session: Session): Promise<WriterAddress | undefined> {
  const [row] = await session.rows(
    `SELECT pid::float8 AS pid, url FROM solely.writer WHERE single AND ${WRITER_LOCK_IS_HELD}`,
  );
  if (row === undefined) return undefined;
  return { pid: numberIn(row, "pid"), url: typeof row.url === "string" ? row.url : undefined };
}
