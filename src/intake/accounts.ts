/**
 * Accounts: what the platform knows of them, from CSV, NDJSON or Parquet.
 *
 * Columns `account`, and any of `country`, `created_at`, `last_active_at`, `cohort`. Every further column is
 * an attribute if all its cells in the first batch are yes/no (true, false, yes, no, 1, 0; any case; empty
 * ones aside); else it is ignored with one warning. In later batches any other cell counts as absent.
 */
import { isUtf8 } from "node:buffer";
import { BytesColumn, grown } from "../column/index.js";
import { type AccountColumns, ATTRIBUTE } from "../grant/index.js";
import {
  fault,
  INPUT_LIMITS,
  InputError,
  type InputOptions,
  parseTime,
  REFUSAL,
  RefusalList,
  type Refusals,
  type RowTaker,
  tableBatches,
  timeRefusal,
} from "../input/index.js";
import { accountRefusal } from "./account-name.js";
import { INTAKE_LIMITS } from "./limits.js";
import { INTAKE_REFUSAL, REFUSAL_COLUMNS } from "./refusal.js";

/** One batch of good rows, column by column, and what was refused. */
export interface AccountBatch extends AccountColumns {
  readonly refusals: Refusals;
  /** Good and refused rows. */
  readonly totalRows: number;
  /** Line of each row in its input. */
  readonly line: Uint32Array;
}

export interface AccountsInputOptions extends InputOptions {
  /** The clock, where it is not the system's. */
  readonly nowMs?: number | undefined;
  readonly delimiter?: string | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
  /** For tests. */
  readonly batchBytes?: number | undefined;
}

/**
 * The accounts of a file or a stream, batch by batch.
 * @throws {InputError} while it is read
 * @example for await (const batch of readAccounts("accounts.csv")) await commit(batch);
 */
export function readAccounts(
  input: string | AsyncIterable<Uint8Array>,
  options: AccountsInputOptions,
): AsyncGenerator<AccountBatch> {
  return tableBatches(input, new AccountRows(options.nowMs, options.onWarning ?? (() => undefined)), options);
}

const COLUMNS = ["account", "country", "created_at", "last_active_at", "cohort"] as const;
const ACCOUNT = 0;
const COUNTRY = 1;
const CREATED_AT = 2;
const LAST_ACTIVE_AT = 3;
const COHORT = 4;
const FIRST_ATTRIBUTE = COLUMNS.length;
const ATTRIBUTE_NAME = /^[a-z0-9_][a-z0-9_.-]{0,63}$/;
const LONGEST_YES_NO = "false".length;
const REFUSAL_COLUMN = COLUMNS.map((name) => REFUSAL_COLUMNS.indexOf(name));

class AccountRows implements RowTaker {
  readonly #nowMs: number | undefined;
  readonly #onWarning: (message: string) => void;
  #hasAccount = false;
  #isFirstBatch = true;
  #isWarned = false;

  #rows = 0;
  #line = new Uint32Array(1 << 8);
  #country = new Uint8Array(1 << 9);
  #createdAt = new Float64Array(1 << 8);
  #lastActiveAt = new Float64Array(1 << 8);
  #cohort = new Uint16Array(1 << 8);
  readonly #cohorts = new Map<string, number>();
  readonly #accounts = new BytesColumn();
  readonly #attributes: { readonly name: string; values: Uint8Array; isOther: boolean }[] = [];
  readonly #refusals = new RefusalList();

  constructor(nowMs: number | undefined, onWarning: (message: string) => void) {
    this.#nowMs = nowMs;
    this.#onWarning = onWarning;
  }

  columnOf(name: string): number {
    const column = (COLUMNS as readonly string[]).indexOf(name);
    if (column === ACCOUNT) this.#hasAccount = true;
    if (column >= 0) return column;
    const known = this.#attributes.findIndex((attribute) => attribute.name === name);
    if (known >= 0) return FIRST_ATTRIBUTE + known;
    if (!ATTRIBUTE_NAME.test(name) || FIRST_ATTRIBUTE + this.#attributes.length === INPUT_LIMITS.columns) return -1;
    const values = new Uint8Array(this.#cohort.length).fill(ATTRIBUTE.absent);
    return FIRST_ATTRIBUTE + this.#attributes.push({ name, values, isOther: false }) - 1;
  }

  checkHeader(): void {
    if (this.#hasAccount) return;
    throw new InputError("missing-column", "the header lacks the column account", {
      field: "account",
      fix: "name the columns in the first line",
    });
  }

  refusalColumn(column: number): number {
    return REFUSAL_COLUMN[column] ?? 0;
  }

  refuse(line: number, column: number, code: number): void {
    this.#refusals.add(line, column, code);
  }

  row(src: Uint8Array, starts: Int32Array, ends: Int32Array, line: number): void {
    const bad = this.#add(src, starts, ends, line);
    if (bad !== 0) this.#refusals.add(line, this.refusalColumn(bad >> 8), bad & 0xff);
  }

  /** Adds a row, or returns its first fault. */
  #add(src: Uint8Array, starts: Int32Array, ends: Int32Array, line: number): number {
    const isGiven = (column: number) => starts[column]! >= 0 && starts[column] !== ends[column];
    if (!isGiven(ACCOUNT)) return fault(ACCOUNT, REFUSAL.missingField);
    const badAccount = accountRefusal(src, starts[ACCOUNT]!, ends[ACCOUNT]!);
    if (badAccount !== 0) return fault(ACCOUNT, badAccount);
    if (isGiven(COUNTRY) && !isCountry(src, starts[COUNTRY]!, ends[COUNTRY]!))
      return fault(COUNTRY, INTAKE_REFUSAL.badCountry);
    const times = [Number.NaN, Number.NaN];
    for (const column of [CREATED_AT, LAST_ACTIVE_AT]) {
      if (!isGiven(column)) continue;
      const ms = parseTime(src, starts[column]!, ends[column]!);
      if (!(ms >= 0 && ms <= (this.#nowMs ?? Date.now()) + INPUT_LIMITS.clockSkewMs))
        return fault(column, timeRefusal(ms, src, starts[column]!, ends[column]!));
      times[column - CREATED_AT] = ms;
    }
    const cohort = isGiven(COHORT) ? this.#cohortOf(src.subarray(starts[COHORT]!, ends[COHORT]!)) : 0;
    if (cohort < 0) return fault(COHORT, -cohort);

    const row = this.#rows++;
    if (row === this.#cohort.length) this.#grow();
    this.#line[row] = line;
    this.#country[2 * row] = isGiven(COUNTRY) ? src[starts[COUNTRY]!]! & UPPER : 0;
    this.#country[2 * row + 1] = isGiven(COUNTRY) ? src[starts[COUNTRY]! + 1]! & UPPER : 0;
    this.#createdAt[row] = times[0]!;
    this.#lastActiveAt[row] = times[1]!;
    this.#cohort[row] = cohort;
    this.#accounts.add(src, starts[ACCOUNT]!, ends[ACCOUNT]!);
    this.#attributes.forEach((attribute, a) => {
      const column = FIRST_ATTRIBUTE + a;
      const value = isGiven(column) ? yesNo(src, starts[column]!, ends[column]!) : ATTRIBUTE.absent;
      attribute.values[row] = value === OTHER ? ATTRIBUTE.absent : value;
      if (value === OTHER) attribute.isOther = true;
    });
    return 0;
  }

  take(): AccountBatch | undefined {
    const rows = this.#rows;
    const refusals = this.#refusals.take();
    if (rows === 0 && refusals.count === 0) return undefined;
    const accounts = this.#accounts.take();
    const batch: AccountBatch = {
      rows,
      accountBytes: accounts.bytes,
      accountEnds: accounts.ends,
      country: this.#country.slice(0, 2 * rows),
      createdAt: this.#createdAt.slice(0, rows),
      lastActiveAt: this.#lastActiveAt.slice(0, rows),
      cohort: this.#cohort.slice(0, rows),
      cohorts: [...this.#cohorts.keys()],
      attributes: this.#takeAttributes(rows),
      refusals,
      totalRows: rows + refusals.count,
      line: this.#line.slice(0, rows),
    };
    this.#rows = 0;
    this.#cohorts.clear();
    return batch;
  }

  /** Those of the first batch that are no yes/no columns stay ignored to the end. */
  readonly #ignored = new Set<string>();

  #takeAttributes(rows: number): Map<string, Uint8Array> {
    const taken = new Map<string, Uint8Array>();
    const others: string[] = [];
    for (const attribute of this.#attributes) {
      if (attribute.isOther) others.push(attribute.name);
      if (attribute.isOther && this.#isFirstBatch) this.#ignored.add(attribute.name);
      if (!this.#ignored.has(attribute.name)) taken.set(attribute.name, attribute.values.slice(0, rows));
      attribute.values.fill(ATTRIBUTE.absent);
      attribute.isOther = false;
    }
    if (others.length > 0 && !this.#isWarned) {
      this.#isWarned = true;
      this.#onWarning(`ignored cells that are not yes/no in: ${others.join(", ")}`);
    }
    this.#isFirstBatch = false;
    return taken;
  }

  /** Index + 1 of the cohort, or minus a refusal code. */
  #cohortOf(bytes: Uint8Array): number {
    if (bytes.length > INTAKE_LIMITS.cohortBytes) return -INTAKE_REFUSAL.badCohort;
    if (!isUtf8(bytes)) return -REFUSAL.notUtf8;
    const name = Buffer.from(bytes).toString("utf8");
    const known = this.#cohorts.get(name);
    if (known !== undefined) return known;
    if (this.#cohorts.size === INTAKE_LIMITS.cohorts) return -INTAKE_REFUSAL.badCohort;
    this.#cohorts.set(name, this.#cohorts.size + 1);
    return this.#cohorts.size;
  }

  #grow(): void {
    const rows = this.#cohort.length + 1;
    this.#line = grown(this.#line, rows);
    this.#country = grown(this.#country, 2 * rows);
    this.#createdAt = grown(this.#createdAt, rows);
    this.#lastActiveAt = grown(this.#lastActiveAt, rows);
    this.#cohort = grown(this.#cohort, rows);
    for (const attribute of this.#attributes) {
      const used = attribute.values.length;
      attribute.values = grown(attribute.values, this.#cohort.length).fill(ATTRIBUTE.absent, used);
    }
  }
}

/** Clears the bit that tells lower-case letters. */
const UPPER = 0xdf;

function isCountry(src: Uint8Array, start: number, end: number): boolean {
  return end - start === 2 && isLetter(src[start]!) && isLetter(src[start + 1]!);
}

function isLetter(byte: number): boolean {
  return (byte & UPPER) >= 65 && (byte & UPPER) <= 90;
}

const OTHER = 3;
const YES_NO: ReadonlyMap<string, number> = new Map([
  ...["1", "yes", "true"].map((word) => [word, ATTRIBUTE.yes] as const),
  ...["0", "no", "false"].map((word) => [word, ATTRIBUTE.no] as const),
]);

function yesNo(src: Uint8Array, start: number, end: number): number {
  if (end - start > LONGEST_YES_NO) return OTHER;
  return YES_NO.get(String.fromCharCode(...src.subarray(start, end)).toLowerCase()) ?? OTHER;
}
