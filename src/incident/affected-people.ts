/**
 * Affected people one by one, in the order of their accounts: which of their contact points, and how each was used.
 *
 * Found by the same judgement as the counts of an assessment; nothing is remembered of anybody, however many they are.
 */
import type { PastAudience } from "../audience/index.js";
import { type Asked, type AssessRooms, type PreparedAssessment, prepareAssessment } from "./assess.js";
import { CAME, JudgedPeople } from "./judged-people.js";
import { Turns } from "./turns.js";

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

/** People between two looks at the clock. */
const PEOPLE_AT_ONCE = 1 << 12;

/** Whom an incident affected. */
export class AffectedPeople implements Iterable<AffectedPerson> {
  /** Facts of leaves before this position were used. */
  readonly position: number;
  /** How many they are. */
  readonly count: number;
  readonly #prepared: PreparedAssessment;

  private constructor(prepared: PreparedAssessment, count: number) {
    this.position = prepared.facts.position;
    this.count = count;
    this.#prepared = prepared;
  }

  /** @throws {IncidentError} code `unknown-incident` */
  static async find(rooms: AssessRooms, asked: Asked): Promise<AffectedPeople> {
    return AffectedPeople.of(await prepareAssessment(rooms, asked));
  }

  static async of(prepared: PreparedAssessment): Promise<AffectedPeople> {
    const people = peopleOf(prepared);
    const turns = new Turns();
    let count = 0;
    for (let met = 1; people.next(); met++) {
      if (people.isAffected) count++;
      if (met % PEOPLE_AT_ONCE === 0) await turns.giveWay();
    }
    return new AffectedPeople(prepared, count);
  }

  *[Symbol.iterator](): Generator<AffectedPerson> {
    const people = peopleOf(this.#prepared);
    while (people.next()) {
      if (!people.isAffected) continue;
      yield { account: people.account, contacts: usesOf(people) };
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
  const prepared = await prepareAssessment(rooms, asked, undefined, account);
  const own = peopleOf(prepared);
  return own.next() ? usesOf(own) : new Map();
}

const peopleOf = ({ facts, horizonMs, nobody }: PreparedAssessment): JudgedPeople =>
  new JudgedPeople(facts.judged, horizonMs, nobody);

/** Of the person that is told of, by contact point. */
function usesOf(people: JudgedPeople): Map<number, Use[]> {
  const { numberOf, membershipOf, matched } = people.judged;
  const uses = new Map<number, Use[]>();
  for (let entry = people.first; entry < people.end; entry++) {
    if (people.came(entry) !== CAME.affected) continue;
    const audience = matched.audiences[matched.audienceOf[membershipOf[entry]!]!]!;
    const use = { audience, fromMs: people.fromMs, toMs: people.toMs };
    const known = uses.get(numberOf[entry]!);
    if (known === undefined) uses.set(numberOf[entry]!, [use]);
    else known.push(use);
  }
  for (const own of uses.values()) own.sort((a, b) => a.fromMs - b.fromMs);
  return new Map([...uses].sort(([, [a]], [, [b]]) => a!.fromMs - b!.fromMs));
}
