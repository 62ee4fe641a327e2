/**
 * Affected showings: those at whose instant a contact point of the account was a member of the audience that it should not
 * have been. Sets say which days can hold any; only the rows of those are read, each leaf once.
 */
import type { PastAudience, PastMembers } from "../audience/index.js";
import type { Log } from "../log/index.js";
import { OrdinalSet } from "../set/index.js";
import type { Showings, ShownDay } from "../showing/index.js";
import { type Judge, type Judgement, judge } from "./judging.js";

/** What was shown to affected people through one audience. */
export interface ShownToAffected {
  readonly advertiser: string;
  readonly campaigns: ReadonlySet<string>;
  readonly showings: number;
}

/** Affected times of an account, from and to in turn. */
type Times = Map<number, number[]>;

/** What was shown through one audience, and when those to whom it was were affected there. */
interface Shown {
  readonly audience: PastAudience;
  readonly days: readonly ShownDay[];
  readonly accounts: OrdinalSet;
  readonly times: Times;
}

/** The times at which people to whom anything was shown were affected, noted as they are found; then the showings in them. */
export class ShownTimes {
  readonly #showings: Showings;
  /** By place of the audience; undefined where nothing was shown. */
  readonly #shown: readonly (Shown | undefined)[];

  constructor(showings: Showings, audiences: readonly PastAudience[]) {
    this.#showings = showings;
    this.#shown = audiences.map((audience) => {
      const days = [...showings.days(audience.audience)];
      if (days.length === 0) return undefined;
      const accounts = OrdinalSet.empty();
      for (const day of days) accounts.addSet(day.accounts);
      return { audience, days, accounts, times: new Map() };
    });
  }

  /** Whether anything was shown through an audience. */
  isShown(place: number): boolean {
    return this.#shown[place] !== undefined;
  }

  /** Notes when somebody was affected in an audience, if anything was shown to them there. */
  note(place: number, account: number, fromMs: number, toMs: number): void {
    const shown = this.#shown[place];
    if (shown?.accounts.has(account) !== true) return;
    const known = shown.times.get(account);
    if (known === undefined) shown.times.set(account, [fromMs, toMs]);
    else known.push(fromMs, toMs);
  }

  /**
   * Counts the showings at those times; from here on nothing can be noted.
   * @param position only showings of leaves before it count
   * @returns by id of audience, those that have any
   */
  async count(log: Log, position: number): Promise<Map<string, ShownToAffected>> {
    const wanted: ShownDay[] = [];
    const shownIn = new Map<string, Shown>();
    for (const shown of this.#shown) {
      if (shown === undefined || shown.times.size === 0) continue;
      const people = OrdinalSet.from(Uint32Array.from(shown.times.keys()));
      wanted.push(...shown.days.filter(({ accounts }) => accounts.intersects(people)));
      people.dispose();
      shownIn.set(shown.audience.audience, shown);
    }
    for (const shown of this.#shown) shown?.accounts.dispose();
    const found = new Map<string, ShownToAffected & { campaigns: Set<string>; showings: number }>();
    for await (const { shown, account, atMs } of this.#showings.rows(log, wanted, position)) {
      const { audience, times } = shownIn.get(shown.audience)!;
      let showings = 0;
      for (let row = 0; row < account.length; row++) if (isWithin(times.get(account[row]!), atMs[row]!)) showings++;
      if (showings === 0) continue;
      const known = found.get(shown.audience);
      if (known === undefined) {
        const { advertiser } = audience;
        found.set(shown.audience, { advertiser, campaigns: new Set([shown.campaign]), showings });
      } else {
        known.campaigns.add(shown.campaign);
        known.showings += showings;
      }
    }
    return found;
  }
}

/**
 * The affected showings of every audience, by its memberships.
 * @param position only showings of leaves before it count
 * @returns by id of audience, those that have any
 */
export function affectedShowings(
  { log, showings }: { readonly log: Log; readonly showings: Showings },
  by: Judge,
  past: readonly PastMembers[],
  position: number,
): Promise<Map<string, ShownToAffected>> {
  const times = new ShownTimes(
    showings,
    past.map(({ audience }) => audience),
  );
  const { account } = by.contacts.points;
  for (const [place, { memberships }] of past.entries()) {
    if (!times.isShown(place)) continue;
    const judgement: Judgement = {
      affected: (numbers, fromMs, toMs) => {
        for (const number of numbers.toArray()) times.note(place, account[number]!, fromMs, toMs);
      },
      withHistory: (number, { isMember, spans }) => {
        if (!isMember) return;
        for (let i = 0; i < spans.length; i += 2) times.note(place, account[number]!, spans[i]!, spans[i + 1]!);
      },
      late: () => {},
      permitted: () => {},
    };
    for (const membership of memberships) judge(by, membership, judgement);
  }
  return times.count(log, position);
}

function isWithin(times: readonly number[] | undefined, atMs: number): boolean {
  if (times === undefined) return false;
  for (let i = 0; i < times.length; i += 2) if (atMs >= times[i]! && atMs < times[i + 1]!) return true;
  return false;
}
