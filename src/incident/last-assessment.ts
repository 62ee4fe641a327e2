/**
 * What an assessment leaves for the next one, when the same is asked at the same position (facts before a position never
 * change): what the difference says of memberships, and the exact showings to people of whom there is anything to tell.
 */
import type { Log } from "../log/index.js";
import type { Showings } from "../showing/index.js";
import type { Judged } from "./judged.js";
import { ShownRows } from "./shown-rows.js";

/** What facts before a position say of an incident. */
export class KnownFacts {
  #shown: Promise<ShownRows> | undefined;

  constructor(
    readonly position: number,
    readonly judged: Judged,
  ) {}

  /** The showings of leaves before the position. */
  shown(log: Log, showings: Showings): Promise<ShownRows> {
    if (this.#shown !== undefined) return this.#shown;
    const shown = ShownRows.read(log, showings, this.position, this.judged);
    this.#shown = shown;
    shown.catch(() => (this.#shown = undefined));
    return shown;
  }
}

export class LastAssessment {
  #incident: string | undefined;
  #facts: KnownFacts | undefined;

  /** To be waited for before it is asked again. */
  async facts(incident: string, position: number, judge: () => Promise<Judged>): Promise<KnownFacts> {
    if (this.#facts !== undefined && this.#incident === incident && this.#facts.position === position)
      return this.#facts;
    this.#facts = undefined;
    const facts = new KnownFacts(position, await judge());
    [this.#incident, this.#facts] = [incident, facts];
    return facts;
  }
}
