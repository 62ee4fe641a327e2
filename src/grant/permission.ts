/**
 * Permission of single contact points for any purpose, from their histories: the last specific promise.
 *
 * For purposes of marketing, ads and sharing: A is the latest grant that names the purpose, verified; X the latest under
 * an exclusive notice that does not name it; V the latest event that covers it, of the contact point or of its account.
 * A grant stands when it is later than X and V; at one instant the restrictive wins. For security and service only V
 * takes away, and a grant need not be verified (its verification may be what the contact is needed for). Only what the
 * account itself gave, under a notice that asked for its own contact, counts; each grant means what corrections in force
 * leave of it. For `ads.match` this says what `Contacts`
 * keeps for all at once (tests).
 */
import { isPromotional, NOTICE_CLASS, type Purpose } from "../purpose/index.js";
import type { Contacts } from "./contacts.js";
import { covers } from "./events.js";
import { type History, WHAT } from "./history.js";
import { NO_GRANT } from "./point-table.js";

/** One grant or event of a contact point. */
export interface HistoryEntry {
  /** Ledger position that it was learned at. */
  readonly leaf: number;
  /** WHAT bits. */
  readonly what: number;
  /** Notice version of a grant; type | purpose << 8 of an event. */
  readonly notice: number;
  readonly atMs: number;
}

export interface StandingGrant {
  readonly leaf: number;
  readonly givenAtMs: number;
}

const isEvent = ({ what }: HistoryEntry): boolean => (what & WHAT.event) !== 0;

/** Whether a grant was given by the account whose contact it is. */
export const isOwnGrant = (what: number): boolean => (what & (WHAT.byOther | WHAT.event)) === 0;

/** Grants and events of a contact point alone, in the order learned. */
export function pointEntries(contacts: Contacts, number: number): HistoryEntry[] {
  const { points, more } = contacts;
  const notice = points.notice[number]!;
  const later = entriesOf(more, number);
  if (notice === NO_GRANT) return later;
  const leaf = contacts.arrivals.ofPoint(number).position;
  return [{ leaf, what: points.what[number]!, notice, atMs: points.givenAtMs(number) }, ...later];
}

/** Events of a whole account, in the order learned. */
export function accountEntries({ accountEvents }: Contacts, account: number): HistoryEntry[] {
  return entriesOf(accountEvents, account);
}

function entriesOf(history: History, key: number): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  for (let entry = history.newest(key); entry >= 0; entry = history.older(entry)) {
    entries.push({
      leaf: history.leaf[entry]!,
      what: history.what[entry]!,
      notice: history.notice[entry]!,
      atMs: history.atMs[entry]!,
    });
  }
  return entries.reverse();
}

/** The grants for `purpose` of a contact point that stand now, the one that was given last first. */
export function standingGrants(contacts: Contacts, number: number, purpose: Purpose): StandingGrant[] {
  const { meanings } = contacts.corrections;
  const entries = [...pointEntries(contacts, number), ...accountEntries(contacts, contacts.points.account[number]!)];
  const isTakenAway = isPromotional(purpose);
  let bound = -1;
  const granted: StandingGrant[] = [];
  for (const entry of entries) {
    if (isEvent(entry)) {
      if (covers(entry.notice & 0xff, entry.notice >> 8, purpose)) bound = Math.max(bound, entry.atMs);
      continue;
    }
    const { what, notice, atMs } = entry;
    if (!isOwnGrant(what) || (meanings.classOf(notice, atMs) & NOTICE_CLASS.self) === 0) continue;
    if (meanings.purposesOf(notice, atMs).includes(purpose)) {
      const counts = !isTakenAway || (what & WHAT.verified) !== 0;
      if (counts) granted.push({ leaf: entry.leaf, givenAtMs: atMs });
    } else if (isTakenAway && meanings.isExclusive(notice, atMs)) bound = Math.max(bound, atMs);
  }
  return granted
    .filter(({ givenAtMs }) => givenAtMs > bound)
    .sort((a, b) => b.givenAtMs - a.givenAtMs || b.leaf - a.leaf);
}

/** Leaves that brought grants of a contact point, the latest first. */
export function grantLeaves(contacts: Contacts, number: number): number[] {
  const grants = pointEntries(contacts, number).filter((entry) => !isEvent(entry));
  return [...new Set(grants.map(({ leaf }) => leaf))].sort((a, b) => b - a);
}
