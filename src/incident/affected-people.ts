/**
 * Affected people one by one, in the order of their accounts: which of their contact points, and how each was used.
 *
 * Found by the same judgement as the counts of an assessment. Memory holds one set of the affected contact points, and
 * the uses of some thousand people at a time, however many there are.
 */
import { Numbers } from "../column/index.js";
import type { Contacts } from "../grant/index.js";
import { OrdinalSet } from "../set/index.js";
import { type Judge, judge } from "./judging.js";
import type { Membership, PastAudience } from "./memberships.js";

/** A time during which a contact point was in an audience and should not have been. */
export interface Use {
  readonly audience: PastAudience;
  /** Inclusive. */
  readonly fromMs: number;
  /** Exclusive; the assessment's horizon while it goes on. */
  readonly toMs: number;
}

export interface AffectedPerson {
  /** Number of the account. */
  readonly account: number;
  /** By number of contact point, in the order of their first use. */
  readonly contacts: ReadonlyMap<number, readonly Use[]>;
}

type Past = readonly { readonly audience: PastAudience; readonly memberships: readonly Membership[] }[];

/** People at a time. */
const CHUNK_ACCOUNTS = 4096;

/**
 * @param points affected contact points
 * @param past memberships that were judged
 */
export function* affectedPeople(by: Judge, points: OrdinalSet, past: Past): Generator<AffectedPerson> {
  const { contacts } = by;
  const { account } = contacts.points;
  const people = OrdinalSet.from(points.toArray().map((point) => account[point]!));
  const accounts = people.toArray();
  people.dispose();
  const later = laterOrdinals(contacts, points);
  for (let from = 0; from < accounts.length; from += CHUNK_ACCOUNTS) {
    const chunk = accounts.subarray(from, from + CHUNK_ACCOUNTS);
    const uses = usesOf(by, ordinalsOf(contacts, chunk, points, later), past);
    for (const person of chunk) yield { account: person, contacts: uses.get(person) ?? new Map() };
  }
}

/** By account and contact point. */
function usesOf(by: Judge, ordinals: OrdinalSet, past: Past): Map<number, Map<number, Use[]>> {
  const { account } = by.contacts.points;
  const people = new Map<number, Map<number, Use[]>>();
  for (const { audience, memberships } of past) {
    const note = (number: number, fromMs: number, toMs: number) => {
      const person = account[number]!;
      const contacts = people.get(person) ?? new Map<number, Use[]>();
      people.set(person, contacts);
      contacts.set(number, [...(contacts.get(number) ?? []), { audience, fromMs, toMs }]);
    };
    for (const membership of memberships) {
      if (!membership.ordinals.intersects(ordinals)) continue;
      const own = membership.ordinals.and(ordinals);
      judge(
        by,
        { ...membership, ordinals: own },
        {
          affected: (numbers, fromMs, toMs) => {
            for (const number of numbers) note(number, fromMs, toMs);
          },
          withHistory: (number, { isMember, wrongFromMs, wrongToMs }) => {
            if (isMember && wrongFromMs < wrongToMs) note(number, wrongFromMs, wrongToMs);
          },
          late: () => {},
          permitted: () => {},
        },
      );
      own.dispose();
    }
  }
  ordinals.dispose();
  for (const contacts of people.values())
    for (const uses of contacts.values()) uses.sort((a, b) => a.fromMs - b.fromMs);
  return people;
}

/** Ordinals of every stretch of the affected contact points of some accounts. */
function ordinalsOf(
  contacts: Contacts,
  accounts: Uint32Array,
  affected: OrdinalSet,
  later: ReadonlyMap<number, readonly number[]>,
): OrdinalSet {
  const ordinals = new Numbers();
  for (const account of accounts) {
    for (const point of contacts.pointsOf(account)) {
      if (!affected.has(point)) continue;
      ordinals.push(point);
      for (const ordinal of later.get(point) ?? []) ordinals.push(ordinal);
    }
  }
  return OrdinalSet.from(ordinals.values);
}

/** Ordinals beyond the first of affected contact points; few have any. */
function laterOrdinals({ points }: Contacts, affected: OrdinalSet): Map<number, number[]> {
  const later = new Map<number, number[]>();
  for (let id = 0; id < points.count; id++) {
    if (!points.isLaterOrdinal(id)) continue;
    const number = points.numberOf(id);
    if (affected.has(number)) later.set(number, [...(later.get(number) ?? []), id]);
  }
  return later;
}
