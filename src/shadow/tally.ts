/**
 * People by what decides about them: for each rule, notice and purpose the set of accounts, so that a person counts once
 * under each, in a list as in the whole.
 */
import { Numbers } from "../column/index.js";
import { NO_GRANT } from "../grant/index.js";
import { type Meanings, type Notice, type NoticeBook, purposeCode, purposeNames } from "../purpose/index.js";
import { OrdinalSet } from "../set/index.js";
import { type ByGrant, LOST_RULES, type LostRule } from "./result.js";

/** Accounts that wait before they are joined with their set. */
const WAITING = 1 << 18;

/** A set of accounts that grows one by one. */
class People {
  readonly #set = OrdinalSet.empty();
  readonly #waiting = new Numbers();

  add(account: number): void {
    this.#waiting.push(account);
    if (this.#waiting.count === WAITING) this.#join();
  }

  addSet(other: OrdinalSet): void {
    this.#set.addSet(other);
  }

  get set(): OrdinalSet {
    this.#join();
    return this.#set;
  }

  #join(): void {
    if (this.#waiting.count > 0) this.#set.addAll(this.#waiting.values);
    this.#waiting.clear();
  }
}

/** Notices by their index, and what grants under them are held to mean. */
export class Notices {
  readonly #book: NoticeBook;
  readonly #meanings: Meanings;
  /** Codes of the purposes of each notice of which no correction is held. */
  readonly #purposes: (readonly number[] | undefined)[] = [];

  constructor(book: NoticeBook, meanings: Meanings) {
    this.#book = book;
    this.#meanings = meanings;
  }

  notice(index: number): Notice {
    return this.#book.version(index).notice;
  }

  /** Codes of the purposes of what was given under a notice at an instant. */
  purposes(index: number, givenAtMs: number): readonly number[] {
    const known = this.#purposes[index];
    if (known !== undefined) return known;
    const codes = this.#meanings.purposesOf(index, givenAtMs).map(purposeCode);
    if (!this.#meanings.isCorrected(index)) this.#purposes[index] = codes;
    return codes;
  }
}

/** What is counted under: a rule, a purpose or a notice, in one number. */
const RULE = 1 << 16;
const PURPOSE = 2 << 16;

export class Tally {
  readonly #notices: Notices;
  readonly #people = new Map<number, People>();

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  /** @param rule place in LOST_RULES; -1 where none is counted */
  note(account: number, rule: number, notice: number, givenAtMs: number): void {
    if (rule >= 0) this.#of(RULE | rule).add(account);
    if (notice === NO_GRANT) return;
    this.#of(notice).add(account);
    for (const code of this.#notices.purposes(notice, givenAtMs)) this.#of(PURPOSE | code).add(account);
  }

  #of(key: number): People {
    const known = this.#people.get(key);
    if (known !== undefined) return known;
    const people = new People();
    this.#people.set(key, people);
    return people;
  }

  /** Counts everybody whom another one counts. */
  join(other: Tally): void {
    for (const [key, people] of other.#people) this.#of(key).addSet(people.set);
  }

  byRule(): Partial<Record<LostRule, number>> {
    const counts = new Map<string, number>();
    for (const [key, { set }] of this.#keys(RULE)) counts.set(LOST_RULES[key]!, set.size);
    return ranked(counts);
  }

  byGrant(): ByGrant {
    const [byPurpose, byNotice] = [new Map<string, number>(), new Map<string, number>()];
    const surfaces = new Map<string, OrdinalSet>();
    for (const [code, { set }] of this.#keys(PURPOSE)) byPurpose.set(purposeNames[code]!, set.size);
    for (const [index, { set }] of this.#keys(0)) {
      const { id, version, surface } = this.#notices.notice(index);
      byNotice.set(`${id}@${version}`, set.size);
      const people = surfaces.get(surface) ?? OrdinalSet.empty();
      people.addSet(set);
      surfaces.set(surface, people);
    }
    const bySurface = new Map([...surfaces].map(([surface, { size }]) => [surface, size]));
    for (const people of surfaces.values()) people.dispose();
    return { byPurpose: ranked(byPurpose), bySurface: ranked(bySurface), byNotice: ranked(byNotice) };
  }

  *#keys(sort: number): Generator<[number, People]> {
    for (const [key, people] of this.#people) if ((key & ~0xffff) === sort) yield [key & 0xffff, people];
  }

  dispose(): void {
    for (const { set } of this.#people.values()) set.dispose();
    this.#people.clear();
  }
}

/** As an object, most first. */
function ranked(counts: ReadonlyMap<string, number>): Record<string, number> {
  const entries = [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  // Not by assignment: a surface may have any name.
  return Object.fromEntries(entries);
}
