/**
 * Two sides of one list, or of all of them: who is there, who is here, and what decides about those on one side alone.
 */
import { OrdinalSet } from "../set/index.js";
import type { ComparedCounts } from "./result.js";
import { type Notices, Tally } from "./tally.js";

export class Sides {
  readonly there: OrdinalSet;
  readonly here: OrdinalSet;
  readonly both: OrdinalSet;
  readonly onlyThere: OrdinalSet;
  readonly onlyHere: OrdinalSet;
  readonly open = OrdinalSet.empty();
  readonly lost: Tally;
  readonly gained: Tally;

  /** @param there accounts, as the two sets themselves: they are disposed of with this */
  constructor(notices: Notices, there = OrdinalSet.empty(), here = OrdinalSet.empty()) {
    this.there = there;
    this.here = here;
    this.both = there.and(here);
    this.onlyThere = there.andNot(here);
    this.onlyHere = here.andNot(there);
    this.lost = new Tally(notices);
    this.gained = new Tally(notices);
  }

  /** Counts everybody whom another one counts, on whichever sides they are there. */
  join(other: Sides): void {
    for (const side of SIDES) this[side].addSet(other[side]);
    this.lost.join(other.lost);
    this.gained.join(other.gained);
  }

  counts(): ComparedCounts {
    const { there, here, both, onlyThere, onlyHere, open, lost, gained } = this;
    return {
      ...{ there: there.size, here: here.size, both: both.size, onlyThere: onlyThere.size, onlyHere: onlyHere.size },
      ...{ byRule: lost.byRule(), ...lost.byGrant(), open: open.size, gained: gained.byGrant() },
    };
  }

  dispose(): void {
    for (const side of SIDES) this[side].dispose();
    this.lost.dispose();
    this.gained.dispose();
  }
}

const SIDES = ["there", "here", "both", "onlyThere", "onlyHere", "open"] as const;
