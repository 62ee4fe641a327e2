/**
 * Judge: what an account adds to the least and to the most that the records allow, over all of its histories that leave the
 * fewest matches without an explanation.
 */
import { ENTRY, SPAN } from "../incident/index.js";
import { Account, NO_LABEL } from "./account.js";
import { History, MAX_HISTORIES } from "./histories.js";
import type { AuditNotices } from "./notices.js";
import { Outcomes } from "./outcomes.js";
import type { Part } from "./part.js";
import { clear, nobody, type Person, takeLeast, takeMost } from "./person.js";
import { ANY_KIND } from "./table-rows.js";
import { DAY_MS, Tally } from "./tally.js";
import { Weighing } from "./weighing.js";

/** What is said of people besides the numbers. */
export interface Verdicts {
  byIdentifier: number;
  byEveryContact: number;
  identifierMissing: number;
  valueMissing: number;
  endMissing: number;
  unexplainedPeople: number;
  unexplainedMatches: number;
  tangled: number;
}

export const noVerdicts = (): Verdicts => ({
  ...{ byIdentifier: 0, byEveryContact: 0, identifierMissing: 0, valueMissing: 0, endMissing: 0 },
  ...{ unexplainedPeople: 0, unexplainedMatches: 0, tangled: 0 },
});

interface JudgeOptions {
  readonly notices: AuditNotices;
  readonly hasClaim: boolean;
  readonly untilMs: number;
  /** Rows of the tallies: lists, and one. */
  readonly rows: number;
  /** Told of everybody who is, or may be, affected. */
  readonly onPerson?: ((account: number, isCertain: boolean, person: Person, lists: number) => void) | undefined;
}

/** A list, or all of them: matches [from, to) of the account, and what they come to. */
interface Scope {
  row: number;
  /** Of the whole that is one list alone: that list's row, which has the same numbers; else 0. */
  twin: number;
  from: number;
  to: number;
  /** At least and at most over the histories so far, and in the one that is weighed. */
  readonly least: Person;
  readonly most: Person;
  readonly nowLeast: Person;
  readonly nowMost: Person;
  /** First instants that are possible, by day. */
  readonly days: number[];
}

/** Histories are looked at up to so many steps in all. */
const MAX_STEPS = 2 ** 26;

export class Judge {
  readonly least: Tally;
  readonly most: Tally;
  readonly verdicts = noVerdicts();
  /** Accounts that were matched, by row. */
  readonly matched: Float64Array;
  readonly #account: Account;
  readonly #history = new History();
  readonly #outcomes: Outcomes;
  readonly #weighing: Weighing;
  readonly #onPerson: JudgeOptions["onPerson"];
  readonly #scopes: Scope[] = [];
  #scopeCount = 0;
  #country = 0;
  readonly #person = nobody();
  /** Of the account that is judged: its histories so far that leave as few matches unexplained as any. */
  readonly #soFar = { account: 0, isOne: false, histories: 0, explained: -1, isOfSeveral: false, isByIdentifier: true };
  /** Of each match, whether one of these explains it. */
  readonly #isExplained: boolean[] = [];
  /** Of each showing, whether it is affected in every case, and in any. */
  readonly #isShownLeast: boolean[] = [];
  readonly #isShownMost: boolean[] = [];
  /** Of each showing in the history as it is now: SHOWN bits. */
  readonly #isShownNow: number[] = [];
  readonly #untilMs: number;
  readonly #hasClaim: boolean;

  constructor({ notices, hasClaim, untilMs, rows, onPerson }: JudgeOptions) {
    this.least = new Tally(rows);
    this.most = new Tally(rows);
    this.matched = new Float64Array(rows);
    this.#account = new Account(notices, hasClaim);
    this.#outcomes = new Outcomes(this.#account, this.#history, hasClaim, untilMs);
    this.#weighing = new Weighing(this.#account, this.#history, this.#outcomes);
    this.#onPerson = onPerson;
    this.#untilMs = untilMs;
    this.#hasClaim = hasClaim;
  }

  /** Judges every account of a part. */
  part(part: Part): void {
    for (let account = 0; account < part.accounts; account++) {
      this.#account.take(part, account);
      this.#country = part.country[account]!;
      this.#findScopes();
      this.#judge(account);
    }
  }

  /** The whole first, then each list; one list alone is the whole. */
  #findScopes(): void {
    const { matches, matchList } = this.#account;
    this.#scopeCount = 0;
    const isOne = matchList[0] === matchList[matches - 1];
    this.#addScope(0, isOne ? matchList[0]! + 1 : 0, 0, matches);
    for (let from = 0, to = 0; from < matches && !isOne; from = to) {
      while (to < matches && matchList[to] === matchList[from]) to++;
      this.#addScope(matchList[from]! + 1, 0, from, to);
    }
  }

  #addScope(row: number, twin: number, from: number, to: number): void {
    this.matched[row]!++;
    if (twin > 0) this.matched[twin]!++;
    let scope = this.#scopes[this.#scopeCount++];
    if (scope === undefined) {
      const people = { least: nobody(), most: nobody(), nowLeast: nobody(), nowMost: nobody() };
      scope = { row, twin, from, to, ...people, days: [] };
      this.#scopes.push(scope);
    }
    scope.row = row;
    scope.twin = twin;
    scope.from = from;
    scope.to = to;
  }

  #judge(account: number): void {
    if (this.#account.isTooLarge) {
      this.#addTangled(account);
      return;
    }
    const isOne = History.isOne(this.#account);
    const so = this.#soFar;
    so.account = account;
    so.isOne = isOne;
    so.histories = 0;
    so.explained = -1;
    const isWhole = this.#history.forEach(this.#account, isOne ? 1 : this.#limit, this.#onHistory);
    if (isOne && this.#outcomes.isPlain) return;
    if (!isWhole) {
      this.#addTangled(account);
      return;
    }
    let unexplained = 0;
    for (let match = 0; match < this.#account.matches; match++) if (!this.#isExplained[match]) unexplained++;
    if (unexplained > 0) this.#noteUnexplained(unexplained);
    this.#addWeighed(account);
    const { least, most } = this.#scopes[0]!;
    if (!most.isAffected) return;
    if (least.isAffected && so.isByIdentifier) this.verdicts.byIdentifier++;
    else if (least.isAffected) this.verdicts.byEveryContact++;
    else if (so.isOfSeveral) this.verdicts.identifierMissing++;
    else if (so.histories > 1) this.verdicts.valueMissing++;
    else this.verdicts.endMissing++;
  }

  readonly #onHistory = (): void => {
    const outcomes = this.#outcomes;
    const so = this.#soFar;
    outcomes.find();
    if (so.isOne && outcomes.isPlain) {
      this.#addPlain(so.account);
      return;
    }
    if (outcomes.explained < so.explained) return;
    const { matches } = this.#account;
    if (outcomes.explained > so.explained) {
      so.explained = outcomes.explained;
      so.histories = 0;
      so.isOfSeveral = false;
      so.isByIdentifier = true;
      for (let match = 0; match < matches; match++) this.#isExplained[match] = false;
    }
    so.histories++;
    so.isOfSeveral ||= outcomes.isOfSeveral;
    so.isByIdentifier &&= this.#isCertainByIdentifier();
    for (let match = 0; match < matches; match++) this.#isExplained[match] ||= outcomes.hasAny(match);
    this.#weigh(so.histories === 1);
  };

  /** Histories that are looked at: fewer where each takes long. */
  get #limit(): number {
    return Math.max(1, Math.min(MAX_HISTORIES, Math.floor(MAX_STEPS / (this.#account.steps + 1))));
  }

  #noteUnexplained(matches: number): void {
    this.verdicts.unexplainedPeople++;
    this.verdicts.unexplainedMatches += matches;
  }

  /** Whether some match of a known identifier has only outcomes that are affected. */
  #isCertainByIdentifier(): boolean {
    const { matches, matchLabel } = this.#account;
    for (let match = 0; match < matches; match++) {
      if (matchLabel[match] !== NO_LABEL && this.#outcomes.isForced(match)) return true;
    }
    return false;
  }

  /** Adds an account of which everything is certain. */
  #addPlain(account: number): void {
    const { matches, showings, showingCampaign } = this.#account;
    const { explained } = this.#outcomes;
    if (explained < matches) this.#noteUnexplained(matches - explained);
    const person = this.#person;
    let hasRight = false;
    for (let i = this.#scopeCount - 1; i >= 0; i--) {
      const { row, twin, from, to } = this.#scopes[i]!;
      this.#weighing.plain(person, from, to);
      if (i > 0) hasRight ||= person.isRight;
      else if (twin === 0) person.isRight = hasRight;
      this.#addPerson(this.least, row, twin, person);
      this.#addPerson(this.most, row, twin, person);
      if (!person.isAffected) continue;
      this.#addDay(this.least, row, twin, Math.floor(person.firstMs / DAY_MS));
      this.#addDay(this.most, row, twin, Math.floor(person.firstMs / DAY_MS));
      if (person.showings === 0) continue;
      for (let showing = 0; showing < showings; showing++) {
        if (!this.#weighing.isShown(showing, from, to)) continue;
        this.#addCampaign(this.least, row, twin, showingCampaign[showing]!);
        this.#addCampaign(this.most, row, twin, showingCampaign[showing]!);
      }
    }
    // What was read last is the whole.
    if (!person.isAffected) return;
    if (this.#isCertainByIdentifier()) this.verdicts.byIdentifier++;
    else this.verdicts.byEveryContact++;
    this.#onPerson?.(account, true, person, this.#affectedLists());
  }

  #addPerson(tally: Tally, row: number, twin: number, person: Person): void {
    tally.add(row, person, this.#country);
    if (twin > 0) tally.add(twin, person, this.#country);
  }

  #addDay(tally: Tally, row: number, twin: number, day: number): void {
    tally.addDay(row, day);
    if (twin > 0) tally.addDay(twin, day);
  }

  #addCampaign(tally: Tally, row: number, twin: number, campaign: number): void {
    tally.addCampaign(row, campaign);
    if (twin > 0) tally.addCampaign(twin, campaign);
  }

  /** Lists that the account may be affected in. */
  #affectedLists(): number {
    if (this.#scopeCount === 1) return 1;
    let lists = 0;
    for (let i = 1; i < this.#scopeCount; i++) {
      const { from, to } = this.#scopes[i]!;
      let isAffected = false;
      for (let match = from; match < to; match++) isAffected ||= this.#outcomes.mayBe(match);
      if (isAffected) lists++;
    }
    return lists;
  }

  /** Weighs the history as it is now, besides those before it. */
  #weigh(isFirst: boolean): void {
    const { showings, showingList } = this.#account;
    for (let showing = 0; showing < showings; showing++) {
      const isLeast = this.#weighing.isShownForced(showing);
      const isMost = this.#weighing.isShown(showing, 0, this.#account.matches);
      this.#isShownNow[showing] = (isLeast ? SHOWN.least : 0) | (isMost ? SHOWN.most : 0);
      this.#isShownLeast[showing] = isLeast && (isFirst || this.#isShownLeast[showing]!);
      this.#isShownMost[showing] = isMost || (!isFirst && this.#isShownMost[showing]!);
    }
    let isRightLeast = false;
    let isRightMost = false;
    for (let i = this.#scopeCount - 1; i >= 0; i--) {
      const scope = this.#scopes[i]!;
      const least = isFirst ? scope.least : scope.nowLeast;
      const most = isFirst ? scope.most : scope.nowMost;
      if (isFirst) scope.days.length = 0;
      clear(least);
      clear(most);
      this.#weighing.bounds(scope.from, scope.to, scope.days, least, most);
      for (let showing = 0; showing < showings; showing++) {
        if (scope.row > 0 && showingList[showing] !== scope.row - 1) continue;
        if ((this.#isShownNow[showing]! & SHOWN.least) !== 0) least.showings++;
        if ((this.#isShownNow[showing]! & SHOWN.most) !== 0) most.showings++;
      }
      if (i > 0) {
        isRightLeast ||= least.isRight;
        isRightMost ||= most.isRight;
      } else if (scope.twin === 0) {
        least.isRight = isRightLeast;
        most.isRight = isRightMost;
      }
      if (isFirst) continue;
      takeLeast(scope.least, least);
      takeMost(scope.most, most);
    }
  }

  /**
   * Adds an account of too many rows or histories: all may be that its rows allow. Certain is only who had nothing that was
   * ever for ads.
   */
  #addTangled(account: number): void {
    const { contacts, matches } = this.#account;
    if (contacts === 0) {
      this.#noteUnexplained(matches);
      return;
    }
    this.#tangle();
    this.#addWeighed(account);
    if (this.#scopes[0]!.least.isAffected) this.verdicts.byEveryContact++;
    else this.verdicts.tangled++;
  }

  #tangle(): void {
    const { contacts, facts, factKind, factClaim, factAtMs, matchAtMs, showings, showingList } = this.#account;
    let [purposes, kinds] = [0, 0];
    for (let fact = 0; fact < contacts; fact++) {
      purposes |= factClaim[fact]! >> SPAN.purposes;
      kinds |= 1 << factKind[fact]!;
    }
    for (let showing = 0; showing < showings; showing++) {
      this.#isShownLeast[showing] = false;
      this.#isShownMost[showing] = true;
    }
    for (let i = 0; i < this.#scopeCount; i++) {
      const scope = this.#scopes[i]!;
      const { row, from, to, days } = scope;
      const firstMs = matchAtMs.slice(from, to).reduce((least, ms) => Math.min(least, ms), Number.POSITIVE_INFINITY);
      const times = [...matchAtMs.slice(from, to), ...factAtMs.slice(0, facts)];
      const possible = times.filter((ms) => ms >= firstMs && (ms < this.#untilMs || ms === firstMs));
      days.splice(0, days.length, ...new Set(possible.map((ms) => Math.floor(ms / DAY_MS))));
      let shown = 0;
      for (let showing = 0; showing < showings; showing++) if (row === 0 || showingList[showing] === row - 1) shown++;
      const lastMs = Math.max(firstMs + 1, this.#untilMs);
      clear(scope.least);
      this.#findSure(scope);
      Object.assign(scope.most, {
        ...{ isAffected: true, points: contacts, purposes, kinds, isRight: contacts > 1, otherwise: contacts },
        ...{ late: this.#hasClaim ? contacts : 0, showings: shown, firstMs, lastMs },
      } satisfies Person);
    }
  }

  /** The least that a list, or all, come to if no contact of the account was ever for ads: each match is affected at once. */
  #findSure({ from, to, least, days }: Scope): void {
    const { contacts, factAtMs, factKind, factClaim, factCorrected, matchAtMs, matchKind, matchLabel } = this.#account;
    let [purposes, kinds] = [-1, -1];
    for (let fact = 0; fact < contacts; fact++) {
      if (this.#hasClaim || (factCorrected[fact]! & ENTRY.grants) !== 0) return;
      purposes &= factClaim[fact]! >> SPAN.purposes;
      kinds &= 1 << factKind[fact]!;
    }
    for (let match = from; match < to; match++) {
      // Of one without an identifier it is enough that there was a contact.
      if (matchLabel[match] !== NO_LABEL || matchAtMs[match]! >= least.firstMs) continue;
      for (let fact = 0; fact < contacts; fact++) {
        const kind = matchKind[match]!;
        if (factAtMs[fact]! <= matchAtMs[match]! && (kind === ANY_KIND || kind === factKind[fact])) {
          least.firstMs = matchAtMs[match]!;
          break;
        }
      }
    }
    if (least.firstMs === Number.POSITIVE_INFINITY) return;
    Object.assign(least, {
      isAffected: true,
      points: 1,
      purposes,
      kinds,
      lastMs: least.firstMs + 1,
    } satisfies Partial<Person>);
    const lastDay = Math.floor(least.firstMs / DAY_MS);
    days.splice(0, days.length, ...days.filter((day) => day <= lastDay));
  }

  /** Adds an account of which not everything is certain. */
  #addWeighed(account: number): void {
    const { showings, showingList, showingCampaign } = this.#account;
    let lists = this.#scopeCount === 1 ? 1 : 0;
    for (let i = 0; i < this.#scopeCount; i++) {
      const { row, twin, least, most, days } = this.#scopes[i]!;
      this.#addPerson(this.least, row, twin, least);
      this.#addPerson(this.most, row, twin, most);
      if (row > 0 && most.isAffected) lists++;
      if (least.isAffected && days.length === 1) this.#addDay(this.least, row, twin, days[0]!);
      for (const day of days) this.#addDay(this.most, row, twin, day);
      for (let showing = 0; showing < showings; showing++) {
        if (row > 0 && showingList[showing] !== row - 1) continue;
        if (this.#isShownLeast[showing]) this.#addCampaign(this.least, row, twin, showingCampaign[showing]!);
        if (this.#isShownMost[showing]) this.#addCampaign(this.most, row, twin, showingCampaign[showing]!);
      }
    }
    const { least, most } = this.#scopes[0]!;
    if (most.isAffected) this.#onPerson?.(account, least.isAffected, most, lists);
  }
}

const SHOWN = { least: 1, most: 2 } as const;
