/**
 * What an assessment leaves for the next one: the difference, when the same is asked at the same position (facts before a
 * position never change); memberships by contact point, while no list operation has come; exact showings, while no others have.
 */
import type { Memberships, PastAudience } from "../audience/index.js";
import type { Contacts } from "../grant/index.js";
import type { Log } from "../log/index.js";
import type { Showings } from "../showing/index.js";
import type { Difference } from "./difference.js";
import { Matched } from "./matched.js";
import { ShownRows } from "./shown-rows.js";

export class LastAssessment {
  #question: string | undefined;
  #difference: Difference | undefined;
  #operations = -1;
  #matched: Matched | undefined;
  #shownLeaves = -1;
  #shown: ShownRows | undefined;

  /** @returns one that the caller is to dispose of */
  difference(question: string, make: () => Difference): Difference {
    if (this.#difference === undefined || this.#question !== question) {
      this.#difference?.dispose();
      this.#difference = make();
      this.#question = question;
    }
    return this.#difference.hold();
  }

  /** All memberships before a position by contact point. */
  matched(memberships: Memberships, position: number, contacts: Contacts): Matched {
    const operations = memberships.countBefore(position);
    if (this.#matched === undefined || this.#operations !== operations) {
      this.#matched = new Matched(contacts, memberships.before(position));
      this.#operations = operations;
    }
    return this.#matched;
  }

  /** The showings of leaves before a position, through all audiences that there were. */
  async shown(
    { log, showings }: { readonly log: Log; readonly showings: Showings },
    position: number,
    audiences: readonly PastAudience[],
  ): Promise<ShownRows> {
    const leaves = showings.countBefore(position);
    if (this.#shown !== undefined && this.#shownLeaves === leaves) return this.#shown;
    const shown = await ShownRows.read(log, showings, position, audiences);
    this.#shown = shown;
    this.#shownLeaves = leaves;
    return shown;
  }
}
