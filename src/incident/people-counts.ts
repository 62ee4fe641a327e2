/**
 * Counts of people, person by person: of the whole, and by the same rule of each audience. Everything that is counted of a
 * person lies together, so that nothing has to be remembered of anybody.
 */
import { Numbers } from "../column/index.js";
import { kindName } from "../contact/index.js";
import { purposeNames } from "../purpose/index.js";
import type { AffectedCounts } from "./assessment.js";
import { dayName } from "./day.js";
import { type Judged, PURPOSES_FROM } from "./judged.js";
import { CAME, type JudgedPeople } from "./judged-people.js";

const NO_COUNTRY = "unknown";
/** Of as many memberships of a person the order is found by one after the other. */
const FEW = 32;

/** What some memberships of one person come to: all of them, or those of one audience. */
export class Run {
  readonly #people: JudgedPeople;
  /** Entries of the person, in the order in which they are summed up. */
  readonly #order: Uint32Array;
  readonly #affected: Uint32Array;
  /** By place of the audience: whether anybody was affected in it so far. */
  readonly isTouched: Uint8Array;
  /** How many contact points are affected in it. */
  affected = 0;
  /** How many others are right, how many of these were given under a claimed notice, and how many are late. */
  right = 0;
  otherwise = 0;
  late = 0;
  #points = 0;
  #isAnyRight = false;
  /** Of what is affected: `bits` of all, first and last instant. */
  bits = 0;
  firstMs = Number.POSITIVE_INFINITY;
  lastMs = Number.NEGATIVE_INFINITY;

  constructor(people: JudgedPeople) {
    const { most, matched } = people.judged;
    this.#people = people;
    this.#order = new Uint32Array(most);
    this.#affected = new Uint32Array(most);
    this.isTouched = new Uint8Array(matched.audiences.length);
  }

  /** Affected contact points; a view until the next is summed up. */
  get affectedPoints(): Uint32Array {
    return this.#affected.subarray(0, this.affected);
  }

  /** Whether, of one audience, another contact point of an affected person was matched rightly. */
  get isRightBeside(): boolean {
    return this.affected > 0 && this.right > 0;
  }

  /** Whether, of all audiences, that may be so in one of them. */
  get mayBeRightBeside(): boolean {
    return this.affected > 0 && this.#points > 1 && this.#isAnyRight;
  }

  /** Sums up all memberships of the person that is told of. */
  sumAll(): void {
    const { first, end } = this.#people;
    for (let entry = first; entry < end; entry++) this.#order[entry - first] = entry;
    // Most people have one.
    if (end - first === 1) this.#sumOne(first);
    else this.#sum(0, end - first);
  }

  /** As `#sum` of a single entry. */
  #sumOne(entry: number): void {
    const people = this.#people;
    const came = people.came(entry);
    this.#points = came === CAME.nothing ? 0 : 1;
    this.right = came & CAME.right;
    this.#isAnyRight = this.right === 1;
    this.otherwise = (came & CAME.otherwise) === 0 ? 0 : 1;
    this.late = (came & CAME.late) === 0 ? 0 : 1;
    this.affected = (came & CAME.affected) === 0 ? 0 : 1;
    if (this.affected === 0) return;
    const { numberOf, membershipOf, matched } = people.judged;
    this.#affected[0] = numberOf[entry]!;
    this.isTouched[matched.audienceOf[membershipOf[entry]!]!] = 1;
    this.bits = people.bits;
    this.firstMs = people.fromMs;
    this.lastMs = people.toMs;
  }

  /** Sums up audience by audience, after all. @param tell hears of each, by its place; true to go no further */
  sumAudiences(tell: (audience: number) => boolean): void {
    const { first, end, judged } = this.#people;
    const { membershipOf } = judged;
    const { audienceOf } = judged.matched;
    const count = end - first;
    const order = this.#order;
    orderByAudience(order, count, judged);
    for (let from = 0, to = 0; from < count; from = to) {
      const place = audienceOf[membershipOf[order[from]!]!]!;
      while (to < count && audienceOf[membershipOf[order[to]!]!] === place) to++;
      this.#sum(from, to);
      if (tell(place)) return;
    }
  }

  #sum(from: number, to: number): void {
    const people = this.#people;
    const { numberOf, membershipOf, matched } = people.judged;
    const order = this.#order;
    this.affected = this.right = this.otherwise = this.late = this.bits = this.#points = 0;
    this.#isAnyRight = false;
    this.firstMs = Number.POSITIVE_INFINITY;
    this.lastMs = Number.NEGATIVE_INFINITY;
    let [last, all] = [-1, 0];
    for (let i = from; i < to; i++) {
      const entry = order[i]!;
      const came = people.came(entry);
      const number = numberOf[entry]!;
      if (number !== last) {
        this.#settle(last, all);
        last = number;
        all = 0;
      }
      all |= came;
      if (came !== CAME.affected) continue;
      this.isTouched[matched.audienceOf[membershipOf[entry]!]!] = 1;
      this.bits |= people.bits;
      if (people.fromMs < this.firstMs) this.firstMs = people.fromMs;
      if (people.toMs > this.lastMs) this.lastMs = people.toMs;
    }
    this.#settle(last, all);
  }

  /** @param all CAME bits of a contact point's memberships in the run */
  #settle(number: number, all: number): void {
    if (all === CAME.nothing) return;
    this.#points++;
    if ((all & CAME.right) !== 0) this.#isAnyRight = true;
    if ((all & CAME.affected) !== 0) this.#affected[this.affected++] = number;
    else if ((all & CAME.right) !== 0) {
      this.right++;
      if ((all & CAME.otherwise) !== 0) this.otherwise++;
    }
    if ((all & CAME.late) !== 0) this.late++;
  }
}

/** Puts the entries of a person in the order of their audiences; those of one stay as they were. */
function orderByAudience(order: Uint32Array, count: number, { membershipOf, matched: { audienceOf } }: Judged): void {
  if (count > FEW) {
    order.subarray(0, count).sort((a, b) => audienceOf[membershipOf[a]!]! - audienceOf[membershipOf[b]!]! || a - b);
    return;
  }
  for (let i = 1; i < count; i++) {
    const entry = order[i]!;
    const audience = audienceOf[membershipOf[entry]!]!;
    let at = i;
    for (; at > 0 && audienceOf[membershipOf[order[at - 1]!]!]! > audience; at--) order[at] = order[at - 1]!;
    order[at] = entry;
  }
}

/** Counts but for breakdowns and what was shown. */
export class PeopleCounts {
  people = 0;
  #contactPoints = 0;
  #right = 0;
  #otherwise = 0;
  #latePeople = 0;
  #latePoints = 0;
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  add(run: Run): void {
    this.#otherwise += run.otherwise;
    this.#latePoints += run.late;
    if (run.late > 0) this.#latePeople++;
    if (run.affected === 0) return;
    this.people++;
    this.#contactPoints += run.affected;
    if (run.firstMs < this.#firstMs) this.#firstMs = run.firstMs;
    if (run.lastMs > this.#lastMs) this.#lastMs = run.lastMs;
  }

  /** Notes that another contact point of an affected person was matched rightly, in an audience where one is affected. */
  addRight(): void {
    this.#right++;
  }

  /** @param breakdown of these people; nothing is in it afterwards */
  counts(breakdown: Breakdown): Omit<AffectedCounts, "campaigns" | "showings"> {
    const at = (ms: number): string | null => (this.people === 0 ? null : new Date(ms).toISOString());
    return {
      people: this.people,
      contactPoints: this.#contactPoints,
      ...breakdown.take(),
      firstAt: at(this.#firstMs),
      lastAt: at(this.#lastMs),
      alsoMatchedRightly: this.#right,
      permittedOtherwise: this.#otherwise,
      lateFacts: { people: this.#latePeople, contactPoints: this.#latePoints },
    };
  }
}

/** Distinct people by purpose, kind, day and country. */
export class Breakdown {
  /** By the bits of a person: kinds, above them purposes. */
  readonly #byBits = new Counter();
  readonly #byDay = new Counter();
  readonly #byCountry = new Counter();

  add(bits: number, day: number, country: number): void {
    this.#byBits.add(bits);
    this.#byDay.add(day);
    this.#byCountry.add(country);
  }

  /** What was counted, by name and in order; from here on nothing is. */
  take() {
    const byBit = new Uint32Array(16);
    this.#byBits.take((bits, count) => {
      for (let left = bits; left !== 0; left &= left - 1) byBit[31 - Math.clz32(left & -left)]! += count;
    });
    const [byPurpose, byKind, byDay, byCountry]: Record<string, number>[] = [{}, {}, {}, {}];
    for (const [bit, count] of byBit.entries()) {
      if (count === 0) continue;
      if (bit < PURPOSES_FROM) byKind![kindName(bit)] = count;
      else byPurpose![purposeNames[bit - PURPOSES_FROM]!] = count;
    }
    this.#byDay.take((day, count) => {
      byDay![dayName(day)] = count;
    });
    this.#byCountry.take((code, count) => {
      byCountry![countryName(code)] = count;
    });
    return { byPurpose: byPurpose!, byKind: byKind!, byDay: byDay!, byCountry: byCountry! };
  }
}

/** Counts by a number of 16 bits, used again and again. */
class Counter {
  readonly #counts = new Uint32Array(2 ** 16);
  readonly #touched = new Numbers();

  add(at: number): void {
    if (this.#counts[at]!++ === 0) this.#touched.push(at);
  }

  /** Tells what was counted, in order; from here on nothing is. */
  take(tell: (at: number, count: number) => void): void {
    for (const at of this.#touched.values.toSorted()) {
      tell(at, this.#counts[at]!);
      this.#counts[at] = 0;
    }
    this.#touched.clear();
  }
}

const countryName = (code: number): string => (code === 0 ? NO_COUNTRY : String.fromCharCode(code & 0xff, code >> 8));
