/**
 * What an assessment leaves for the next one: memberships by person, while no list operation has come; these with what the
 * difference says of them, when the same is asked at the same position (facts before a position never change); exact
 * showings, while no others have come.
 */
import type { Memberships, PastAudience } from "../audience/index.js";
import type { Contacts } from "../grant/index.js";
import type { Log } from "../log/index.js";
import type { Showings } from "../showing/index.js";
import type { Judged } from "./judged.js";
import { Matched } from "./matched.js";
import { ShownRows } from "./shown-rows.js";

export class LastAssessment {
  #question: string | undefined;
  #judged: Judged | undefined;
  #operations = -1;
  #matched: Matched | undefined;
  #shownLeaves = -1;
  #shown: ShownRows | undefined;

  judged(question: string, make: () => Judged): Judged {
    if (this.#judged === undefined || this.#question !== question) {
      this.#judged = undefined;
      this.#judged = make();
      this.#question = question;
    }
    return this.#judged;
  }

  /** All memberships before a position by person. */
  matched(memberships: Memberships, position: number, contacts: Contacts): Matched {
    const operations = memberships.countBefore(position);
    if (this.#matched === undefined || this.#operations !== operations) {
      this.#matched = undefined;
      this.#matched = Matched.all(contacts, memberships.before(position));
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
