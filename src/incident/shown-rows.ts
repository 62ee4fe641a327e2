/**
 * Exact showings held ready for an assessment: rows by audience, of one audience by account; and the tally of those that were to
 * somebody who was affected just then. Cost: 16 bytes a row, 16 more for those of the audience that is being ordered.
 */
import { setImmediate } from "node:timers/promises";
import type { PastAudience } from "../audience/index.js";
import { lowerBound } from "../column/index.js";
import type { Log } from "../log/index.js";
import type { Showings } from "../showing/index.js";

/** Rows that are held at once, but for an audience that has more by itself. */
export const MAX_SHOWN_ROWS = 32_000_000;

/** Rows of one audience: from, inclusive, and to, exclusive. */
interface Segment {
  readonly from: number;
  to: number;
}

const NO_ROWS: Segment = { from: 0, to: 0 };

export class ShownRows {
  readonly #segments = new Map<string, Segment>();
  readonly account: Uint32Array;
  readonly atMs: Float64Array;
  /** Places of names. */
  readonly campaign: Uint32Array;
  readonly campaigns: readonly string[];

  private constructor(rows: number, campaigns: readonly string[]) {
    this.campaigns = campaigns;
    this.account = new Uint32Array(rows);
    this.atMs = new Float64Array(rows);
    this.campaign = new Uint32Array(rows);
  }

  /** Reads what was shown through some audiences, of leaves before a position. */
  static async read(
    log: Log,
    showings: Showings,
    position: number,
    audiences: readonly PastAudience[],
  ): Promise<ShownRows> {
    const days = audiences.flatMap(({ audience }) => [...showings.days(audience)]);
    const campaigns = [...new Set(days.map(({ campaign }) => campaign))];
    const placeOf = new Map(campaigns.map((name, place) => [name, place]));
    const shown = new ShownRows(
      days.reduce((sum, day) => sum + day.showings, 0),
      campaigns,
    );
    let room = 0;
    for (const day of days) {
      if (!shown.#segments.has(day.audience)) shown.#segments.set(day.audience, { from: room, to: room });
      room += day.showings;
    }
    for await (const { shown: day, account, atMs } of showings.rows(log, days, position)) {
      const segment = shown.#segments.get(day.audience)!;
      shown.account.set(account, segment.to);
      shown.atMs.set(atMs, segment.to);
      shown.campaign.fill(placeOf.get(day.campaign)!, segment.to, segment.to + account.length);
      segment.to += account.length;
    }
    let turnAt = performance.now();
    for (const segment of shown.#segments.values()) {
      shown.#order(segment);
      if (performance.now() - turnAt < TURN_MS) continue;
      await setImmediate();
      turnAt = performance.now();
    }
    return shown;
  }

  /** Puts the rows of an audience in the order of their accounts. */
  #order({ from, to }: Segment): void {
    const account = this.account.subarray(from, to);
    const rows = byAccount(account);
    for (const column of [account, this.atMs.subarray(from, to), this.campaign.subarray(from, to)]) {
      const before = column.slice();
      for (let i = 0; i < rows.length; i++) column[i] = before[rows[i]!]!;
    }
  }

  segment(audience: string): Segment {
    return this.#segments.get(audience) ?? NO_ROWS;
  }
}

/** Others get their turn so often. */
const TURN_MS = 50;
const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;
const FEW_ROWS = 1 << 10;

/** Places of rows in the order of their accounts. */
function byAccount(account: Uint32Array): Uint32Array {
  let rows = new Uint32Array(account.length);
  for (let row = 0; row < rows.length; row++) rows[row] = row;
  if (rows.length < FEW_ROWS) return rows.sort((a, b) => account[a]! - account[b]!);
  // By their lower halves, then by their upper ones, each by counting.
  for (const shift of [0, DIGIT_BITS]) {
    const next = new Uint32Array(DIGITS + 1);
    for (const number of account) next[((number >>> shift) & (DIGITS - 1)) + 1]!++;
    for (let digit = 1; digit < DIGITS; digit++) next[digit]! += next[digit - 1]!;
    const ordered = new Uint32Array(rows.length);
    for (const row of rows) ordered[next[(account[row]! >>> shift) & (DIGITS - 1)]!++] = row;
    rows = ordered;
  }
  return rows;
}

/** What was shown to affected people. */
export interface ShownCounts {
  readonly campaigns: number;
  readonly showings: number;
}

/** Counts the showings at the times at which people were affected, noted as they are found; each once. */
export class ShownTally {
  readonly #audiences: readonly PastAudience[];
  #rows: ShownRows | undefined;
  #segments: readonly Segment[] = [];
  #isCounted = new Uint8Array(0);
  /** By place of the audience, those to which anything was shown. */
  readonly #found = new Map<number, { readonly campaigns: Set<string>; showings: number }>();

  constructor(audiences: readonly PastAudience[]) {
    this.#audiences = audiences;
  }

  /** Holds the rows of audiences of which nothing was noted yet. */
  hold(rows: ShownRows): void {
    this.#rows = rows;
    this.#segments = this.#audiences.map(({ audience }) => rows.segment(audience));
    this.#isCounted = new Uint8Array(rows.account.length);
  }

  /**
   * Notes when an account was affected in an audience whose rows are held.
   * @param fromMs inclusive
   * @param toMs exclusive
   */
  note(place: number, account: number, fromMs: number, toMs: number): void {
    const { from, to } = this.#segments[place]!;
    if (from === to) return;
    const { account: accounts, atMs, campaign, campaigns } = this.#rows!;
    for (let row = lowerBound(accounts, account, from, to); row < to && accounts[row] === account; row++) {
      if (atMs[row]! < fromMs || atMs[row]! >= toMs || this.#isCounted[row] === 1) continue;
      this.#isCounted[row] = 1;
      const found = this.#found.get(place) ?? { campaigns: new Set<string>(), showings: 0 };
      this.#found.set(place, found);
      found.campaigns.add(campaigns[campaign[row]!]!);
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
