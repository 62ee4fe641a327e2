/**
 * Exact showings to people at the audiences in which they may have been affected, held ready for an assessment, in columns in
 * the order of these people; and the tally of those that were to somebody who was affected just then. Whatever else was shown
 * is let go of as it is read. Cost: 16 bytes a row that is held; while they are read as many more, and 2 bits an account.
 */
import { grown, Numbers, RankedBits } from "../column/index.js";
import type { Log } from "../log/index.js";
import { DAY_MS, GROUP, type Showings, type ShownBatch } from "../showing/index.js";
import type { Judged } from "./judged.js";
import { Somebody } from "./judged-people.js";

/** One campaign's ads through one audience. */
interface Flight {
  /** Place of the audience. */
  readonly audience: number;
  /** Number of the campaign, by its advertiser and name. */
  readonly campaign: number;
}

export class ShownRows {
  readonly flights: readonly Flight[];
  /** How many campaigns there are. */
  readonly campaigns: number;
  /** By row: the person's place among those judged, ascending; place of the flight; the instant. */
  readonly person: Uint32Array;
  readonly flight: Uint32Array;
  readonly atMs: Float64Array;

  private constructor(rows: Rows, people: number) {
    this.flights = rows.flights;
    this.campaigns = rows.campaigns.size;
    const [persons, flights] = [rows.person.values, rows.flight.values];
    const next = new Uint32Array(people + 1);
    for (const person of persons) next[person + 1]!++;
    for (let person = 1; person < people; person++) next[person]! += next[person - 1]!;
    this.person = new Uint32Array(persons.length);
    this.flight = new Uint32Array(persons.length);
    this.atMs = new Float64Array(persons.length);
    for (let row = 0; row < persons.length; row++) {
      const at = next[persons[row]!]!++;
      this.person[at] = persons[row]!;
      this.flight[at] = flights[row]!;
      this.atMs[at] = rows.atMs[row]!;
    }
  }

  /** Reads what was shown, of leaves before a position. */
  static async read(log: Log, showings: Showings, position: number, judged: Judged): Promise<ShownRows> {
    const rows = new Rows(judged);
    for await (const shown of showings.batches(log, position)) rows.take(shown);
    return new ShownRows(rows, judged.accountOf.length);
  }
}

/** The flights through one audience. */
interface OwnFlights {
  /** Place of the audience. */
  readonly place: number;
  /** By campaign. */
  readonly flights: Map<string, number>;
}

/** Rows in the order in which they are read. */
class Rows {
  readonly flights: Flight[] = [];
  /** By advertiser and name: the number. */
  readonly campaigns = new Map<string, number>();
  readonly person = new Numbers();
  readonly flight = new Numbers();
  atMs: Float64Array = new Float64Array(1 << 10);

  readonly #judged: Judged;
  readonly #people: RankedBits;
  /** By id of an audience. */
  readonly #audiences: ReadonlyMap<string, OwnFlights>;

  constructor(judged: Judged) {
    const { accountOf, matched } = judged;
    this.#judged = judged;
    this.#people = new RankedBits((accountOf.at(-1) ?? -1) + 1);
    for (const account of accountOf) this.#people.add(account);
    this.#audiences = new Map(
      matched.audiences.map(({ audience }, place) => [audience, { place, flights: new Map<string, number>() }]),
    );
  }

  take({ audiences, campaigns, directory, account, ofDayMs }: ShownBatch): void {
    let row = 0;
    for (let at = 0; at < directory.length; at += GROUP.words) {
      const own = this.#audiences.get(audiences[directory[at + GROUP.audience]!]!);
      const campaign = campaigns[directory[at + GROUP.campaign]!]!;
      const fromMs = directory[at + GROUP.day]! * DAY_MS;
      const end = directory[at + GROUP.end]!;
      let flight = -1;
      // An audience that is not there was made later.
      for (; row < end && own !== undefined; row++) {
        if (!this.#people.has(account[row]!)) continue;
        const person = this.#people.rank(account[row]!);
        if (!this.#judged.mayBeAffected(person, own.place)) continue;
        if (flight < 0) flight = this.#flightOf(own, campaign);
        this.#add(person, flight, fromMs + ofDayMs[row]!);
      }
      row = end;
    }
  }

  #flightOf({ place, flights }: OwnFlights, campaign: string): number {
    const known = flights.get(campaign);
    if (known !== undefined) return known;
    const key = JSON.stringify([this.#judged.matched.audiences[place]!.advertiser, campaign]);
    const number = this.campaigns.get(key) ?? this.campaigns.size;
    this.campaigns.set(key, number);
    const flight = this.flights.push({ audience: place, campaign: number }) - 1;
    flights.set(campaign, flight);
    return flight;
  }

  #add(person: number, flight: number, atMs: number): void {
    const row = this.person.count;
    this.person.push(person);
    this.flight.push(flight);
    this.atMs = grown(this.atMs, row + 1);
    this.atMs[row] = atMs;
  }
}

/** What was shown to affected people. */
export interface ShownCounts {
  readonly campaigns: number;
  readonly showings: number;
}

/** Counts the showings at the times at which people were affected. */
export class ShownTally {
  readonly #judged: Judged;
  readonly #rows: ShownRows;
  readonly #horizonMs: number;
  readonly #somebody: Somebody;
  #row = 0;
  /** By flight: the place of its audience, and what was counted. */
  readonly #audienceOf: Uint32Array;
  readonly #counts: Uint32Array;

  /**
   * @param horizonMs what was shown from here on does not count
   * @param nobody accounts that are nobody's, ascending
   */
  constructor(judged: Judged, rows: ShownRows, horizonMs: number, nobody: Uint32Array) {
    this.#judged = judged;
    this.#rows = rows;
    this.#horizonMs = horizonMs;
    this.#somebody = new Somebody(nobody);
    this.#audienceOf = Uint32Array.from(rows.flights, ({ audience }) => audience);
    this.#counts = new Uint32Array(rows.flights.length);
  }

  /** Counts some more. @returns whether there are more */
  countSome(atOnce: number): boolean {
    const { person, flight, atMs } = this.#rows;
    const end = Math.min(this.#row + atOnce, person.length);
    for (let row = this.#row; row < end; row++) {
      const [own, at] = [flight[row]!, atMs[row]!];
      if (at >= this.#horizonMs || !this.#judged.wasAffected(person[row]!, this.#audienceOf[own]!, at)) continue;
      if (this.#somebody.is(this.#judged.accountOf[person[row]!]!)) this.#counts[own]!++;
    }
    this.#row = end;
    return end < person.length;
  }

  /** By place of the audience. */
  byAudience(audiences: number): ShownCounts[] {
    const counts = Array.from({ length: audiences }, () => ({ campaigns: 0, showings: 0 }));
    for (const [flight, showings] of this.#counts.entries()) {
      if (showings === 0) continue;
      const own = counts[this.#audienceOf[flight]!]!;
      own.campaigns++;
      own.showings += showings;
    }
    return counts;
  }

  /** Distinct campaigns of their advertisers, and all showings. */
  get whole(): ShownCounts {
    const { flights, campaigns } = this.#rows;
    const isTouched = new Uint8Array(campaigns);
    let showings = 0;
    for (const [flight, count] of this.#counts.entries()) {
      if (count > 0) isTouched[flights[flight]!.campaign] = 1;
      showings += count;
    }
    return { campaigns: isTouched.reduce((sum, one) => sum + one, 0), showings };
  }
}
