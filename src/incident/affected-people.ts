/**
 * Affected people one by one, in the order of their accounts: which of their contact points, and how each was used.
 *
 * Found by the same judgement as the counts of an assessment; nothing is remembered of anybody, however many they are.
 */

import { setImmediate } from "node:timers/promises";
import type { PastAudience } from "../audience/index.js";
import { type Asked, type AssessRooms, type PreparedAssessment, prepareAssessment } from "./assess.js";
import { CAME, type JudgedPeople } from "./judged.js";

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

/** People that are gone through before others get their turn. */
const PEOPLE_A_TURN = 1 << 16;

/** Whom an incident affected. */
export class AffectedPeople implements Iterable<AffectedPerson> {
  /** Facts of leaves before this position were used. */
  readonly position: number;
  /** How many they are. */
  readonly count: number;
  readonly #prepared: PreparedAssessment;

  private constructor(prepared: PreparedAssessment, count: number) {
    this.position = prepared.position;
    this.count = count;
    this.#prepared = prepared;
  }

  /** @throws {IncidentError} code `unknown-incident` */
  static async find(rooms: AssessRooms, asked: Asked): Promise<AffectedPeople> {
    return AffectedPeople.of(await prepareAssessment(rooms, asked));
  }

  static async of(prepared: PreparedAssessment): Promise<AffectedPeople> {
    const people = prepared.people();
    let count = 0;
    for (let met = 1; people.next(); met++) {
      if (people.affected > 0) count++;
      if (met % PEOPLE_A_TURN === 0) await setImmediate();
    }
    return new AffectedPeople(prepared, count);
  }

  *[Symbol.iterator](): Generator<AffectedPerson> {
    const people = this.#prepared.people();
    while (people.next()) {
      if (people.affected === 0) continue;
      yield { account: people.account, contacts: usesOf(people, this.#prepared.audiences) };
    }
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
  const { people, audiences } = await prepareAssessment(rooms, asked, undefined, account);
  const own = people();
  return own.next() ? usesOf(own, audiences) : new Map();
}

/** Of the person that is told of, by contact point. */
function usesOf(people: JudgedPeople, audiences: readonly PastAudience[]): Map<number, Use[]> {
  const uses = new Map<number, Use[]>();
  for (let at = 0; at < people.count; at++) {
    if (people.came[at] !== CAME.affected) continue;
    const use = { audience: audiences[people.audience[at]!]!, fromMs: people.fromMs[at]!, toMs: people.toMs[at]! };
    const known = uses.get(people.number[at]!);
    if (known === undefined) uses.set(people.number[at]!, [use]);
    else known.push(use);
  }
  for (const own of uses.values()) own.sort((a, b) => a.fromMs - b.fromMs);
  return new Map([...uses].sort(([, [a]], [, [b]]) => a!.fromMs - b!.fromMs));
}
