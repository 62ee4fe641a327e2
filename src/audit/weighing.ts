/**
 * Weighing: what the outcomes of one history come to, for some matches of an account: exactly, where each has one outcome, or
 * at least and at most, where each is free to have come to any of its outcomes.
 *
 * Whatever the others did: so somebody was affected in every case exactly if some match has only outcomes that say so, and in
 * some case if any has one; likewise by purpose and by kind. The least number of contact points is that of the smallest set
 * that meets every match that has no other outcome.
 */
import type { Account } from "./account.js";
import type { History } from "./histories.js";
import type { Outcomes } from "./outcomes.js";
import { clear, nobody, type Person } from "./person.js";
import { smallestMeeting } from "./smallest-meeting.js";
import { DAY_MS } from "./tally.js";

/** What a point is seen as, a bit each: affected; late; matched rightly. */
const SEEN = { affected: 1, late: 2, member: 4 } as const;

export class Weighing {
  readonly #account: Account;
  readonly #history: History;
  readonly #outcomes: Outcomes;
  /** By point: SEEN bits of what it is, or may be; and of what it is in every case. */
  readonly #seen: number[] = [];
  readonly #seenAlways: number[] = [];
  /** By match: the latest that it may first have affected somebody; Infinity for never. */
  readonly #latestFirstMs: number[] = [];
  readonly #person = nobody();

  constructor(account: Account, history: History, outcomes: Outcomes) {
    this.#account = account;
    this.#history = history;
    this.#outcomes = outcomes;
  }

  /** What matches [from, to) come to, each of which has one outcome at most. */
  plain(person: Person, from: number, to: number): void {
    const outcomes = this.#outcomes;
    const { first, point, purposes, isMember, fromMs, toMs, isClaimedPoint } = outcomes;
    const { points, pointKind } = this.#history;
    clear(person);
    const seen = this.#seen;
    for (let of = 0; of < points; of++) seen[of] = 0;
    for (let one = first[from]!; one < first[to]!; one++) {
      const of = point[one]!;
      seen[of]! |= isMember[one] ? SEEN.member : SEEN.late;
      if (!outcomes.isAffected(one)) continue;
      seen[of]! |= SEEN.affected;
      person.isAffected = true;
      person.purposes |= purposes[one]!;
      person.kinds |= 1 << pointKind[of]!;
      person.firstMs = Math.min(person.firstMs, fromMs[one]!);
      person.lastMs = Math.max(person.lastMs, toMs[one]!);
    }
    for (let of = 0; of < points; of++) {
      const bits = seen[of]!;
      if ((bits & SEEN.late) !== 0) person.late++;
      if ((bits & SEEN.affected) !== 0) person.points++;
      else if ((bits & SEEN.member) !== 0) {
        person.isRight = true;
        if (isClaimedPoint[of]) person.otherwise++;
      }
    }
    person.isRight &&= person.isAffected;
    if (!person.isAffected) return;
    const { showings } = this.#account;
    for (let showing = 0; showing < showings; showing++) if (this.isShown(showing, from, to)) person.showings++;
  }

  /**
   * What matches [from, to) come to at least and at most, but for what was shown.
   * @param days first instants that are possible, by day, are added to it
   */
  bounds(from: number, to: number, days: number[], least: Person, most: Person): void {
    const outcomes = this.#outcomes;
    const { first, point, purposes, isMember, fromMs, sureToMs, toMs, isClaimedPoint } = outcomes;
    const { points, pointKind } = this.#history;
    const may = this.#seen;
    const must = this.#seenAlways;
    const lateness = this.#latestFirstMs;
    for (let of = 0; of < points; of++) {
      may[of] = 0;
      must[of] = 0;
    }
    let forced: number[][] | undefined;
    let isPlain = true;
    let hiMs = Number.POSITIVE_INFINITY;
    let nextHiMs = Number.POSITIVE_INFINITY;
    for (let match = from; match < to; match++) {
      const begin = first[match]!;
      const end = first[match + 1]!;
      if (begin === end) continue;
      if (end - begin > 1) isPlain = false;
      let all: number = SEEN.affected | SEEN.late | SEEN.member;
      let allPurposes = -1;
      let allKinds = -1;
      let latestMs = 0;
      let earliestEndMs = Number.POSITIVE_INFINITY;
      let isOfOne = true;
      for (let one = begin; one < end; one++) {
        const of = point[one]!;
        const isAffected = outcomes.isAffected(one);
        const right = isMember[one] && !isAffected ? SEEN.member : 0;
        const bits = right | (isMember[one] ? 0 : SEEN.late) | (isAffected ? SEEN.affected : 0);
        may[of]! |= bits;
        all &= bits;
        allPurposes &= isAffected ? purposes[one]! : 0;
        allKinds &= isAffected ? 1 << pointKind[of]! : 0;
        latestMs = Math.max(latestMs, fromMs[one]!);
        isOfOne &&= of === point[begin];
        if (!isAffected) continue;
        earliestEndMs = Math.min(earliestEndMs, sureToMs[one]!);
        most.isAffected = true;
        most.purposes |= purposes[one]!;
        most.kinds |= 1 << pointKind[of]!;
        most.firstMs = Math.min(most.firstMs, fromMs[one]!);
        most.lastMs = Math.max(most.lastMs, toMs[one]!);
      }
      if (isOfOne) must[point[begin]!]! |= all;
      if ((all & SEEN.affected) !== 0) {
        least.isAffected = true;
        least.points = 1;
        least.purposes |= allPurposes;
        least.kinds |= allKinds;
        least.lastMs = Math.max(least.lastMs, earliestEndMs);
        if (to - from > 1) (forced ??= []).push(point.slice(begin, end));
      } else if ((all & SEEN.late) !== 0) least.late = 1;
      lateness[match] = latestMs;
      if (latestMs < hiMs) {
        nextHiMs = hiMs;
        hiMs = latestMs;
      } else if (latestMs < nextHiMs) nextHiMs = latestMs;
    }
    least.firstMs = hiMs;
    // An instant may be the first if every other match may have come to nothing before it.
    for (let match = from; match < to; match++) {
      const boundMs = lateness[match] === hiMs ? nextHiMs : hiMs;
      for (let one = first[match]!; one < first[match + 1]!; one++) {
        if (!outcomes.isAffected(one) || fromMs[one]! > boundMs) continue;
        const day = Math.floor(fromMs[one]! / DAY_MS);
        if (!days.includes(day)) days.push(day);
      }
    }
    if (forced !== undefined) least.points = smallestMeeting(forced);
    let mustLate = 0;
    let mayBeAffected = 0;
    for (let of = 0; of < points; of++) if ((may[of]! & SEEN.affected) !== 0) mayBeAffected++;
    for (let of = 0; of < points; of++) {
      if ((may[of]! & SEEN.affected) !== 0) most.points++;
      if ((may[of]! & SEEN.late) !== 0) most.late++;
      if ((must[of]! & SEEN.late) !== 0) mustLate++;
      if ((may[of]! & SEEN.member) === 0) continue;
      const others = mayBeAffected - ((may[of]! & SEEN.affected) !== 0 ? 1 : 0);
      if (others > 0) most.isRight = true;
      if (!isClaimedPoint[of]) continue;
      most.otherwise++;
      if ((must[of]! & SEEN.member) !== 0 && (may[of]! & SEEN.affected) === 0) least.otherwise++;
    }
    least.late = Math.max(least.late, mustLate);
    if (isPlain) {
      this.plain(this.#person, from, to);
      least.isRight = this.#person.isRight;
    }
  }

  /** Whether a showing fell into an affected membership of matches [from, to), each with one outcome. */
  isShown(showing: number, from: number, to: number): boolean {
    const { showingList, showingAtMs, matchList } = this.#account;
    const { first } = this.#outcomes;
    for (let match = from; match < to; match++) {
      if (matchList[match] !== showingList[showing]) continue;
      for (let one = first[match]!; one < first[match + 1]!; one++) {
        if (this.#outcomes.covers(one, showingAtMs[showing]!)) return true;
      }
    }
    return false;
  }

  /** Whether a showing fell into an affected membership of a match, whatever that came to. */
  isShownForced(showing: number): boolean {
    const { matches, showingList, showingAtMs, matchList } = this.#account;
    const { first } = this.#outcomes;
    for (let match = 0; match < matches; match++) {
      if (matchList[match] !== showingList[showing] || !this.#outcomes.hasAny(match)) continue;
      let isForced = true;
      for (let one = first[match]!; one < first[match + 1]!; one++) {
        isForced &&= this.#outcomes.covers(one, showingAtMs[showing]!);
      }
      if (isForced) return true;
    }
    return false;
  }
}
