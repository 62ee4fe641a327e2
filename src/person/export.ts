/**
 * A person's own data, for requests of access and portability: contacts as masks, each with what it may be used for; the
 * notices under which they were given, with their text; what the platform said of the account; the lists that reach it.
 *
 * The export is a leaf of the ledger with its actor. Values in the clear are not in it: they are reveals, purpose by
 * purpose, which an operator signs for.
 */
import type { Audiences } from "../audience/index.js";
import { type AccountFacts, type ExplainedEntry, type ExplainRooms, explain } from "../grant/index.js";
import { LeafKind } from "../ledger/index.js";
import { type Purpose, type PurposeGate, purposeNames } from "../purpose/index.js";
import { DAY_MS, type Showings } from "../showing/index.js";

export interface PersonRooms extends ExplainRooms {
  readonly gate: PurposeGate;
  readonly audiences: Audiences;
  readonly showings: Showings;
  readonly grants: { readonly accountFacts: AccountFacts };
}

export interface PersonContact {
  readonly kind: string;
  /** The contact point's number, by which a reveal names it. */
  readonly number: number;
  readonly mask: string | null;
  /** What it may be used for now. */
  readonly purposes: readonly Purpose[];
  readonly history: readonly ExplainedEntry[];
}

export interface PersonNotice {
  readonly notice: string;
  readonly language: string;
  readonly text: string;
  readonly purposes: readonly string[];
}

export interface PersonMatch {
  readonly advertiser: string;
  readonly list: string;
  readonly audience: string;
  /** When the list was last sent or changed. */
  readonly updatedAt: string;
  /** Whether some list of the audience was given its time when it was replayed. */
  readonly isReplayed: boolean;
}

/** Ads of one campaign that were shown through one audience on one day. */
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

export interface PersonExport {
  readonly account: string;
  /** Ledger position that it is as of, and when it was made. */
  readonly position: number;
  readonly at: string;
  readonly contacts: readonly PersonContact[];
  readonly notices: readonly PersonNotice[];
  /** What the platform said of the account. */
  readonly profile: Readonly<Record<string, string | boolean>>;
  /** Advertisers' lists that reach the account now. */
  readonly matches: readonly PersonMatch[];
  /** Ads that were shown to the account, as the platform told. */
  readonly showings: readonly PersonShowings[];
}

/** Instants that one export lists, over all days; all are counted. */
const MAX_INSTANTS = 10_000;

/**
 * Everything that is known of an account.
 * @throws {GrantError} code `unknown-account`
 */
export async function exportPerson(
  rooms: PersonRooms,
  { account, actor }: { readonly account: string; readonly actor: string },
): Promise<PersonExport> {
  const { contacts, gate, log } = rooms;
  const number = contacts.account(account);
  const points = contacts.pointsOf(number);
  const { contactPoints, position } = await explain(rooms, { account });
  const told = contactPoints.map(({ kind, mask, number: point, history }): PersonContact => {
    const purposes = purposeNames.filter((purpose) => gate.permitOf(purpose, [point]).ordinals.has(point));
    return { kind, number: point, mask, purposes, history };
  });
  const showings = await showingsOf(rooms, number);
  const record = { type: "person-export", actor, contacts: points };
  await log.record(LeafKind.export, () => Buffer.from(JSON.stringify(record)));
  return {
    account,
    position,
    at: new Date().toISOString(),
    contacts: told,
    notices: noticesOf(rooms, told),
    profile: rooms.grants.accountFacts.profile(number),
    matches: matchesOf(rooms, points),
    showings,
  };
}

function noticesOf({ notices }: PersonRooms, contacts: readonly PersonContact[]): PersonNotice[] {
  const named = new Set(contacts.flatMap(({ history }) => history.flatMap(({ notice }) => notice ?? [])));
  return [...named].map((notice) => {
    const { language, text, purposes } = notices.find(notice).notice;
    return { notice, language, text, purposes };
  });
}

function matchesOf({ contacts, audiences, gate }: PersonRooms, points: readonly number[]): PersonMatch[] {
  const { ordinals } = gate.permit("ads.match");
  const own = points.map((point) => contacts.ordinalOf(point)).filter((ordinal) => ordinals.has(ordinal));
  return audiences.holding(own).map((id) => {
    const { advertiser, name, updatedAtMs, isReplayed } = audiences.known(id);
    const updatedAt = new Date(Math.ceil(updatedAtMs / 1000) * 1000).toISOString();
    return { advertiser, list: name, audience: id, updatedAt, isReplayed };
  });
}

async function showingsOf({ log, showings, audiences }: PersonRooms, number: number): Promise<PersonShowings[]> {
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
