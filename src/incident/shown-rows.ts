/**
 * Exact showings held ready for an assessment, in columns by blocks of accounts; and the tally of those that were to
 * somebody who was affected just then. Cost: 16 bytes a row, twice while they are read.
 */
import type { PastAudience } from "../audience/index.js";
import type { Log } from "../log/index.js";
import type { Showings, ShownDay } from "../showing/index.js";
import type { AffectedSpans } from "./affected-spans.js";

/** Rows that are held at once, but for an audience that has more by itself. */
export const MAX_SHOWN_ROWS = 32_000_000;

/** Rows of so many accounts lie together: what is known of these fits a processor's cache. */
const BLOCK_BITS = 16;
const BLOCK = 1 << BLOCK_BITS;

/** One campaign's ads through one audience. */
interface Flight {
  /** Place of the audience. */
  readonly audience: number;
  readonly advertiser: string;
  readonly campaign: string;
}

export class ShownRows {
  readonly flights: readonly Flight[];
  /** Where rows of a block begin; then where the last one's end. */
  readonly firstOfBlock: Uint32Array;
  /** In the order of blocks. */
  readonly account: Uint32Array;
  readonly atMs: Float64Array;
  /** Place of the flight. */
  readonly flight: Uint32Array;

  private constructor(flights: readonly Flight[], rows: Rows) {
    this.flights = flights;
    const { count } = rows;
    const [account, atMs, flight] = [rows.account, rows.atMs, rows.flight];
    let last = 0;
    for (let row = 0; row < count; row++) if (account[row]! > last) last = account[row]!;
    this.firstOfBlock = new Uint32Array((last >>> BLOCK_BITS) + 2);
    for (let row = 0; row < count; row++) this.firstOfBlock[(account[row]! >>> BLOCK_BITS) + 1]!++;
    for (let block = 1; block < this.firstOfBlock.length; block++) {
      this.firstOfBlock[block]! += this.firstOfBlock[block - 1]!;
    }
    const next = this.firstOfBlock.slice();
    this.account = new Uint32Array(count);
    this.atMs = new Float64Array(count);
    this.flight = new Uint32Array(count);
    for (let row = 0; row < count; row++) {
      const to = next[account[row]! >>> BLOCK_BITS]!++;
      this.account[to] = account[row]!;
      this.atMs[to] = atMs[row]!;
      this.flight[to] = flight[row]!;
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
        const flight =
          own.get(day.campaign) ?? flights.push({ audience: place, advertiser, campaign: day.campaign }) - 1;
        own.set(day.campaign, flight);
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
}

/** What was shown to affected people. */
export interface ShownCounts {
  readonly campaigns: number;
  readonly showings: number;
}

/** Counts the showings at the times at which people were affected. */
export class ShownTally {
  readonly #spans: AffectedSpans;
  /** By place of the audience. */
  readonly #campaigns: Uint32Array;
  readonly #showings: Uint32Array;
  readonly #whole = new Set<string>();

  constructor(spans: AffectedSpans, audiences: number) {
    this.#spans = spans;
    this.#campaigns = new Uint32Array(audiences);
    this.#showings = new Uint32Array(audiences);
  }

  /** Counts among rows of audiences of which none were taken before. */
  take(rows: ShownRows): void {
    const counts = countByFlight(rows, this.#spans);
    for (const [place, { audience, advertiser, campaign }] of rows.flights.entries()) {
      if (counts[place] === 0) continue;
      this.#campaigns[audience]!++;
      this.#showings[audience]! += counts[place]!;
      this.#whole.add(JSON.stringify([advertiser, campaign]));
    }
  }

  of(place: number): ShownCounts {
    return { campaigns: this.#campaigns[place]!, showings: this.#showings[place]! };
  }

  /** Distinct campaigns of their advertisers, and all showings. */
  get whole(): ShownCounts {
    return { campaigns: this.#whole.size, showings: this.#showings.reduce((sum, showings) => sum + showings, 0) };
  }
}

function countByFlight({ flights, firstOfBlock, account, atMs, flight }: ShownRows, spans: AffectedSpans): Uint32Array {
  const audienceOf = Uint32Array.from(flights, ({ audience }) => audience);
  const counts = new Uint32Array(flights.length);
  /** By account of the block that is looked at: its first span + 1. */
  const first = new Uint32Array(BLOCK);
  for (let block = 0, from = 0, to = 0; block + 1 < firstOfBlock.length; block++, from = to) {
    for (; to < spans.count && spans.account[to]! >>> BLOCK_BITS === block; to++) {
      if (to === from || spans.account[to] !== spans.account[to - 1]) first[spans.account[to]! & (BLOCK - 1)] = to + 1;
    }
    if (from === to) continue;
    for (let row = firstOfBlock[block]!; row < firstOfBlock[block + 1]!; row++) {
      const person = account[row]!;
      let span = first[person & (BLOCK - 1)]! - 1;
      if (span < 0) continue;
      const audience = audienceOf[flight[row]!]!;
      for (; span < to && spans.account[span] === person; span++) {
        if (spans.audience[span] !== audience || atMs[row]! < spans.fromMs[span]! || atMs[row]! >= spans.toMs[span]!) {
          continue;
        }
        counts[flight[row]!]!++;
        break;
      }
    }
    for (let span = from; span < to; span++) first[spans.account[span]! & (BLOCK - 1)] = 0;
  }
  return counts;
}
