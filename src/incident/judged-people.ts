/**
 * Judged people: goes through those of whom there is anything to tell one by one, in the order of accounts, and says what each
 * of their memberships came to by an instant.
 */
import { VERDICT } from "./difference.js";
import { bitsOf, type Judged } from "./judged.js";

/** What a membership comes to; `otherwise` comes with `right`. */
export const CAME = {
  /** It began later, or was nobody's. */
  nothing: 0,
  /** A member, and at no instant affected. */
  right: 1,
  affected: 2,
  /** Right, and given under a claimed notice. */
  otherwise: 4,
  /** Matched when it was not permitted by what was learned later; never a member. */
  late: 8,
} as const;

/** Tells the accounts that are somebody's; asked in ascending order. */
export class Somebody {
  readonly #nobody: Uint32Array;
  #at = 0;
  /** The next account that is nobody's. */
  #next: number;

  /** @param nobody accounts that are nobody's, ascending: they are no members */
  constructor(nobody: Uint32Array) {
    this.#nobody = nobody;
    this.#next = nobody[0] ?? Number.POSITIVE_INFINITY;
  }

  is(account: number): boolean {
    while (this.#next < account) this.#next = this.#nobody[++this.#at] ?? Number.POSITIVE_INFINITY;
    return this.#next !== account;
  }
}

export class JudgedPeople {
  readonly judged: Judged;
  /** Of the person that is told of: the account, and the entries [first, end), those of a contact point in a row. */
  account = 0;
  first = 0;
  end = 0;
  /** Of the entry last asked for, if it is affected: a bit for the kind, and bits for purposes; the first and last instant. */
  bits = 0;
  fromMs = Number.NaN;
  toMs = Number.NaN;

  /** By membership: until when it counts. */
  readonly #toMs: Float64Array;
  readonly #somebody: Somebody;
  #person = 0;

  /**
   * @param horizonMs memberships that nothing ended go on until here; what comes later does not count
   * @param nobody accounts that are nobody's, ascending
   */
  constructor(judged: Judged, horizonMs: number, nobody: Uint32Array) {
    this.judged = judged;
    this.#toMs = judged.matched.toMs.map((toMs) => Math.min(toMs, horizonMs));
    this.#somebody = new Somebody(nobody);
  }

  /** Goes on to the next person of whom there is anything to tell. @returns false after the last */
  next(): boolean {
    const { accountOf, firstOf } = this.judged;
    while (this.#person < accountOf.length) {
      const person = this.#person++;
      this.account = accountOf[person]!;
      if (!this.#somebody.is(this.account)) continue;
      this.first = firstOf[person]!;
      this.end = firstOf[person + 1]!;
      return true;
    }
    return false;
  }

  /** What an entry comes to: CAME bits. */
  came(entry: number): number {
    const { words, membershipOf, matched } = this.judged;
    const word = words[entry]!;
    const membership = membershipOf[entry]!;
    const fromMs = matched.fromMs[membership]!;
    const toMs = this.#toMs[membership]!;
    if (fromMs >= toMs) return CAME.nothing;
    const verdict = word & VERDICT.mask;
    if (verdict === VERDICT.wrong) {
      this.bits = bitsOf(word);
      this.fromMs = fromMs;
      this.toMs = toMs;
      return CAME.affected;
    }
    if (verdict === VERDICT.denied) return CAME.late;
    if (verdict === VERDICT.history && this.#takeTimes(entry, word, toMs)) return CAME.affected;
    return (word & VERDICT.claimed) === 0 ? CAME.right : CAME.right | CAME.otherwise;
  }

  /** Takes the times of an entry with a history, up to an instant. @returns whether there are any */
  #takeTimes(entry: number, word: number, untilMs: number): boolean {
    const { times, timesFrom } = this.judged;
    const first = timesFrom[entry]!;
    let time = first;
    for (; time < timesFrom[entry + 1]! && times.fromMs[time]! < untilMs; time++) {
      this.bits = bitsOf(word, times.purposes[time]!);
      if (time === first) this.fromMs = times.fromMs[time]!;
      this.toMs = Math.min(times.toMs[time]!, untilMs);
    }
    return time > first;
  }

  /** Whether any entry of the person is affected. */
  get isAffected(): boolean {
    for (let entry = this.first; entry < this.end; entry++) if (this.came(entry) === CAME.affected) return true;
    return false;
  }
}
