/**
 * The difference of two folds of the same facts: when a contact point was permitted as it was believed, and when it would
 * not have been, had its notices said what a claim says.
 *
 * At an instant the grants and events up to it count, of the leaves before a position; the last specific promise wins, in
 * both folds. Nearly every contact point has one grant of its own account and nothing else, and is permitted from then on
 * or never: of these a word says all. Of the others ("with a history") the spans between the instants at which anything
 * changes are kept in columns, in the order in which they were weighed.
 */
import { grown } from "../column/index.js";
import { type Contacts, coversAds, FLAG, NO_GRANT, WHAT } from "../grant/index.js";
import { type Correction, NOTICE_CLASS, type NoticeBook } from "../purpose/index.js";
import { dayOf } from "./day.js";
import { ENTRY, entryBits, type Meant, meanings, meantAt, PromiseEntries, SPAN } from "./promise-spans.js";

export interface DifferenceOptions {
  /** Facts of leaves before this position count. */
  readonly position: number;
  /** Corrections of other incidents, held in both folds. */
  readonly held: readonly Correction[];
  /** What the claim says. */
  readonly claimed: readonly Correction[];
}

/** What a contact point comes to, since it was given; a word of bits. */
export const VERDICT = {
  /** Permitted in both folds. */
  right: 0,
  /** Permitted as believed, never as corrected. */
  wrong: 1,
  /** Never permitted as believed. */
  denied: 2,
  /** It has a history: times say when it was permitted as believed and not as corrected. */
  history: 3,
  mask: 3,
  /** Given under a claimed notice. */
  claimed: 4,
  /** From this bit on: security purposes that the claim says it was given for, a bit each by their code. */
  purposes: 3,
} as const;

/** On every day. */
const MARKED = 0xffff;

export class Difference {
  /** Of those with a history, in the order weighed: where their spans begin; then where the last one's end. */
  #firstSpan: Uint32Array = new Uint32Array(1 << 10);
  #histories = 0;
  #spans = 0;
  #from: Float64Array = new Float64Array(1 << 10);
  #state: Uint8Array = new Uint8Array(1 << 10);
  readonly #position: number;
  readonly #contacts: Contacts;
  /** By notice version; undefined where it is what the book says, in both folds. */
  readonly #meant: readonly (readonly Meant[] | undefined)[];
  /** By notice version: 1 where anything is said of it. */
  readonly #isSaidOf = new Uint8Array(NO_GRANT + 1);
  readonly #classes: Uint8Array;
  /** Of the contact point that is weighed. */
  readonly #entries = new PromiseEntries();

  constructor(contacts: Contacts, book: NoticeBook, { position, held, claimed }: DifferenceOptions) {
    this.#contacts = contacts;
    this.#position = position;
    this.#classes = book.classes;
    this.#meant = meanings(book, held, claimed);
    for (const { notice } of [...held, ...claimed]) this.#isSaidOf[notice] = 1;
  }

  /** Weighs a contact point. @returns VERDICT bits; of one with a history that alone; its spans are kept under the next place */
  weigh(number: number): number {
    if (!this.#hasHistory(number)) return this.#weighOne(number);
    this.#takeHistory(number);
    return VERDICT.history;
  }

  /**
   * Marks the ids [from, to) with the last day of a match of which, at a glance at the contact point, there may be anything to
   * tell: the day on which it was given, or MARKED. Of those with a history that their own flags do not tell it knows nothing.
   */
  markTold(from: number, to: number, marks: Uint16Array): void {
    const { points } = this.#contacts;
    const { flags, notice } = points;
    const isSaidOf = this.#isSaidOf;
    for (let id = from; id < to; id++) {
      const isMarked = (flags[id]! & FLAG.more) !== 0 || isSaidOf[notice[id]!] !== 0;
      marks[id - from] = isMarked ? MARKED : dayOf(points.givenAtMs(id));
    }
  }

  /** Weighs a contact point that has no history. @returns VERDICT bits */
  #weighOne(number: number): number {
    const { points } = this.#contacts;
    const meant = this.#meant[points.notice[number]!];
    const isCounted = (points.what[number]! & (WHAT.verified | WHAT.byOther)) === WHAT.verified;
    if (meant === undefined || !isCounted) return VERDICT.right;
    const { believed, corrected, claim } = meantAt(meant, points.givenAtMs(number));
    if (!isForAds(believed)) return VERDICT.denied;
    const about = claim === 0 ? 0 : VERDICT.claimed | ((claim >> SPAN.purposes) << VERDICT.purposes);
    return about | (isForAds(corrected) ? VERDICT.right : VERDICT.wrong);
  }

  /** One with several stretches has one, too: an incident may have been contained, and that undone. */
  #hasHistory(number: number): boolean {
    const { points, accountEvents } = this.#contacts;
    return (
      (points.flags[number]! & FLAG.more) !== 0 ||
      accountEvents.newest(points.account[number]!) >= 0 ||
      this.#contacts.ordinalOf(number) !== number
    );
  }

  #takeHistory(number: number): void {
    this.#readEntries(number);
    this.#entries.fold((fromMs, state) => this.#addSpan(fromMs, state));
    this.#firstSpan = grown(this.#firstSpan, ++this.#histories + 1);
    this.#firstSpan[this.#histories] = this.#spans;
  }

  #addSpan(fromMs: number, state: number): void {
    const at = this.#spans++;
    if (at >= this.#from.length) {
      this.#from = grown(this.#from, at + 1);
      this.#state = grown(this.#state, this.#from.length);
    }
    this.#from[at] = fromMs;
    this.#state[at] = state;
  }

  #readEntries(number: number): void {
    const { points, more, accountEvents } = this.#contacts;
    this.#entries.clear();
    if (points.notice[number] !== NO_GRANT) {
      this.#readGrant(points.notice[number]!, points.what[number]!, points.givenAtMs(number));
    }
    if ((points.flags[number]! & FLAG.more) !== 0) {
      for (let entry = more.newest(number); entry >= 0; entry = more.older(entry)) {
        if (more.leaf[entry]! >= this.#position) continue;
        const notice = more.notice[entry]!;
        const what = more.what[entry]!;
        if ((what & WHAT.event) === 0) this.#readGrant(notice, what, more.atMs[entry]!);
        else this.#readEvent(notice, more.atMs[entry]!);
      }
    }
    for (let entry = accountEvents.newest(points.account[number]!); entry >= 0; entry = accountEvents.older(entry)) {
      if (accountEvents.leaf[entry]! < this.#position)
        this.#readEvent(accountEvents.notice[entry]!, accountEvents.atMs[entry]!);
    }
  }

  #readGrant(notice: number, what: number, givenAtMs: number): void {
    if ((what & WHAT.byOther) !== 0) return;
    const isVerified = (what & WHAT.verified) !== 0;
    const meant = this.#meant[notice];
    if (meant === undefined) {
      const bits = entryBits(this.#classes[notice]!, isVerified);
      this.#entries.add(givenAtMs, bits, bits, 0);
    } else {
      const { believed, corrected, claim } = meantAt(meant, givenAtMs);
      this.#entries.add(givenAtMs, entryBits(believed, isVerified), entryBits(corrected, isVerified), claim);
    }
  }

  #readEvent(typeAndPurpose: number, atMs: number): void {
    if (coversAds(typeAndPurpose & 0xff, typeAndPurpose >> 8)) this.#entries.add(atMs, ENTRY.revokes, 0, 0);
  }

  /**
   * Holds a membership of a contact point with a history against its spans.
   * @param place how many with a history were weighed before it
   * @param isClaimed whether the claim is about the match that brought it in: then all of the membership is wrong
   * @param wrong gets the times at which it was a member and should not have been
   * @returns VERDICT bits, `history` if there are such times; with `claimed` if it was ever given under a claimed notice
   */
  judge(place: number, fromMs: number, toMs: number, isClaimed: boolean, wrong: WrongTimes): number {
    const from = this.#from;
    const state = this.#state;
    const end = this.#firstSpan[place + 1]!;
    let span = this.#firstSpan[place]!;
    const claimed = span < end && (state[end - 1]! & SPAN.claimed) !== 0 ? VERDICT.claimed : 0;
    let began = -1;
    for (; span < end && from[span]! <= fromMs; span++) began = span;
    if (began < 0 || (state[began]! & SPAN.believed) === 0) return VERDICT.denied;
    let isWrong = false;
    for (span = began; span < end && (state[span]! & SPAN.believed) !== 0; span++) {
      const beginsMs = Math.max(fromMs, from[span]!);
      if (beginsMs >= toMs) break;
      if (!isClaimed && (state[span]! & SPAN.wrong) === 0) continue;
      const endsMs = Math.min(toMs, span + 1 < end ? from[span + 1]! : Number.POSITIVE_INFINITY);
      wrong.add(beginsMs, endsMs, state[span]! >> SPAN.purposes);
      isWrong = true;
    }
    return (isWrong ? VERDICT.history : VERDICT.right) | claimed;
  }
}

/** Times at which contact points with a history were members and should not have been; in columns. */
export class WrongTimes {
  count = 0;
  /** Inclusive. */
  fromMs: Float64Array = new Float64Array(1 << 10);
  /** Exclusive; Infinity while nothing ended it. */
  toMs: Float64Array = new Float64Array(1 << 10);
  /** Security purposes that the claim says it had been given for by then, a bit each by their code. */
  purposes: Uint8Array = new Uint8Array(1 << 10);

  add(fromMs: number, toMs: number, purposes: number): void {
    const at = this.count++;
    if (at === this.fromMs.length) {
      this.fromMs = grown(this.fromMs, at + 1);
      this.toMs = grown(this.toMs, at + 1);
      this.purposes = grown(this.purposes, at + 1);
    }
    this.fromMs[at] = fromMs;
    this.toMs[at] = toMs;
    this.purposes[at] = purposes;
  }
}

const FOR_ADS = NOTICE_CLASS.self | NOTICE_CLASS.namesAds;
const isForAds = (bits: number): boolean => (bits & FOR_ADS) === FOR_ADS;
