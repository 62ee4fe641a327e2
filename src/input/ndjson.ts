/**
 * NDJSON tables: one JSON object a line (https://github.com/ndjson/ndjson-spec), each naming its own columns.
 *
 * Texts are taken as they are, whole numbers and booleans as written, null and "" as absent. Lines of blanks
 * are no rows. Rows of texts without escapes, nearly all there are, are handed over where they lie in the block, found by a
 * kernel once their names are known; the strings of others live in the runtime's heap until it collects them, and can't be
 * wiped.
 */
import { isUtf8 } from "node:buffer";
import { sameBytes } from "../column/index.js";
import { ROW, RowNames, RowTurn } from "../kernel/index.js";
import { INPUT_LIMITS } from "./limits.js";
import { REFUSAL } from "./refusal.js";
import { CellScratch, type Columns, type RowTaker, type TextTable } from "./table.js";

const LF = 10;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;
const BLANK = 32;
const NO_HEADER = new Uint8Array(0);
const LONE_SURROGATE = /\p{Surrogate}/u;

// One for all tables, since many requests bring one row: a row's cells are good until its call returns.
const SCRATCH = new CellScratch();
const STARTS = new Int32Array(INPUT_LIMITS.columns);
const ENDS = new Int32Array(INPUT_LIMITS.columns);
let turn: RowTurn | undefined;

export class NdjsonTable implements TextTable {
  readonly header = NO_HEADER;
  recordsFrom = 0;
  readonly #columns: Columns;
  /** Names of columns by their place in the rows before, and their numbers. */
  readonly #names: Uint8Array[] = [];
  readonly #numbers: number[] = [];
  /** Names that the kernel knows rows by. */
  readonly #known = new RowNames();
  /** Bits of all bytes of the row's texts so far. */
  #high = 0;
  #consumed = 0;
  #line = 1;
  #isAtStart = true;
  /** The rest of a line that was too long is still to come. */
  #isSkipping = false;

  constructor(columns: Columns) {
    this.#columns = columns;
  }

  find(block: Uint8Array, to: number, isLast: boolean): number {
    this.recordsFrom = this.#isAtStart && block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf ? 3 : 0;
    if (to > 0) this.#isAtStart = false;
    if (isLast) return (this.#consumed = to);
    const end = block.lastIndexOf(LF, to - 1) + 1;
    // A line that is longer than its limit may fill the whole block: then its start is refused, its rest skipped.
    return (this.#consumed = end > 0 || to <= INPUT_LIMITS.recordBytes + 3 ? end : to);
  }

  take(block: Uint8Array, taker: RowTaker): void {
    for (let at = this.recordsFrom; at < this.#consumed; ) {
      const mayTurn = this.#known.count > 0 && !this.#isSkipping;
      const next = mayTurn ? this.#takeTurn(block, at, taker) : at;
      at = next > at ? next : this.#takeNext(block, at, taker);
    }
    turn?.wipe();
    SCRATCH.wipe();
  }

  /** Takes lines from `at` on, whose rows a kernel finds. @returns where they end; `at` if the first is too long for it */
  #takeTurn(block: Uint8Array, at: number, taker: RowTaker): number {
    const found = (turn ??= new RowTurn());
    const end = found.read(block, at, this.#consumed, this.#known, INPUT_LIMITS.recordBytes);
    const { rows, rowEnds, codes } = found;
    // If any row is not, each is judged by itself.
    if (!isUtf8(block.subarray(at, end))) codes.fill(ROW.left, 0, rows);
    const first = this.#line;
    const warnBehind = (row: number) => {
      if (row > 0 && codes[row - 1] === ROW.plain) this.#columns.warn();
    };
    const one = (row: number) => {
      warnBehind(row);
      this.#line = first + row;
      this.#takeNext(block, row === 0 ? at : rowEnds[row - 1]!, taker);
    };
    if (taker.plainRows === undefined) this.#handOver(block, found, first, taker, one);
    else taker.plainRows(block, found, first, one);
    warnBehind(rows);
    this.#line = first + rows;
    return end;
  }

  /** Hands the rows of a turn over one by one; those that it left, by `one`. */
  #handOver(
    block: Uint8Array,
    { rows, codes, columns, starts, ends }: RowTurn,
    firstLine: number,
    taker: RowTaker,
    one: (row: number) => void,
  ): void {
    STARTS.fill(-1);
    for (let row = 0; row < rows; row++) {
      if (codes[row] === ROW.left) {
        one(row);
        STARTS.fill(-1);
        continue;
      }
      for (let column = 0; column < columns; column++) {
        STARTS[column] = starts[column]![row]!;
        ENDS[column] = ends[column]![row]!;
      }
      taker.row(block, STARTS, ENDS, firstLine + row);
    }
  }

  /** Takes one line. @returns where the next one starts */
  #takeNext(block: Uint8Array, at: number, taker: RowTaker): number {
    const found = block.indexOf(LF, at);
    const isWhole = found >= 0 && found < this.#consumed;
    const end = isWhole ? found : this.#consumed;
    if (this.#isSkipping) this.#isSkipping = !isWhole;
    else this.#takeLine(block, at, end, taker, isWhole);
    if (isWhole) this.#line++;
    return end + 1;
  }

  #takeLine(block: Uint8Array, start: number, lineEnd: number, taker: RowTaker, isWhole: boolean): void {
    let end = lineEnd;
    let from = start;
    while (end > from && isBlank(block[end - 1]!)) end--;
    while (from < end && isBlank(block[from]!)) from++;
    if (lineEnd - start > INPUT_LIMITS.recordBytes) {
      this.#isSkipping = !isWhole;
      taker.refuse(this.#line, 0, REFUSAL.recordTooLong);
      return;
    }
    if (from === end || this.#takePlain(block, from, end, taker)) return;
    const bytes = Buffer.from(block.buffer, block.byteOffset + from, end - from);
    if (!isUtf8(bytes)) {
      taker.refuse(this.#line, 0, REFUSAL.notUtf8);
      return;
    }
    const value = parsedObject(bytes.toString("utf8"));
    if (value === undefined) taker.refuse(this.#line, 0, REFUSAL.malformedRecord);
    else this.#takeObject(value, taker);
  }

  /** Takes block[from, end) if it is an object of texts without escapes; of any other nobody is told. */
  #takePlain(block: Uint8Array, from: number, end: number, taker: RowTaker): boolean {
    const last = end - 1;
    if (block[from] !== OPEN || block[last] !== CLOSE) return false;
    const starts = STARTS.fill(-1);
    this.#high = 0;
    for (let at = from + 1, place = 0; ; place++) {
      at = pastBlanks(block, at);
      const nameEnd = this.#textEnd(block, at, last);
      if (nameEnd < 0 || this.#high >= 128) return false;
      const column = this.#columnAt(place, block, at + 1, nameEnd);
      at = pastBlanks(block, nameEnd + 1);
      if (block[at] !== COLON) return false;
      at = pastBlanks(block, at + 1);
      const stop = this.#textEnd(block, at, last);
      if (stop < 0) return false;
      if (column >= 0) {
        starts[column] = at + 1;
        ENDS[column] = stop;
      }
      at = pastBlanks(block, stop + 1);
      if (at === last) break;
      if (block[at] !== COMMA) return false;
      at++;
    }
    if (this.#high >= 128 && !isUtf8(block.subarray(from, end))) return false;
    this.#columns.warn();
    taker.row(block, starts, ENDS, this.#line);
    return true;
  }

  /** Where the text that opens at `at` closes, before `last`; -1 if none does, or it has escapes or control characters. */
  #textEnd(block: Uint8Array, at: number, last: number): number {
    if (block[at] !== QUOTE) return -1;
    let high = this.#high;
    for (let i = at + 1; i < last; i++) {
      const byte = block[i]!;
      if (byte === QUOTE) {
        this.#high = high;
        return i;
      }
      if (byte === BACKSLASH || byte < BLANK) return -1;
      high |= byte;
    }
    return -1;
  }

  #columnAt(place: number, block: Uint8Array, start: number, end: number): number {
    const known = this.#names[place];
    if (known !== undefined && sameBytes(known, block, start, end)) return this.#numbers[place]!;
    const name = block.slice(start, end);
    const text = Buffer.from(name).toString("latin1");
    const number = this.#columns.number(text);
    this.#known.add(text, number);
    if (place < INPUT_LIMITS.columns) {
      this.#names[place] = name;
      this.#numbers[place] = number;
    }
    return number;
  }

  #takeObject(value: Readonly<Record<string, unknown>>, taker: RowTaker): void {
    const starts = STARTS.fill(-1);
    SCRATCH.clear();
    for (const name in value) {
      const column = this.#columns.number(name);
      if (column < 0) continue;
      const text = cellText(value[name]);
      if (text === undefined || LONE_SURROGATE.test(text)) {
        taker.refuse(
          this.#line,
          taker.refusalColumn(column),
          text === undefined ? REFUSAL.malformedRecord : REFUSAL.notUtf8,
        );
        this.#columns.warn();
        return;
      }
      starts[column] = SCRATCH.used;
      SCRATCH.append(text);
      ENDS[column] = SCRATCH.used;
    }
    this.#columns.warn();
    taker.row(SCRATCH.bytes, starts, ENDS, this.#line);
  }
}

function parsedObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // The parser's message quotes the text, so it goes no further.
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A cell's text; undefined for what is no cell. */
export function cellText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined;
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  return undefined;
}

function isBlank(byte: number): boolean {
  return byte === BLANK || byte === 9 || byte === 13;
}

function pastBlanks(block: Uint8Array, from: number): number {
  let at = from;
  while (isBlank(block[at]!)) at++;
  return at;
}
