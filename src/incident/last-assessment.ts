/**
 * What an assessment leaves for the next one, as long as nothing was learned that it depends on: what the difference says of
 * memberships, and the exact showings to people of whom there is anything to tell.
 */
import type { Log } from "../log/index.js";
import type { Showings } from "../showing/index.js";
import type { Judged } from "./judged.js";
import { ShownRows } from "./shown-rows.js";

/** What facts say of an incident. */
export class KnownFacts {
  readonly judged: Judged;
  #shown: { readonly leaves: number; readonly rows: Promise<ShownRows> } | undefined;

  constructor(judged: Judged) {
    this.judged = judged;
  }

  /** The showings of leaves before a position. */
  shown(log: Log, showings: Showings, position: number): Promise<ShownRows> {
    const leaves = showings.countBefore(position);
    if (this.#shown?.leaves === leaves) return this.#shown.rows;
    const shown = { leaves, rows: ShownRows.read(log, showings, position, this.judged) };
    this.#shown = shown;
    shown.rows.catch(() => {
      if (this.#shown === shown) this.#shown = undefined;
    });
    return shown.rows;
  }
}

export class LastAssessment {
  #question: string | undefined;
  #facts: KnownFacts | undefined;

  /**
   * To be waited for before it is asked again.
   * @param question everything that the judgement depends on
   */
  async facts(question: string, judge: () => Promise<Judged>): Promise<KnownFacts> {
    if (this.#facts !== undefined && this.#question === question) return this.#facts;
    this.#facts = undefined;
    const facts = new KnownFacts(await judge());
    [this.#question, this.#facts] = [question, facts];
    return facts;
  }
}
