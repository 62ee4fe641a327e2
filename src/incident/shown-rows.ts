/**
 * Exact showings held ready for an assessment, in columns in the order of accounts; and the tally of those that were to
 * somebody who was affected just then. Cost: 16 bytes a row; while they are read, 24 more.
 */
import type { PastAudience } from "../audience/index.js";
import type { Log } from "../log/index.js";
import type { Showings, ShownDay } from "../showing/index.js";
import type { AffectedSpans } from "./affected-spans.js";

/** Rows that are held at once, but for an audience that has more by itself. */
export const MAX_SHOWN_ROWS = 32_000_000;

const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;

/** One campaign's ads through one audience. */
interface Flight {
  /** Place of the audience. */
  readonly audience: number;
  /** The campaign, with its advertiser. */
  readonly campaign: string;
}

export class ShownRows {
  readonly flights: readonly Flight[];
  /** Place of the flight. */
  readonly flight: Uint32Array;
  /** Ascending. */
  readonly account: Uint32Array;
  readonly atMs: Float64Array;

  private constructor(flights: readonly Flight[], rows: Rows) {
    this.flights = flights;
    const order = rows.byAccount();
    this.flight = new Uint32Array(order.length);
    this.account = new Uint32Array(order.length);
    this.atMs = new Float64Array(order.length);
    for (let at = 0; at < order.length; at++) {
      const row = order[at]!;
      this.flight[at] = rows.flight[row]!;
      this.account[at] = rows.account[row]!;
      this.atMs[at] = rows.atMs[row]!;
    }
  }

  /**
   * Reads what was shown through some of the audiences, of leaves before a position.
   * @param from places of the audiences, inclusive; `to` exclusive
   */
  static async read(
    log: Log,
    showings: Showings,
    position: number,
    audiences: readonly PastAudience[],
    from = 0,
    to = audiences.length,
  ): Promise<ShownRows> {
    const flights: Flight[] = [];
    const flightOf = new Map<ShownDay, number>();
    let room = 0;
    for (let place = from; place < to; place++) {
      const { audience, advertiser } = audiences[place]!;
      const own = new Map<string, number>();
      for (const day of showings.days(audience)) {
        let flight = own.get(day.campaign);
        if (flight === undefined) {
          flight = flights.push({ audience: place, campaign: JSON.stringify([advertiser, day.campaign]) }) - 1;
          own.set(day.campaign, flight);
        }
        flightOf.set(day, flight);
        room += day.showings;
      }
    }
    const rows = new Rows(room);
    for await (const { shown, account, atMs } of showings.rows(log, flightOf.keys(), position)) {
      rows.add(account, atMs, flightOf.get(shown)!);
    }
    return new ShownRows(flights, rows);
  }
}

/** Rows as they are read. */
class Rows {
  count = 0;
  readonly account: Uint32Array;
  readonly atMs: Float64Array;
  readonly flight: Uint32Array;

  constructor(room: number) {
    this.account = new Uint32Array(room);
    this.atMs = new Float64Array(room);
    this.flight = new Uint32Array(room);
  }

  add(account: Uint32Array, atMs: Float64Array, flight: number): void {
    const to = this.count + account.length;
    this.account.set(account, this.count);
    this.atMs.set(atMs, this.count);
    this.flight.fill(flight, this.count, to);
    this.count = to;
  }

  /** Places of rows in the order of their accounts: by the lower halves of these, then by the upper ones, each by counting. */
  byAccount(): Uint32Array {
    let rows = new Uint32Array(this.count);
    for (let row = 0; row < rows.length; row++) rows[row] = row;
    for (const shift of [0, DIGIT_BITS]) {
      const next = new Uint32Array(DIGITS + 1);
      for (const row of rows) next[((this.account[row]! >>> shift) & (DIGITS - 1)) + 1]!++;
      for (let digit = 1; digit < DIGITS; digit++) next[digit]! += next[digit - 1]!;
      const ordered = new Uint32Array(rows.length);
      for (const row of rows) ordered[next[(this.account[row]! >>> shift) & (DIGITS - 1)]!++] = row;
      rows = ordered;
    }
    return rows;
  }
}

/** What was shown to affected people. */
export interface ShownCounts {
  readonly campaigns: number;
  readonly showings: number;
}

/** Counts the showings at the times at which people were affected, among rows that are held while it does. */
export class ShownTally {
  /** By place of the audience. */
  readonly #campaigns: Uint32Array;
  readonly #showings: Uint32Array;
  readonly #whole = new Set<string>();
  #rows: ShownRows | undefined;
  /** Of rows: those before were of accounts that were told of. */
  #row = 0;
  /** By flight of the rows: the place of its audience, and what was counted. */
  #audienceOf = new Uint32Array(0);
  #counts = new Uint32Array(0);

  constructor(audiences: number) {
    this.#campaigns = new Uint32Array(audiences);
    this.#showings = new Uint32Array(audiences);
  }

  /** @param rows of audiences of which none were held before */
  hold(rows: ShownRows): void {
    this.#rows = rows;
    this.#row = 0;
    this.#audienceOf = Uint32Array.from(rows.flights, ({ audience }) => audience);
    this.#counts = new Uint32Array(rows.flights.length);
  }

  /** Counts by spans of accounts that are higher than those told of since rows are held. */
  take(spans: AffectedSpans): void {
    const { account, atMs, flight } = this.#rows!;
    const { count, account: accountOf } = spans;
    const [audienceOf, counts] = [this.#audienceOf, this.#counts];
    let row = this.#row;
    for (let from = 0, to = 0; from < count; from = to) {
      const person = accountOf[from]!;
      while (to < count && accountOf[to] === person) to++;
      while (row < account.length && account[row]! < person) row++;
      for (; row < account.length && account[row] === person; row++) {
        if (spans.holds(from, to, audienceOf[flight[row]!]!, atMs[row]!)) counts[flight[row]!]!++;
      }
    }
    this.#row = row;
  }

  /** Lets go of the rows that are held: everybody was told of. */
  release(): void {
    for (const [place, { audience, campaign }] of this.#rows!.flights.entries()) {
      if (this.#counts[place] === 0) continue;
      this.#campaigns[audience]!++;
      this.#showings[audience]! += this.#counts[place]!;
      this.#whole.add(campaign);
    }
    this.#rows = undefined;
  }

  of(place: number): ShownCounts {
    return { campaigns: this.#campaigns[place]!, showings: this.#showings[place]! };
  }

  /** Distinct campaigns of their advertisers, and all showings. */
  get whole(): ShownCounts {
    return { campaigns: this.#whole.size, showings: this.#showings.reduce((sum, showings) => sum + showings, 0) };
  }
}
