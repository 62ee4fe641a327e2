/**
 * Tables of text: how a format hands its rows over, cell by cell, without an object or a string per row.
 *
 * A format first finds the whole records of a block and touches nothing (`find`), so that the bytes can be
 * digested as they came; then it hands their cells over (`take`), for which it may write into the block.
 */

import type { CsvScanner, RowTurn } from "../kernel/index.js";

/** Takes rows. Cells are given as `src[starts[c], ends[c])` by the taker's own column numbers; start -1 is absent. */
export interface RowTaker {
  /** Number of a column, asked once for each name; -1 if its cells are not wanted. */
  columnOf(name: string): number;
  /**
   * All columns of the table are named; not called for formats without a header.
   * @throws {InputError} code `missing-column`
   */
  checkHeader(): void;
  /** Cells are good until the call returns. */
  row(src: Uint8Array, starts: Int32Array, ends: Int32Array, line: number): void;
  /**
   * Takes the records that a scan found, which it may do at once for many; those that it leaves it has handed over as rows,
   * by `one`, each in its turn. Formats that find no such records, and takers without this, go row by row.
   */
  records?(block: Uint8Array, found: FoundRecords, one: (record: number) => void): void;
  /**
   * Takes the rows that a turn found, likewise, the first of which is on `firstLine`; it may read columns of them there before
   * it calls `one`. Formats without such turns, and takers without this, go row by row.
   */
  plainRows?(block: Uint8Array, turn: RowTurn, firstLine: number, one: (row: number) => void): void;
  /** The row at `line` has no readable cells; `column` is what the room's book of refusals knows it by. */
  refuse(line: number, column: number, code: number): void;
  /** What the book of refusals knows a column number by. */
  refusalColumn(column: number): number;
}

/** The records of a CSV table that lie in a block. */
export interface FoundRecords {
  readonly scanner: CsvScanner;
  /** The first one that is a row. */
  readonly first: number;
  /** Field of a record by the taker's column number, -1 if the table lacks it. */
  readonly fieldOf: Int32Array;
  readonly headerColumns: number;
}

/** What is wrong with a row: a taker's column number and a refusal code in one number that is never 0. */
export function fault(column: number, code: number): number {
  return (column << 8) | code;
}

/** A format that is read block by block. */
export interface TextTable {
  /** The bytes that name the columns; empty if the format has no header. */
  readonly header: Uint8Array;
  /** Where the records of the block that was last given to `find` start, behind its header. */
  readonly recordsFrom: number;
  /** @returns where the last whole record of block[0, to) ends */
  find(block: Uint8Array, to: number, isLast: boolean): number;
  /** Hands the records over that `find` found. */
  take(block: Uint8Array, taker: RowTaker): void;
}

/** Asks which of a table's columns are wanted, and gathers those that are not. */
export class Columns {
  readonly #taker: RowTaker;
  readonly #numbers = new Map<string, number>();
  readonly #ignored: string[] = [];
  readonly #onWarning: (message: string) => void;
  #isWarned = false;

  constructor(taker: RowTaker, onWarning: (message: string) => void) {
    this.#taker = taker;
    this.#onWarning = onWarning;
  }

  /** Number of the column, or -1. */
  number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#taker.columnOf(name);
    if (this.#numbers.size < MAX_REMEMBERED_NAMES) this.#numbers.set(name, number);
    if (number < 0 && !this.#isWarned && this.#ignored.length < MAX_WARNED_NAMES) this.#ignored.push(name);
    return number;
  }

  /** Warns, once, of the columns that were not wanted so far. */
  warn(): void {
    if (this.#isWarned || this.#ignored.length === 0) return;
    this.#isWarned = true;
    this.#onWarning(ignoredColumns(this.#ignored));
  }
}

/** A warning of columns that nobody asks for. What may be a value, in a file without a header, is not shown. */
export function ignoredColumns(names: readonly string[]): string {
  const shown = names.map((name) =>
    /^[a-z_][\w .-]{0,39}$/i.test(name) && !/\d{5}/.test(name) ? name : "(unprintable)",
  );
  return `ignored columns: ${shown.slice(0, MAX_WARNED_NAMES).join(", ")}`;
}

const MAX_REMEMBERED_NAMES = 4096;
const MAX_WARNED_NAMES = 20;

/** Text cells of one row in memory that is used again, for formats whose values are not bytes of the block. */
export class CellScratch {
  bytes: Buffer = Buffer.alloc(64 * 1024);
  used = 0;
  /** Bytes that were in use since it was wiped. */
  #touched = 0;

  clear(): void {
    this.#touched = Math.max(this.#touched, this.used);
    this.used = 0;
  }

  wipe(): void {
    this.clear();
    this.bytes.fill(0, 0, this.#touched);
    this.#touched = 0;
  }

  /** Appends text as UTF-8. Text that is not well formed gets the replacement character, as always. */
  append(text: string): void {
    const { length } = text;
    if (this.used + length * 3 > this.bytes.length) {
      const larger = Buffer.alloc(Math.max(this.bytes.length * 2, this.used + length * 3));
      larger.set(this.bytes.subarray(0, this.used));
      this.bytes.fill(0);
      this.bytes = larger;
    }
    const { bytes } = this;
    let at = this.used;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 128) {
        this.used = at + bytes.write(i === 0 ? text : text.slice(i), at);
        return;
      }
      bytes[at++] = unit;
    }
    this.used = at;
  }

  /** Appends a length in four bytes, little-endian. */
  appendLength(length: number): void {
    this.append("\0\0\0\0");
    this.bytes.writeUInt32LE(length, this.used - 4);
  }
}
