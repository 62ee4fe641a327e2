/**
 * Compaction: what was erased leaves the bytes on disk.
 *
 * Rows that an erasure rewrote stay in their tables' files until these are written anew, and in the write-ahead log until
 * its segments are removed. So the tables that erasures rewrite are rewritten as files, a new segment is begun, and a
 * checkpoint lets the old ones go. The embedded server removes such segments (`wal_recycle` off); another server does if
 * it is set so, and keeps what archives and replicas of its own hold.
 */
import { StoreError } from "./failure.js";
import type { Session } from "./session.js";

/** Tables that erasures rewrite. */
const REWRITTEN = ["fact_key", "token_key", "sealed"];
/** SQLSTATE of what this role may not do. */
const NOT_ALLOWED = "42501";

/** @returns whether the write-ahead log was seen to as well; on a server of the operator's it needs a right that we may lack */
export async function compact(session: Session): Promise<boolean> {
  for (const table of REWRITTEN) await session.run(`VACUUM (FULL) solely.${table}`);
  try {
    await session.rows("SELECT pg_switch_wal()");
    await session.run("CHECKPOINT");
    return true;
  } catch (thrown) {
    if (thrown instanceof StoreError && (thrown.sqlState === NOT_ALLOWED || thrown.code === "access-refused"))
      return false;
    throw thrown;
  }
}
