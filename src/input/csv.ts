/**
 * CSV tables: a header line and records (see the scanner for what it makes of quotes and broken lines).
 *
 * Header names are compared without case and surrounding blanks. A record may have fewer cells than the
 * header (the others are absent), or more if they are empty; else it is refused.
 */
import { CsvScanner, SCAN_PROBLEM, unescapeField } from "../kernel/index.js";
import { InputError } from "./error.js";
import { INPUT_LIMITS } from "./limits.js";
import { REFUSAL } from "./refusal.js";
import type { Columns, RowTaker, TextTable } from "./table.js";

const QUOTE = 34;
const LF = 10;
const CR = 13;
const BLANKS = /^[\s\uFEFF]+|[\s\uFEFF]+$/g;

const REFUSAL_OF_PROBLEM: readonly number[] = [
  0,
  REFUSAL.badQuotes,
  REFUSAL.badQuotes,
  REFUSAL.fieldTooLong,
  REFUSAL.recordTooLong,
  REFUSAL.tooManyColumns,
];

export class CsvTable implements TextTable {
  header: Uint8Array = new Uint8Array(0);
  recordsFrom = 0;
  readonly #columns: Columns;
  readonly #taker: RowTaker;
  readonly #scanner: CsvScanner;
  #headerColumns = -1;
  /** Field of the record by the taker's column number, -1 if the table lacks it. */
  #fieldOf = new Int32Array(0);
  #starts = new Int32Array(0);
  #ends = new Int32Array(0);
  #firstRecord = 0;

  constructor(taker: RowTaker, columns: Columns, delimiter?: string) {
    this.#taker = taker;
    this.#columns = columns;
    this.#scanner = new CsvScanner({
      maxFieldBytes: INPUT_LIMITS.fieldBytes,
      maxRecordBytes: INPUT_LIMITS.recordBytes,
      maxColumns: INPUT_LIMITS.columns,
      ...(delimiter === undefined ? {} : { delimiter }),
    });
  }

  find(block: Uint8Array, to: number, isLast: boolean): number {
    const consumed = this.#scanner.scan(block, 0, to, isLast);
    this.recordsFrom = 0;
    this.#firstRecord = 0;
    if (this.#headerColumns < 0) {
      if (this.#scanner.records > 0) this.#readHeader(block, consumed);
      else if (isLast)
        throw new InputError("malformed-header", "the input has no header line", {
          fix: "name the columns in the first line",
        });
    }
    return consumed;
  }

  #readHeader(block: Uint8Array, consumed: number): void {
    const { fieldStart, fieldEnd, fieldQuoted, recordFirstField, recordProblem, records } = this.#scanner;
    if (recordProblem[0] !== SCAN_PROBLEM.none) {
      throw new InputError("malformed-header", "the first line is no readable header", {
        fix: "look for quotes and its length",
      });
    }
    const fields = recordFirstField[1]!;
    const seen = new Set<string>();
    const numbers: number[] = [];
    for (let field = 0; field < fields; field++) {
      const copy = block.slice(fieldStart[field]!, fieldEnd[field]!);
      const length = fieldQuoted[field] === 1 ? unescapeField(copy, 0, copy.length, copy, 0) : copy.length;
      const name = Buffer.from(copy.buffer, 0, length).toString("utf8").replaceAll(BLANKS, "").toLowerCase();
      const number = this.#columns.number(name);
      if (number >= 0 && seen.has(name)) {
        throw new InputError("duplicate-column", `the header names the column ${name} twice`, {
          field: name,
          fix: "leave one out",
        });
      }
      seen.add(name);
      numbers.push(number);
    }
    this.#taker.checkHeader();
    this.#columns.warn();
    const wanted = Math.max(0, ...numbers.map((number) => number + 1));
    this.#fieldOf = new Int32Array(wanted).fill(-1);
    numbers.forEach((number, field) => {
      if (number >= 0) this.#fieldOf[number] = field;
    });
    this.#starts = new Int32Array(Math.max(wanted, INPUT_LIMITS.columns)).fill(-1);
    this.#ends = new Int32Array(this.#starts.length);
    this.#headerColumns = fields;
    this.#firstRecord = 1;
    // Blank lines before the next record belong to the header.
    this.recordsFrom = consumed;
    if (records > 1) {
      let at = fieldEnd[fields - 1]!;
      while (at < consumed && (block[at] === QUOTE || block[at] === LF || block[at] === CR)) at++;
      this.recordsFrom = at;
    }
    this.header = block.slice(0, this.recordsFrom);
  }

  take(block: Uint8Array, taker: RowTaker): void {
    const one = (record: number) => this.#takeRecord(block, taker, record);
    const found = {
      scanner: this.#scanner,
      first: this.#firstRecord,
      fieldOf: this.#fieldOf,
      headerColumns: this.#headerColumns,
    };
    if (taker.records !== undefined) taker.records(block, found, one);
    else for (let record = found.first; record < this.#scanner.records; record++) one(record);
  }

  #takeRecord(block: Uint8Array, taker: RowTaker, record: number): void {
    const { fieldStart, fieldEnd, fieldQuoted, recordFirstField, recordLine, recordProblem } = this.#scanner;
    const [fieldOf, starts, ends] = [this.#fieldOf, this.#starts, this.#ends];
    const line = recordLine[record]!;
    if (recordProblem[record] !== SCAN_PROBLEM.none) {
      taker.refuse(line, 0, REFUSAL_OF_PROBLEM[recordProblem[record]!]!);
      return;
    }
    const first = recordFirstField[record]!;
    const fields = recordFirstField[record + 1]! - first;
    if (fields > this.#headerColumns && !areEmpty(fieldStart, fieldEnd, first + this.#headerColumns, first + fields)) {
      taker.refuse(line, 0, REFUSAL.malformedRecord);
      return;
    }
    for (let column = 0; column < fieldOf.length; column++) {
      const field = fieldOf[column]!;
      if (field < 0 || field >= fields) {
        starts[column] = -1;
        continue;
      }
      const start = fieldStart[first + field]!;
      const end = fieldEnd[first + field]!;
      starts[column] = start;
      ends[column] = fieldQuoted[first + field] === 0 ? end : unescapeField(block, start, end, block, start);
    }
    taker.row(block, starts, ends, line);
  }
}

function areEmpty(starts: Uint32Array, ends: Uint32Array, from: number, to: number): boolean {
  for (let field = from; field < to; field++) if (starts[field] !== ends[field]) return false;
  return true;
}
