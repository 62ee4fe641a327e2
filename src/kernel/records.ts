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
  /** Records that the last turn found, and how many of them have a problem. */
  records = 0;
  problems = 0;
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
  restart(isSkipping: boolean): void {
    this.isSkipping = isSkipping;
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
    words ??= new Uint32Array(memory, WORDS, 20);
    words[0] = this.delimiter;
    words[1] = this.maxFieldBytes;
    words[2] = this.maxRecordBytes;
    words[3] = this.maxColumns;
    words[4] = this.line;
    words[5] = this.isSkipping ? 1 : 0;
    words[6] = maxRecords;
    words[7] = TURN_FIELDS;
    words[8] = bias;
    words[9] = RECORD_FIRST_FIELD;
    words[10] = RECORD_LINE;
    words[11] = RECORD_PROBLEM;
    words[12] = FIELD_START;
    words[13] = FIELD_END;
    words[14] = FIELD_QUOTED;
    words[18] = this.#lookedTo;
    words[19] = this.sureEnd;
    const end = kernels.scanRecords(WORDS, from, to, isLast);
    this.line = words[4];
    this.isSkipping = words[5] !== 0;
    this.records = words[15]!;
    this.problems = words[16]!;
    this.isFull = words[17] !== 0;
    this.#lookedTo = words[18]!;
    this.sureEnd = words[19]!;
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
