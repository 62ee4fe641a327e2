/**
 * Totals of an assessment, by contact point: of all that were ever matched, only those that the claim takes and those with a
 * history are looked at, each with all its memberships; what is said of an audience by itself is the walk's (`walk.ts`).
 * Both give the same totals.
 */
import { Numbers } from "../column/index.js";
import { OrdinalSet } from "../set/index.js";
import type { Episode } from "./difference.js";
import type { Judge } from "./judging.js";
import type { Matched } from "./matched.js";
import type { ShownTally } from "./shown-rows.js";
import { Tally } from "./tally.js";

/** What an entry, a membership of one ordinal, comes to. */
const ENTRY = { none: 0, affected: 1, right: 2 } as const;

export class Totals {
  readonly #judge: Judge;
  readonly #shown: ShownTally;
  readonly #matched: Matched;
  readonly #tally: Tally;
  /** By membership: until when it counts; not after `fromMs` for one that never does. */
  readonly #toMs: Float64Array;
  /** By entry, of contact points with a history and of affected ones. */
  readonly #entries: Uint8Array;
  readonly #isTouched: Uint8Array;
  readonly #affected = new Numbers();
  readonly #affectedPlaces = new Numbers();
  readonly #otherwise = OrdinalSet.empty();
  readonly #late = OrdinalSet.empty();

  /** @param shown is told when people were affected in an audience, by its place in `matched` */
  constructor(by: Judge, matched: Matched, shown: ShownTally) {
    this.#shown = shown;
    this.#judge = by;
    this.#matched = matched;
    this.#tally = new Tally(by.contacts.accounts.count);
    this.#toMs = matched.toMs.map((toMs) => Math.min(toMs, by.horizonMs));
    this.#entries = new Uint8Array(matched.membershipOf.length);
    this.#isTouched = new Uint8Array(matched.audiences.length);
    const { suspects, permitted, denied, withHistory } = by.difference;
    this.#forEachPlace(suspects, (place, number) => this.#takeSuspect(place, number));
    this.#takeEarly();
    const late = new Numbers();
    this.#forEachPlace(denied, (place, number) => {
      if (this.#isMemberAfter(place, Number.NEGATIVE_INFINITY)) late.push(number);
    });
    this.#late.addAll(late.values);
    this.#late.removeSet(withHistory);
    this.#late.removeSet(by.nobody);
    const otherwise = new Numbers();
    this.#forEachPlace(permitted, (place, number) => {
      if (this.#isMemberAfter(place, by.contacts.points.givenAtMs(number))) otherwise.push(number);
    });
    this.#takeHistories(otherwise);
    this.#otherwise.addAll(otherwise.values);
    this.#findRight();
  }

  /** Members of a set that were ever matched, with their places. */
  #forEachPlace(set: OrdinalSet, take: (place: number, ordinal: number) => void): void {
    if (set.size === 0) return;
    const { ordinals, all } = this.#matched;
    const both = all.and(set);
    both.removeSet(this.#judge.nobody);
    let place = 0;
    for (const ordinal of both.toArray()) {
      while (ordinals[place]! < ordinal) place++;
      take(place, ordinal);
    }
    both.dispose();
  }

  /** Whether a contact point with one grant had a membership that began when it had been given. */
  #isMemberAfter(place: number, givenAtMs: number): boolean {
    const { firstEntry, membershipOf, fromMs } = this.#matched;
    for (let entry = firstEntry[place]!; entry < firstEntry[place + 1]!; entry++) {
      const membership = membershipOf[entry]!;
      if (fromMs[membership]! < this.#toMs[membership]! && givenAtMs <= fromMs[membership]!) return true;
    }
    return false;
  }

  #takeSuspect(place: number, number: number): void {
    const { points } = this.#judge.contacts;
    const { firstEntry, membershipOf, fromMs } = this.#matched;
    const givenAtMs = points.givenAtMs(number);
    const purposes = this.#judge.difference.claimedPurposes(number);
    let isAffected = false;
    for (let entry = firstEntry[place]!; entry < firstEntry[place + 1]!; entry++) {
      const membership = membershipOf[entry]!;
      const from = fromMs[membership]!;
      if (from >= this.#toMs[membership]! || givenAtMs > from) continue;
      isAffected = true;
      this.#note(entry, number, purposes, from, this.#toMs[membership]!);
      this.#shown.note(this.#audienceOf(entry), points.account[number]!, from, this.#toMs[membership]!);
    }
    if (isAffected) this.#noteAffected(place, number);
  }

  #note(entry: number, number: number, purposes: number, fromMs: number, toMs: number): void {
    const { points } = this.#judge.contacts;
    this.#entries[entry] = ENTRY.affected;
    this.#isTouched[this.#audienceOf(entry)] = 1;
    this.#tally.note(points.account[number]!, points.kind(number), purposes, fromMs);
    this.#tally.span(fromMs, toMs);
  }

  #noteAffected(place: number, number: number): void {
    this.#affected.push(number);
    if (this.#matched.companion(place) !== place) this.#affectedPlaces.push(place);
  }

  #audienceOf(entry: number): number {
    return this.#matched.audienceOf[this.#matched.membershipOf[entry]!]!;
  }

  /** Contact points with one grant, of lists that were replayed as of a time before it. */
  #takeEarly(): void {
    const { memberships, fromMs } = this.#matched;
    for (const [i, { early }] of memberships.entries()) {
      if (early !== undefined && fromMs[i]! < this.#toMs[i]!) this.#late.addSet(early);
    }
  }

  #takeHistories(otherwise: Numbers): void {
    const { contacts, difference } = this.#judge;
    const { points } = contacts;
    const { firstEntry, membershipOf, fromMs } = this.#matched;
    const late = new Numbers();
    const one = new Uint32Array(1);
    this.#forEachPlace(difference.withHistory, (place, ordinal) => {
      const number = points.numberOf(ordinal);
      one[0] = ordinal;
      let isAffected = false;
      for (let entry = firstEntry[place]!; entry < firstEntry[place + 1]!; entry++) {
        const membership = membershipOf[entry]!;
        const held = { fromMs: fromMs[membership]!, toMs: this.#toMs[membership]!, isClaimed: false };
        if (held.fromMs >= held.toMs) continue;
        difference.forEachHistory(one, held, (_, episode: Episode) => {
          if (!episode.isMember) late.push(number);
          else if (episode.wrongFromMs < episode.wrongToMs) {
            isAffected = true;
            this.#note(entry, number, episode.purposes, episode.wrongFromMs, episode.wrongToMs);
            const { spans } = episode;
            for (let i = 0; i < spans.length; i += 2) {
              this.#shown.note(this.#audienceOf(entry), points.account[number]!, spans[i]!, spans[i + 1]!);
            }
          } else {
            this.#entries[entry] = ENTRY.right;
            if (episode.isClaimed) otherwise.push(number);
          }
        });
      }
      if (isAffected) this.#noteAffected(place, number);
    });
    this.#late.addAll(late.values);
  }

  /** Finds the affected people who have another contact point in the same audience, which is not affected there. */
  #findRight(): void {
    const matched = this.#matched;
    for (const place of this.#affectedPlaces.values) {
      const account = this.#judge.contacts.points.account[matched.ordinals[place]!]!;
      for (let other = matched.companion(place); other !== place; other = matched.companion(other)) {
        if (this.#isRightBeside(place, other)) this.#tally.noteRight(account);
      }
    }
  }

  #isRightBeside(place: number, other: number): boolean {
    const { firstEntry } = this.#matched;
    const { points } = this.#judge.contacts;
    const number = points.numberOf(this.#matched.ordinals[other]!);
    const isSame = number === points.numberOf(this.#matched.ordinals[place]!);
    if (isSame) return false;
    for (let entry = firstEntry[place]!; entry < firstEntry[place + 1]!; entry++) {
      if (this.#entries[entry] !== ENTRY.affected) continue;
      const audience = this.#audienceOf(entry);
      let [isRight, isAffected] = [false, false];
      for (let theirs = firstEntry[other]!; theirs < firstEntry[other + 1]!; theirs++) {
        if (this.#audienceOf(theirs) !== audience) continue;
        isAffected ||= this.#entries[theirs] === ENTRY.affected;
        isRight ||= this.#isRight(theirs, number, other);
      }
      if (isRight && !isAffected) return true;
    }
    return false;
  }

  #isRight(entry: number, number: number, place: number): boolean {
    const { contacts, difference } = this.#judge;
    if (this.#entries[entry] !== ENTRY.none) return this.#entries[entry] === ENTRY.right;
    const membership = this.#matched.membershipOf[entry]!;
    const fromMs = this.#matched.fromMs[membership]!;
    if (fromMs >= this.#toMs[membership]! || contacts.points.givenAtMs(number) > fromMs) return false;
    const ordinal = this.#matched.ordinals[place]!;
    return !difference.withHistory.has(ordinal) && !difference.denied.has(ordinal);
  }

  counts(country: Uint16Array) {
    const { audiences } = this.#matched;
    const { account } = this.#judge.contacts.points;
    const affected = OrdinalSet.from(this.#affected.values);
    this.#otherwise.removeSet(affected);
    const touched = audiences.filter((_, i) => this.#isTouched[i] === 1);
    const latePeople = OrdinalSet.from(this.#late.toArray().map((number) => account[number]!));
    const tally = this.#tally;
    const at = (ms: number): string | null => (tally.people === 0 ? null : new Date(ms).toISOString());
    const counts = {
      people: tally.people,
      contactPoints: affected.size,
      ...tally.breakdowns(country),
      firstAt: at(tally.firstMs),
      lastAt: at(tally.lastMs),
      alsoMatchedRightly: tally.right,
      permittedOtherwise: this.#otherwise.size,
      lateFacts: { people: latePeople.size, contactPoints: this.#late.size },
      audiences: touched.length,
      lists: new Set(touched.map(({ list }) => list)).size,
      advertisers: new Set(touched.map(({ advertiser }) => advertiser)).size,
    };
    for (const set of [affected, latePeople, this.#late, this.#otherwise]) set.dispose();
    return counts;
  }
}
