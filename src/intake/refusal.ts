/**
 * Refusals: why a row did not go in, and what would help. A refusal knows line, column and code, never the value.
 *
 * Codes below 64 are the contact room's own, about values; the others are named here. The reject file is CSV
 * with the header `line,column,code,reason,fix`.
 */
import { refusal as valueRefusal } from "../contact/index.js";
import { grown } from "./growing.js";
import { INTAKE_LIMITS } from "./limits.js";

export interface Refusal {
  readonly name: string;
  readonly reason: string;
  readonly fix: string;
}

export const REFUSAL = {
  missingField: 64,
  accountInvalid: 65,
  notUtf8: 66,
  unknownKind: 67,
  unknownNotice: 68,
  noticeNotInForce: 69,
  sourceMayNotNameNotice: 70,
  badTime: 71,
  leapSecond: 72,
  timeInFuture: 73,
  fieldTooLong: 74,
  recordTooLong: 75,
  malformedRecord: 76,
  badQuotes: 77,
  tooManyColumns: 78,
  unknownType: 79,
  unknownPurpose: 80,
  badCountry: 81,
  badCohort: 82,
  valueWithoutKind: 83,
} as const;

const REFUSALS: Readonly<Record<number, Refusal>> = {
  [REFUSAL.missingField]: {
    name: "missing-field",
    reason: "a required field is absent or empty",
    fix: "give every row account, kind, value, notice and given_at (an event: type and account)",
  },
  [REFUSAL.accountInvalid]: {
    name: "account-invalid",
    reason: `an account's name has 1 to ${INTAKE_LIMITS.accountBytes} bytes and no control characters`,
    fix: "send the account's identifier as the platform knows it",
  },
  [REFUSAL.notUtf8]: { name: "not-utf8", reason: "the field is not UTF-8", fix: "export the file as UTF-8" },
  [REFUSAL.unknownKind]: {
    name: "unknown-kind",
    reason: "kind is none of those known",
    fix: "use email, phone, maid, user_id, handle or external_id",
  },
  [REFUSAL.unknownNotice]: {
    name: "unknown-notice",
    reason: "no notice of this id (and version) was approved",
    fix: "propose the notice and have it approved, then feed the row again; solely notice list shows those in force",
  },
  [REFUSAL.noticeNotInForce]: {
    name: "notice-not-in-force",
    reason: "the notice was not in force at given_at",
    fix: "check given_at against the notice's effective_from and retirement",
  },
  [REFUSAL.sourceMayNotNameNotice]: {
    name: "source-may-not-name-notice",
    reason: "the notice does not list this source",
    fix: "feed the row by a source that the notice lists, or propose a version that lists this one",
  },
  [REFUSAL.badTime]: {
    name: "bad-time",
    reason: "not an RFC 3339 date-time with an offset or Z",
    fix: "write it as 2024-05-01T12:00:00Z or 2024-05-01T14:00:00+02:00",
  },
  [REFUSAL.leapSecond]: {
    name: "leap-second",
    reason: "a leap second (:60) can't be kept to the millisecond",
    fix: "write the last instant before it, :59.999",
  },
  [REFUSAL.timeInFuture]: {
    name: "time-in-future",
    reason: `the time is more than ${INTAKE_LIMITS.clockSkewMs / 60_000} minutes ahead`,
    fix: "check the clock and the offset of what wrote it",
  },
  [REFUSAL.fieldTooLong]: {
    name: "field-too-long",
    reason: `a field has at most ${INTAKE_LIMITS.fieldBytes} bytes, a reference to a notice ${INTAKE_LIMITS.noticeBytes}`,
    fix: "look for a quote that never closes, or the wrong column",
  },
  [REFUSAL.recordTooLong]: {
    name: "record-too-long",
    reason: `a row has at most ${INTAKE_LIMITS.recordBytes} bytes`,
    fix: "look for a line break that is missing, or leave columns out",
  },
  [REFUSAL.malformedRecord]: {
    name: "malformed-record",
    reason: "the row does not have the form of its format",
    fix: "CSV: no more cells than the header has, quote those with delimiters; NDJSON: one object of texts a line",
  },
  [REFUSAL.badQuotes]: {
    name: "bad-quotes",
    reason: "a quoted field never closes, or text follows its closing quote",
    fix: 'write a quote inside a quoted field twice ("")',
  },
  [REFUSAL.tooManyColumns]: {
    name: "too-many-columns",
    reason: `a row has at most ${INTAKE_LIMITS.columns} columns`,
    fix: "leave the columns out that are not asked for",
  },
  [REFUSAL.unknownType]: {
    name: "unknown-type",
    reason: "the type of event is unknown",
    fix: "use withdraw, erase or disown",
  },
  [REFUSAL.unknownPurpose]: {
    name: "unknown-purpose",
    reason: "the purpose is no leaf of the tree that a withdrawal can name",
    fix: "name a leaf, such as ads.match, or leave purpose out for all of marketing, ads and share",
  },
  [REFUSAL.badCountry]: { name: "bad-country", reason: "not two letters", fix: "use the ISO 3166-1 code, such as DE" },
  [REFUSAL.badCohort]: {
    name: "bad-cohort",
    reason: `a cohort's name has at most ${INTAKE_LIMITS.cohortBytes} bytes, and one input at most ${INTAKE_LIMITS.cohorts} of them`,
    fix: "use cohorts of many accounts each",
  },
  [REFUSAL.valueWithoutKind]: {
    name: "value-without-kind",
    reason: "kind and value come together, or neither for the whole account",
    fix: "give both or neither",
  },
};

/** Name, reason and fix of a code. */
export function refusalOf(code: number): Refusal {
  const refusal = REFUSALS[code] ?? valueRefusal(code);
  if (refusal === undefined) throw new RangeError(`no refusal has the code ${code}`);
  return refusal;
}

/** Names of columns that a refusal may point to; a refusal carries the index. The first is the row as a whole. */
export const REFUSAL_COLUMNS = [
  "",
  "account",
  "kind",
  "value",
  "notice",
  "given_at",
  "given_by",
  "verified_at",
  "country",
  "created_at",
  "last_active_at",
  "cohort",
  "type",
  "purpose",
  "at",
] as const;

export type RefusalColumn = (typeof REFUSAL_COLUMNS)[number];

/** Refused rows, column by column. */
export interface Refusals {
  readonly count: number;
  /** Line (CSV, NDJSON) or row (Parquet), from 1. */
  readonly line: Uint32Array;
  /** Index in REFUSAL_COLUMNS. */
  readonly column: Uint8Array;
  readonly code: Uint8Array;
}

/** Collects refusals while rows are read. */
export class RefusalList {
  #count = 0;
  #line = new Uint32Array(64);
  #column = new Uint8Array(64);
  #code = new Uint8Array(64);

  get count(): number {
    return this.#count;
  }

  add(line: number, column: number, code: number): void {
    if (this.#count === this.#line.length) {
      this.#line = grown(this.#line, this.#count + 1);
      this.#column = grown(this.#column, this.#count + 1);
      this.#code = grown(this.#code, this.#count + 1);
    }
    this.#line[this.#count] = line;
    this.#column[this.#count] = column;
    this.#code[this.#count] = code;
    this.#count++;
  }

  /** What was collected, as copies of its own; the list is empty afterwards. */
  take(): Refusals {
    const count = this.#count;
    this.#count = 0;
    return {
      count,
      line: this.#line.slice(0, count),
      column: this.#column.slice(0, count),
      code: this.#code.slice(0, count),
    };
  }
}

/** Header line of a reject file. */
export const REJECT_HEADER = "line,column,code,reason,fix\n";

/** Refusals as lines of a reject file, in their order. */
export function rejectLines(refusals: Refusals): string {
  const tails = new Map<number, string>();
  const lines: string[] = [];
  for (let i = 0; i < refusals.count; i++) {
    const code = refusals.code[i]!;
    let tail = tails.get(code);
    if (tail === undefined) {
      const { name, reason, fix } = refusalOf(code);
      tail = `${name},${quoted(reason)},${quoted(fix)}\n`;
      tails.set(code, tail);
    }
    lines.push(`${refusals.line[i]},${REFUSAL_COLUMNS[refusals.column[i]!]},${tail}`);
  }
  return lines.join("");
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
