/**
 * Compaction: what was erased leaves the bytes on disk.
 *
 * Rows that an erasure rewrote stay in their tables' files until these are written anew, and in the write-ahead log until
 * its segments are removed. So the tables that erasures rewrite are rewritten as files, a new segment is begun, and a
 * checkpoint lets the old ones go. The embedded server removes such segments (`wal_recycle` off); another server does if
 * it is set so, and keeps what archives and replicas of its own hold.
 */
import { StoreError } from "./failure.js";
import { COMPACTION_LOCK_LIMIT_MS } from "./limits.js";
import type { Session } from "./session.js";

/** Tables that erasures rewrite. */
const REWRITTEN = ["fact_key", "token_key", "sealed"];
/** SQLSTATEs: a lock that could not be had in time, and what this role may not do. */
const LOCKED = "55P03";
const NOT_ALLOWED = "42501";

/**
 * @returns whether the write-ahead log was seen to as well; on a server of the operator's it needs a right that we may lack
 * @throws {StoreError} code `busy` while a backup or a rotation reads
 */
export async function compact(session: Session): Promise<boolean> {
  await session.run(`SET lock_timeout = ${COMPACTION_LOCK_LIMIT_MS}`);
  try {
    for (const table of REWRITTEN) await session.run(`VACUUM (FULL) solely.${table}`);
    await session.rows("SELECT pg_switch_wal()");
    await session.run("CHECKPOINT");
    return true;
  } catch (thrown) {
    if (!(thrown instanceof StoreError)) throw thrown;
    if (thrown.sqlState === NOT_ALLOWED) return false;
    if (thrown.sqlState !== LOCKED) throw thrown;
    throw new StoreError("busy", "a backup or a rotation reads what is to be rewritten", {
      fix: "try again when it is done",
    });
  } finally {
    if (!session.isBroken) await session.run("RESET lock_timeout");
  }
}
