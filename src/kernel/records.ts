/**
 * Records of CSV text that lies in the kernels' memory: a scan finds some thousand of them a turn (the kernel beside).
 *
 * Whoever scans puts the text at TEXT; what is found stands in `recordTables` until the next turn of anybody, and is
 * for the same call: nothing in the arena is kept. What is carried from turn to turn is in the scan.
 */
import { ARENA_START, kernelModule } from "./wasm.js";

/** Limits that hold unless others are given. A block that is scanned should hold several times the longest record. */
export const SCAN_LIMITS = { fieldBytes: 64 * 1024, recordBytes: 256 * 1024, columns: 256 } as const;

export interface RecordLimits {
  readonly maxFieldBytes?: number;
  /** Longest record, without its line break. */
  readonly maxRecordBytes?: number;
  readonly maxColumns?: number;
}

/** Where the text lies, and how much of it at most. */
export const TEXT = ARENA_START;
export const TEXT_BYTES = 1024 * 1024;
/** Records that one turn finds, and fields, at most. */
export const TURN_RECORDS = 4096;
const TURN_FIELDS = 16 * 1024;

/** The kernels may read so far behind the text. */
const OVERREAD_BYTES = 64;
const WORDS = TEXT + TEXT_BYTES + OVERREAD_BYTES;
const RECORD_FIRST_FIELD = WORDS + 128;
const RECORD_LINE = RECORD_FIRST_FIELD + 4 * (TURN_RECORDS + 4);
const RECORD_PROBLEM = RECORD_LINE + 4 * TURN_RECORDS;
const FIELD_START = RECORD_PROBLEM + TURN_RECORDS;
const FIELD_END = FIELD_START + 4 * TURN_FIELDS;
const FIELD_QUOTED = FIELD_END + 4 * TURN_FIELDS;
/** First byte behind the tables. */
export const TABLES_END = FIELD_QUOTED + TURN_FIELDS;

/** Places in the record of words that the scanner reads and writes. */
const WORD = {
  delimiter: 0,
  maxFieldBytes: 1,
  maxRecordBytes: 2,
  maxColumns: 3,
  line: 4,
  isSkipping: 5,
  maxRecords: 6,
  maxFields: 7,
  bias: 8,
  recordFirstField: 9,
  recordLine: 10,
  recordProblem: 11,
  fieldStart: 12,
  fieldEnd: 13,
  fieldQuoted: 14,
  records: 15,
  isFull: 16,
  lookedTo: 17,
  sureEnd: 18,
} as const;
const WORD_COUNT = 19;

/** What the last turn found; views of the kernels' memory. */
export interface RecordTables {
  /** First field of each record, and after the last record the number of all fields. */
  readonly recordFirstField: Uint32Array;
  /** Line that each record starts on, from 1. */
  readonly recordLine: Uint32Array;
  /** SCAN_PROBLEM of each record; a record with a problem has no fields. */
  readonly recordProblem: Uint8Array;
  /** Place of each field, without its quotes. */
  readonly fieldStart: Uint32Array;
  readonly fieldEnd: Uint32Array;
  /** 1 if the field has "" escapes to undo. */
  readonly fieldQuoted: Uint8Array;
}

let tables: RecordTables | undefined;
let words: Uint32Array | undefined;

export function recordTables(): RecordTables {
  return (tables ??= makeTables());
}

function makeTables(): RecordTables {
  const { memory } = kernelModule();
  return {
    recordFirstField: new Uint32Array(memory, RECORD_FIRST_FIELD, TURN_RECORDS + 1),
    recordLine: new Uint32Array(memory, RECORD_LINE, TURN_RECORDS),
    recordProblem: new Uint8Array(memory, RECORD_PROBLEM, TURN_RECORDS),
    fieldStart: new Uint32Array(memory, FIELD_START, TURN_FIELDS),
    fieldEnd: new Uint32Array(memory, FIELD_END, TURN_FIELDS),
    fieldQuoted: new Uint8Array(memory, FIELD_QUOTED, TURN_FIELDS),
  };
}

/** One input's scan. */
export class RecordScan {
  /** ASCII code; 0 while it is not known, and then nothing can be scanned. */
  delimiter = 0;
  /** Line of the next record, from 1. */
  line = 1;
  /** Inside a bad record whose line break is still to come. */
  isSkipping = false;
  /** Records that the last turn found. */
  records = 0;
  /** Whether the last turn ended because it found as many as it may. */
  isFull = false;
  /**
   * Place of the last end of a record where the text could be cut: what is before it was not judged by what is behind.
   * (A quoted field that never closes ends its record at the first line break, however far was looked for its end.)
   */
  sureEnd = 0;
  readonly maxFieldBytes: number;
  readonly maxRecordBytes: number;
  readonly maxColumns: number;
  #lookedTo = 0;

  /** @throws {RangeError} for limits that the kernels' memory can't hold */
  constructor(limits: RecordLimits = {}) {
    this.maxFieldBytes = limits.maxFieldBytes ?? SCAN_LIMITS.fieldBytes;
    this.maxRecordBytes = Math.max(limits.maxRecordBytes ?? SCAN_LIMITS.recordBytes, this.maxFieldBytes);
    this.maxColumns = limits.maxColumns ?? SCAN_LIMITS.columns;
    if (this.maxRecordBytes + this.maxFieldBytes > TEXT_BYTES / 2 || this.maxColumns > TURN_FIELDS / 4) {
      throw new RangeError(`records of ${TEXT_BYTES / 4} bytes or ${TURN_FIELDS / 4} columns can't be scanned`);
    }
  }

  /** Begins another text, whose places count from 0 again, in the state that the last one ended in. */
  restart(): void {
    this.sureEnd = this.#lookedTo = 0;
  }

  /**
   * Finds the next records of the text from address `from` to `to`.
   *
   * @param isLast whether the input ends at `to`
   * @param bias what is taken off an address to give a field's place
   * @returns where the last whole record ends
   */
  turn(from: number, to: number, isLast: boolean, bias = 0, maxRecords = TURN_RECORDS): number {
    const { kernels, memory } = kernelModule();
    words ??= new Uint32Array(memory, WORDS, WORD_COUNT);
    words[WORD.delimiter] = this.delimiter;
    words[WORD.maxFieldBytes] = this.maxFieldBytes;
    words[WORD.maxRecordBytes] = this.maxRecordBytes;
    words[WORD.maxColumns] = this.maxColumns;
    words[WORD.line] = this.line;
    words[WORD.isSkipping] = this.isSkipping ? 1 : 0;
    words[WORD.maxRecords] = maxRecords;
    words[WORD.maxFields] = TURN_FIELDS;
    words[WORD.bias] = bias;
    words[WORD.recordFirstField] = RECORD_FIRST_FIELD;
    words[WORD.recordLine] = RECORD_LINE;
    words[WORD.recordProblem] = RECORD_PROBLEM;
    words[WORD.fieldStart] = FIELD_START;
    words[WORD.fieldEnd] = FIELD_END;
    words[WORD.fieldQuoted] = FIELD_QUOTED;
    words[WORD.lookedTo] = this.#lookedTo;
    words[WORD.sureEnd] = this.sureEnd;
    const end = kernels.scanRecords(WORDS, from, to, isLast);
    this.line = words[WORD.line];
    this.isSkipping = words[WORD.isSkipping] !== 0;
    this.records = words[WORD.records]!;
    this.isFull = words[WORD.isFull] !== 0;
    this.#lookedTo = words[WORD.lookedTo]!;
    this.sureEnd = words[WORD.sureEnd]!;
    return end;
  }
}

/** Bytes that go into the kernels' memory at once; more where one record is longer. */
export const SLICE_BYTES = 128 * 1024;

/**
 * Scans `block[from, to)`, whose records `taken` may fetch after each turn from the tables, with places in the block.
 *
 * @returns where the last whole record ends
 */
export function scanText(
  scan: RecordScan,
  block: Uint8Array,
  from: number,
  to: number,
  isLast: boolean,
  taken: () => void,
): number {
  const text = new Uint8Array(kernelModule().memory, TEXT, TEXT_BYTES);
  let at = from;
  let widest = 0;
  for (let bytes = SLICE_BYTES; ; ) {
    const stop = Math.min(to, at + bytes);
    text.set(block.subarray(at, stop));
    widest = Math.max(widest, stop - at);
    const end = TEXT + stop - at;
    let next = TEXT;
    do {
      next = scan.turn(next, end, isLast && stop === to, TEXT - at);
      taken();
    } while (scan.isFull);
    at += next - TEXT;
    if (stop === to) break;
    bytes = next === TEXT ? TEXT_BYTES : SLICE_BYTES;
  }
  text.fill(0, 0, widest);
  return at;
}
