/**
 * Outcomes: in one history of an account, what each match may have come to. A match has an outcome for each contact point that
 * it may have been, and two where nobody knows when it ended and that matters: as early, and as late as may be.
 */
import { PromiseEntries, SPAN } from "../incident/index.js";
import { type Account, NO_LABEL } from "./account.js";
import { EVERYWHERE, type History, NOWHERE } from "./histories.js";
import { ANY_KIND } from "./table-rows.js";

export class Outcomes {
  /** Outcomes of match m: [first[m], first[m + 1]). */
  readonly first: number[] = [];
  /** Matches that have one. */
  explained = 0;
  /** Whether each match has one at most. */
  isPlain = true;
  /** Whether some match may have been of several contact points. */
  isOfSeveral = false;

  readonly point: number[] = [];
  /** Whether it was permitted as believed when it was matched. */
  readonly isMember: boolean[] = [];
  /** First instant at which it was affected, Infinity for none; and the last, as known for sure and at most. */
  readonly fromMs: number[] = [];
  readonly sureToMs: number[] = [];
  readonly toMs: number[] = [];
  readonly purposes: number[] = [];
  /** When it was affected: places of from and to in turn, in `spans`. */
  readonly firstSpan: number[] = [];
  readonly lastSpan: number[] = [];
  readonly spans: number[] = [];
  /** By point: whether it was ever given under a claimed notice. */
  readonly isClaimedPoint: boolean[] = [];

  readonly #account: Account;
  readonly #history: History;
  readonly #hasClaim: boolean;
  readonly #untilMs: number;
  #count = 0;
  #spanCount = 0;

  readonly #entries = new PromiseEntries();
  /** By point, those of every point behind them: its first fact; and by fact, the next one. -1 for none. */
  readonly #firstFact: number[] = [];
  readonly #nextFact: number[] = [];
  /** By point: its first contact; Infinity for none, and where its states lie. */
  readonly #givenMs: number[] = [];
  readonly #firstState: number[] = [];
  readonly #stateMs: number[] = [];
  readonly #state: number[] = [];
  #states = 0;

  /** @param untilMs memberships that nothing ended go on until here */
  constructor(account: Account, history: History, hasClaim: boolean, untilMs: number) {
    this.#account = account;
    this.#history = history;
    this.#hasClaim = hasClaim;
    this.#untilMs = untilMs;
  }

  /** Finds the outcomes of the account, in the history as it is now. */
  find(): void {
    const { matches, matchAtMs, matchKind, matchLabel } = this.#account;
    const { points, pointKind, labelPoint } = this.#history;
    this.#count = 0;
    this.#spanCount = 0;
    this.#states = 0;
    this.explained = 0;
    this.isPlain = true;
    this.isOfSeveral = false;
    this.#gatherFacts();
    for (let point = 0; point < points; point++) this.#judgePoint(point);
    this.#firstState[points] = this.#states;
    for (let match = 0; match < matches; match++) {
      this.first[match] = this.#count;
      const label = matchLabel[match]!;
      if (label !== NO_LABEL) {
        const point = labelPoint[label]!;
        if (this.#givenMs[point]! < Number.POSITIVE_INFINITY) this.#addOutcomes(match, point);
      } else {
        let candidates = 0;
        for (let point = 0; point < points; point++) {
          const kind = matchKind[match]!;
          if ((kind !== ANY_KIND && kind !== pointKind[point]) || this.#givenMs[point]! > matchAtMs[match]!) continue;
          this.#addOutcomes(match, point);
          candidates++;
        }
        if (candidates > 1) this.isOfSeveral = true;
      }
      const own = this.#count - this.first[match]!;
      if (own > 0) this.explained++;
      if (own > 1) this.isPlain = false;
    }
    this.first[matches] = this.#count;
  }

  /** Chains the facts of each point, those of every point in a chain of their own, in their order. */
  #gatherFacts(): void {
    const { factPoint, points } = this.#history;
    const firstFact = this.#firstFact;
    for (let point = 0; point <= points; point++) firstFact[point] = -1;
    for (let fact = this.#account.facts - 1; fact >= 0; fact--) {
      const of = factPoint[fact] === EVERYWHERE ? points : factPoint[fact]!;
      if (of === NOWHERE) continue;
      this.#nextFact[fact] = firstFact[of]!;
      firstFact[of] = fact;
    }
  }

  #judgePoint(point: number): void {
    const { contacts, factAtMs } = this.#account;
    this.#entries.clear();
    let givenMs = Number.POSITIVE_INFINITY;
    for (let fact = this.#firstFact[point]!; fact >= 0; fact = this.#nextFact[fact]!) {
      if (fact < contacts) givenMs = Math.min(givenMs, factAtMs[fact]!);
      this.#addEntry(fact);
    }
    let fact = this.#firstFact[this.#history.points]!;
    for (; fact >= 0; fact = this.#nextFact[fact]!) this.#addEntry(fact);
    this.#givenMs[point] = givenMs;
    this.#firstState[point] = this.#states;
    this.#entries.fold(this.#addState);
    const last = this.#states - 1;
    this.isClaimedPoint[point] = last >= this.#firstState[point]! && (this.#state[last]! & SPAN.claimed) !== 0;
  }

  #addEntry(fact: number): void {
    const { factAtMs, factBits, factCorrected, factClaim } = this.#account;
    this.#entries.add(factAtMs[fact]!, factBits[fact]!, factCorrected[fact]!, factClaim[fact]!);
  }

  readonly #addState = (fromMs: number, state: number): void => {
    this.#stateMs[this.#states] = fromMs;
    this.#state[this.#states++] = state;
  };

  #addOutcomes(match: number, point: number): void {
    const { matchAtMs, matchEndMs, matchIsClaimed } = this.#account;
    const atMs = matchAtMs[match]!;
    const endMs = matchEndMs[match]!;
    const isClaimed = matchIsClaimed[match]!;
    // The instant itself always counts.
    const lateMs = Math.max(atMs + 1, Number.isNaN(endMs) ? this.#untilMs : Math.min(endMs, this.#untilMs));
    if (!Number.isNaN(endMs)) {
      this.#add(point, atMs, lateMs, isClaimed);
      return;
    }
    const shownMs = this.#lastShownMs(match);
    const earlyMs = Math.max(atMs, Math.min(shownMs, this.#untilMs)) + 1;
    const early = this.#add(point, atMs, earlyMs, isClaimed);
    if (lateMs <= earlyMs) return;
    const late = this.#add(point, atMs, lateMs, isClaimed);
    const isOne =
      !this.#isShown(match) && this.fromMs[early] === this.fromMs[late] && this.purposes[early] === this.purposes[late];
    if (!isOne) return;
    // It is the same whenever it ended, but for how long it was so.
    this.toMs[early] = this.toMs[late]!;
    this.#count--;
  }

  /** Whether anything was shown through the list of a match. */
  #isShown(match: number): boolean {
    const { showings, showingList, matchList } = this.#account;
    for (let i = 0; i < showings; i++) if (showingList[i] === matchList[match]) return true;
    return false;
  }

  /** The last showing that nothing but this match accounts for: it went on until then. */
  #lastShownMs(match: number): number {
    const { showings, showingList, showingAtMs, matches, matchList, matchAtMs } = this.#account;
    const list = matchList[match];
    const atMs = matchAtMs[match]!;
    let otherMs = Number.POSITIVE_INFINITY;
    for (let other = match - 1; other >= 0 && matchList[other] === list; other--) {
      otherMs = Math.min(otherMs, matchAtMs[other]!);
    }
    for (let other = match + 1; other < matches && matchList[other] === list; other++) {
      otherMs = Math.min(otherMs, matchAtMs[other]!);
    }
    let lastMs = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < showings; i++) {
      const shownMs = showingAtMs[i]!;
      if (showingList[i] === list && shownMs >= atMs && shownMs < otherMs) lastMs = Math.max(lastMs, shownMs);
    }
    return lastMs;
  }

  /** Adds what a membership of a point from a match until an instant comes to. */
  #add(point: number, fromMs: number, toMs: number, isClaimed: boolean): number {
    const at = this.#count++;
    const begin = this.#firstState[point]!;
    const end = point + 1 < this.#history.points ? this.#firstState[point + 1]! : this.#states;
    let state = begin;
    while (state < end && this.#stateMs[state]! <= fromMs) state++;
    state--;
    const hasClaim = this.#hasClaim;
    this.point[at] = point;
    this.fromMs[at] = Number.POSITIVE_INFINITY;
    this.toMs[at] = Number.NEGATIVE_INFINITY;
    this.purposes[at] = 0;
    this.firstSpan[at] = this.#spanCount;
    let bits = state < begin ? 0 : this.#state[state]!;
    this.isMember[at] = !hasClaim || (bits & SPAN.believed) !== 0;
    for (let beginsMs = fromMs; beginsMs < toMs; beginsMs = this.#stateMs[state]!) {
      if (hasClaim && (bits & SPAN.believed) === 0) break;
      const endsMs = state + 1 < end ? Math.min(toMs, this.#stateMs[state + 1]!) : toMs;
      const isWrong = isClaimed || (hasClaim ? (bits & SPAN.wrong) !== 0 : (bits & SPAN.believed) === 0);
      if (isWrong) {
        if (this.fromMs[at] === Number.POSITIVE_INFINITY) this.fromMs[at] = beginsMs;
        this.toMs[at] = endsMs;
        this.purposes[at] = bits >> SPAN.purposes;
        this.spans[this.#spanCount++] = beginsMs;
        this.spans[this.#spanCount++] = endsMs;
      }
      if (++state >= end) break;
      bits = this.#state[state]!;
    }
    this.sureToMs[at] = this.toMs[at]!;
    this.lastSpan[at] = this.#spanCount;
    return at;
  }

  /** Whether a match may have been of any contact point. */
  hasAny(match: number): boolean {
    return this.first[match] !== this.first[match + 1];
  }

  /** Whether a match has outcomes, all of them affected. */
  isForced(match: number): boolean {
    for (let one = this.first[match]!; one < this.first[match + 1]!; one++) if (!this.isAffected(one)) return false;
    return this.hasAny(match);
  }

  /** Whether a match has an outcome that is affected. */
  mayBe(match: number): boolean {
    for (let one = this.first[match]!; one < this.first[match + 1]!; one++) if (this.isAffected(one)) return true;
    return false;
  }

  isAffected(outcome: number): boolean {
    return this.fromMs[outcome]! < Number.POSITIVE_INFINITY;
  }

  /** Whether an outcome was affected at an instant. */
  covers(outcome: number, atMs: number): boolean {
    for (let i = this.firstSpan[outcome]!; i < this.lastSpan[outcome]!; i += 2) {
      if (this.spans[i]! <= atMs && atMs < this.spans[i + 1]!) return true;
    }
    return false;
  }
}
