/**
 * Affected people one by one, in the order of their accounts: which of their contact points, and how each was used.
 *
 * Found by the same judgement as the counts of an assessment. Memory holds one set of the affected contact points, and
 * the uses of some thousand people at a time, however many there are.
 */

import { setImmediate } from "node:timers/promises";
import type { PastAudience, PastMembers } from "../audience/index.js";
import { Numbers } from "../column/index.js";
import type { Contacts } from "../grant/index.js";
import { OrdinalSet } from "../set/index.js";
import { type Asked, type AssessRooms, type Prepared, prepare } from "./assess.js";
import { type Judge, judge } from "./judging.js";
import { Walk } from "./walk.js";

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

/** People at a time. */
const CHUNK_ACCOUNTS = 4096;
/** Audiences that are walked through before others get their turn. */
const AUDIENCES_A_TURN = 64;

/** Whom an incident affected, found once; to be disposed of. */
export class AffectedPeople implements Iterable<AffectedPerson> {
  /** Facts of leaves before this position were used. */
  readonly position: number;
  /** How many they are. */
  readonly count: number;
  readonly #prepared: Prepared;
  readonly #past: readonly PastMembers[];
  readonly #walk: Walk;

  private constructor(prepared: Prepared, past: readonly PastMembers[], walk: Walk) {
    this.position = prepared.position;
    this.count = walk.counts().people;
    this.#prepared = prepared;
    this.#past = past;
    this.#walk = walk;
  }

  /** @throws {IncidentError} code `unknown-incident` */
  static async find(rooms: AssessRooms, asked: Asked): Promise<AffectedPeople> {
    const prepared = await prepare(rooms, asked);
    const { past } = prepared;
    const walk = new Walk(prepared.judge, rooms.grants.accountFacts.country);
    for (const [i, members] of past.entries()) {
      walk.audience(members, i, false);
      if (i % AUDIENCES_A_TURN === 0) await setImmediate();
    }
    return new AffectedPeople(prepared, past, walk);
  }

  *[Symbol.iterator](): Generator<AffectedPerson> {
    const by = this.#prepared.judge;
    const { contacts } = by;
    const { account } = contacts.points;
    const points = this.#walk.affectedPoints;
    const people = OrdinalSet.from(points.toArray().map((point) => account[point]!));
    const accounts = people.toArray();
    people.dispose();
    for (let from = 0; from < accounts.length; from += CHUNK_ACCOUNTS) {
      const chunk = accounts.subarray(from, from + CHUNK_ACCOUNTS);
      const uses = usesOf(by, ordinalsOf(contacts, chunk, points), this.#past);
      for (const person of chunk) yield { account: person, contacts: uses.get(person) ?? new Map() };
    }
  }

  dispose(): void {
    this.#walk.dispose();
    this.#prepared.dispose();
  }
}

/**
 * How an incident affected one account, by contact point in the order of their first use; by the same judgement as for all.
 * Cost: a look at every membership there ever was, and nothing for anybody else.
 * @throws {IncidentError} code `unknown-incident`
 */
export async function affectedUses(
  rooms: AssessRooms,
  asked: Asked,
  account: number,
): Promise<ReadonlyMap<number, readonly Use[]>> {
  const { contacts } = rooms.grants;
  const points = contacts.pointsOf(account);
  const prepared = await prepare(rooms, asked, undefined, points);
  try {
    const ordinals = OrdinalSet.from(Uint32Array.from(points.flatMap((point) => contacts.ordinalsOf(point))));
    return usesOf(prepared.judge, ordinals, prepared.past).get(account) ?? new Map();
  } finally {
    prepared.dispose();
  }
}

/** By account and contact point. */
function usesOf(by: Judge, ordinals: OrdinalSet, past: readonly PastMembers[]): Map<number, Map<number, Use[]>> {
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
function ordinalsOf(contacts: Contacts, accounts: Uint32Array, affected: OrdinalSet): OrdinalSet {
  const ordinals = new Numbers();
  for (const account of accounts) {
    for (const point of contacts.pointsOf(account)) {
      if (affected.has(point)) for (const ordinal of contacts.ordinalsOf(point)) ordinals.push(ordinal);
    }
  }
  return OrdinalSet.from(ordinals.values);
}
