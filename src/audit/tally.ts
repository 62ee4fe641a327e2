/**
 * Tallies: the numbers of an audit as they are counted, of everything (row 0) and of each list (its number + 1). One for the
 * least that the records allow, one for the most; each thread has its own, and they are added up.
 */
import { KINDS } from "../contact/index.js";
import type { AffectedCounts } from "../incident/index.js";
import { isSecurity, purposeNames } from "../purpose/index.js";
import type { Person } from "./person.js";
import { NO_NAME } from "./spill.js";

const SECURITY = purposeNames.filter(isSecurity);

/** Columns of a row. */
const PEOPLE = 0;
const POINTS = 1;
const RIGHT = 2;
const OTHERWISE = 3;
const LATE_PEOPLE = 4;
const LATE_POINTS = 5;
const SHOWINGS = 6;
const FIRST_PURPOSE = 7;
const FIRST_KIND = FIRST_PURPOSE + SECURITY.length;
const COLUMNS = FIRST_KIND + KINDS.length;

export const DAY_MS = 86_400_000;

/** A tally as plain data. */
export interface TallyData {
  readonly counts: Float64Array;
  readonly firstMs: Float64Array;
  readonly lastMs: Float64Array;
  readonly days: PairData;
  readonly countries: PairData;
  readonly campaigns: PairData;
}

export class Tally {
  readonly #counts: Float64Array;
  readonly #firstMs: Float64Array;
  readonly #lastMs: Float64Array;
  /** People by row and UTC day; by row and country, 0 where it is not known; showings by row and campaign. */
  readonly #days = new Pairs();
  readonly #countries = new Pairs();
  readonly #campaigns = new Pairs();

  constructor(rows: number) {
    this.#counts = new Float64Array(rows * COLUMNS);
    this.#firstMs = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
    this.#lastMs = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY);
  }

  /** @param country number of the account's + 1, or 0 */
  add(row: number, person: Person, country: number): void {
    const counts = this.#counts;
    const at = row * COLUMNS;
    counts[at + OTHERWISE]! += person.otherwise;
    if (person.late > 0) {
      counts[at + LATE_PEOPLE]!++;
      counts[at + LATE_POINTS]! += person.late;
    }
    if (!person.isAffected) return;
    counts[at + PEOPLE]!++;
    counts[at + POINTS]! += person.points;
    counts[at + SHOWINGS]! += person.showings;
    if (person.isRight) counts[at + RIGHT]!++;
    for (let code = 0; code < SECURITY.length; code++)
      counts[at + FIRST_PURPOSE + code]! += (person.purposes >> code) & 1;
    for (let kind = 0; kind < KINDS.length; kind++) counts[at + FIRST_KIND + kind]! += (person.kinds >> kind) & 1;
    this.#countries.add(row, country);
    if (person.firstMs < this.#firstMs[row]!) this.#firstMs[row] = person.firstMs;
    if (person.lastMs > this.#lastMs[row]!) this.#lastMs[row] = person.lastMs;
  }

  /** A person who was first affected on a day, since 1970. */
  addDay(row: number, day: number): void {
    this.#days.add(row, day);
  }

  addCampaign(row: number, campaign: number): void {
    if (campaign !== NO_NAME) this.#campaigns.add(row, campaign);
  }

  data(): TallyData {
    const [days, countries, campaigns] = [this.#days.data(), this.#countries.data(), this.#campaigns.data()];
    return { counts: this.#counts, firstMs: this.#firstMs, lastMs: this.#lastMs, days, countries, campaigns };
  }

  /** Adds what another thread counted. */
  join({ counts, firstMs, lastMs, days, countries, campaigns }: TallyData): void {
    for (let i = 0; i < counts.length; i++) this.#counts[i]! += counts[i]!;
    for (let row = 0; row < firstMs.length; row++) {
      this.#firstMs[row] = Math.min(this.#firstMs[row]!, firstMs[row]!);
      this.#lastMs[row] = Math.max(this.#lastMs[row]!, lastMs[row]!);
    }
    this.#days.join(days);
    this.#countries.join(countries);
    this.#campaigns.join(campaigns);
  }

  /** Rows, but for the whole, that have somebody affected. */
  get affectedRows(): number[] {
    const rows: number[] = [];
    for (let row = 1; row * COLUMNS < this.#counts.length; row++) if (this.people(row) > 0) rows.push(row);
    return rows;
  }

  people(row: number): number {
    return this.#counts[row * COLUMNS + PEOPLE]!;
  }

  /** The numbers of some rows, by row. @param countries names by number */
  assessed(wanted: readonly number[], countries: readonly string[]): AffectedCounts[] {
    const rows = this.#firstMs.length;
    const byDay = this.#days.byRow(rows, (day) => new Date(day * DAY_MS).toISOString().slice(0, 10));
    const byCountry = this.#countries.byRow(rows, (country) => (country === 0 ? "unknown" : countries[country - 1]!));
    const campaigns = this.#campaigns.sizes(rows);
    const at = (ms: number): string | null => (Number.isFinite(ms) ? new Date(ms).toISOString() : null);
    const named = (names: readonly string[], first: number, from: number) =>
      Object.fromEntries(
        names.map((name, i) => [name, this.#counts[from + first + i]!] as const).filter(([, count]) => count > 0),
      );
    const assessed: AffectedCounts[] = [];
    for (const row of wanted) {
      const from = row * COLUMNS;
      const count = (column: number): number => this.#counts[from + column]!;
      assessed[row] = {
        people: count(PEOPLE),
        contactPoints: count(POINTS),
        byPurpose: named(SECURITY, FIRST_PURPOSE, from),
        byKind: named(KINDS, FIRST_KIND, from),
        byDay: byDay[row]!,
        byCountry: byCountry[row]!,
        firstAt: at(this.#firstMs[row]!),
        lastAt: at(this.#lastMs[row]!),
        alsoMatchedRightly: count(RIGHT),
        campaigns: campaigns[row]!,
        showings: count(SHOWINGS),
        permittedOtherwise: count(OTHERWISE),
        lateFacts: { people: count(LATE_PEOPLE), contactPoints: count(LATE_POINTS) },
      };
    }
    return assessed;
  }
}

interface PairData {
  readonly keys: Uint32Array;
  readonly counts: Float64Array;
}

const FREE = -1;

/** Counts by row and a second number: an open-addressed table, at most half full (Knuth, vol. 3, 6.4). */
class Pairs {
  #rows: Int32Array = new Int32Array(1 << 8).fill(FREE);
  #numbers: Uint32Array = new Uint32Array(1 << 8);
  #counts: Float64Array = new Float64Array(1 << 8);
  #used = 0;

  add(row: number, number: number, times = 1): void {
    const mask = this.#rows.length - 1;
    let slot = hashOf(row, number) & mask;
    while (this.#rows[slot] !== FREE) {
      if (this.#rows[slot] === row && this.#numbers[slot] === number) {
        this.#counts[slot]! += times;
        return;
      }
      slot = (slot + 1) & mask;
    }
    this.#rows[slot] = row;
    this.#numbers[slot] = number;
    this.#counts[slot] = times;
    if (++this.#used * 2 > this.#rows.length) this.#enlarge();
  }

  #enlarge(): void {
    const { keys, counts } = this.data();
    const size = this.#rows.length * 2;
    this.#rows = new Int32Array(size).fill(FREE);
    this.#numbers = new Uint32Array(size);
    this.#counts = new Float64Array(size);
    this.#used = 0;
    this.join({ keys, counts });
  }

  data(): PairData {
    const keys = new Uint32Array(2 * this.#used);
    const counts = new Float64Array(this.#used);
    let entry = 0;
    for (let slot = 0; slot < this.#rows.length; slot++) {
      if (this.#rows[slot] === FREE) continue;
      keys[2 * entry] = this.#rows[slot]!;
      keys[2 * entry + 1] = this.#numbers[slot]!;
      counts[entry++] = this.#counts[slot]!;
    }
    return { keys, counts };
  }

  join({ keys, counts }: PairData): void {
    for (let entry = 0; entry < counts.length; entry++) {
      this.add(keys[2 * entry]!, keys[2 * entry + 1]!, counts[entry]!);
    }
  }

  /** How many different numbers each row has. */
  sizes(rows: number): Float64Array {
    const sizes = new Float64Array(rows);
    for (const row of this.#rows) if (row !== FREE) sizes[row]!++;
    return sizes;
  }

  /** Counts of each row by name, in the order of names. */
  byRow(rows: number, nameOf: (number: number) => string): Record<string, number>[] {
    const found: [string, number][][] = Array.from({ length: rows }, () => []);
    for (let slot = 0; slot < this.#rows.length; slot++) {
      const row = this.#rows[slot]!;
      if (row !== FREE) found[row]!.push([nameOf(this.#numbers[slot]!), this.#counts[slot]!]);
    }
    return found.map((own) => {
      const counts: Record<string, number> = {};
      // Two numbers may have one name.
      for (const [name, count] of own.sort(([a], [b]) => (a < b ? -1 : 1))) counts[name] = (counts[name] ?? 0) + count;
      return counts;
    });
  }
}

function hashOf(row: number, number: number): number {
  let hash = Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
