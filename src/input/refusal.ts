/**
 * Refusals: why a row did not go in, and what would help. A refusal knows line, column and code, never the value.
 *
 * Codes below 64 are the contact room's own, about values; from 64 on those about the form of rows, named here;
 * from 80 on those of the room whose rows they are. The reject file is CSV with the header
 * `line,column,code,reason,fix`.
 */

import { grown } from "../column/index.js";
import { refusal as valueRefusal } from "../contact/index.js";
import { INPUT_LIMITS } from "./limits.js";

export interface Refusal {
  readonly name: string;
  readonly reason: string;
  readonly fix: string;
}

export const REFUSAL = {
  missingField: 64,
  notUtf8: 65,
  badTime: 66,
  leapSecond: 67,
  timeInFuture: 68,
  timeTooEarly: 74,
  fieldTooLong: 69,
  recordTooLong: 70,
  malformedRecord: 71,
  badQuotes: 72,
  tooManyColumns: 73,
} as const;

/** The first code that a room may give a meaning of its own; a code fits a byte. */
export const FIRST_OWN_REFUSAL = 80;

const REFUSALS: Readonly<Record<number, Refusal>> = {
  [REFUSAL.missingField]: {
    name: "missing-field",
    reason: "a required field is absent or empty",
    fix: "fill in every required column",
  },
  [REFUSAL.notUtf8]: { name: "not-utf8", reason: "the field is not UTF-8", fix: "export the file as UTF-8" },
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
    reason: `the time is more than ${INPUT_LIMITS.clockSkewMs / 60_000} minutes ahead`,
    fix: "check the clock and the offset of what wrote it",
  },
  [REFUSAL.timeTooEarly]: {
    name: "time-too-early",
    reason: "the time is before 1970",
    fix: "check the unit and the epoch of what wrote it",
  },
  [REFUSAL.fieldTooLong]: {
    name: "field-too-long",
    reason: `a field has at most ${INPUT_LIMITS.fieldBytes} bytes`,
    fix: "look for a quote that never closes, or the wrong column",
  },
  [REFUSAL.recordTooLong]: {
    name: "record-too-long",
    reason: `a row has at most ${INPUT_LIMITS.recordBytes} bytes`,
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
    reason: `a row has at most ${INPUT_LIMITS.columns} columns`,
    fix: "leave the columns out that are not asked for",
  },
};

/** What a room's refusals mean: codes, and the columns that they point to. */
export interface RefusalBook {
  refusal(code: number): Refusal;
  /** Text of a refusal's column; empty for the row as a whole. */
  column(column: number): string;
}

/** The book of a room with refusals of its own, by code. */
export function refusalBook(own: Readonly<Record<number, Refusal>>, column: (column: number) => string): RefusalBook {
  const refusal = (code: number): Refusal => {
    const found = own[code] ?? REFUSALS[code] ?? valueRefusal(code);
    if (found === undefined) throw new RangeError(`no refusal has the code ${code}`);
    return found;
  };
  return { refusal, column };
}

/** Refused rows, column by column. */
export interface Refusals {
  readonly count: number;
  /** Line (CSV, NDJSON) or row (Parquet), from 1. */
  readonly line: Uint32Array;
  /** What the room's book calls a column; 0 for the row as a whole. */
  readonly column: Uint16Array;
  readonly code: Uint8Array;
}

/** Collects refusals while rows are read. */
export class RefusalList {
  #count = 0;
  #line = new Uint32Array(16);
  #column = new Uint16Array(16);
  #code = new Uint8Array(16);

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

/** Two lists of refusals, each in the order of its lines, as one. */
export function inLineOrder(one: Refusals, other: Refusals): Refusals {
  if (one.count === 0) return other;
  if (other.count === 0) return one;
  const merged = new RefusalList();
  let [i, j] = [0, 0];
  while (i < one.count || j < other.count) {
    const isOne = j === other.count || (i < one.count && one.line[i]! <= other.line[j]!);
    const [from, at] = isOne ? [one, i++] : [other, j++];
    merged.add(from.line[at]!, from.column[at]!, from.code[at]!);
  }
  return merged.take();
}

/** Header line of a reject file. */
export const REJECT_HEADER = "line,column,code,reason,fix\n";

/**
 * Refusals as lines of a reject file, in their order.
 * @example rejectLines(batch.refusals, book) // "7,value,not-an-email,…\n"
 */
export function rejectLines(refusals: Refusals, book: RefusalBook): string {
  const tails = new Map<number, string>();
  const lines: string[] = [];
  for (let i = 0; i < refusals.count; i++) {
    const code = refusals.code[i]!;
    let tail = tails.get(code);
    if (tail === undefined) {
      const { name, reason, fix } = book.refusal(code);
      tail = `${name},${quoted(reason)},${quoted(fix)}\n`;
      tails.set(code, tail);
    }
    lines.push(`${refusals.line[i]},${book.column(refusals.column[i]!)},${tail}`);
  }
  return lines.join("");
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
