/**
 * Exact showings held ready for assessments: rows by audience, of one audience by account; and the tally of those that were to
 * somebody who was affected just then. Made from the facts once, and kept until there are others. Cost: 16 bytes a row.
 */
import type { PastAudience } from "../audience/index.js";
import { Numbers } from "../column/index.js";
import type { Log } from "../log/index.js";
import type { Showings } from "../showing/index.js";

/** Rows of one audience: from, inclusive, and to, exclusive. */
interface Segment {
  readonly from: number;
  readonly to: number;
}

const NO_ROWS: Segment = { from: 0, to: 0 };

export class ShownRows {
  readonly #segments: ReadonlyMap<string, Segment>;
  readonly account: Uint32Array;
  readonly atMs: Float64Array;
  /** Places of campaigns, one for each name. */
  readonly campaign: Uint32Array;

  private constructor(segments: ReadonlyMap<string, Segment>, rows: number) {
    this.#segments = segments;
    this.account = new Uint32Array(rows);
    this.atMs = new Float64Array(rows);
    this.campaign = new Uint32Array(rows);
  }

  /**
   * Reads the showings of leaves before a position.
   * @param accounts how many accounts there are
   */
  static async read(log: Log, showings: Showings, position: number, accounts: number): Promise<ShownRows> {
    const [account, audience, campaign] = [new Numbers(), new Numbers(), new Numbers()];
    const times: Float64Array[] = [];
    const [audiences, campaigns] = [new Map<string, number>(), new Map<string, number>()];
    const counts: number[] = [];
    for await (const { shown, account: some, atMs } of showings.rows(log, showings.days(), position)) {
      const place = placeOf(audiences, shown.audience);
      const name = placeOf(campaigns, shown.campaign);
      counts[place] = (counts[place] ?? 0) + some.length;
      for (const number of some) {
        account.push(number);
        audience.push(place);
        campaign.push(name);
      }
      times.push(atMs);
    }
    const segments = new Map<string, Segment>();
    const next: number[] = [];
    let rows = 0;
    for (const [id, place] of audiences) {
      next[place] = rows;
      segments.set(id, { from: rows, to: (rows += counts[place]!) });
    }
    const ordered = new ShownRows(segments, rows);
    const atMs = joined(times, rows);
    const [accountOf, audienceOf, campaignOf] = [account.values, audience.values, campaign.values];
    for (const row of byAccount(accountOf, accounts)) {
      const to = next[audienceOf[row]!]!++;
      ordered.account[to] = accountOf[row]!;
      ordered.atMs[to] = atMs[row]!;
      ordered.campaign[to] = campaignOf[row]!;
    }
    return ordered;
  }

  segment(audience: string): Segment {
    return this.#segments.get(audience) ?? NO_ROWS;
  }
}

function placeOf(places: Map<string, number>, name: string): number {
  const known = places.get(name);
  if (known !== undefined) return known;
  places.set(name, places.size);
  return places.size - 1;
}

function joined(pieces: readonly Float64Array[], length: number): Float64Array {
  const whole = new Float64Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Rows in the order of their accounts, by counting. */
function byAccount(account: Uint32Array, accounts: number): Uint32Array {
  const next = new Uint32Array(accounts + 1);
  for (const number of account) next[number + 1]!++;
  for (let i = 1; i <= accounts; i++) next[i]! += next[i - 1]!;
  const rows = new Uint32Array(account.length);
  for (let row = 0; row < account.length; row++) rows[next[account[row]!]!++] = row;
  return rows;
}

/** What was shown to affected people. */
export interface ShownCounts {
  readonly campaigns: number;
  readonly showings: number;
}

/** Counts the showings at the times at which people were affected, noted as they are found; each once. */
export class ShownTally {
  readonly #rows: ShownRows;
  readonly #audiences: readonly PastAudience[];
  readonly #segments: readonly Segment[];
  readonly #isCounted: Uint8Array;
  /** By place of the audience, those to which anything was shown. */
  readonly #found = new Map<number, { readonly campaigns: Set<number>; showings: number }>();

  constructor(rows: ShownRows, audiences: readonly PastAudience[]) {
    this.#rows = rows;
    this.#audiences = audiences;
    this.#segments = audiences.map(({ audience }) => rows.segment(audience));
    this.#isCounted = new Uint8Array(rows.account.length);
  }

  /**
   * Notes when an account was affected in an audience.
   * @param fromMs inclusive
   * @param toMs exclusive
   */
  note(place: number, account: number, fromMs: number, toMs: number): void {
    const { from, to } = this.#segments[place]!;
    if (from === to) return;
    const { account: accounts, atMs, campaign } = this.#rows;
    for (let row = firstOf(accounts, account, from, to); row < to && accounts[row] === account; row++) {
      if (atMs[row]! < fromMs || atMs[row]! >= toMs || this.#isCounted[row] === 1) continue;
      this.#isCounted[row] = 1;
      const found = this.#found.get(place) ?? { campaigns: new Set<number>(), showings: 0 };
      this.#found.set(place, found);
      found.campaigns.add(campaign[row]!);
      found.showings++;
    }
  }

  of(place: number): ShownCounts {
    const found = this.#found.get(place);
    return { campaigns: found?.campaigns.size ?? 0, showings: found?.showings ?? 0 };
  }

  /** Distinct campaigns of their advertisers, and all showings. */
  get whole(): ShownCounts {
    const campaigns = new Set<string>();
    let showings = 0;
    for (const [place, found] of this.#found) {
      const { advertiser } = this.#audiences[place]!;
      for (const campaign of found.campaigns) campaigns.add(JSON.stringify([advertiser, campaign]));
      showings += found.showings;
    }
    return { campaigns: campaigns.size, showings };
  }
}

/** The first row of a segment whose account is not lower. */
function firstOf(accounts: Uint32Array, account: number, from: number, to: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (accounts[middle]! < account) low = middle + 1;
    else high = middle;
  }
  return low;
}
