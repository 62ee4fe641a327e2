/**
 * Changes of membership, for those who follow audiences: which ordinals may have joined or left which audience, by the
 * ledger position at which they did. A bounded number is kept; who is further behind starts anew from an export.
 */
import { OrdinalSet, type ReadonlyOrdinalSet } from "../set/index.js";
import { AudienceError } from "./error.js";

interface ChangeSet {
  readonly position: number;
  readonly audience: string;
  readonly ordinals: OrdinalSet;
}

/** Ordinals in all that are kept, and sets of them. */
export const MAX_CHANGES = 4_000_000;
export const MAX_CHANGE_SETS = 65_536;

export class Changes {
  #sets: ChangeSet[] = [];
  #size = 0;
  /** Nothing is missing from this position on. */
  #from = 0;

  /** @param position of the last of the leaves that these changes came with */
  add(audience: string, position: number, ordinals: ReadonlyOrdinalSet): void {
    if (ordinals.size === 0) return;
    if (ordinals.size > MAX_CHANGES) {
      this.#dropTo(this.#sets.length);
      this.#from = position + 1;
      return;
    }
    this.#sets.push({ position, audience, ordinals: ordinals.clone() });
    this.#size += ordinals.size;
    let dropped = 0;
    for (let size = this.#size; size > MAX_CHANGES || this.#sets.length - dropped > MAX_CHANGE_SETS; dropped++) {
      size -= this.#sets[dropped]!.ordinals.size;
      this.#from = Math.max(this.#from, this.#sets[dropped]!.position + 1);
    }
    if (dropped > 0) this.#dropTo(dropped);
  }

  /**
   * Who may have joined or left since a position: ordinals by audience, as sets of the caller's own.
   * @throws {AudienceError} code `position-too-old`
   */
  since(position: number): Map<string, OrdinalSet> {
    if (position < this.#from) {
      throw new AudienceError(
        "position-too-old",
        `changes are kept from position ${this.#from} on`,
        "export the audience anew, then follow from the export's position",
      );
    }
    const changed = new Map<string, OrdinalSet>();
    for (const { position: at, audience, ordinals } of this.#sets) {
      if (at < position) continue;
      const all = changed.get(audience);
      if (all === undefined) changed.set(audience, ordinals.clone());
      else all.addSet(ordinals);
    }
    return changed;
  }

  save(): { state: SavedChanges; sets: Uint8Array[] } {
    return {
      state: { from: this.#from, sets: this.#sets.map(({ position, audience }) => ({ position, audience })) },
      sets: this.#sets.map(({ ordinals }) => ordinals.toBytes()),
    };
  }

  restore(saved: SavedChanges, sets: readonly Uint8Array[]): void {
    this.#from = saved.from;
    this.#sets = saved.sets.map((set, i) => ({ ...set, ordinals: OrdinalSet.fromBytes(sets[i]!) }));
    this.#size = this.#sets.reduce((sum, { ordinals }) => sum + ordinals.size, 0);
  }

  #dropTo(count: number): void {
    for (const { ordinals } of this.#sets.splice(0, count)) {
      this.#size -= ordinals.size;
      ordinals.dispose();
    }
  }
}

export interface SavedChanges {
  readonly from: number;
  readonly sets: readonly { readonly position: number; readonly audience: string }[];
}
