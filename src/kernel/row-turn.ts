/**
 * A turn of rows: some hundred lines of NDJSON in the kernels' memory, where the texts of plain objects are found.
 *
 * `read` puts lines of a block in and finds their rows; before any other kernel is called, columns of them can be read there:
 * `times`, `numbers`. `wipe` ends it.
 */
import { KernelError } from "./error.js";
import { SLICE_BYTES, TABLES_END, TEXT } from "./records.js";
import { type Kernels, kernelModule } from "./wasm.js";

/** What became of a row: its texts are found, or it is left to others. */
export const ROW = { plain: 0, left: 1 } as const;

/** Rows of one turn, at most. */
export const TURN_ROWS = 1024;
/** Columns whose cells can be found, and cells of a row, wanted or not; rows with more are left. */
const MAX_COLUMNS = 16;
const MAX_PLACES = 64;
const MAX_NAMES = 64;
/** A name with the quote behind it, of the 80 bytes that a name has in the table. */
const MAX_NAME_BYTES = 64;
const NAME_BYTES = 80;
const SLOT_BITS = 11;
const LF = 10;
const QUOTE = 34;

/** Places in the record of words. */
const WORD = {
  names: 0,
  nameCount: 1,
  nameAtPlace: 2,
  places: 3,
  columns: 4,
  maxRows: 5,
  maxRowBytes: 6,
  bias: 7,
  starts: 8,
  ends: 9,
  codes: 10,
  rowEnds: 11,
  rows: 12,
} as const;
const WORD_COUNT = 13;

/** Names that rows may have: those of others are left. */
export class RowNames {
  /** As the kernel reads them. */
  readonly table = new Uint8Array(NAME_BYTES * MAX_NAMES);
  count = 0;
  /** The highest number of a column, and one. */
  columns = 0;
  readonly #added = new Set<string>();

  /**
   * Adds a name, unless there is no room for it.
   *
   * @param name ASCII without control characters, quotes and backslashes
   * @param column its number; -1 if its cells are not wanted
   */
  add(name: string, column: number): void {
    if (this.count === MAX_NAMES || name.length >= MAX_NAME_BYTES || column >= MAX_COLUMNS) return;
    if (this.#added.has(name)) return;
    this.#added.add(name);
    const at = NAME_BYTES * this.count++;
    for (let i = 0; i < name.length; i++) this.table[at + i] = name.charCodeAt(i);
    this.table[at + name.length] = QUOTE;
    const view = new DataView(this.table.buffer, at + MAX_NAME_BYTES);
    view.setUint32(0, name.length + 1, true);
    view.setInt32(4, column, true);
    this.columns = Math.max(this.columns, column + 1);
  }
}

export class RowTurn {
  /** Rows that were found, the columns that any may have cells of, and the ROW of each. */
  rows = 0;
  columns = 0;
  readonly codes = new Uint8Array(TURN_ROWS);
  /** Where each row ends in the block, behind its line break. */
  readonly rowEnds = new Uint32Array(TURN_ROWS);
  /** Where the cells of a column start and end in the block; -1 where a row has none. */
  readonly starts = Array.from({ length: MAX_COLUMNS }, () => new Int32Array(TURN_ROWS));
  readonly ends = Array.from({ length: MAX_COLUMNS }, () => new Int32Array(TURN_ROWS));

  readonly #kernels: Kernels;
  readonly #bytes: Uint8Array;
  readonly #wordsAt: number;
  readonly #words: Uint32Array;
  readonly #codes: Uint8Array;
  readonly #rowEnds: Uint32Array;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #namesAt: number;
  readonly #nameAtPlace: number;
  readonly #slotsAt: number;
  readonly #firstsAt: number;
  readonly #numbers: Uint32Array;
  readonly #times: Float64Array;
  /** What a place in the block and it make is the address in the text. */
  #bias = TEXT;
  #textEnd = TEXT;

  constructor() {
    const { kernels, memory } = kernelModule();
    this.#kernels = kernels;
    this.#bytes = new Uint8Array(memory);
    let next = (TABLES_END + 15) & ~15;
    const room = (bytes: number): number => {
      const at = next;
      next = (next + bytes + 15) & ~15;
      if (next > memory.byteLength) throw new KernelError("memory-short", "a turn of rows needs more memory");
      return at;
    };
    const columnBytes = 4 * TURN_ROWS;
    this.#wordsAt = room(4 * WORD_COUNT);
    this.#words = new Uint32Array(memory, this.#wordsAt, WORD_COUNT);
    this.#codes = new Uint8Array(memory, room(TURN_ROWS), TURN_ROWS);
    this.#rowEnds = new Uint32Array(memory, room(columnBytes), TURN_ROWS);
    this.#starts = new Int32Array(memory, room(columnBytes * MAX_COLUMNS), TURN_ROWS * MAX_COLUMNS);
    this.#ends = new Int32Array(memory, room(columnBytes * MAX_COLUMNS), TURN_ROWS * MAX_COLUMNS);
    this.#namesAt = room(NAME_BYTES * MAX_NAMES);
    this.#nameAtPlace = room(MAX_PLACES);
    this.#slotsAt = room(4 << SLOT_BITS);
    this.#firstsAt = room(columnBytes);
    this.#numbers = new Uint32Array(memory, room(columnBytes), TURN_ROWS);
    this.#times = new Float64Array(memory, room(8 * TURN_ROWS), TURN_ROWS);
  }

  /**
   * Finds the rows of the whole lines in block[from, to), as many as there is room for; none where the first line has none.
   *
   * @param maxRowBytes a longer one is left
   * @returns where the last one ends
   */
  read(block: Uint8Array, from: number, to: number, names: RowNames, maxRowBytes: number): number {
    const end = block.lastIndexOf(LF, Math.min(to, from + SLICE_BYTES) - 1) + 1;
    this.rows = 0;
    this.columns = names.columns;
    if (end <= from) return from;
    this.#bytes.set(block.subarray(from, end), TEXT);
    const textEnd = TEXT + end - from;
    this.#textEnd = Math.max(this.#textEnd, textEnd);
    this.#bias = TEXT - from;
    this.#tell(names, maxRowBytes);
    // Of a column that no name has yet no row has a cell.
    this.#starts.fill(-1, TURN_ROWS * names.columns);
    this.#ends.fill(-1, TURN_ROWS * names.columns);
    const found = this.#kernels.findRows(this.#wordsAt, TEXT, textEnd);
    const rows = this.#words[WORD.rows]!;
    this.rows = rows;
    this.codes.set(this.#codes.subarray(0, rows));
    this.rowEnds.set(this.#rowEnds.subarray(0, rows));
    for (let column = 0; column < MAX_COLUMNS; column++) {
      const first = TURN_ROWS * column;
      this.starts[column]!.set(this.#starts.subarray(first, first + rows));
      this.ends[column]!.set(this.#ends.subarray(first, first + rows));
    }
    return found - this.#bias;
  }

  #tell(names: RowNames, maxRowBytes: number): void {
    this.#bytes.set(names.table, this.#namesAt);
    this.#bytes.fill(0, this.#nameAtPlace, this.#nameAtPlace + MAX_PLACES);
    const words = this.#words;
    words[WORD.names] = this.#namesAt;
    words[WORD.nameCount] = names.count;
    words[WORD.nameAtPlace] = this.#nameAtPlace;
    words[WORD.places] = MAX_PLACES;
    words[WORD.columns] = names.columns;
    words[WORD.maxRows] = TURN_ROWS;
    words[WORD.maxRowBytes] = maxRowBytes;
    words[WORD.bias] = this.#bias;
    words[WORD.starts] = this.#starts.byteOffset;
    words[WORD.ends] = this.#ends.byteOffset;
    words[WORD.codes] = this.#codes.byteOffset;
    words[WORD.rowEnds] = this.#rowEnds.byteOffset;
  }

  /** Instants of a column's cells: milliseconds since 1970, or NaN. */
  times(column: number): Float64Array {
    const [starts, ends] = this.#cellsOf(column);
    this.#kernels.readTimes(starts, ends, this.#bias, this.rows, this.#times.byteOffset);
    return this.#times;
  }

  /**
   * Numbers a column's cells from 0 on, equal cells by one number; those of empty cells mean nothing.
   *
   * @param numbers where they are put
   * @returns how many numbers there are
   */
  numbers(column: number, numbers: Uint32Array): number {
    const [starts, ends] = this.#cellsOf(column);
    const [at, firsts] = [this.#numbers.byteOffset, this.#firstsAt];
    const { rows } = this;
    const count = this.#kernels.numberNames(starts, ends, this.#bias, rows, this.#slotsAt, SLOT_BITS, at, firsts);
    numbers.set(this.#numbers.subarray(0, rows));
    return count;
  }

  /** Addresses of where a column's cells start and end. */
  #cellsOf(column: number): [starts: number, ends: number] {
    const first = 4 * TURN_ROWS * column;
    return [this.#starts.byteOffset + first, this.#ends.byteOffset + first];
  }

  /** Overwrites the text. */
  wipe(): void {
    this.#bytes.fill(0, TEXT, this.#textEnd);
    this.#textEnd = TEXT;
  }
}
