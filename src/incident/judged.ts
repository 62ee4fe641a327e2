/**
 * Judged: memberships with what the difference of the two folds says of each, where there is anything to tell of the person in
 * the audience; and a reader that goes through these people one by one. Cost: 10 bytes for each of their entries in `Matched`.
 */
import { Numbers } from "../column/index.js";
import type { Contacts } from "../grant/index.js";
import type { AffectedSpans } from "./affected-spans.js";
import { type Difference, VERDICT, WrongTimes } from "./difference.js";
import type { Matched } from "./matched.js";

/** Beside VERDICT bits in a word: the kind of the contact point, and whether a person's entries begin with it. */
const PURPOSES_MASK = 0xff;
const KIND_FROM = VERDICT.purposes + 8;
const KIND_MASK = 7;
const BEGINS = 1 << 15;

export class Judged {
  /** By entry of `Matched` that is kept: the word, number of the contact point, membership. */
  readonly words: Uint16Array;
  readonly numberOf: Uint32Array;
  readonly membershipOf: Uint32Array;
  /** By person of whom there is anything to tell: the account. */
  readonly accountOf: Uint32Array;
  /** Most entries of one person. */
  readonly most: number;
  /** Of those with a history, entry by entry: where their times end. */
  readonly timesTo: Uint32Array;
  readonly times = new WrongTimes();

  /** @param matches that are claimed: whoever they brought in is wrong there, unless it was never permitted */
  constructor(
    contacts: Contacts,
    readonly matched: Matched,
    difference: Difference,
    matches: ReadonlySet<string>,
  ) {
    const timesTo = new Numbers();
    const words = this.#judge(contacts, difference, matches, timesTo);
    this.timesTo = timesTo.values;
    const { numberOf, membershipOf, audienceOf } = matched;
    const [kept, accounts] = [new Numbers(), new Numbers()];
    // By audience: the entry with which the last person begins of whom there is anything to tell in it.
    const toldOf = new Int32Array(matched.audiences.length).fill(-1);
    this.most = 0;
    for (let first = 0, entry = 0; entry < words.length; first = entry) {
      do {
        const isTold = (words[entry]! & (VERDICT.mask | VERDICT.claimed)) !== VERDICT.right;
        if (isTold) toldOf[audienceOf[membershipOf[entry]!]!] = first;
        entry++;
      } while (entry < words.length && words[entry]! < BEGINS);
      const before = kept.count;
      for (let one = first; one < entry; one++) {
        if (toldOf[audienceOf[membershipOf[one]!]!] !== first) continue;
        if (kept.count === before) words[one]! |= BEGINS;
        kept.push(one);
      }
      if (kept.count === before) continue;
      accounts.push(contacts.points.account[numberOf[first]!]!);
      this.most = Math.max(this.most, kept.count - before);
    }
    this.accountOf = accounts.values;
    this.words = new Uint16Array(kept.count);
    this.numberOf = new Uint32Array(kept.count);
    this.membershipOf = new Uint32Array(kept.count);
    for (const [at, entry] of kept.values.entries()) {
      this.words[at] = words[entry]!;
      this.numberOf[at] = numberOf[entry]!;
      this.membershipOf[at] = membershipOf[entry]!;
    }
  }

  /** @returns the word of every entry */
  #judge({ points }: Contacts, difference: Difference, matches: ReadonlySet<string>, timesTo: Numbers): Uint16Array {
    const { numberOf, membershipOf, fromMs, toMs, matchOf } = this.matched;
    const { account } = points;
    const isClaimed = matchOf.map((match) => matches.has(match));
    const words = new Uint16Array(numberOf.length);
    let [histories, last, person, verdict, kind, givenAtMs] = [0, -1, -1, 0, 0, 0];
    for (let entry = 0; entry < words.length; entry++) {
      const number = numberOf[entry]!;
      let begins = 0;
      if (number !== last) {
        last = number;
        verdict = difference.weigh(number);
        if (verdict === VERDICT.history) histories++;
        kind = points.kind(number) << KIND_FROM;
        givenAtMs = points.givenAtMs(number);
        if (account[number] !== person) begins = BEGINS;
        person = account[number]!;
      }
      const membership = membershipOf[entry]!;
      const beganMs = fromMs[membership]!;
      let own = verdict;
      if (verdict === VERDICT.history) {
        own = difference.judge(histories - 1, beganMs, toMs[membership]!, isClaimed[membership]!, this.times);
        if ((own & VERDICT.mask) === VERDICT.history) timesTo.push(this.times.count);
        // A list that was replayed as of a time before it was given.
      } else if (givenAtMs > beganMs) own = VERDICT.denied;
      else if (isClaimed[membership]! && verdict !== VERDICT.denied) own |= VERDICT.wrong;
      words[entry] = own | kind | begins;
    }
    return words;
  }
}

/** What a membership comes to; several may hold. */
export const CAME = {
  /** A member, and at no instant affected. */
  right: 1,
  affected: 2,
  /** Right, and given under a claimed notice. */
  otherwise: 4,
  /** Matched when it was not permitted by what was learned later; never a member. */
  late: 8,
} as const;

/** Purposes begin at this bit of `bits`, above the kinds. */
export const PURPOSES_FROM = 7;

/** The memberships of one person after the other, in the order of accounts. */
export class JudgedPeople {
  account = 0;
  /** Memberships of the person that is told of; then by place, those of a contact point in a row. */
  count = 0;
  readonly number: Uint32Array;
  /** Place of the audience. */
  readonly audience: Uint32Array;
  /** CAME bits. */
  readonly came: Uint8Array;
  /** Of what is affected: a bit for the kind, and bits for purposes; the first and last instant. */
  readonly bits: Uint16Array;
  readonly fromMs: Float64Array;
  readonly toMs: Float64Array;
  /** How many of them are affected. */
  affected = 0;

  readonly #judged: Judged;
  /** By membership: until when it counts. */
  readonly #toMs: Float64Array;
  readonly #nobody: Uint32Array;
  readonly #spans: AffectedSpans | undefined;
  #nobodyAt = 0;
  #person = 0;
  #entry = 0;
  /** Of entries with a history. */
  #history = 0;

  /**
   * @param horizonMs memberships that nothing ended go on until here; what comes later does not count
   * @param nobody accounts that are nobody's, ascending: they are no members
   * @param spans is told when people were affected, in which audience
   */
  constructor(judged: Judged, horizonMs: number, nobody: Uint32Array, spans?: AffectedSpans) {
    this.#judged = judged;
    this.#toMs = judged.matched.toMs.map((toMs) => Math.min(toMs, horizonMs));
    this.#nobody = nobody;
    this.#spans = spans;
    const { most } = judged;
    this.number = new Uint32Array(most);
    this.audience = new Uint32Array(most);
    this.came = new Uint8Array(most);
    this.bits = new Uint16Array(most);
    this.fromMs = new Float64Array(most);
    this.toMs = new Float64Array(most);
  }

  /** Goes on to the next person of whom there is anything to tell. @returns false after the last */
  next(): boolean {
    const { words } = this.#judged;
    this.count = 0;
    while (this.count === 0 && this.#entry < words.length) this.#read();
    return this.count > 0;
  }

  #read(): void {
    const { accountOf, words, numberOf, membershipOf, matched } = this.#judged;
    const { fromMs, audienceOf } = matched;
    const [toMs, number, audience, came] = [this.#toMs, this.number, this.audience, this.came];
    let entry = this.#entry;
    this.account = accountOf[this.#person++]!;
    const isSomebody = this.#isSomebody();
    let [count, affected] = [0, 0];
    do {
      const word = words[entry]!;
      const membership = membershipOf[entry]!;
      const verdict = word & VERDICT.mask;
      const isHistory = verdict === VERDICT.history;
      if (isHistory) this.#history++;
      if (isSomebody && fromMs[membership]! < toMs[membership]!) {
        number[count] = numberOf[entry]!;
        audience[count] = audienceOf[membership]!;
        const isWrong =
          verdict === VERDICT.wrong
            ? this.#takeWrong(count, word, fromMs[membership]!, toMs[membership]!)
            : isHistory && this.#takeTimes(count, word, toMs[membership]!);
        if (isWrong) affected++;
        came[count] = isWrong ? CAME.affected : verdict === VERDICT.denied ? CAME.late : cameOfRight(word);
        count++;
      }
      entry++;
    } while (entry < words.length && words[entry]! < BEGINS);
    this.#entry = entry;
    this.count = count;
    this.affected = affected;
  }

  #isSomebody(): boolean {
    while (this.#nobody[this.#nobodyAt]! < this.account) this.#nobodyAt++;
    return this.#nobody[this.#nobodyAt] !== this.account;
  }

  #takeWrong(at: number, word: number, fromMs: number, toMs: number): true {
    this.bits[at] = bitsOf(word, (word >> VERDICT.purposes) & PURPOSES_MASK);
    this.fromMs[at] = fromMs;
    this.toMs[at] = toMs;
    this.#spans?.add(this.account, this.audience[at]!, fromMs, toMs);
    return true;
  }

  /** Takes the times of the last entry with a history, up to an instant. @returns whether there are any */
  #takeTimes(at: number, word: number, untilMs: number): boolean {
    const { times, timesTo } = this.#judged;
    const first = this.#history > 1 ? timesTo[this.#history - 2]! : 0;
    let time = first;
    for (; time < timesTo[this.#history - 1]! && times.fromMs[time]! < untilMs; time++) {
      this.bits[at] = bitsOf(word, times.purposes[time]!);
      if (time === first) this.fromMs[at] = times.fromMs[time]!;
      this.toMs[at] = Math.min(times.toMs[time]!, untilMs);
      this.#spans?.add(this.account, this.audience[at]!, times.fromMs[time]!, this.toMs[at]!);
    }
    return time > first;
  }
}

const bitsOf = (word: number, purposes: number): number =>
  (1 << ((word >> KIND_FROM) & KIND_MASK)) | (purposes << PURPOSES_FROM);

const cameOfRight = (word: number): number =>
  (word & VERDICT.claimed) === 0 ? CAME.right : CAME.right | CAME.otherwise;
