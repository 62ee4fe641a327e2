/**
 * How long a contact point stayed permitted for `ads.match`, in world time, by everything known now: the last specific
 * promise of each instant (see docs/notices.md).
 */
import { accountEntries, type Contacts, coversAds, type HistoryEntry, pointEntries, WHAT } from "../grant/index.js";
import { NOTICE_CLASS } from "../purpose/index.js";

/**
 * The first instant from `fromMs` on at which it was not permitted: `fromMs` itself if it was not then, Infinity if it has
 * been ever since. Of one instant all that happened then counts.
 */
export function permittedUntilMs(contacts: Contacts, number: number, fromMs: number): number {
  const entries = [...pointEntries(contacts, number), ...accountEntries(contacts, contacts.points.account[number]!)];
  if (entries.length > 1) entries.sort((a, b) => a.atMs - b.atMs);
  let [granted, excluded, revoked] = [-1, -1, -1];
  const isPermitted = () => granted > excluded && granted > revoked;
  let i = 0;
  for (; i < entries.length && entries[i]!.atMs <= fromMs; i++) count(entries[i]!);
  if (!isPermitted()) return fromMs;
  while (i < entries.length) {
    const { atMs } = entries[i]!;
    for (; entries[i]?.atMs === atMs; i++) count(entries[i]!);
    if (!isPermitted()) return atMs;
  }
  return Number.POSITIVE_INFINITY;

  function count(entry: HistoryEntry): void {
    if (isGrant(contacts, entry, NOTICE_CLASS.namesAds)) granted = entry.atMs;
    else if (isGrant(contacts, entry, NOTICE_CLASS.excludesAds)) excluded = entry.atMs;
    else if (isRevocation(entry)) revoked = entry.atMs;
  }
}

function isGrant(contacts: Contacts, { what, notice, atMs }: HistoryEntry, sort: number): boolean {
  if ((what & (WHAT.event | WHAT.byOther)) !== 0) return false;
  const bits = contacts.corrections.classOf(notice, atMs);
  if ((bits & NOTICE_CLASS.self) === 0 || (bits & sort) === 0) return false;
  return sort === NOTICE_CLASS.excludesAds || (what & WHAT.verified) !== 0;
}

const isRevocation = ({ what, notice }: HistoryEntry): boolean =>
  (what & WHAT.event) !== 0 && coversAds(notice & 0xff, notice >> 8);
