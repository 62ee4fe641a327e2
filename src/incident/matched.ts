/**
 * Matched: memberships by person, the other way round than audiences hold them. An entry is one contact point in one
 * membership; those of a person lie together, in the order of accounts, and in them those of a contact point.
 *
 * Whatever is counted of people is then one pass over columns in order. Cost: 8 bytes an entry.
 */
import type { PastAudience, PastMembers } from "../audience/index.js";
import type { Contacts } from "../grant/index.js";
import type { ReadonlyOrdinalSet } from "../set/index.js";

/** Contact points that are looked at together: what is counted of these fits a processor's cache. */
const BLOCK = 1 << 18;

export class Matched {
  readonly audiences: readonly PastAudience[];
  /** By membership: place of its audience, the match, from when it lasts, inclusive, to when, exclusive. */
  readonly audienceOf: Uint32Array;
  readonly matchOf: readonly string[];
  readonly fromMs: Float64Array;
  readonly toMs: Float64Array;

  private constructor(
    past: readonly PastMembers[],
    /** By entry: number of the contact point. */
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

  /** Everybody's. Cost: two passes over all contact points, and two over the members of the sets. */
  static all({ points, accounts }: Contacts, past: readonly PastMembers[]): Matched {
    const members = past.flatMap(({ memberships }) => memberships.map(({ ordinals }) => numbersOf(points, ordinals)));
    const { account } = points;
    const known = points.count;
    // By contact point: how many entries it has; from the second pass on, where its next one goes.
    const entries = new Uint32Array(known);
    const read = new Uint32Array(members.length);
    for (let to = BLOCK; to < known + BLOCK; to += BLOCK) {
      for (const [membership, numbers] of members.entries()) {
        let at = read[membership]!;
        for (; at < numbers.length && numbers[at]! < to; at++) entries[numbers[at]!]!++;
        read[membership] = at;
      }
    }
    const nextOf = new Uint32Array(accounts.count);
    for (let number = 0; number < known; number++) {
      if (entries[number] !== 0) nextOf[account[number]!]! += entries[number]!;
    }
    for (let person = 0, next = 0; person < nextOf.length; person++) {
      const own = nextOf[person]!;
      nextOf[person] = next;
      next += own;
    }
    const count = members.reduce((sum, { length }) => sum + length, 0);
    const numberOf = new Uint32Array(count);
    for (let number = 0; number < known; number++) {
      const own = entries[number]!;
      if (own === 0) continue;
      const first = nextOf[account[number]!]!;
      const end = first + own;
      for (let entry = first; entry < end; entry++) numberOf[entry] = number;
      nextOf[account[number]!] = end;
      entries[number] = first;
    }
    const membershipOf = new Uint32Array(count);
    read.fill(0);
    for (let to = BLOCK; to < known + BLOCK; to += BLOCK) {
      for (const [membership, numbers] of members.entries()) {
        let at = read[membership]!;
        for (; at < numbers.length && numbers[at]! < to; at++) membershipOf[entries[numbers[at]!]!++] = membership;
        read[membership] = at;
      }
    }
    return new Matched(past, numberOf, membershipOf);
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
    return new Matched(past, Uint32Array.from(numberOf), Uint32Array.from(membershipOf));
  }
}

/** Contact points of ordinals, ascending. */
function numbersOf(points: Contacts["points"], ordinals: ReadonlyOrdinalSet): Uint32Array {
  const numbers = ordinals.toArray();
  // As long as there are no later stretches of permission they are the same.
  if (points.numbered === points.count) return numbers;
  for (let i = 0; i < numbers.length; i++) numbers[i] = points.numberOf(numbers[i]!);
  return numbers.sort();
}
