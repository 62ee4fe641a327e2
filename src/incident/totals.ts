/**
 * Totals of an assessment, and if it is wanted the table of audiences: one pass over people.
 */
import type { PastAudience } from "../audience/index.js";
import { AffectedSpans } from "./affected-spans.js";
import type { AudienceTable } from "./audience-table.js";
import type { JudgedPeople } from "./judged.js";
import { Breakdown, dayOf, PeopleCounts, Run } from "./people-counts.js";

export class Totals {
  readonly #people: JudgedPeople;
  readonly #country: Uint16Array;
  readonly #table: AudienceTable | undefined;
  readonly #run: Run;
  readonly #whole = new PeopleCounts();
  readonly #breakdown = new Breakdown();
  /** When people were affected. */
  readonly spans = new AffectedSpans();
  #countryOfPerson = 0;
  #isRightBeside = false;

  /**
   * @param begin begins to go through people
   * @param country of accounts, by their number
   */
  constructor(begin: (spans: AffectedSpans) => JudgedPeople, country: Uint16Array, table?: AudienceTable) {
    const people = begin(this.spans);
    this.#people = people;
    this.#country = country;
    this.#table = table;
    this.#run = new Run(people);
  }

  /** Counts some more people. @returns whether there are more */
  countSome(atOnce: number): boolean {
    for (let left = atOnce; left > 0; left--) {
      if (!this.#people.next()) return false;
      this.#count();
    }
    return true;
  }

  #count(): void {
    const [run, people] = [this.#run, this.#people];
    run.sumAll();
    this.#whole.add(run);
    this.#countryOfPerson = this.#country[people.account] ?? 0;
    if (run.affected.count > 0) {
      this.#breakdown.add(run.bits, dayOf(run.firstMs), this.#countryOfPerson);
    }
    if (this.#table === undefined && !run.mayBeRightBeside) return;
    this.#isRightBeside = false;
    run.sumAudiences(this.#takeAudience);
    if (this.#isRightBeside) this.#whole.addRight();
  }

  /** @returns whether no more has to be known of the person's audiences */
  readonly #takeAudience = (place: number): boolean => {
    if (this.#run.isRightBeside) this.#isRightBeside = true;
    this.#table?.add(place, this.#run, this.#countryOfPerson);
    return this.#isRightBeside && this.#table === undefined;
  };

  /** @param audiences by their place */
  counts(audiences: readonly PastAudience[]) {
    const isTouched = new Uint8Array(audiences.length);
    for (let span = 0; span < this.spans.count; span++) isTouched[this.spans.audience[span]!] = 1;
    const touched = audiences.filter((_, place) => isTouched[place] === 1);
    return {
      ...this.#whole.counts(this.#breakdown),
      audiences: touched.length,
      lists: new Set(touched.map(({ list }) => list)).size,
      advertisers: new Set(touched.map(({ advertiser }) => advertiser)).size,
    };
  }
}
