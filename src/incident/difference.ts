/**
 * The difference of two folds of the same facts: when each contact point was permitted as it was believed, and when it
 * would not have been, had its notices said what a claim says.
 *
 * At an instant the grants and events up to it count, of the leaves before a position; the last specific promise wins, in
 * both folds. Nearly every contact point has one grant of its own account and nothing else, and is permitted from then on
 * or never: of these, sets say all. Of the others ("with a history") the spans between the instants at which anything
 * changes are kept in columns. Cost: one pass over the columns of contact points.
 */
import { grown, Numbers } from "../column/index.js";
import { type Contacts, coversAds, FLAG, NO_GRANT, WHAT } from "../grant/index.js";
import { type Correction, NOTICE_CLASS, type NoticeBook } from "../purpose/index.js";
import { OrdinalSet } from "../set/index.js";
import { ENTRY, entryBits, type Meant, meanings, meantAt, PromiseEntries, SPAN } from "./promise-spans.js";

export interface DifferenceOptions {
  /** Facts of leaves before this position count. */
  readonly position: number;
  /** Corrections of other incidents, held in both folds. */
  readonly held: readonly Correction[];
  /** What the claim says. */
  readonly claimed: readonly Correction[];
  /** Only of these contact points; every one of them counts as one with a history. */
  readonly only?: readonly number[] | undefined;
}

export class Difference {
  /** Contact points with one grant and nothing else: permitted from then on as believed, never as corrected. */
  readonly suspects: OrdinalSet;
  /** Of the same sort: never permitted as believed, by what another incident corrects. */
  readonly denied: OrdinalSet;
  /** Of the same sort: given under a claimed notice, and permitted all the same. */
  readonly permitted: OrdinalSet;
  /** Ids of contact points with a history: their numbers and later ordinals. */
  readonly withHistory: OrdinalSet;
  /** Spans of those, id by id in ascending order; those of an id begin at `#firstSpan` of its place. */
  readonly #ids = new Numbers();
  readonly #firstSpan = new Numbers();
  readonly #spanCount = new Numbers();
  /** Place of the first id from each multiple of ID_STEP on. */
  readonly #firstPlace: Uint32Array;
  #spans = 0;
  #from: Float64Array = new Float64Array(1 << 10);
  #state: Uint8Array = new Uint8Array(1 << 10);
  readonly #position: number;
  readonly #contacts: Contacts;
  /** By notice version; undefined where it is what the book says, in both folds. */
  readonly #meant: readonly (readonly Meant[] | undefined)[];
  readonly #classes: Uint8Array;
  #holders = 1;
  /** Of the contact point that is looked at. */
  readonly #entries = new PromiseEntries();

  constructor(contacts: Contacts, book: NoticeBook, { position, held, claimed, only }: DifferenceOptions) {
    this.#contacts = contacts;
    this.#position = position;
    this.#classes = book.classes;
    this.#meant = meanings(book, held, claimed);
    const found = { suspects: new Numbers(), denied: new Numbers(), permitted: new Numbers() };
    if (only === undefined) this.#pass(found);
    else this.#takeSome(only);
    this.suspects = OrdinalSet.from(found.suspects.values);
    this.denied = OrdinalSet.from(found.denied.values);
    this.permitted = OrdinalSet.from(found.permitted.values);
    this.withHistory = OrdinalSet.from(this.#ids.values);
    this.#firstPlace = firstPlaces(this.#ids.values);
  }

  #pass({ suspects, denied, permitted }: Record<"suspects" | "denied" | "permitted", Numbers>): void {
    const { points } = this.#contacts;
    const { flags, notice, what, account } = points;
    const known = this.#contacts.firstPointSince(this.#position);
    const hasEvents = this.#accountsWithEvents();
    const restarted = this.#restarted(hasEvents);
    const isRestarted = restarted.size > 0;
    const isMeant = new Uint8Array(NO_GRANT + 1);
    for (const one of Object.keys(this.#meant)) isMeant[Number(one)] = 1;
    const counted = WHAT.verified | WHAT.byOther;
    for (let id = 0; id < known; id++) {
      const flag = flags[id]!;
      if ((flag & FLAG.kindMask) === FLAG.laterOrdinal) this.#repeat(id, points.numberOf(id));
      else if ((flag & FLAG.more) !== 0 || hasEvents[account[id]!] === 1 || (isRestarted && restarted.has(id))) {
        this.#takeHistory(id);
      } else if (isMeant[notice[id]!] === 1 && (what[id]! & counted) === WHAT.verified) {
        const meant = meantAt(this.#meant[notice[id]!]!, points.givenAtMs(id));
        if (!isForAds(meant.believed)) denied.push(id);
        else if (!isForAds(meant.corrected)) suspects.push(id);
        else if (meant.claim !== 0) permitted.push(id);
      }
    }
  }

  /** Numbers are lower than the later ordinals of theirs. */
  #takeSome(numbers: readonly number[]): void {
    const known = this.#contacts.firstPointSince(this.#position);
    const ids = numbers.flatMap((number) => this.#contacts.ordinalsOf(number)).filter((id) => id < known);
    for (const id of ids.sort((a, b) => a - b)) {
      if (this.#contacts.points.isLaterOrdinal(id)) this.#repeat(id, this.#contacts.points.numberOf(id));
      else this.#takeHistory(id);
    }
  }

  #accountsWithEvents(): Uint8Array {
    const { accounts, accountEvents } = this.#contacts;
    const hasEvents = new Uint8Array(accounts.count);
    for (let entry = 0; entry < accountEvents.count; entry++) {
      if (accountEvents.leaf[entry]! < this.#position) hasEvents[accountEvents.key(entry)] = 1;
    }
    return hasEvents;
  }

  /** Contact points with several stretches that their facts don't tell of: an incident was contained, and that undone. */
  #restarted(hasEvents: Uint8Array): Set<number> {
    const { flags, account } = this.#contacts.points;
    const found = new Set<number>();
    for (const number of this.#contacts.restarted()) {
      if ((flags[number]! & FLAG.more) === 0 && hasEvents[account[number]!] === 0) found.add(number);
    }
    return found;
  }

  /** Security purposes that the claim says a contact point with one grant was given for, a bit each by their code. */
  claimedPurposes(number: number): number {
    const { points } = this.#contacts;
    const meant = this.#meant[points.notice[number]!];
    return meant === undefined ? 0 : meantAt(meant, points.givenAtMs(number)).claim >> SPAN.purposes;
  }

  /** A later ordinal has its contact point's spans. */
  #repeat(id: number, number: number): void {
    const place = this.#ids.countBelow(number);
    this.#ids.push(id);
    this.#firstSpan.push(this.#firstSpan.values[place]!);
    this.#spanCount.push(this.#spanCount.values[place]!);
  }

  #takeHistory(number: number): void {
    this.#readEntries(number);
    const first = this.#spans;
    this.#entries.fold((fromMs, state) => this.#addSpan(fromMs, state));
    this.#ids.push(number);
    this.#firstSpan.push(first);
    this.#spanCount.push(this.#spans - first);
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
   * Holds memberships of contact points with a history against their spans.
   * @param ids all of them in `withHistory`
   * @param episode set anew for each, then told
   */
  forEachHistory(
    ids: Uint32Array,
    { fromMs, toMs, isClaimed }: Held,
    tell: (id: number, episode: Episode) => void,
  ): void {
    const known = this.#ids.values;
    const firstPlace = this.#firstPlace;
    const [firsts, counts] = [this.#firstSpan.values, this.#spanCount.values];
    const episode: Episode = {
      isMember: false,
      isClaimed: false,
      wrongFromMs: 0,
      wrongToMs: 0,
      spans: [],
      purposes: 0,
    };
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      let place = firstPlace[id >>> ID_STEP_BITS]!;
      while (known[place] !== id) place++;
      this.#judge(episode, firsts[place]!, counts[place]!, fromMs, toMs, isClaimed);
      tell(id, episode);
    }
  }

  #judge(episode: Episode, first: number, count: number, fromMs: number, toMs: number, isClaimed: boolean): void {
    const from = this.#from;
    const state = this.#state;
    const end = first + count;
    let span = first;
    while (span < end && from[span]! <= fromMs) span++;
    span--;
    episode.isMember = span >= first && (state[span]! & SPAN.believed) !== 0;
    episode.isClaimed = count > 0 && (state[end - 1]! & SPAN.claimed) !== 0;
    episode.wrongFromMs = Number.POSITIVE_INFINITY;
    episode.wrongToMs = Number.NEGATIVE_INFINITY;
    episode.purposes = 0;
    episode.spans.length = 0;
    if (!episode.isMember) return;
    for (; span < end && (state[span]! & SPAN.believed) !== 0; span++) {
      const beginsMs = Math.max(fromMs, from[span]!);
      if (beginsMs >= toMs) break;
      if (!isClaimed && (state[span]! & SPAN.wrong) === 0) continue;
      episode.purposes = state[span]! >> SPAN.purposes;
      if (episode.wrongFromMs === Number.POSITIVE_INFINITY) episode.wrongFromMs = beginsMs;
      episode.wrongToMs = Math.min(toMs, span + 1 < end ? from[span + 1]! : Number.POSITIVE_INFINITY);
      episode.spans.push(beginsMs, episode.wrongToMs);
    }
  }

  /** One more holds it, who is to dispose of it. */
  hold(): this {
    this.#holders++;
    return this;
  }

  /** Gives the memory back when nobody holds it any more. */
  dispose(): void {
    if (--this.#holders > 0) return;
    for (const set of [this.suspects, this.denied, this.permitted, this.withHistory]) set.dispose();
  }
}

/** What members are held against. */
export interface Held {
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether the claim is about the match that brought them in: then all of the membership is wrong. */
  readonly isClaimed: boolean;
}

/** What a membership of a contact point with a history comes to. */
export interface Episode {
  /** Whether it was permitted as believed when it was matched. */
  isMember: boolean;
  /** Whether it was ever given under a claimed notice. */
  isClaimed: boolean;
  /** First and last instant at which it was affected; from Infinity on if it never was. */
  wrongFromMs: number;
  wrongToMs: number;
  /** When it was affected: from and to in turn. */
  readonly spans: number[];
  /** Security purposes that the claim says it had been given for by then, a bit each by their code. */
  purposes: number;
}

const FOR_ADS = NOTICE_CLASS.self | NOTICE_CLASS.namesAds;
const isForAds = (bits: number): boolean => (bits & FOR_ADS) === FOR_ADS;

/** Places of ids are found from the next multiple of this below them. */
const ID_STEP_BITS = 5;

function firstPlaces(ids: Uint32Array): Uint32Array {
  const last = ids.length === 0 ? 0 : ids[ids.length - 1]!;
  const places = new Uint32Array((last >>> ID_STEP_BITS) + 1);
  for (let place = ids.length - 1; place >= 0; place--) places[ids[place]! >>> ID_STEP_BITS] = place;
  return places;
}
