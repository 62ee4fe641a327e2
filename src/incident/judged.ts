/**
 * Judged: memberships with what the difference of the two folds says of each, where there is anything to tell of the person in
 * the audience. Cost: 14 bytes an entry and 8 a person; of an entry with a history 17 for each of its times.
 */
import { Numbers } from "../column/index.js";
import type { Contacts } from "../grant/index.js";
import { type Difference, VERDICT, WrongTimes } from "./difference.js";
import type { Matched } from "./matched.js";
import type { Turns } from "./turns.js";

/** Beside VERDICT bits in a word: the kind of the contact point. */
const PURPOSES_MASK = 0xff;
const KIND_FROM = VERDICT.purposes + 8;
const KIND_MASK = 7;

/** `bits` of an affected contact point: one for its kind, and from here on those of purposes, by their codes. */
export const PURPOSES_FROM = 7;

/** @param purposes by default those that the word says */
export const bitsOf = (word: number, purposes = (word >> VERDICT.purposes) & PURPOSES_MASK): number =>
  (1 << ((word >> KIND_FROM) & KIND_MASK)) | (purposes << PURPOSES_FROM);

/** People between two looks at the clock. */
const PEOPLE_AT_ONCE = 1 << 12;

export class Judged {
  /** Memberships, and the audiences that they are of. */
  readonly matched: Pick<Matched, "audiences" | "audienceOf" | "fromMs" | "toMs">;
  /** By person, in the order of accounts: the account. */
  readonly accountOf: Uint32Array;
  /** By person: the first entry; then where the last one's end. */
  readonly firstOf: Uint32Array;
  /** By entry: VERDICT bits and the kind, number of the contact point, membership. */
  readonly words: Uint16Array;
  readonly numberOf: Uint32Array;
  readonly membershipOf: Uint32Array;
  /** Most entries of one person. */
  readonly most: number;
  /** By entry: the first of its times, if it has a history; then where the last one's end. */
  readonly timesFrom: Uint32Array;
  readonly times: WrongTimes;

  private constructor({ audiences, audienceOf, fromMs, toMs }: Matched, judge: Judge) {
    this.matched = { audiences, audienceOf, fromMs, toMs };
    this.accountOf = judge.accounts.values;
    this.firstOf = judge.firstOf.values;
    this.words = Uint16Array.from(judge.words.values);
    this.numberOf = judge.numbers.values;
    this.membershipOf = judge.memberships.values;
    this.most = judge.most;
    this.timesFrom = judge.timesFrom.values;
    this.times = judge.times;
  }

  /** @param matches that are claimed: whoever they brought in is wrong there, unless it was never permitted */
  static async of(
    contacts: Contacts,
    matched: Matched,
    difference: Difference,
    matches: ReadonlySet<string>,
    turns: Turns,
  ): Promise<Judged> {
    const judge = new Judge(contacts, matched, difference, matches);
    for (let person = 0; person < matched.firstOf.length - 1; person++) {
      judge.take(person);
      if (person % PEOPLE_AT_ONCE === 0) await turns.giveWay();
    }
    judge.end();
    return new Judged(matched, judge);
  }

  /** Whether a person was affected in an audience at an instant, as far as memberships and their contact points say. */
  wasAffected(person: number, audience: number, atMs: number): boolean {
    const { words, membershipOf } = this;
    const { audienceOf, fromMs, toMs } = this.matched;
    for (let entry = this.firstOf[person]!; entry < this.firstOf[person + 1]!; entry++) {
      const membership = membershipOf[entry]!;
      if (audienceOf[membership] !== audience) continue;
      const verdict = words[entry]! & VERDICT.mask;
      if (verdict === VERDICT.wrong && fromMs[membership]! <= atMs && atMs < toMs[membership]!) return true;
      if (verdict === VERDICT.history && this.#isInTimes(entry, atMs)) return true;
    }
    return false;
  }

  #isInTimes(entry: number, atMs: number): boolean {
    const { times, timesFrom } = this;
    for (let time = timesFrom[entry]!; time < timesFrom[entry + 1]!; time++) {
      if (times.fromMs[time]! <= atMs && atMs < times.toMs[time]!) return true;
    }
    return false;
  }

  /** Whether there is an instant at which a person may have been affected in an audience. */
  mayBeAffected(person: number, audience: number): boolean {
    for (let entry = this.firstOf[person]!; entry < this.firstOf[person + 1]!; entry++) {
      const verdict = this.words[entry]! & VERDICT.mask;
      const isIt = verdict === VERDICT.wrong || verdict === VERDICT.history;
      if (isIt && this.matched.audienceOf[this.membershipOf[entry]!] === audience) return true;
    }
    return false;
  }
}

/** Judges one person after the other, and keeps what there is to tell. */
class Judge {
  readonly accounts = new Numbers();
  readonly firstOf = new Numbers();
  readonly words = new Numbers();
  readonly numbers = new Numbers();
  readonly memberships = new Numbers();
  readonly timesFrom = new Numbers();
  readonly times = new WrongTimes();
  most = 0;

  readonly #contacts: Contacts;
  readonly #matched: Matched;
  readonly #difference: Difference;
  readonly #isClaimed: readonly boolean[];
  /** By audience: the last person of whom there is anything to tell in it. */
  readonly #toldOf: Int32Array;
  /** Of the person that is judged, entry by entry: the word, and the first of its times. */
  readonly #words = new Numbers();
  readonly #timesFrom = new Numbers();
  #histories = 0;

  constructor(contacts: Contacts, matched: Matched, difference: Difference, matches: ReadonlySet<string>) {
    this.#contacts = contacts;
    this.#matched = matched;
    this.#difference = difference;
    this.#isClaimed = matched.matchOf.map((match) => matches.has(match));
    this.#toldOf = new Int32Array(matched.audiences.length).fill(-1);
  }

  take(person: number): void {
    const { firstOf, numberOf, membershipOf, audienceOf } = this.#matched;
    const [first, end] = [firstOf[person]!, firstOf[person + 1]!];
    if (!this.#judge(person, first, end)) return;
    const before = this.words.count;
    this.accounts.push(this.#contacts.points.account[numberOf[first]!]!);
    this.firstOf.push(before);
    const [words, timesFrom] = [this.#words.values, this.#timesFrom.values];
    for (let entry = first; entry < end; entry++) {
      if (this.#toldOf[audienceOf[membershipOf[entry]!]!] !== person) continue;
      this.words.push(words[entry - first]!);
      this.timesFrom.push(timesFrom[entry - first]!);
      this.numbers.push(numberOf[entry]!);
      this.memberships.push(membershipOf[entry]!);
    }
    this.most = Math.max(this.most, this.words.count - before);
  }

  end(): void {
    this.firstOf.push(this.words.count);
    this.timesFrom.push(this.times.count);
  }

  /** Judges the entries of a person. @returns whether there is anything to tell */
  #judge(person: number, first: number, end: number): boolean {
    const { points } = this.#contacts;
    const { numberOf, membershipOf, audienceOf, fromMs, toMs } = this.#matched;
    this.#words.clear();
    this.#timesFrom.clear();
    let [isTold, last, verdict, kind, givenAtMs] = [false, -1, 0, 0, 0];
    for (let entry = first; entry < end; entry++) {
      const number = numberOf[entry]!;
      if (number !== last) {
        last = number;
        verdict = this.#difference.weigh(number);
        if (verdict === VERDICT.history) this.#histories++;
        kind = points.kind(number) << KIND_FROM;
        givenAtMs = points.givenAtMs(number);
      }
      const membership = membershipOf[entry]!;
      const isClaimed = this.#isClaimed[membership]!;
      const beganMs = fromMs[membership]!;
      this.#timesFrom.push(this.times.count);
      let own = verdict;
      if (verdict === VERDICT.history) {
        own = this.#difference.judge(this.#histories - 1, beganMs, toMs[membership]!, isClaimed, this.times);
        // A list that was replayed as of a time before it was given.
      } else if (givenAtMs > beganMs) own = VERDICT.denied;
      else if (isClaimed && verdict !== VERDICT.denied) own |= VERDICT.wrong;
      this.#words.push(own | kind);
      if ((own & (VERDICT.mask | VERDICT.claimed)) === VERDICT.right) continue;
      this.#toldOf[audienceOf[membership]!] = person;
      isTold = true;
    }
    return isTold;
  }
}
