/**
 * A tally of affected people: what is noted of each account, as columns by its number. Cleared by what was touched, so
 * that one tally serves for one audience after the other.
 */

import { Numbers } from "../column/index.js";
import { kindName } from "../contact/index.js";
import { purposeNames } from "../purpose/index.js";

const DAY_MS = 86_400_000;
/** Bits of what is noted of an account: kinds, above them security purposes, then whether it was matched rightly too. */
const PURPOSES_FROM = 7;
const IS_RIGHT_AT = 15;
const IS_RIGHT = 1 << IS_RIGHT_AT;
const NO_COUNTRY = "unknown";

export class Tally {
  firstMs = Number.POSITIVE_INFINITY;
  lastMs = Number.NEGATIVE_INFINITY;
  /** Affected people with another contact point that was matched rightly. */
  right = 0;
  readonly #accounts = new Numbers();
  readonly #noted: Uint16Array;
  /** UTC day + 1 on which a person was first affected, 0 for nobody; days run to the year 2149. */
  readonly #firstDay: Uint16Array;

  constructor(accounts: number) {
    this.#noted = new Uint16Array(accounts);
    this.#firstDay = new Uint16Array(accounts);
  }

  get people(): number {
    return this.#accounts.count;
  }

  /**
   * Notes a person who was affected from an instant on.
   * @param purposes security purposes, a bit each by their code
   */
  note(account: number, kind: number, purposes: number, fromMs: number): void {
    const day = Math.floor(fromMs / DAY_MS) + 1;
    const first = this.#firstDay[account]!;
    if (first === 0) this.#accounts.push(account);
    if (first === 0 || day < first) this.#firstDay[account] = day;
    this.#noted[account]! |= (1 << kind) | (purposes << PURPOSES_FROM);
  }

  /** Notes over which time somebody was affected. */
  span(fromMs: number, toMs: number): void {
    if (fromMs < this.firstMs) this.firstMs = fromMs;
    if (toMs > this.lastMs) this.lastMs = toMs;
  }

  isAffected(account: number): boolean {
    return this.#firstDay[account] !== 0;
  }

  /** Notes that an affected person has another contact point in the same audience that was matched rightly. */
  noteRight(account: number): void {
    if ((this.#noted[account]! & IS_RIGHT) !== 0) return;
    this.#noted[account]! |= IS_RIGHT;
    this.right++;
  }

  /** Affected people, in no order; a view. */
  get accounts(): Uint32Array {
    return this.#accounts.values;
  }

  /** Distinct people by purpose, kind, day and country. */
  breakdowns(country: Uint16Array) {
    const bits = new Uint32Array(16);
    const [noted, firstDay] = [this.#noted, this.#firstDay];
    for (const account of this.#accounts.values) {
      for (let left = noted[account]!; left !== 0; left &= left - 1) bits[31 - Math.clz32(left & -left)]!++;
      days.add(firstDay[account]!);
      countries.add(country[account] ?? 0);
    }
    return {
      byPurpose: named(bits.subarray(PURPOSES_FROM, IS_RIGHT_AT), (code) => purposeNames[code]!),
      byKind: named(bits.subarray(0, PURPOSES_FROM), kindName),
      byDay: days.take((day) => new Date((day - 1) * DAY_MS).toISOString().slice(0, 10)),
      byCountry: countries.take(countryName),
    };
  }

  /** Takes over what another tally has noted. */
  add(other: Tally): void {
    const [noted, firstDay] = [other.#noted, other.#firstDay];
    for (const account of other.#accounts.values) {
      const [day, first] = [firstDay[account]!, this.#firstDay[account]!];
      if (first === 0) this.#accounts.push(account);
      if (first === 0 || day < first) this.#firstDay[account] = day;
      const before = this.#noted[account]!;
      const now = before | noted[account]!;
      if (now === before) continue;
      this.#noted[account] = now;
      if (((now ^ before) & IS_RIGHT) !== 0) this.right++;
    }
    this.span(other.firstMs, other.lastMs);
  }

  clear(): void {
    for (const account of this.#accounts.values) {
      this.#noted[account] = 0;
      this.#firstDay[account] = 0;
    }
    this.#accounts.clear();
    this.firstMs = Number.POSITIVE_INFINITY;
    this.lastMs = Number.NEGATIVE_INFINITY;
    this.right = 0;
  }
}

/** Counts by a number of 16 bits, used again and again. */
class Counter {
  readonly #counts = new Uint32Array(2 ** 16);
  readonly #touched = new Numbers();

  add(at: number): void {
    if (this.#counts[at]!++ === 0) this.#touched.push(at);
  }

  /** What was counted, by name and in order; from here on nothing is. */
  take(nameOf: (at: number) => string): Record<string, number> {
    const taken: Record<string, number> = {};
    for (const at of this.#touched.values.toSorted()) {
      taken[nameOf(at)] = this.#counts[at]!;
      this.#counts[at] = 0;
    }
    this.#touched.clear();
    return taken;
  }
}

const days = new Counter();
const countries = new Counter();

const countryName = (code: number): string => (code === 0 ? NO_COUNTRY : String.fromCharCode(code & 0xff, code >> 8));

/** What is not zero, by name. */
function named(counts: Uint32Array, nameOf: (at: number) => string): Record<string, number> {
  const entries = [...counts].flatMap((count, at) => (count === 0 ? [] : [[nameOf(at), count] as const]));
  return Object.fromEntries(entries);
}
