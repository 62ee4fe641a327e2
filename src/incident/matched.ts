/**
 * Matched: memberships by person, the other way round than audiences hold them. An entry is one contact point in one
 * membership; those of a person lie together, in the order of accounts, and in them those of a contact point.
 *
 * Whatever is counted of people is then one pass over columns in order. Of nearly everybody there is nothing to tell: only
 * people of whom there may be are looked for, and turned round. Cost: 8 bytes an entry and 4 a person; while they are looked
 * for 12 more an entry, 2 bits for every account, and 4 MiB.
 */
import type { Membership, PastAudience, PastMembers } from "../audience/index.js";
import { Numbers, RankedBits } from "../column/index.js";
import type { Contacts } from "../grant/index.js";
import type { ReadonlyOrdinalSet } from "../set/index.js";
import { dayOf } from "./day.js";
import type { Difference } from "./difference.js";
import type { Turns } from "./turns.js";

/** Ids that are looked at together: few enough for a processor's cache, and so many that sets are read in few pieces. */
const BLOCK = 1 << 21;

export class Matched {
  readonly audiences: readonly PastAudience[];
  /** By membership: place of its audience, the match, from when it lasts, inclusive, to when, exclusive. */
  readonly audienceOf: Uint32Array;
  readonly matchOf: readonly string[];
  readonly fromMs: Float64Array;
  readonly toMs: Float64Array;

  private constructor(
    past: readonly PastMembers[],
    /** By person: the first entry; then where the last one's end. */
    readonly firstOf: Uint32Array,
    /** By entry: number of the contact point; those of a person ascend. */
    readonly numberOf: Uint32Array,
    /** By entry: the membership; those of a contact point ascend. */
    readonly membershipOf: Uint32Array,
  ) {
    const memberships = past.flatMap(({ memberships }) => memberships);
    this.audiences = past.map(({ audience }) => audience);
    this.audienceOf = Uint32Array.from(past.flatMap(({ memberships }, place) => memberships.map(() => place)));
    this.matchOf = memberships.map(({ match }) => match);
    this.fromMs = Float64Array.from(memberships, ({ fromMs }) => fromMs);
    this.toMs = Float64Array.from(memberships, ({ toMs }) => toMs);
  }

  /**
   * Those of all people of whom there may be anything to tell.
   * @param matches that are claimed: there is something to tell of whoever they brought in
   */
  static async told(
    contacts: Contacts,
    past: readonly PastMembers[],
    difference: Difference,
    matches: ReadonlySet<string>,
    turns: Turns,
  ): Promise<Matched> {
    const { points } = contacts;
    const memberships = past.flatMap(({ memberships }) => memberships);
    const people = await findPeople(contacts, memberships, difference, matches, turns);
    const entries = new Entries(people);
    for (let from = 0; from < points.count; from += BLOCK) {
      for (const [membership, { ordinals }] of memberships.entries()) {
        addEntries(ordinals.range(from, from + BLOCK), membership, points, entries);
      }
      await turns.giveWay();
    }
    return new Matched(past, ...byPerson(entries));
  }

  /** Those of some ordinals of one account. Cost: a look at each membership. */
  static of({ points }: Contacts, past: readonly PastMembers[], some: ReadonlyOrdinalSet): Matched {
    const found: { number: number; membership: number }[] = [];
    let membership = 0;
    for (const { memberships } of past) {
      for (const { ordinals } of memberships) {
        if (ordinals.intersects(some)) {
          const own = ordinals.and(some);
          for (const ordinal of own) found.push({ number: points.numberOf(ordinal), membership });
          own.dispose();
        }
        membership++;
      }
    }
    found.sort((a, b) => a.number - b.number);
    const [numberOf, membershipOf] = [found.map(({ number }) => number), found.map(({ membership }) => membership)];
    const firstOf = found.length === 0 ? [0] : [0, found.length];
    return new Matched(past, Uint32Array.from(firstOf), Uint32Array.from(numberOf), Uint32Array.from(membershipOf));
  }
}

/** Accounts with a membership of which there may be anything to tell, and few others. */
async function findPeople(
  { points, accounts, accountEvents }: Contacts,
  memberships: readonly Membership[],
  difference: Difference,
  matches: ReadonlySet<string>,
  turns: Turns,
): Promise<RankedBits> {
  const { account } = points;
  const people = new RankedBits(accounts.count);
  // What a glance at a contact point does not tell: its account has events, or it was permitted anew.
  for (let event = 0; event < accountEvents.count; event++) people.add(accountEvents.key(event));
  if (points.numbered < points.count) {
    for (let id = 0; id < points.count; id++) if (points.isLaterOrdinal(id)) people.add(account[id]!);
  }
  const days = memberships.map(({ match, fromMs }) => (matches.has(match) ? 0 : dayOf(fromMs)));
  const marks = new Uint16Array(Math.min(BLOCK, points.count));
  for (let from = 0; from < points.count; from += BLOCK) {
    const to = Math.min(from + BLOCK, points.count);
    difference.markTold(from, to, marks);
    for (const [membership, { ordinals }] of memberships.entries()) {
      addMarked(ordinals.range(from, to), from, marks, days[membership]!, account, people);
    }
    await turns.giveWay();
  }
  return people;
}

/** Adds the accounts of members who are marked with a day or a later one. */
function addMarked(
  members: Uint32Array,
  first: number,
  marks: Uint16Array,
  day: number,
  account: Uint32Array,
  people: RankedBits,
): void {
  for (let i = 0; i < members.length; i++) {
    if (marks[members[i]! - first]! >= day) people.add(account[members[i]!]!);
  }
}

/** Adds an entry for each member who is of the people looked for. */
function addEntries(members: Uint32Array, membership: number, points: Contacts["points"], entries: Entries): void {
  const { account } = points;
  const { people } = entries;
  for (let i = 0; i < members.length; i++) {
    const id = members[i]!;
    if (people.has(account[id]!)) entries.add(account[id]!, points.numberOf(id), membership);
  }
}

/** Entries in the order in which they are found. */
class Entries {
  readonly people: RankedBits;
  /** By entry: the person's rank, number of the contact point, membership. */
  readonly persons = new Numbers();
  readonly numbers = new Numbers();
  readonly memberships = new Numbers();

  constructor(people: RankedBits) {
    this.people = people;
  }

  add(account: number, number: number, membership: number): void {
    this.persons.push(this.people.rank(account));
    this.numbers.push(number);
    this.memberships.push(membership);
  }
}

/** Puts entries in order: by person, those of one by contact point, those of that by membership. */
function byPerson({
  people,
  ...entries
}: Entries): [firstOf: Uint32Array, numberOf: Uint32Array, membershipOf: Uint32Array] {
  const persons = entries.persons.values;
  const numbers = entries.numbers.values;
  const memberships = entries.memberships.values;
  const firstOf = new Uint32Array(people.count + 1);
  for (let entry = 0; entry < persons.length; entry++) firstOf[persons[entry]! + 1]!++;
  for (let person = 1; person < firstOf.length; person++) firstOf[person]! += firstOf[person - 1]!;
  const endOf = firstOf.slice();
  const [numberOf, membershipOf] = [new Uint32Array(persons.length), new Uint32Array(persons.length)];
  for (let entry = 0; entry < persons.length; entry++) {
    const [person, number, membership] = [persons[entry]!, numbers[entry]!, memberships[entry]!];
    let at = endOf[person]!++;
    // A person has a few.
    for (; at > firstOf[person]! && isAfter(numberOf[at - 1]!, membershipOf[at - 1]!, number, membership); at--) {
      numberOf[at] = numberOf[at - 1]!;
      membershipOf[at] = membershipOf[at - 1]!;
    }
    numberOf[at] = number;
    membershipOf[at] = membership;
  }
  return [firstOf, numberOf, membershipOf];
}

const isAfter = (number: number, membership: number, otherNumber: number, otherMembership: number): boolean =>
  number > otherNumber || (number === otherNumber && membership > otherMembership);
