/**
 * CSV scanner: bytes in, field positions out (RFC 4180, https://www.rfc-editor.org/rfc/rfc4180).
 *
 * Quotes, "" escapes, line breaks in quotes, LF, CRLF or CR, a byte order mark at the start of the file.
 * Wider than the RFC: a quote inside an unquoted field is a plain character, records may differ in length,
 * an empty line is no record. Nothing is fatal: a bad record is reported, without its fields, and scanning
 * goes on. A quoted field that never closes, is too long or is followed by text ends its record at the first
 * line break after its opening quote, so that one stray quote costs one line; any other bad record ends at
 * its line break. The result is the same however the file is cut into blocks. It decodes and copies nothing.
 */

/** What can be wrong with a record. */
export const SCAN_PROBLEM = {
  none: 0,
  /** The input ended inside quotes. */
  unclosedQuote: 1,
  /** Something other than a delimiter or a line break follows a closing quote. */
  textAfterQuote: 2,
  fieldTooLong: 3,
  recordTooLong: 4,
  tooManyColumns: 5,
} as const;

/** Limits that hold unless others are given. A block handed to `scan` should hold several times the longest record. */
export const SCAN_LIMITS = { fieldBytes: 64 * 1024, recordBytes: 256 * 1024, columns: 256 } as const;

const DELIMITERS = [",", ";", "\t", "|"] as const;
const DETECTION_BYTES = 64 * 1024;
const LF = 10;
const CR = 13;
const QUOTE = 34;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

export interface CsvScannerOptions {
  /** One ASCII character; found in the first line when absent. */
  readonly delimiter?: string;
  readonly maxFieldBytes?: number;
  /** Longest record, without its line break. */
  readonly maxRecordBytes?: number;
  readonly maxColumns?: number;
}

export class CsvScanner {
  /** Records found by the last `scan`. */
  records = 0;
  /** First field of each record, and after the last record the number of all fields. */
  recordFirstField = new Uint32Array(1 << 12);
  /** Line that each record starts on, from 1, over all blocks. */
  recordLine = new Uint32Array(1 << 12);
  /** SCAN_PROBLEM of each record; a record with a problem has no fields. */
  recordProblem = new Uint8Array(1 << 12);
  /** Where each field lies in the block, without its quotes. */
  fieldStart = new Uint32Array(1 << 13);
  fieldEnd = new Uint32Array(1 << 13);
  /** 1 if the field has "" escapes to undo (`unescapeField`). */
  fieldQuoted = new Uint8Array(1 << 13);

  #line = 1;
  #isAtStart = true;
  /** Inside a bad record whose line break is still to come. */
  #isSkipping = false;
  /** Delimiter, LF and CR. */
  readonly #stops = new Uint8Array(256);
  #delimiter = 0;
  readonly #maxFieldBytes: number;
  readonly #maxRecordBytes: number;
  readonly #maxColumns: number;

  constructor(options: CsvScannerOptions = {}) {
    this.#maxFieldBytes = options.maxFieldBytes ?? SCAN_LIMITS.fieldBytes;
    this.#maxRecordBytes = Math.max(options.maxRecordBytes ?? SCAN_LIMITS.recordBytes, this.#maxFieldBytes);
    this.#maxColumns = options.maxColumns ?? SCAN_LIMITS.columns;
    if (options.delimiter !== undefined) this.#setDelimiter(options.delimiter.charCodeAt(0));
  }

  /** The delimiter given or found; empty before the first line was seen. */
  get delimiter(): string {
    return this.#delimiter === 0 ? "" : String.fromCharCode(this.#delimiter);
  }

  /** Whether the next block starts inside a bad record. */
  get isSkipping(): boolean {
    return this.#isSkipping;
  }

  /**
   * Finds the whole records in block[from, to). The result stands until the next call.
   *
   * @param isLast whether the input ends at `to`; then everything is consumed
   * @returns where the last whole record ends; bytes from there on must come again, with more behind them
   */
  scan(block: Uint8Array, from: number, to: number, isLast: boolean): number {
    this.records = 0;
    this.recordFirstField[0] = 0;
    let at = from;
    if (this.#isAtStart) {
      const start = this.#start(block, from, to, isLast);
      if (start < 0) return from;
      at = start;
    }
    if (this.#isSkipping) at = this.#skip(block, at, to, isLast);
    if (!this.#isSkipping) at = this.#scanRecords(block, at, to, isLast);
    return at;
  }

  #scanRecords(block: Uint8Array, from: number, to: number, isLast: boolean): number {
    const stops = this.#stops;
    const delimiter = this.#delimiter;
    const maxFieldBytes = this.#maxFieldBytes;
    const maxRecordBytes = this.#maxRecordBytes;
    const maxColumns = this.#maxColumns;
    let { recordFirstField, recordLine, recordProblem, fieldStart, fieldEnd, fieldQuoted } = this;
    let records = 0;
    let fields = 0;
    let line = this.#line;
    let at = from;
    let consumed = from;
    let wholeFields = 0;

    scanning: while (at < to) {
      const recordStart = at;
      fields = wholeFields;
      let problem: number = SCAN_PROBLEM.none;
      let quotedBreaks = 0;
      let columns = 0;
      let isCut = false;

      for (;;) {
        let start = at;
        let end: number;
        let isEscaped = 0;
        if (at < to && block[at] === QUOTE) {
          start = ++at;
          let bad: number = SCAN_PROBLEM.none;
          for (;;) {
            while (at < to && block[at] !== QUOTE) at++;
            if (at >= to) {
              if (isLast) bad = SCAN_PROBLEM.unclosedQuote;
              break;
            }
            if (at + 1 === to && !isLast) break;
            if (at + 1 < to && block[at + 1] === QUOTE) {
              isEscaped = 1;
              at += 2;
              continue;
            }
            if (at + 1 < to && stops[block[at + 1]!] === 0) bad = SCAN_PROBLEM.textAfterQuote;
            break;
          }
          end = at;
          if (end - start > maxFieldBytes) bad = SCAN_PROBLEM.fieldTooLong;
          else if (bad === SCAN_PROBLEM.none && (at >= to || (at + 1 === to && !isLast))) break scanning;
          if (bad !== SCAN_PROBLEM.none) {
            problem = problem || bad;
            at = start;
            isCut = true;
            break;
          }
          at++;
          quotedBreaks += breaksIn(block, start, end);
        } else {
          while (at < to && stops[block[at]!] === 0) at++;
          end = at;
        }

        if (at - recordStart > maxRecordBytes) {
          problem = problem || SCAN_PROBLEM.recordTooLong;
          isCut = true;
          break;
        }
        if (at >= to && !isLast) break scanning;
        if (end - start > maxFieldBytes) problem = problem || SCAN_PROBLEM.fieldTooLong;
        if (columns === maxColumns) {
          problem = problem || SCAN_PROBLEM.tooManyColumns;
        } else {
          if (fields === fieldStart.length) {
            this.#growFields();
            ({ fieldStart, fieldEnd, fieldQuoted } = this);
          }
          fieldStart[fields] = start;
          fieldEnd[fields] = end;
          fieldQuoted[fields] = isEscaped;
          fields++;
          columns++;
        }
        if (at < to && block[at] === delimiter) {
          at++;
          continue;
        }
        break;
      }

      if (!isCut) {
        if (at + 1 === to && block[at] === CR && !isLast) break;
        if (at === recordStart) {
          at = afterBreak(block, at, to);
          line++;
          consumed = at;
          continue;
        }
      }
      if (records + 1 >= recordFirstField.length) {
        this.#growRecords();
        ({ recordFirstField, recordLine, recordProblem } = this);
      }
      recordFirstField[records] = wholeFields;
      recordLine[records] = line;
      recordProblem[records] = problem;
      records++;
      if (problem === SCAN_PROBLEM.none) wholeFields = fields;
      line += quotedBreaks;
      if (isCut) {
        this.#line = line;
        this.#isSkipping = true;
        at = this.#skip(block, at, to, isLast);
        line = this.#line;
        consumed = at;
        if (this.#isSkipping) break;
        continue;
      }
      if (at < to) {
        at = afterBreak(block, at, to);
        line++;
      }
      consumed = at;
    }

    this.records = records;
    this.recordFirstField[records] = wholeFields;
    this.#line = line;
    return consumed;
  }

  /** Goes on behind the next line break, or to the end of the block. */
  #skip(block: Uint8Array, from: number, to: number, isLast: boolean): number {
    let at = from;
    while (at < to && block[at] !== LF && block[at] !== CR) at++;
    if (at >= to) return to;
    if (block[at] === CR && at + 1 === to && !isLast) return at;
    this.#isSkipping = false;
    this.#line++;
    return afterBreak(block, at, to);
  }

  /** Steps over a byte order mark and finds the delimiter; -1 if that takes more bytes. */
  #start(block: Uint8Array, from: number, to: number, isLast: boolean): number {
    let marks = 0;
    while (marks < 3 && from + marks < to && block[from + marks] === BYTE_ORDER_MARK[marks]) marks++;
    if (marks < 3 && from + marks === to && !isLast) return -1;
    const start = marks === 3 ? from + 3 : from;
    if (this.#delimiter === 0) {
      const found = detectDelimiter(block, start, to, isLast);
      if (found === undefined) return -1;
      this.#setDelimiter(found.charCodeAt(0));
    }
    this.#isAtStart = false;
    return start;
  }

  #setDelimiter(code: number): void {
    if (!(code > 0 && code < 128) || code === QUOTE || code === LF || code === CR) {
      throw new RangeError("a delimiter is one ASCII character other than a quote or a line break");
    }
    this.#delimiter = code;
    this.#stops[code] = this.#stops[LF] = this.#stops[CR] = 1;
  }

  #growFields(): void {
    this.fieldStart = doubled(this.fieldStart);
    this.fieldEnd = doubled(this.fieldEnd);
    this.fieldQuoted = doubled(this.fieldQuoted);
  }

  #growRecords(): void {
    this.recordFirstField = doubled(this.recordFirstField);
    this.recordLine = doubled(this.recordLine);
    this.recordProblem = doubled(this.recordProblem);
  }
}

/**
 * The delimiter of the first line that is not empty: the one of , ; tab | that is there most often outside
 * quotes (the first of these at a tie), or a comma. Undefined if the line goes on behind `to`.
 */
export function detectDelimiter(block: Uint8Array, from: number, to: number, isLast: boolean): string | undefined {
  const counts = new Uint32Array(128);
  let begin = from;
  while (begin < to && (block[begin] === LF || block[begin] === CR)) begin++;
  const stop = Math.min(to, begin + DETECTION_BYTES);
  let isQuoted = false;
  let at = begin;
  for (; at < stop; at++) {
    const byte = block[at]!;
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (!isQuoted && (byte === LF || byte === CR)) break;
    else if (!isQuoted && byte < 128) counts[byte]!++;
  }
  if (at === to && !isLast && to - begin < DETECTION_BYTES) return undefined;
  let best: string = DELIMITERS[0];
  for (const delimiter of DELIMITERS) {
    if (counts[delimiter.charCodeAt(0)]! > counts[best.charCodeAt(0)]!) best = delimiter;
  }
  return best;
}

/**
 * Copies a field and undoes its "" escapes. `target` may be `block` and `at` be `start`.
 * @returns where the copy ends in `target`
 */
export function unescapeField(block: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  let to = at;
  for (let i = start; i < end; i++) {
    const byte = block[i]!;
    target[to++] = byte;
    if (byte === QUOTE) i++;
  }
  return to;
}

function afterBreak(block: Uint8Array, at: number, to: number): number {
  return block[at] === CR && at + 1 < to && block[at + 1] === LF ? at + 2 : at + 1;
}

function breaksIn(block: Uint8Array, start: number, end: number): number {
  let breaks = 0;
  for (let at = start; at < end; at++) {
    if (block[at] === LF || (block[at] === CR && block[at + 1] !== LF)) breaks++;
  }
  return breaks;
}

function doubled<T extends Uint8Array | Uint32Array>(array: T): T {
  const larger = new (array.constructor as new (length: number) => T)(array.length * 2);
  larger.set(array);
  return larger;
}
