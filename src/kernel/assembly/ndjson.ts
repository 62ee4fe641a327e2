/**
 * Rows of NDJSON text: where the texts of plain objects lie, column by column (row-turn.ts beside this folder).
 *
 * A row is plain if it is an object of known names and of texts without escapes; any other is left to others, whatever it
 * is. What a call is told and tells is a record of 32-bit words in memory. Reads up to 16 bytes past the text.
 */
import { areSame } from "./same";

const LF: u8 = 10;
const QUOTE: u8 = 34;
const COMMA: u8 = 44;
const COLON: u8 = 58;
const BACKSLASH: u8 = 92;
const OPEN: u8 = 123;
const CLOSE: u8 = 125;
const BLANK: u8 = 32;

/** What became of a row. */
const PLAIN: u8 = 0;
const LEFT: u8 = 1;

/** Words of the record: the names and how many there are, where each place of the row before had its name, */
const NAMES: usize = 0;
const NAME_COUNT: usize = 4;
const NAME_AT_PLACE: usize = 8;
const PLACES: usize = 12;
/** the columns, the rows that there is room for and the longest that is plain, */
const COLUMNS: usize = 16;
const MAX_ROWS: usize = 20;
const MAX_ROW_BYTES: usize = 24;
/** what is taken off the address of a byte to give its place, */
const BIAS: usize = 28;
/** places where cells start and end, all of a column together; what became of each row, and the place behind its line break. */
const STARTS: usize = 32;
const ENDS: usize = 36;
const CODES: usize = 40;
const ROW_ENDS: usize = 44;
/** How many rows were found. */
const ROWS: usize = 48;
/** Place of a cell that is not there. */
const ABSENT: u32 = 0xffff_ffff;

/** A name: its bytes and the quote behind them, how many these are, and its column, -1 if nobody wants that. */
const NAME_BYTES: u32 = 80;
const NAME_LENGTH: usize = 64;
const NAME_COLUMN: usize = 68;

/**
 * Finds rows from `from` to `to`, behind a line break; each line is one, be it empty. `rows` is the address of the record
 * of words above.
 * @returns where the last one ends
 */
export function findRows(rows: usize, from: u32, to: u32): u32 {
  const maxRows = load<u32>(rows, MAX_ROWS);
  const maxRowBytes = load<u32>(rows, MAX_ROW_BYTES);
  const columns = load<u32>(rows, COLUMNS);
  const starts: usize = load<u32>(rows, STARTS);
  const ends: usize = load<u32>(rows, ENDS);
  const codes: usize = load<u32>(rows, CODES);
  const rowEnds: usize = load<u32>(rows, ROW_ENDS);
  const bias = load<u32>(rows, BIAS);
  let at = from;
  let row: u32 = 0;
  for (; row < maxRows && at < to; row++) {
    clearCells(starts + (row << 2), ends + (row << 2), columns, maxRows);
    const start = at;
    at = readRow(rows, start, row);
    let code = PLAIN;
    if (at === 0 || at - start > maxRowBytes) {
      clearCells(starts + (row << 2), ends + (row << 2), columns, maxRows);
      at = nextBreak(start);
      code = LEFT;
    }
    store<u8>(codes + row, code);
    store<u32>(rowEnds + (row << 2), ++at - bias);
  }
  store<u32>(rows, row, ROWS);
  return at;
}

function clearCells(starts: usize, ends: usize, columns: u32, maxRows: u32): void {
  for (let column: u32 = 0; column < columns; column++) {
    store<u32>(starts + ((column * maxRows) << 2), ABSENT);
    store<u32>(ends + ((column * maxRows) << 2), ABSENT);
  }
}

/** The line break behind a plain row; 0 if it is not plain. Nothing steps over a line break. */
function readRow(rows: usize, from: u32, row: u32): u32 {
  const names = load<u32>(rows, NAMES);
  const nameCount = load<u32>(rows, NAME_COUNT);
  const nameAtPlace: usize = load<u32>(rows, NAME_AT_PLACE);
  const places = load<u32>(rows, PLACES);
  const maxRows = load<u32>(rows, MAX_ROWS);
  const bias = load<u32>(rows, BIAS);
  const starts: usize = load<u32>(rows, STARTS);
  const ends: usize = load<u32>(rows, ENDS);
  let at = pastBlanks(from);
  if (load<u8>(at) !== OPEN) return 0;
  for (let place: u32 = 0; place < places; place++) {
    at = pastBlanks(at + 1);
    if (load<u8>(at++) !== QUOTE) return 0;
    let name = names + <u32>load<u8>(nameAtPlace + place) * NAME_BYTES;
    if (!isName(name, at)) {
      const found = findName(names, nameCount, at);
      if (found === nameCount) return 0;
      store<u8>(nameAtPlace + place, <u8>found);
      name = names + found * NAME_BYTES;
    }
    at = pastBlanks(at + load<u32>(name, NAME_LENGTH));
    if (load<u8>(at) !== COLON) return 0;
    at = pastBlanks(at + 1);
    if (load<u8>(at++) !== QUOTE) return 0;
    const end = nextStop(at);
    if (load<u8>(end) !== QUOTE) return 0;
    const column = load<i32>(name, NAME_COLUMN);
    if (column >= 0) {
      const cell = (<u32>column * maxRows + row) << 2;
      store<u32>(starts + cell, at - bias);
      store<u32>(ends + cell, end - bias);
    }
    at = pastBlanks(end + 1);
    const next = load<u8>(at);
    if (next === CLOSE) {
      at = pastBlanks(at + 1);
      return load<u8>(at) === LF ? at : 0;
    }
    if (next !== COMMA) return 0;
  }
  return 0;
}

function isBlank(byte: u8): bool {
  return byte === BLANK || byte === 9 || byte === 13;
}

function pastBlanks(from: u32): u32 {
  let at = from;
  while (isBlank(load<u8>(at))) at++;
  return at;
}

/** Whether the text at `at` is the name, to its quote. */
function isName(name: u32, at: u32): bool {
  return areSame(name, at, load<u32>(name, NAME_LENGTH));
}

/** Number of the name at `at`; how many names there are if it is none. */
function findName(names: u32, count: u32, at: u32): u32 {
  let name: u32 = 0;
  while (name < count && !isName(names + name * NAME_BYTES, at)) name++;
  return name;
}

/** The next quote, backslash or control character. */
function nextStop(from: u32): u32 {
  let at = from;
  let bits = stops(at);
  while (bits === 0) bits = stops((at += 16));
  return at + ctz<u32>(bits);
}

function stops(at: u32): u32 {
  const bytes = v128.load(at);
  const marks = v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(BACKSLASH)));
  return i8x16.bitmask(v128.or(marks, i8x16.lt_u(bytes, i8x16.splat(BLANK))));
}

/** The next line break; there is one. */
function nextBreak(from: u32): u32 {
  let at = from;
  let bits = breaks(at);
  while (bits === 0) bits = breaks((at += 16));
  return at + ctz<u32>(bits);
}

function breaks(at: u32): u32 {
  return i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(LF)));
}
