/**
 * Recoveries: two operators accept a ledger as it is, in the place of a kept checkpoint that they give up. A fold of what was
 * approved, and of the leaves that say that it was carried out: each approval counts once.
 *
 * An approval counts only where the ledger begins with what it accepts, and for the very bytes that it gives up.
 */
import { LeafKind } from "../ledger/index.js";
import { type Fold, payloadOf } from "../log/index.js";
import type { FactRow } from "../store/index.js";
import { CheckpointError } from "./error.js";

/** What two operators sign. */
export interface Acceptance {
  /** The first so many leaves, and their root in hex. */
  readonly position: number;
  readonly root: string;
  /** The kept checkpoint that is given up: SHA-256 of its bytes in hex, and its leaves if they can be told; null for none. */
  readonly givenUp: { readonly digest: string; readonly size: number | null } | null;
}

interface RecoveryFact {
  readonly type: "recovery";
  readonly actor: string;
  /** Position of the approval. */
  readonly approval: number;
}

export class Recoveries implements Fold {
  readonly kinds = [LeafKind.recovery];
  /** By position of the approval. */
  readonly #approved = new Map<number, Acceptance & { readonly by: string }>();
  /** When two operators accepted a state, and with it that what came behind it is not known any more. */
  readonly accepted: { readonly position: number; readonly timeMs: number }[] = [];
  /** How the store stands; not known while facts are folded. */
  #standing: { readonly isCurrent: boolean; readonly digest: string | null } | undefined;

  apply({ body, position }: FactRow): void {
    const { approval } = JSON.parse(Buffer.from(payloadOf(body)).toString("utf8")) as RecoveryFact;
    for (const at of this.#approved.keys()) if (at <= approval && at < position) this.#approved.delete(at);
  }

  /** Takes in what two operators signed. */
  approve(acceptance: Acceptance, position: number, by: string, timeMs: number): void {
    this.accepted.push({ position, timeMs });
    this.#approved.set(position, { ...acceptance, by });
  }

  /** The last approval that was not carried out yet. */
  get approvedLast(): { readonly approval: number; readonly by: string } | undefined {
    const last = [...this.#approved].at(-1);
    return last === undefined ? undefined : { approval: last[0], by: last[1].by };
  }

  noteStanding(standing: { readonly isCurrent: boolean; readonly digest: string | null }): void {
    this.#standing = standing;
  }

  /**
   * Whether an acceptance could take effect now.
   * @throws {CheckpointError} codes `nothing-to-recover`, `other-checkpoint`
   */
  check({ givenUp }: Acceptance): void {
    if (this.#standing === undefined) return;
    if (this.#standing.isCurrent) {
      throw new CheckpointError("nothing-to-recover", "the store is current: nothing is to be recovered", "go on");
    }
    if (this.#standing.digest !== (givenUp?.digest ?? null)) {
      throw new CheckpointError(
        "other-checkpoint",
        "another checkpoint is kept by now than the one that is to be given up",
        "look again with solely recover, and propose anew",
      );
    }
  }

  /** Whether two operators have accepted this ledger in the place of what is kept. */
  async isAccepted(digest: string | null, rootAt: (size: number) => Promise<Uint8Array>): Promise<boolean> {
    for (const { position, root, givenUp } of this.#approved.values()) {
      if ((givenUp?.digest ?? null) !== digest) continue;
      const there = await rootAt(position).catch(() => undefined);
      if (there !== undefined && Buffer.from(there).toString("hex") === root) return true;
    }
    return false;
  }
}

/** The fact of a recovery that was carried out. */
export function encodeRecovery({ approval, by }: { readonly approval: number; readonly by: string }): Uint8Array {
  const fact: RecoveryFact = { type: "recovery", actor: `operator:${by}`, approval };
  return Buffer.from(JSON.stringify(fact));
}
