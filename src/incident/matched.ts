/**
 * Matched: memberships by contact point, the other way round than audiences hold them: for every ordinal that a list ever
 * matched, its memberships; and which ordinals are of one account. Made once from the sets and kept, in columns.
 *
 * Totals are then a walk over the contact points that a claim is about, and nothing is done for anybody else's. Cost: 12
 * bytes for each ordinal ever matched, and 4 for each membership of it.
 */
import type { Membership, PastAudience } from "../audience/index.js";
import type { Contacts } from "../grant/index.js";
import { OrdinalSet } from "../set/index.js";

export class Matched {
  readonly audiences: readonly PastAudience[];
  readonly memberships: readonly Membership[];
  /** By membership: place of its audience. */
  readonly audienceOf: Uint32Array;
  readonly fromMs: Float64Array;
  readonly toMs: Float64Array;
  /** Ordinals that were ever matched, ascending; what follows goes by their place here. */
  readonly ordinals: Uint32Array;
  /** The same as a set. */
  readonly all: OrdinalSet;
  /** Entries of an ordinal: from its place's to the next one's. */
  readonly firstEntry: Uint32Array;
  /** By entry: the membership. */
  readonly membershipOf: Uint32Array;
  /** By place: the next place of the same account, in a ring. */
  readonly #next: Uint32Array;
  readonly #account: Uint32Array;

  constructor(
    { points, accounts }: Contacts,
    audiences: readonly { readonly audience: PastAudience; readonly memberships: readonly Membership[] }[],
  ) {
    this.audiences = audiences.map(({ audience }) => audience);
    this.memberships = audiences.flatMap(({ memberships }) => memberships);
    this.audienceOf = Uint32Array.from(audiences.flatMap(({ memberships }, i) => memberships.map(() => i)));
    this.fromMs = Float64Array.from(this.memberships, ({ fromMs }) => fromMs);
    this.toMs = Float64Array.from(this.memberships, ({ toMs }) => toMs);
    this.#account = points.account;

    const entries = new Uint32Array(points.count);
    let [matched, entryCount] = [0, 0];
    for (const { ordinals } of this.memberships) {
      for (const ordinal of ordinals.toArray()) if (entries[ordinal]!++ === 0) matched++;
      entryCount += ordinals.size;
    }
    this.ordinals = new Uint32Array(matched);
    this.firstEntry = new Uint32Array(matched + 1);
    for (let ordinal = 0, place = 0, entry = 0; ordinal < entries.length; ordinal++) {
      const count = entries[ordinal]!;
      if (count === 0) continue;
      this.ordinals[place] = ordinal;
      // From here on, where the next entry of the ordinal goes.
      entries[ordinal] = entry;
      entry += count;
      this.firstEntry[++place] = entry;
    }
    this.all = OrdinalSet.from(this.ordinals);
    this.membershipOf = new Uint32Array(entryCount);
    for (const [i, { ordinals }] of this.memberships.entries()) {
      for (const ordinal of ordinals.toArray()) this.membershipOf[entries[ordinal]!++] = i;
    }
    this.#next = this.#rings(accounts.count);
  }

  #rings(accounts: number): Uint32Array {
    const { ordinals } = this;
    const next = new Uint32Array(ordinals.length);
    const first = new Uint32Array(accounts);
    for (let place = 0; place < ordinals.length; place++) {
      const account = this.#account[ordinals[place]!]!;
      const known = first[account]! - 1;
      if (known < 0) {
        first[account] = place + 1;
        next[place] = place;
      } else {
        next[place] = next[known]!;
        next[known] = place;
      }
    }
    return next;
  }

  /** Place of another ordinal of the same account; asked again and again, all of them in turn, then the first. */
  companion(place: number): number {
    return this.#next[place]!;
  }
}
