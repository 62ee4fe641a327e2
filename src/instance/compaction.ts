/**
 * Compaction: what was erased leaves the bytes on disk, by the hour that the configuration says.
 *
 * An erasure is in effect at once, in every row and in memory; what those rows were before still lies in the database's
 * files, its write-ahead log and the snapshot of the hot state. A compaction writes all of these anew, and is a leaf of
 * the ledger, so that it can be shown until when which erasure was through.
 */
import type { CompactionFact, GrantFold } from "../grant/index.js";
import { LeafKind } from "../ledger/index.js";
import type { Log } from "../log/index.js";
import type { Store } from "../store/index.js";
import type { Config } from "./config.js";

const HOUR_MS = 3_600_000;

export interface CompactionRooms {
  readonly log: Log;
  readonly store: Store;
  readonly grants: GrantFold;
  readonly config: Config;
}

export interface CompactionResult {
  /** Everything that was erased before this ledger position has left the disk. */
  readonly upTo: number;
  readonly seconds: number;
  /** False where the database is a server that does not let us see to its write-ahead log. */
  readonly isLogClean: boolean;
}

/** Writes anew whatever on disk may hold what was erased. Nothing is taken in or told meanwhile. */
export async function compact({ log, store }: CompactionRooms, actor: string): Promise<CompactionResult> {
  const startedMs = performance.now();
  await log.snapshot();
  const done = await log.writer.exclusiveSettled(async () => ({
    upTo: log.position,
    isLogClean: await store.compact(),
  }));
  await log.record(LeafKind.compaction, () => {
    const fact: CompactionFact = { type: "compaction", actor, ...done };
    return Buffer.from(JSON.stringify(fact));
  });
  return { ...done, seconds: Math.round(performance.now() - startedMs) / 1000 };
}

/** Compacts when an erasure has waited for half of the time that is promised. */
export async function compactIfDue(rooms: CompactionRooms): Promise<void> {
  const { erasedSinceMs } = rooms.grants;
  if (erasedSinceMs === undefined) return;
  if (Date.now() - erasedSinceMs > (rooms.config.compactionHours * HOUR_MS) / 2)
    await compact(rooms, "solely:compaction");
}
