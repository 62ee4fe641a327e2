/**
 * Matches: when a contact was on whose lists, over all time, and which ads were shown through them.
 *
 * A match counts from when the list had it, or from the permission if that came later, until a list took it out or the
 * permission ended. Times are the world's; a permission whose end was in the world before the match, and learned after it,
 * ended when it was learned: what happened is not told away.
 */
import type { Audiences, Memberships } from "../audience/index.js";
import type { Contacts, ExplainedEntry } from "../grant/index.js";
import type { Log } from "../log/index.js";
import { DAY_MS, type Showings } from "../showing/index.js";

/** An unbroken time in which a contact was on an advertiser's list. */
export interface ContactMatch {
  readonly advertiser: string;
  readonly list: string;
  readonly audience: string;
  readonly from: string;
  /** Null while it goes on. */
  readonly to: string | null;
  readonly ended: "list" | "permission" | null;
}

/** Ads of one campaign that were shown to an account through one audience on one day. */
export interface PersonShowings {
  readonly advertiser: string;
  readonly campaign: string;
  readonly audience: string;
  /** UTC, YYYY-MM-DD. */
  readonly day: string;
  readonly count: number;
  /** RFC 3339, ascending; an export lists 10,000, and counts all. */
  readonly instants: readonly string[];
}

export interface MatchRooms {
  readonly log: Log;
  readonly contacts: Contacts;
  readonly audiences: Audiences;
  readonly memberships: Memberships;
  readonly showings: Showings;
}

/** Instants that are listed, over all days; all are counted. */
const MAX_INSTANTS = 10_000;

/** A stretch of permission: its ordinal, when it began, and when it ended in the world and was known to. */
interface Stretch {
  readonly ordinal: number;
  readonly fromMs: number;
  readonly endedMs: number;
  readonly endLearnedMs: number;
}

/** @param histories what is known of each contact point, by number, in the order learned */
export async function matchesOf(
  { log, contacts, memberships }: MatchRooms,
  histories: ReadonlyMap<number, readonly ExplainedEntry[]>,
  position: number,
): Promise<Map<number, ContactMatch[]>> {
  await memberships.read(log, contacts);
  const stretches = [...histories].flatMap(([point, history]) =>
    stretchesOf(contacts, point, history).map((stretch) => ({ point, ...stretch })),
  );
  const found = new Map<number, Spell[]>([...histories.keys()].map((point) => [point, []]));
  for (const { audience, memberships: own } of memberships.before(position)) {
    for (const { fromMs, toMs, ordinals } of own) {
      for (const stretch of stretches) {
        if (!ordinals.has(stretch.ordinal)) continue;
        const beginsMs = Math.max(fromMs, stretch.fromMs);
        const endedMs = stretch.endedMs > beginsMs ? stretch.endedMs : stretch.endLearnedMs;
        const endsMs = Math.min(toMs, endedMs);
        if (endsMs < beginsMs) continue;
        const ended = endsMs === Number.POSITIVE_INFINITY ? null : toMs <= endedMs ? "list" : "permission";
        const { advertiser, name: list, audience: id } = audience;
        found.get(stretch.point)!.push({ advertiser, list, audience: id, fromMs: beginsMs, toMs: endsMs, ended });
      }
    }
  }
  return new Map([...found].map(([point, spells]) => [point, joined(spells).map(told)]));
}

interface Spell extends Pick<ContactMatch, "advertiser" | "list" | "audience" | "ended"> {
  readonly fromMs: number;
  readonly toMs: number;
}

/** In the order of their beginnings; those of one audience that go on from one another are one. */
function joined(spells: readonly Spell[]): Spell[] {
  const all: Spell[] = [];
  for (const spell of spells.toSorted((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs)) {
    const before = all.findLastIndex(({ audience }) => audience === spell.audience);
    const last = all[before];
    if (last === undefined || last.toMs < spell.fromMs) all.push(spell);
    else if (spell.toMs > last.toMs) all[before] = { ...last, toMs: spell.toMs, ended: spell.ended };
  }
  return all;
}

const told = ({ fromMs, toMs, ...spell }: Spell): ContactMatch => ({
  ...spell,
  from: new Date(fromMs).toISOString(),
  to: toMs === Number.POSITIVE_INFINITY ? null : new Date(toMs).toISOString(),
});

/** Each stretch has its ordinal, in the order in which they began. */
function stretchesOf(contacts: Contacts, point: number, history: readonly ExplainedEntry[]): Stretch[] {
  const stretches: Stretch[] = [];
  const ordinals = contacts.ordinalsOf(point).reverse();
  const never = { endedMs: Number.POSITIVE_INFINITY, endLearnedMs: Number.POSITIVE_INFINITY };
  for (const { changed, at, learnedAt } of history) {
    const last = stretches.at(-1);
    if (changed === "permitted" && stretches.length < ordinals.length) {
      stretches.push({ ordinal: ordinals[stretches.length]!, fromMs: Date.parse(at), ...never });
    } else if (changed === "no longer permitted" && last !== undefined) {
      stretches.splice(-1, 1, { ...last, endedMs: Date.parse(at), endLearnedMs: Date.parse(learnedAt) });
    }
  }
  return stretches;
}

/** What was shown to an account, as the platform told; by day, then as learned. */
export async function showingsOf(
  { log, showings, audiences }: Pick<MatchRooms, "log" | "showings" | "audiences">,
  number: number,
): Promise<PersonShowings[]> {
  const found = new Map([...showings.daysOf(number)].map((day) => [day, [] as number[]]));
  for await (const { shown, account, atMs } of showings.rows(log, found.keys())) {
    const instants = found.get(shown)!;
    for (let row = account.indexOf(number); row >= 0; row = account.indexOf(number, row + 1)) instants.push(atMs[row]!);
  }
  const told: PersonShowings[] = [];
  let left = MAX_INSTANTS;
  for (const [{ audience, campaign, day }, instants] of [...found].sort(([a], [b]) => a.day - b.day)) {
    const { advertiser } = audiences.known(audience);
    const listed = instants.sort((a, b) => a - b).slice(0, left);
    left -= listed.length;
    told.push({
      ...{ advertiser, campaign, audience, count: instants.length },
      day: new Date(day * DAY_MS).toISOString().slice(0, "YYYY-MM-DD".length),
      instants: listed.map((ms) => new Date(ms).toISOString()),
    });
  }
  return told;
}
