/**
 * The walk over all audiences: counts of the whole, and of each audience, from what memberships come to.
 */
import type { Membership, PastMembers } from "../audience/index.js";
import { Numbers } from "../column/index.js";
import { OrdinalSet, type ReadonlyOrdinalSet } from "../set/index.js";
import type { AffectedCounts, AudienceAssessment } from "./assessment.js";
import type { Episode } from "./difference.js";
import { type Judge, type Judgement, judge, permittedOf } from "./judging.js";
import type { ShownTally } from "./shown-rows.js";
import { Tally } from "./tally.js";

/** Sets of contact points that are counted. */
class Counted {
  readonly affected = OrdinalSet.empty();
  /** Given under a claimed notice, matched, and not affected at some time. */
  readonly otherwise = OrdinalSet.empty();
  readonly late = OrdinalSet.empty();

  get sets(): OrdinalSet[] {
    return [this.affected, this.otherwise, this.late];
  }

  add(other: Counted): void {
    this.affected.addSet(other.affected);
    this.otherwise.addSet(other.otherwise);
    this.late.addSet(other.late);
  }

  clear(): void {
    for (const set of this.sets) set.clear();
  }
}

/** Counts but for what was shown. */
type WalkedCounts = Omit<AffectedCounts, "campaigns" | "showings">;
type WalkedAudience = Omit<AudienceAssessment, "campaigns" | "showings">;

export class Walk implements Judgement {
  readonly #judge: Judge;
  readonly #country: Uint16Array;
  readonly #shown: ShownTally | undefined;
  /** Of the audience that is walked through. */
  #place = 0;
  readonly #whole: Tally;
  readonly #own: Tally;
  readonly #wholeCounted = new Counted();
  readonly #ownCounted = new Counted();
  /** Members with a history of the audience that is walked through: affected, given under a claimed notice, late, others. */
  readonly #histories = {
    affected: new Numbers(),
    otherwise: new Numbers(),
    late: new Numbers(),
    right: new Numbers(),
  };
  readonly #others = new Numbers();
  readonly #audiences = new Set<string>();
  readonly #lists = new Set<string>();
  readonly #advertisers = new Set<string>();

  /**
   * @param country of accounts, by their number
   * @param shown is told when people were affected in an audience, by its place
   */
  constructor(by: Judge, country: Uint16Array, shown?: ShownTally) {
    this.#shown = shown;
    const accounts = by.contacts.accounts.count;
    this.#judge = by;
    this.#country = country;
    this.#whole = new Tally(accounts);
    this.#own = new Tally(accounts);
  }

  /** Walks through an audience; its counts, if they are wanted and somebody is affected. */
  audience({ audience: past, memberships }: PastMembers, place: number, isWanted: boolean): WalkedAudience | undefined {
    this.#place = place;
    const { audience, list, advertiser, name } = past;
    const [own, counted] = [this.#own, this.#ownCounted];
    own.clear();
    counted.clear();
    for (const membership of memberships) judge(this.#judge, membership, this);
    const { affected, otherwise, late, right } = this.#histories;
    counted.affected.addAll(affected.values);
    counted.otherwise.addAll(otherwise.values);
    counted.late.addAll(late.values);
    counted.otherwise.removeSet(counted.affected);
    const isAffected = own.people > 0;
    if (isAffected) this.#findRight(memberships, right.values);
    for (const numbers of [affected, otherwise, late, right]) numbers.clear();
    this.#wholeCounted.add(counted);
    if (!isAffected) return undefined;
    this.#whole.add(own);
    this.#audiences.add(audience);
    this.#lists.add(list);
    this.#advertisers.add(advertiser);
    return isWanted ? { audience, list, advertiser, name, ...this.#counts(own, counted) } : undefined;
  }

  /** Finds the affected people who have another contact point in the audience, which is not affected there. */
  #findRight(memberships: readonly Membership[], histories: Uint32Array): void {
    const own = this.#own;
    const { points, accounts } = this.#judge.contacts;
    const { affected } = this.#ownCounted;
    const others = this.#others;
    others.clear();
    for (const person of own.accounts) {
      const first = accounts.firstPoint[person]! - 1;
      if (points.next[first] === 0) continue;
      for (let number = first; number >= 0; number = points.next[number]! - 1) others.push(number);
    }
    const candidates = OrdinalSet.from(others.values);
    candidates.removeSet(affected);
    for (const membership of candidates.size === 0 ? [] : memberships) {
      const right = permittedOf(this.#judge, membership, candidates);
      for (const number of right.toArray()) own.noteRight(points.account[number]!);
      right.dispose();
    }
    candidates.dispose();
    for (const number of histories) {
      const person = points.account[number]!;
      if (own.isAffected(person) && !affected.has(number)) own.noteRight(person);
    }
  }

  affected(numbers: OrdinalSet, fromMs: number, toMs: number): void {
    const own = this.#own;
    const { contacts, difference } = this.#judge;
    const { points } = contacts;
    this.#ownCounted.affected.addSet(numbers);
    own.span(fromMs, toMs);
    const { account } = points;
    for (const number of numbers.toArray()) {
      own.note(account[number]!, points.kind(number), difference.claimedPurposes(number), fromMs);
      this.#shown?.note(this.#place, account[number]!, fromMs, toMs);
    }
  }

  withHistory(number: number, { isMember, isClaimed, wrongFromMs, wrongToMs, purposes, spans }: Episode): void {
    const { points } = this.#judge.contacts;
    if (!isMember) this.#histories.late.push(number);
    else if (wrongFromMs < wrongToMs) {
      this.#histories.affected.push(number);
      this.#own.note(points.account[number]!, points.kind(number), purposes, wrongFromMs);
      this.#own.span(wrongFromMs, wrongToMs);
      for (let i = 0; i < spans.length; i += 2)
        this.#shown?.note(this.#place, points.account[number]!, spans[i]!, spans[i + 1]!);
    } else {
      this.#histories.right.push(number);
      if (isClaimed) this.#histories.otherwise.push(number);
    }
  }

  late(numbers: OrdinalSet): void {
    this.#ownCounted.late.addSet(numbers);
  }

  permitted(numbers: OrdinalSet): void {
    this.#ownCounted.otherwise.addSet(numbers);
  }

  /** Affected contact points of the audience that was walked through last; until the next is. */
  get ownPoints(): ReadonlyOrdinalSet {
    return this.#ownCounted.affected;
  }

  /** Affected contact points of all audiences. */
  get affectedPoints(): OrdinalSet {
    return this.#wholeCounted.affected;
  }

  /** Counts of everything that was walked through. */
  counts() {
    const counted = this.#wholeCounted;
    counted.otherwise.removeSet(counted.affected);
    return {
      ...this.#counts(this.#whole, counted),
      audiences: this.#audiences.size,
      lists: this.#lists.size,
      advertisers: this.#advertisers.size,
    };
  }

  #counts(tally: Tally, { affected, otherwise, late }: Counted): WalkedCounts {
    const { account } = this.#judge.contacts.points;
    const at = (ms: number): string | null => (tally.people === 0 ? null : new Date(ms).toISOString());
    const latePeople = OrdinalSet.from(late.toArray().map((number) => account[number]!));
    const counts = {
      people: tally.people,
      contactPoints: affected.size,
      ...tally.breakdowns(this.#country),
      firstAt: at(tally.firstMs),
      lastAt: at(tally.lastMs),
      alsoMatchedRightly: tally.right,
      permittedOtherwise: otherwise.size,
      lateFacts: { people: latePeople.size, contactPoints: late.size },
    };
    latePeople.dispose();
    return counts;
  }

  dispose(): void {
    for (const set of [...this.#ownCounted.sets, ...this.#wholeCounted.sets]) set.dispose();
  }
}
