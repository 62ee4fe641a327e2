/**
 * A person's own data, for requests of access and portability: contacts as masks, each with what it may be used for and
 * whose lists it was on; the notices under which they were given, with their text; what the platform said of the account;
 * the lists that reach it; incidents that affected it.
 *
 * The export is a leaf of the ledger with its actor. Values in the clear are not in it: they are reveals, purpose by
 * purpose, which an operator signs for.
 */
import { type ExplainedEntry, type ExplainRooms, explain } from "../grant/index.js";
import { LeafKind } from "../ledger/index.js";
import type { Log } from "../log/index.js";
import { type NoticeBook, type Purpose, type PurposeGate, purposeNames } from "../purpose/index.js";
import { type ContactMatch, type MatchRooms, matchesOf, type PersonShowings, showingsOf } from "./matches.js";
import { type IncidentRooms, incidentsOf, type PersonIncident } from "./told-incidents.js";

export interface PersonRooms extends ExplainRooms, MatchRooms, IncidentRooms {
  readonly log: Log;
  readonly notices: NoticeBook;
  readonly gate: PurposeGate;
}

export interface PersonContact {
  readonly kind: string;
  /** The contact point's number, by which a reveal names it. */
  readonly number: number;
  readonly mask: string | null;
  /** What it may be used for now. */
  readonly purposes: readonly Purpose[];
  readonly history: readonly ExplainedEntry[];
  /** When it was on whose lists, over all time. */
  readonly matched: readonly ContactMatch[];
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
  /** Contained incidents that affected the account. */
  readonly incidents: readonly PersonIncident[];
}

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
  const matched = await matchesOf(rooms, new Map(contactPoints.map((one) => [one.number, one.history])), position);
  const told = contactPoints.map(({ kind, mask, number: point, history }): PersonContact => {
    const purposes = purposeNames.filter((purpose) => gate.permitOf(purpose, [point]).ordinals.has(point));
    return { kind, number: point, mask, purposes, history, matched: matched.get(point)! };
  });
  const incidents = await incidentsOf(rooms, number);
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
    matches: listsOf(rooms, points),
    showings,
    incidents,
  };
}

/** Texts of the notices that histories name. */
export function noticesOf(
  { notices }: Pick<PersonRooms, "notices">,
  contacts: readonly Pick<PersonContact, "history">[],
): PersonNotice[] {
  const named = new Set(contacts.flatMap(({ history }) => history.flatMap(({ notice }) => notice ?? [])));
  return [...named].map((notice) => {
    const { language, text, purposes } = notices.find(notice).notice;
    return { notice, language, text, purposes };
  });
}

/** Lists that reach some of these contacts now. */
export function listsOf({ contacts, audiences, gate }: PersonRooms, points: readonly number[]): PersonMatch[] {
  const { ordinals } = gate.permit("ads.match");
  const own = points.map((point) => contacts.ordinalOf(point)).filter((ordinal) => ordinals.has(ordinal));
  return audiences.holding(own).map((id) => {
    const { advertiser, name, updatedAtMs, isReplayed } = audiences.known(id);
    const updatedAt = new Date(Math.ceil(updatedAtMs / 1000) * 1000).toISOString();
    return { advertiser, list: name, audience: id, updatedAt, isReplayed };
  });
}
