/**
 * A letter to an affected person: what is told, from the facts, and to which of their contacts it may go.
 *
 * A contact is told by its mask, the notice by its own surface and text as they were. The letter goes to a contact that
 * was given for the service, never to one that was given for security or that is affected itself, unless an operator said
 * that there is no other: a person who gave a phone to log in did not give it to be written to.
 */
import { kindName } from "../contact/index.js";
import { type Contacts, isCovered, pointEntries, standingGrants, WHAT } from "../grant/index.js";
import type { AffectedPerson, Use } from "../incident/index.js";
import {
  type Correction,
  isPromotional,
  isSecurity,
  type NoticeBook,
  type Purpose,
  purposeNames,
} from "../purpose/index.js";
import type { Values } from "./template.js";
import { type Language, WORDS } from "./texts.js";

/** Where a letter may go, and why there; or why nowhere. */
export type Address =
  | { readonly kind: string; readonly contact: number; readonly why: string }
  | { readonly kind: null; readonly contact: null; readonly why: "erased" | "security contact only" | "no address" };

export interface LetterRooms {
  readonly contacts: Contacts;
  readonly notices: NoticeBook;
}

/** What letters of one telling have in common. */
export interface Telling {
  readonly incident: string;
  readonly language: Language;
  readonly platform: string;
  readonly ask: string;
  /** Whether people are told by whose lists. */
  readonly tellsLists: boolean;
  readonly atMs: number;
  /** When the incident was contained; undefined while it is not. */
  readonly containedAtMs: number | undefined;
  readonly corrections: readonly Correction[];
  readonly matches: ReadonlySet<string>;
  readonly reason: string;
  /** When exports of an audience were made. */
  exportsOf(audience: string): readonly number[];
}

/** Names that a template may have places for. */
export const LETTER_NAMES: ReadonlySet<string> = new Set([
  ...["date", "incident", "platform", "ask", "containedOn", "byPurpose", "byMatch", "reason"],
  ...["contacts", "kind", "mask", "givenOn", "surface", "notice", "purposes", "usedFrom", "usedTo"],
  ...["advertisers", "listCount", "lists", "advertiser", "list", "from", "to", "exports", "on"],
]);

/** Kinds that a letter can be sent to, the better first. */
const ADDRESSES = ["email", "phone"];
const SERVICE: readonly Purpose[] = ["service.message", "service.account"];
const SECURITY = purposeNames.filter(isSecurity);

export function letterValues(
  rooms: LetterRooms,
  telling: Telling,
  person: AffectedPerson,
  masks: ReadonlyMap<number, string>,
): Values {
  const { incident, platform, ask, atMs, containedAtMs, corrections, reason } = telling;
  const uses = [...person.contacts.values()].flat();
  const exported = new Set(uses.flatMap((use) => exportsDuring(telling, use)));
  return {
    date: day(atMs),
    incident,
    platform,
    ask,
    reason,
    byPurpose: corrections.length > 0,
    byMatch: telling.matches.size > 0 && corrections.length === 0,
    containedOn: containedAtMs === undefined ? "" : day(containedAtMs),
    contacts: [...person.contacts].map(([number, own]) =>
      contactValues(rooms, telling, number, own, masks.get(number)),
    ),
    exports: [...exported].sort((a, b) => a - b).map((ms) => ({ on: day(ms) })),
  };
}

const exportsDuring = ({ exportsOf }: Telling, { audience, fromMs, toMs }: Use): number[] =>
  exportsOf(audience.audience).filter((ms) => fromMs <= ms && ms < toMs);

function contactValues(
  { contacts, notices }: LetterRooms,
  telling: Telling,
  number: number,
  uses: readonly Use[],
  mask: string | undefined,
): Values {
  const { language, corrections, tellsLists, atMs, containedAtMs } = telling;
  const words = WORDS[language];
  const grants = pointEntries(contacts, number).filter(({ what }) => (what & WHAT.event) === 0);
  const grant = grants.find(({ notice, atMs }) => isCovered(corrections, notice, atMs)) ?? grants[0]!;
  const { surface, text } = notices.version(grant.notice).notice;
  const meant = corrections
    .filter((one) => isCovered([one], grant.notice, grant.atMs))
    .flatMap(({ purposes }) => purposes);
  const purposes = [...new Set(meant)].filter((purpose) => !isPromotional(purpose));
  const end = Math.max(...uses.map(({ toMs }) => toMs));
  return {
    kind: words.kinds[kindName(contacts.points.kind(number))],
    mask: mask ?? "",
    givenOn: day(grant.atMs),
    surface,
    notice: text,
    purposes: purposes.map((purpose) => words.purposes[purpose] ?? purpose).join(", "),
    usedFrom: day(Math.min(...uses.map(({ fromMs }) => fromMs))),
    usedTo: containedAtMs === undefined && end >= atMs ? words.ongoing : day(end),
    advertisers: words.advertisers(new Set(uses.map(({ audience }) => audience.advertiser)).size),
    listCount: words.counted(new Set(uses.map(({ audience }) => audience.list)).size),
    lists: tellsLists
      ? uses.map(({ audience, fromMs, toMs }) => ({
          advertiser: audience.advertiser,
          list: audience.name,
          from: day(fromMs),
          to: day(toMs),
        }))
      : [],
  };
}

/** UTC. */
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/**
 * Where the letter to an account may go.
 * @param onlyChannel whether an operator said that a security contact is the only channel
 */
export function addressOf(
  { contacts }: LetterRooms,
  { corrections }: Telling,
  person: AffectedPerson,
  onlyChannel: boolean,
): Address {
  const nowhere = (why: "erased" | "security contact only" | "no address"): Address => ({
    kind: null,
    contact: null,
    why,
  });
  if (contacts.accounts.isNameless(person.account)) return nowhere("erased");
  const reachable = contacts
    .pointsOf(person.account)
    .reverse()
    .filter((point) => !contacts.points.isForgotten(point))
    .map((contact) => ({ contact, kind: kindName(contacts.points.kind(contact)) as string }))
    .filter(({ kind }) => ADDRESSES.includes(kind))
    .sort((a, b) => ADDRESSES.indexOf(a.kind) - ADDRESSES.indexOf(b.kind));
  const isForSecurity = (contact: number) =>
    person.contacts.has(contact) ||
    pointEntries(contacts, contact).some(
      ({ what, notice, atMs }) => (what & WHAT.event) === 0 && isCovered(corrections, notice, atMs),
    );
  const standsFor = (contact: number, purpose: Purpose) => standingGrants(contacts, contact, purpose).length > 0;
  for (const purpose of SERVICE) {
    const found = reachable.find(({ contact }) => !isForSecurity(contact) && standsFor(contact, purpose));
    if (found !== undefined) return { ...found, why: `given for ${purpose}` };
  }
  const last = reachable.find(
    ({ contact }) => isForSecurity(contact) || SECURITY.some((purpose) => standsFor(contact, purpose)),
  );
  if (last === undefined) return nowhere("no address");
  if (!onlyChannel) return nowhere("security contact only");
  return { ...last, why: "the only channel, by an operator's word" };
}
