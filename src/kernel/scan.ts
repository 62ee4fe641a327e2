/**
 * CSV scanner: bytes in, field positions out (RFC 4180, https://www.rfc-editor.org/rfc/rfc4180).
 *
 * Quotes, "" escapes, line breaks in quotes, LF, CRLF or CR, a byte order mark at the start of the file.
 * Wider than the RFC: a quote inside an unquoted field is a plain character, records may differ in length,
 * an empty line is no record. Nothing is fatal: a bad record is reported, without its fields, and scanning
 * goes on. A quoted field that never closes, is too long or is followed by text ends its record at the first
 * line break after its opening quote, so that one stray quote costs one line; any other bad record ends at
 * its line break. The result is the same however the file is cut into blocks. The scanning itself is a kernel's.
 */
import { type RecordLimits, RecordScan, recordTables, scanText } from "./records.js";

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

const DELIMITERS = [",", ";", "\t", "|"] as const;
const DETECTION_BYTES = 64 * 1024;
const LF = 10;
const CR = 13;
const QUOTE = 34;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

export interface CsvScannerOptions extends RecordLimits {
  /** One ASCII character; found in the first line when absent. */
  readonly delimiter?: string;
}

export class CsvScanner {
  /** Records found by the last `scan`. */
  records = 0;
  /** First field of each record, and after the last record the number of all fields. */
  recordFirstField = new Uint32Array(1 << 9);
  /** Line that each record starts on, from 1, over all blocks. */
  recordLine = new Uint32Array(1 << 9);
  /** SCAN_PROBLEM of each record; a record with a problem has no fields. */
  recordProblem = new Uint8Array(1 << 9);
  /** Where each field lies in the block, without its quotes. */
  fieldStart = new Uint32Array(1 << 10);
  fieldEnd = new Uint32Array(1 << 10);
  /** 1 if the field has "" escapes to undo (`unescapeField`). */
  fieldQuoted = new Uint8Array(1 << 10);

  #isAtStart = true;
  readonly #scan: RecordScan;

  constructor(options: CsvScannerOptions = {}) {
    this.#scan = new RecordScan(options);
    if (options.delimiter !== undefined) this.#setDelimiter(options.delimiter.charCodeAt(0));
  }

  /** The delimiter given or found; empty before the first line was seen. */
  get delimiter(): string {
    return this.#scan.delimiter === 0 ? "" : String.fromCharCode(this.#scan.delimiter);
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
      at = this.#start(block, from, to, isLast);
      if (at < 0) return from;
    }
    return scanText(this.#scan, block, at, to, isLast, () => this.#take());
  }

  /** Appends what the last turn found. */
  #take(): void {
    const found = recordTables();
    const { records } = this.#scan;
    const first = this.records;
    const firstField = this.recordFirstField[first]!;
    const fields = found.recordFirstField[records]!;
    while (first + records >= this.recordFirstField.length) this.#growRecords();
    while (firstField + fields > this.fieldStart.length) this.#growFields();
    for (let i = 0; i <= records; i++) {
      this.recordFirstField[first + i] = firstField + found.recordFirstField[i]!;
    }
    this.recordLine.set(found.recordLine.subarray(0, records), first);
    this.recordProblem.set(found.recordProblem.subarray(0, records), first);
    this.fieldStart.set(found.fieldStart.subarray(0, fields), firstField);
    this.fieldEnd.set(found.fieldEnd.subarray(0, fields), firstField);
    this.fieldQuoted.set(found.fieldQuoted.subarray(0, fields), firstField);
    this.records += records;
  }

  /** Steps over a byte order mark and finds the delimiter; -1 if that takes more bytes. */
  #start(block: Uint8Array, from: number, to: number, isLast: boolean): number {
    let marks = 0;
    while (marks < 3 && from + marks < to && block[from + marks] === BYTE_ORDER_MARK[marks]) marks++;
    if (marks < 3 && from + marks === to && !isLast) return -1;
    const start = marks === 3 ? from + 3 : from;
    if (this.#scan.delimiter === 0) {
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
    this.#scan.delimiter = code;
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

function doubled<T extends Uint8Array | Uint32Array>(array: T): T {
  const larger = new (array.constructor as new (length: number) => T)(array.length * 2);
  larger.set(array);
  return larger;
}
