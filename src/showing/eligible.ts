/**
 * Who was eligible then: whether at an instant in the world an account had a contact point in an audience that was
 * permitted there, by everything known now. Asked of sets first; only what they leave open is looked at row by row.
 *
 * A membership begins with its match, and ends with the list that took it out or with permission, for good. What is served
 * is who was a member when the size was last released; of lists that were replayed as of the past it is who was one then.
 */
import type { Audience, Audiences, Membership, Memberships } from "../audience/index.js";
import {
  accountEntries,
  type Contacts,
  coversAds,
  FLAG,
  type HistoryEntry,
  pointEntries,
  WHAT,
} from "../grant/index.js";
import type { Log } from "../log/index.js";
import { NOTICE_CLASS } from "../purpose/index.js";
import { OrdinalSet } from "../set/index.js";

export interface EligibleRooms {
  readonly log: Log;
  readonly contacts: Contacts;
  readonly audiences: Audiences;
  readonly memberships: Memberships;
}

/** Accounts that have been eligible without a break since an instant, and are. */
interface Steady {
  readonly state: string;
  readonly accounts: OrdinalSet;
  readonly sinceMs: number;
}

/** Bytes of steady accounts that are kept of all audiences, about. */
const MAX_STEADY_BYTES = 128 * 1024 * 1024;

/** Two bytes an account where many are close, and what each set takes by itself. */
const bytesOf = ({ accounts }: Steady): number => 512 + 2 * accounts.size;

export class Eligible {
  readonly #rooms: EligibleRooms;
  /** By audience; the last used last. */
  readonly #steady = new Map<string, Steady>();
  #steadyBytes = 0;

  constructor(rooms: EligibleRooms) {
    this.#rooms = rooms;
  }

  /**
   * The rows that were shown to accounts that were not eligible then.
   * @param accounts the distinct ones of the rows
   * @returns places of the rows
   */
  async ineligible(id: string, accounts: OrdinalSet, account: Uint32Array, atMs: Float64Array): Promise<number[]> {
    const { audiences, contacts } = this.#rooms;
    const steady = await this.#steadyOf(audiences.known(id));
    const open = accounts.andNot(steady.accounts);
    try {
      let firstMs = Number.POSITIVE_INFINITY;
      for (const ms of atMs) if (ms < firstMs) firstMs = ms;
      if (open.size === 0 && firstMs >= steady.sinceMs) return [];
      const past = new Past(contacts, audiences.known(id), await this.#memberships(id));
      const places: number[] = [];
      for (let row = 0; row < account.length; row++) {
        if (atMs[row]! >= steady.sinceMs && !open.has(account[row]!)) continue;
        if (!past.wasEligible(account[row]!, atMs[row]!)) places.push(row);
      }
      return places;
    } finally {
      open.dispose();
    }
  }

  async #memberships(id: string): Promise<readonly Membership[]> {
    const { log, contacts, memberships } = this.#rooms;
    await memberships.read(log, contacts);
    return memberships.of(id, log.position);
  }

  async #steadyOf({ id, position, matched, served: released, releases, isReplayed }: Audience): Promise<Steady> {
    const { contacts } = this.#rooms;
    const { points, accountEvents, more, corrections } = contacts;
    const state = [position, more.count, accountEvents.count, corrections.steps.length, releases.length].join();
    const known = this.#steady.get(id);
    if (known?.state === state) {
      this.#steady.delete(id);
      this.#steady.set(id, known);
      return known;
    }
    let sinceMs = isReplayed ? Number.NEGATIVE_INFINITY : (releases.at(-1)?.atMs ?? Number.POSITIVE_INFINITY);
    for (const { fromMs, toMs } of await this.#memberships(id)) {
      if (toMs === Number.POSITIVE_INFINITY) sinceMs = Math.max(sinceMs, fromMs);
    }
    const served = (isReplayed ? matched : (released ?? OrdinalSet.empty())).and(contacts.permitted);
    const accounts = served.toArray().filter((ordinal) => {
      const number = points.numberOf(ordinal);
      return (points.flags[number]! & FLAG.more) === 0 && points.givenAtMs(number) <= sinceMs;
    });
    served.dispose();
    const steady = {
      state,
      sinceMs,
      accounts: OrdinalSet.from(
        accounts.map((ordinal) => points.account[ordinal]!).filter((account) => accountEvents.newest(account) < 0),
      ),
    };
    this.#forget(id);
    this.#steady.set(id, steady);
    this.#steadyBytes += bytesOf(steady);
    for (const other of this.#steady.keys()) {
      if (this.#steadyBytes <= MAX_STEADY_BYTES || other === id) break;
      this.#forget(other);
    }
    return steady;
  }

  #forget(id: string): void {
    const known = this.#steady.get(id);
    if (known === undefined) return;
    this.#steadyBytes -= bytesOf(known);
    known.accounts.dispose();
    this.#steady.delete(id);
  }
}

/** Memberships of one audience, asked of single accounts. */
class Past {
  readonly #contacts: Contacts;
  readonly #audience: Audience;
  readonly #memberships: readonly Membership[];

  constructor(contacts: Contacts, audience: Audience, memberships: readonly Membership[]) {
    this.#contacts = contacts;
    this.#audience = audience;
    this.#memberships = memberships;
  }

  wasEligible(account: number, atMs: number): boolean {
    const contacts = this.#contacts;
    const servedAsOfMs = this.#servedAsOfMs(atMs);
    if (servedAsOfMs === undefined) return false;
    return contacts.pointsOf(account).some((number) => {
      const ordinals = contacts.ordinalsOf(number);
      return this.#memberships.some(
        ({ fromMs, toMs, ordinals: members }) =>
          fromMs <= servedAsOfMs &&
          servedAsOfMs < toMs &&
          ordinals.some((ordinal) => members.has(ordinal)) &&
          wasPermittedThrough(contacts, number, fromMs, atMs),
      );
    });
  }

  /** As of when members were served at an instant; undefined while nothing was. */
  #servedAsOfMs(atMs: number): number | undefined {
    const { isReplayed, releases } = this.#audience;
    if (isReplayed) return atMs;
    const last = releases.findLast((release) => release.atMs <= atMs);
    return last?.isServed === true ? last.atMs : undefined;
  }
}

/** Whether a contact point was permitted for `ads.match` at every instant of a span, its ends included. */
function wasPermittedThrough(contacts: Contacts, number: number, fromMs: number, toMs: number): boolean {
  const entries = [...pointEntries(contacts, number), ...accountEntries(contacts, contacts.points.account[number]!)]
    .filter(({ atMs }) => atMs <= toMs)
    .sort((a, b) => a.atMs - b.atMs);
  let [granted, excluded, revoked] = [-1, -1, -1];
  let isPermitted = false;
  for (const [i, entry] of entries.entries()) {
    if (entry.atMs > fromMs && entries[i - 1]?.atMs !== entry.atMs && !isPermitted) return false;
    if (isGrant(contacts, entry, NOTICE_CLASS.namesAds)) granted = entry.atMs;
    else if (isGrant(contacts, entry, NOTICE_CLASS.excludesAds)) excluded = entry.atMs;
    else if (isRevocation(entry)) revoked = entry.atMs;
    isPermitted = granted > excluded && granted > revoked;
  }
  return isPermitted;
}

function isGrant(contacts: Contacts, { what, notice, atMs }: HistoryEntry, sort: number): boolean {
  if ((what & (WHAT.event | WHAT.byOther)) !== 0) return false;
  const bits = contacts.corrections.classOf(notice, atMs);
  if ((bits & NOTICE_CLASS.self) === 0 || (bits & sort) === 0) return false;
  return sort === NOTICE_CLASS.excludesAds || (what & WHAT.verified) !== 0;
}

const isRevocation = ({ what, notice }: HistoryEntry): boolean =>
  (what & WHAT.event) !== 0 && coversAds(notice & 0xff, notice >> 8);
