/** What intake works on. */
import type { GrantFold } from "../grant/index.js";
import type { RefusalTally } from "../input/index.js";
import type { LeafThread, Log } from "../log/index.js";
import type { Matcher } from "../match/index.js";
import type { NoticeBook, Sources } from "../purpose/index.js";
import type { Vault } from "../vault/index.js";
import type { EventGathering } from "./gathering.js";
import type { MadeLeaf, PlannedLeaf } from "./leaf.js";
import type { Runs } from "./runs.js";

export interface IntakeRooms {
  readonly log: Log;
  readonly notices: NoticeBook;
  readonly sources: Sources;
  readonly grants: GrantFold;
  readonly runs: Runs;
  readonly refusals: RefusalTally;
  readonly gathering: EventGathering;
  readonly leaves: Pick<LeafThread<PlannedLeaf, MadeLeaf>, "make">;
  readonly matcher: Matcher;
  readonly vault: Vault;
  /** Who tells in which audiences some ordinals are. */
  readonly audiences: { holding(ordinals: readonly number[]): string[] };
  /** Key of contact points' identities. */
  readonly identityKey: Uint8Array;
  /** Key of the digests of batches and runs. */
  readonly batchKey: Uint8Array;
  /** Key of the digests of what was erased. */
  readonly tombstoneKey: Uint8Array;
}
