/**
 * Refused rows: line, column and code, never a value. Codes below 64 are the contact room's, about values;
 * those from 128 on are named here.
 *
 * The reject file is CSV with the header `line,column,code,reason,fix` and one line for each refused row: a row
 * is refused for the first of its identifiers that is no good, or as a whole (its column is empty then).
 */
import { refusal as valueRefusal } from "../contact/index.js";
import { LIST_LIMITS } from "./limits.js";

export interface ListRefusal {
  readonly name: string;
  readonly reason: string;
  readonly fix: string;
}

export const LIST_REFUSAL = {
  noIdentifier: 128,
  malformedRecord: 129,
  lineTooLong: 130,
  tooManyColumns: 131,
  otherDigest: 132,
  notADigest: 133,
} as const;

const REFUSALS: Readonly<Record<number, ListRefusal>> = {
  [LIST_REFUSAL.noIdentifier]: {
    name: "no-identifier",
    reason: "all identifier columns of the row are empty",
    fix: "leave the row out, or fill in one of them",
  },
  [LIST_REFUSAL.malformedRecord]: {
    name: "malformed-record",
    reason: "a quoted cell never closes, or text follows its closing quote",
    fix: 'write a quote inside a quoted cell twice ("")',
  },
  [LIST_REFUSAL.lineTooLong]: {
    name: "line-too-long",
    reason: `a row has at most ${LIST_LIMITS.lineBytes} bytes`,
    fix: "look for a line break that is missing, or leave columns out",
  },
  [LIST_REFUSAL.tooManyColumns]: {
    name: "too-many-columns",
    reason: `a row has at most ${LIST_LIMITS.columns} columns`,
    fix: "leave out the columns that hold no identifier",
  },
  [LIST_REFUSAL.otherDigest]: {
    name: "not-a-sha256",
    reason: "the value looks like an MD5 or SHA-1 digest; only SHA-256 is matched",
    fix: "hash the values with SHA-256, or send them raw",
  },
  [LIST_REFUSAL.notADigest]: {
    name: "not-a-digest",
    reason: "all other values of the column are digests of 64 hex digits, and its kind is not known",
    fix: "give the column a header, such as email",
  },
};

/** Name, reason and fix of a code. */
export function listRefusal(code: number): ListRefusal {
  const found = REFUSALS[code] ?? valueRefusal(code);
  if (found === undefined) throw new RangeError(`no refusal has code ${code}`);
  return found;
}

/** Refused rows, column by column. */
export interface ListRefusals {
  /** Rows whose place was kept; never more in a list than `LIST_LIMITS.refusalsKept`. */
  readonly count: number;
  /** Line that the row starts on, from 1. */
  readonly line: Uint32Array;
  /** Column, from 1; 0 for the row as a whole. */
  readonly column: Uint8Array;
  readonly code: Uint8Array;
}

/** Collects the refused rows of a batch. */
export class RefusalList {
  #count = 0;
  #line = new Uint32Array(64);
  #column = new Uint8Array(64);
  #code = new Uint8Array(64);

  get count(): number {
    return this.#count;
  }

  add(line: number, column: number, code: number): void {
    const count = this.#count++;
    if (count === this.#line.length) this.#grow();
    this.#line[count] = line;
    this.#column[count] = column;
    this.#code[count] = code;
  }

  #grow(): void {
    const length = 2 * this.#line.length;
    const [line, column, code] = [new Uint32Array(length), new Uint8Array(length), new Uint8Array(length)];
    line.set(this.#line);
    column.set(this.#column);
    code.set(this.#code);
    [this.#line, this.#column, this.#code] = [line, column, code];
  }

  /** What was collected; the list is empty afterwards. */
  take(): ListRefusals {
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

/**
 * Refused rows as lines of a reject file. A column is told by its number: a header's text may hold anything.
 *
 * @example rejectLines(batch.refusals) // "7,1,not-an-email,…\n"
 */
export function rejectLines(refusals: ListRefusals): string {
  const tails = new Map<number, string>();
  const lines: string[] = [];
  for (let i = 0; i < refusals.count; i++) {
    const code = refusals.code[i]!;
    let tail = tails.get(code);
    if (tail === undefined) {
      const { name, reason, fix } = listRefusal(code);
      tail = `${name},${quoted(reason)},${quoted(fix)}\n`;
      tails.set(code, tail);
    }
    const column = refusals.column[i]!;
    lines.push(`${refusals.line[i]},${column === 0 ? "" : column},${tail}`);
  }
  return lines.join("");
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
