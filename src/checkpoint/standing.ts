/**
 * How a ledger stands to a checkpoint that was kept of it: current when the kept one is what the ledger begins with, and
 * else behind it, beside it, or without one that could be believed.
 */
import { type Checkpoint, LedgerError, openCheckpoint, type Verifier } from "../ledger/index.js";

export type Standing =
  | { readonly is: "current"; readonly kept?: Checkpoint }
  /** The store is of before there was a place for it. */
  | { readonly is: "unkept"; readonly kept?: undefined }
  /** Nothing is kept where it should be. */
  | { readonly is: "missing"; readonly kept?: undefined }
  /** What is kept is no checkpoint, or torn. */
  | { readonly is: "unreadable"; readonly kept?: undefined }
  /** It is signed with another key, or of another ledger. */
  | { readonly is: "foreign"; readonly kept?: undefined }
  /** The ledger lacks leaves that were there when it was kept. */
  | { readonly is: "behind"; readonly kept: Checkpoint; readonly size: number }
  /** The ledger has other leaves than were there. */
  | { readonly is: "forked"; readonly kept: Checkpoint; readonly size: number };

/** A ledger as it is here. */
export interface JudgedLedger {
  readonly verifier: Verifier;
  /** Number of leaves. */
  readonly size: number;
  /** The root of the first `size` leaves. */
  rootAt(size: number): Promise<Uint8Array>;
}

export const isCurrent = ({ is }: Standing): boolean => is === "current" || is === "unkept";

/** @param bytes what is kept; undefined when nothing is */
export async function standingOf(bytes: Uint8Array | undefined, ledger: JudgedLedger): Promise<Standing> {
  if (bytes === undefined) return { is: "missing" };
  let kept: Checkpoint;
  try {
    kept = openCheckpoint(Buffer.from(bytes).toString("utf8"), ledger.verifier).checkpoint;
  } catch (error) {
    return { is: error instanceof LedgerError && error.code === "wrong-signature" ? "foreign" : "unreadable" };
  }
  const { size } = ledger;
  if (kept.size > size) return { is: "behind", kept, size };
  const isSame = Buffer.compare(await ledger.rootAt(kept.size), kept.root) === 0;
  return isSame ? { is: "current", kept } : { is: "forked", kept, size };
}

/** What is wrong, for whoever asks: no place on this machine is named. */
export function tellStanding(standing: Standing): string {
  switch (standing.is) {
    case "current":
      return "the ledger is the one that was kept";
    case "unkept":
      return "no checkpoint is kept outside the data folder, so a backup that was put back would not be noticed";
    case "missing":
      return "no checkpoint is kept, so nothing shows that this is the newest state";
    case "unreadable":
      return "what is kept as its checkpoint is none";
    case "foreign":
      return "the checkpoint that is kept is of another store, or signed with another key";
    case "behind":
      return `the ledger has ${standing.size} leaves, and had ${standing.kept.size} when its checkpoint was kept`;
    case "forked":
      return `the ledger's first ${standing.kept.size} leaves are not those whose checkpoint is kept`;
  }
}
