/**
 * Totals of an assessment, and if it is wanted the table of audiences: one pass over people.
 */
import type { PastAudience } from "../audience/index.js";
import type { AudienceTable } from "./audience-table.js";
import { dayOf } from "./day.js";
import type { JudgedPeople } from "./judged-people.js";
import { Breakdown, PeopleCounts, Run } from "./people-counts.js";

export class Totals {
  readonly #people: JudgedPeople;
  readonly #country: Uint16Array;
  readonly #table: AudienceTable | undefined;
  readonly #run: Run;
  readonly #whole = new PeopleCounts();
  readonly #breakdown = new Breakdown();
  #countryOfPerson = 0;
  #isRightBeside = false;

  /**
   * @param people whom nothing was asked of yet
   * @param country of accounts, by their number
   */
  constructor(people: JudgedPeople, country: Uint16Array, table?: AudienceTable) {
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
    if (run.affected > 0) {
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
    const touched = audiences.filter((_, place) => this.#run.isTouched[place] === 1);
    return {
      ...this.#whole.counts(this.#breakdown),
      audiences: touched.length,
      lists: new Set(touched.map(({ list }) => list)).size,
      advertisers: new Set(touched.map(({ advertiser }) => advertiser)).size,
    };
  }
}
