/**
 * Affected showings: those at whose instant a contact point of the account was a member of the audience that it should not
 * have been. Sets say which days can hold any; only the rows of those are read, each leaf once.
 */
import type { Log } from "../log/index.js";
import { OrdinalSet } from "../set/index.js";
import type { Showings, ShownDay } from "../showing/index.js";
import { type Judge, judge } from "./judging.js";
import type { Membership, PastAudience } from "./memberships.js";

/** What was shown to affected people through one audience. */
export interface ShownToAffected {
  readonly advertiser: string;
  readonly campaigns: ReadonlySet<string>;
  readonly showings: number;
}

type Past = readonly { readonly audience: PastAudience; readonly memberships: readonly Membership[] }[];
/** Affected times of an account, from and to in turn. */
type Times = Map<number, number[]>;

/**
 * @param position only showings of leaves before it count
 * @returns by id of audience, those that have any
 */
export async function affectedShowings(
  { log, showings }: { readonly log: Log; readonly showings: Showings },
  by: Judge,
  past: Past,
  position: number,
): Promise<Map<string, ShownToAffected>> {
  const times = new Map<string, Times>();
  const wanted: ShownDay[] = [];
  const advertisers = new Map<string, string>();
  for (const { audience, memberships } of past) {
    const days = [...showings.days(audience.audience)];
    if (days.length === 0) continue;
    const own = timesOf(by, memberships, days);
    if (own.size === 0) continue;
    const people = OrdinalSet.from(Uint32Array.from(own.keys()));
    wanted.push(...days.filter(({ accounts }) => accounts.intersects(people)));
    people.dispose();
    times.set(audience.audience, own);
    advertisers.set(audience.audience, audience.advertiser);
  }
  const found = new Map<string, ShownToAffected & { campaigns: Set<string>; showings: number }>();
  for await (const { shown, account, atMs } of showings.rows(log, wanted, position)) {
    const own = times.get(shown.audience)!;
    let count = 0;
    for (let row = 0; row < account.length; row++) if (isWithin(own.get(account[row]!), atMs[row]!)) count++;
    if (count === 0) continue;
    const known = found.get(shown.audience);
    if (known === undefined) {
      const advertiser = advertisers.get(shown.audience)!;
      found.set(shown.audience, { advertiser, campaigns: new Set([shown.campaign]), showings: count });
    } else {
      known.campaigns.add(shown.campaign);
      known.showings += count;
    }
  }
  return found;
}

/** When the accounts to which anything was shown were affected in an audience. */
function timesOf(by: Judge, memberships: readonly Membership[], days: readonly ShownDay[]): Times {
  const shownTo = OrdinalSet.empty();
  for (const { accounts } of days) shownTo.addSet(accounts);
  const { account } = by.contacts.points;
  const times: Times = new Map();
  const note = (number: number, fromMs: number, toMs: number) => {
    const person = account[number]!;
    if (!shownTo.has(person)) return;
    const known = times.get(person);
    if (known === undefined) times.set(person, [fromMs, toMs]);
    else known.push(fromMs, toMs);
  };
  for (const membership of memberships) {
    judge(by, membership, {
      affected: (numbers, fromMs, toMs) => {
        for (const number of numbers.toArray()) note(number, fromMs, toMs);
      },
      withHistory: (number, { isMember, spans }) => {
        if (isMember) for (let i = 0; i < spans.length; i += 2) note(number, spans[i]!, spans[i + 1]!);
      },
      late: () => {},
      permitted: () => {},
    });
  }
  shownTo.dispose();
  return times;
}

function isWithin(times: readonly number[] | undefined, atMs: number): boolean {
  if (times === undefined) return false;
  for (let i = 0; i < times.length; i += 2) if (atMs >= times[i]! && atMs < times[i + 1]!) return true;
  return false;
}
