/**
 * What a person sees of what is known about their account: each contact by its mask, when and under which text it was given,
 * what it may be used for, whose lists it was on; how the switches stand; ads that were shown; incidents.
 *
 * It only asks, and leaves nothing in the ledger. Of what an account does not have nothing is said, and nothing of others.
 */
import { type ExplainedEntry, type ExplainRooms, explain, standingGrants } from "../grant/index.js";
import { type NoticeBook, type Purpose, purposeNames, type Sources } from "../purpose/index.js";
import { type ContactMatch, type MatchRooms, matchesOf, showingsOf } from "./matches.js";
import { erased, PERSON_ACTOR, PERSON_SOURCE, type PersonSwitch, switchesOf } from "./switches.js";
import { type IncidentRooms, incidentsOf, type PersonIncident } from "./told-incidents.js";

export interface ViewRooms extends ExplainRooms, MatchRooms, IncidentRooms {
  readonly log: ExplainRooms["log"];
  readonly notices: NoticeBook;
  readonly sources: Sources;
}

/** How a contact was given, once. */
export interface Given {
  readonly at: string;
  /** The notice version, by which its text is found. */
  readonly notice: string;
  readonly isVerified: boolean;
  /** Whether the account itself gave it; what others gave permits nothing. */
  readonly isOwn: boolean;
}

export interface ViewedContact {
  readonly number: number;
  readonly kind: string;
  readonly mask: string | null;
  /** Erased: its number, and when it was given under what, are all that is left. */
  readonly isErased: boolean;
  /** The last first. */
  readonly given: readonly Given[];
  /** What it may be used for now. */
  readonly purposes: readonly Purpose[];
  readonly matched: readonly ContactMatch[];
}

export interface ViewedNotice {
  readonly notice: string;
  readonly surface: string;
  readonly language: string;
  readonly text: string;
  readonly purposes: readonly Purpose[];
  readonly isExclusive: boolean;
}

/** What was given here or taken back, and can be proved. */
export interface ViewedChange {
  readonly position: number;
  readonly at: string;
  readonly what: "off" | "on" | "erase" | "disown";
  /** Of a switch; null: of all. */
  readonly purposes: readonly Purpose[] | null;
  /** The contact point's number; null: the whole account. */
  readonly contact: number | null;
  /** Whether it was done on the person's own page. */
  readonly isHere: boolean;
}

export interface PersonView {
  readonly position: number;
  readonly at: string;
  readonly contacts: readonly ViewedContact[];
  readonly notices: readonly ViewedNotice[];
  readonly switches: readonly PersonSwitch[];
  /** The last first. */
  readonly changes: readonly ViewedChange[];
  readonly ads: readonly { advertiser: string; campaign: string; day: string; count: number }[];
  readonly incidents: readonly PersonIncident[];
}

/** @throws {PersonError} code `account-erased` */
export async function viewPerson(rooms: ViewRooms, account: number): Promise<PersonView> {
  const { contacts } = rooms;
  if (contacts.accounts.isNameless(account)) throw erased();
  const { contactPoints, position } = await explain(rooms, { account: contacts.accountName(account) });
  const histories = new Map(contactPoints.map(({ number, history }) => [number, history]));
  const matched = await matchesOf(rooms, histories, position);
  // What events alone tell of was never given.
  const own = contactPoints.filter(({ history }) => history.some(({ entry }) => entry === "grant"));
  const viewed = own.map(({ kind, number, mask, history }): ViewedContact => {
    const purposes = purposeNames.filter((purpose) => standingGrants(contacts, number, purpose).length > 0);
    const isErased = contacts.points.isForgotten(number);
    return { number, kind, mask, isErased, given: givenOf(history), purposes, matched: matched.get(number)! };
  });
  const incidents = await incidentsOf(rooms, account);
  const named = [...viewed.flatMap(({ given }) => given), ...incidents.flatMap((incident) => incident.contacts)];
  return {
    position,
    at: new Date().toISOString(),
    contacts: viewed,
    notices: [...new Set(named.map(({ notice }) => notice))].map((notice) => noticeOf(rooms, notice)),
    switches: switchesOf(rooms, account, Date.now()),
    changes: changesOf(rooms, contactPoints),
    ads: (await showingsOf(rooms, account)).map(({ advertiser, campaign, day, count }) => ({
      ...{ advertiser, campaign, day, count },
    })),
    incidents,
  };
}

const givenOf = (history: readonly ExplainedEntry[]): Given[] =>
  history
    .filter(({ entry }) => entry === "grant")
    .map(({ at, notice, isVerified, givenBy }) => ({
      ...{ at, notice: notice!, isVerified: isVerified!, isOwn: givenBy === "account" },
    }))
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at));

function noticeOf({ notices }: ViewRooms, reference: string): ViewedNotice {
  const { surface, language, text, purposes, exclusive } = notices.find(reference).notice;
  return { notice: reference, surface, language, text, purposes, isExclusive: exclusive };
}

type Point = { readonly number: number; readonly history: readonly ExplainedEntry[] };

function changesOf({ notices }: ViewRooms, points: readonly Point[]): ViewedChange[] {
  const changes = new Map<string, ViewedChange>();
  for (const { number, history } of points) {
    for (const { entry, position, at, covers, wholeAccount, source, actor, notice } of history) {
      const isGrant = entry === "grant" && source === PERSON_SOURCE;
      if (!isGrant && entry !== "withdraw" && entry !== "erase" && entry !== "disown") continue;
      const contact = wholeAccount === true ? null : number;
      const what = entry === "grant" ? "on" : entry === "withdraw" ? "off" : entry;
      const named = purposeNames.find((purpose) => purpose === covers);
      const purposes = isGrant ? notices.find(notice!).notice.purposes : named === undefined ? null : [named];
      const isHere = isGrant || actor === PERSON_ACTOR;
      // An event of the whole account is in the history of each of its contact points.
      changes.set([position, contact, what, at, covers].join(), { position, at, what, purposes, contact, isHere });
    }
  }
  return [...changes.values()].sort((a, b) => b.position - a.position);
}
