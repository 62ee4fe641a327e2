/**
 * Rows: a block of whole records -> batches of digests, refused rows and counts.
 *
 * A row is usable with at least one good identifier and refused with none; a blank line is no row, an empty cell no
 * error. 64 hex digits are a digest, in columns of the kinds that may be hashed. The kernels read some thousand rows a
 * turn; what they leave, cell by cell, is judged here. Nothing is kept from block to block but the plan of the columns,
 * which the first block's reader makes; lines count from the block's first. No value is kept.
 */
import {
  dropBlanks,
  HASHABLE,
  KIND_CODES,
  type KindCode,
  kindCode,
  Messages,
  type Normaliser,
  refusal,
  type Scheme,
  skipBlanks,
  trimmedText,
  valueForm,
  writeText,
} from "../contact/index.js";
import { REFUSAL } from "../input/index.js";
import {
  CELL,
  CsvScanner,
  DIGEST_DIGITS,
  RecordScan,
  SCAN_PROBLEM,
  SLICE_BYTES,
  TEXT_BYTES,
  TURN_CELLS,
  Turn,
  unescapeField,
  VALUE_FORM,
  type ValueForm,
} from "../kernel/index.js";
import { BatchBuilder, type DigestBatch } from "./batch.js";
import { type ColumnPlan, planColumns } from "./columns.js";
import { type Block, markBytes } from "./cut.js";
import { decodeDigest, isHex } from "./digest.js";
import type { DigestMemory } from "./digest-memory.js";
import { ListError } from "./error.js";
import { LIST_LIMITS, type ListLimits, RECORD_LIMITS } from "./limits.js";
import { LIST_REFUSAL } from "./refusal.js";
import { Regions } from "./regions.js";

export interface ListOptions {
  /** The normal forms that the list's digests were made of, or that its values are to be brought to. */
  readonly scheme: Scheme;
  /** Two letters: how phones without "+" are read, where the row names no country. */
  readonly region?: string | undefined;
  readonly limits?: Partial<ListLimits> | undefined;
}

/** What was read from one block. */
export interface RowsRead {
  readonly batches: readonly DigestBatch[];
  /** Line breaks, those inside of quotes included. */
  readonly lines: number;
  /** Phones whose row names a country that is none. */
  readonly unknownRegions: number;
  /** How many cells were no good, by `badCellKey`. */
  readonly badCells: ReadonlyMap<number, number>;
}

/** Column, from 1 (0: the row as a whole), and refusal code in one number. */
export const badCellKey = (column: number, code: number): number => column * 256 + code;

/** Records that are scanned between runs of lines that are a digest and nothing else. */
const SCANNED_RECORDS = 16;
const SCANNED_GROWTH = 8;
/** Hex digits of MD5 and SHA-1. */
const OTHER_DIGEST_DIGITS = [32, 40];
const GZIP_MAGIC = [0x1f, 0x8b];
const QUOTE = 34;

const EMPTY = emptyCode();
const HASHABLE_BITS = HASHABLE.reduce((bits, kind) => bits | (1 << kindCode(kind)), 0);

const PROBLEMS: Readonly<Record<number, number>> = {
  [SCAN_PROBLEM.unclosedQuote]: REFUSAL.badQuotes,
  [SCAN_PROBLEM.textAfterQuote]: REFUSAL.badQuotes,
  [SCAN_PROBLEM.fieldTooLong]: REFUSAL.fieldTooLong,
  [SCAN_PROBLEM.recordTooLong]: REFUSAL.recordTooLong,
  [SCAN_PROBLEM.tooManyColumns]: REFUSAL.tooManyColumns,
};

/** A column as the rows are read by it. */
interface Cell {
  readonly index: number;
  /** Undefined: a digest of unknown kind. */
  readonly kind: KindCode | undefined;
  /** Whether 64 hex digits are a digest, and no value like any other. */
  readonly mayBeDigest: boolean;
  readonly form: ValueForm;
}

export class RowReader {
  readonly #options: ListOptions;
  readonly #refusalsKept: number;
  readonly #regions: Regions;
  readonly #batch: BatchBuilder;
  readonly #turn = new Turn();
  readonly #messages = new Messages();

  #plan: ColumnPlan | undefined;
  #cells: readonly Cell[] = [];
  /** Bits of the kinds that a digest of each column may be of. */
  #kinds = new Uint8Array(0);
  /** Records of one turn. */
  #turnRecords = TURN_CELLS;
  /** Whether lines are looked at as mere digests first. */
  #isOfDigests = false;

  #scan = new RecordScan(RECORD_LIMITS);
  #isHeaderAhead = false;
  #batches: DigestBatch[] = [];
  #refusals = 0;
  #unknownRegions = 0;
  #badCells = new Map<number, number>();

  /**
   * @param memory for batches; without it each has its own
   * @throws {ListError} code `unknown-region`
   */
  constructor(options: ListOptions, plan?: ColumnPlan, memory?: DigestMemory) {
    this.#options = options;
    this.#batch = new BatchBuilder(memory);
    this.#refusalsKept = options.limits?.refusalsKept ?? LIST_LIMITS.refusalsKept;
    this.#regions = new Regions(options.region);
    if (plan !== undefined) this.#setPlan(plan);
  }

  /** How the columns are read; undefined before the list's first block was. */
  get plan(): ColumnPlan | undefined {
    return this.#plan;
  }

  /**
   * Reads a block; without a plan, the list's first.
   *
   * @throws {ListError} codes `no-identifier-column`, `too-many-columns`, `not-csv`
   */
  read({ bytes, isSkipping, delimiter }: Block): RowsRead {
    this.#scan = new RecordScan(RECORD_LIMITS);
    this.#scan.isSkipping = isSkipping;
    this.#scan.delimiter = delimiter;
    this.#batches = [];
    this.#refusals = this.#unknownRegions = 0;
    this.#badCells = new Map();
    let from = 0;
    if (this.#plan === undefined) {
      const plan = this.#planned(bytes);
      this.#setPlan(plan);
      this.#isHeaderAhead = plan.hasHeader;
      from = markBytes(bytes);
    }
    this.#readText(bytes, from);
    if (!this.#batch.isEmpty) this.#takeBatch();
    return {
      batches: this.#batches,
      lines: this.#scan.line - 1,
      unknownRegions: this.#unknownRegions,
      badCells: this.#badCells,
    };
  }

  /** Overwrites what is left of values. */
  wipe(): void {
    this.#turn.wipe();
    this.#messages.wipe();
    this.#batch.end();
  }

  #planned(block: Uint8Array): ColumnPlan {
    if (block[0] === GZIP_MAGIC[0] && block[1] === GZIP_MAGIC[1]) {
      throw new ListError("not-csv", "the list is compressed", "open it with readList");
    }
    const sample = new CsvScanner(RECORD_LIMITS);
    sample.scan(block, 0, block.length, true);
    return planColumns(block, sample, this.#regions.own, this.#options.region);
  }

  #setPlan(plan: ColumnPlan): void {
    const { scheme } = this.#options;
    this.#plan = plan;
    this.#cells = plan.columns.map(({ index, kind }) => {
      if (kind === "unknown") return { index, kind: undefined, mayBeDigest: true, form: VALUE_FORM.none };
      const code = kindCode(kind);
      const mayBeDigest = (HASHABLE_BITS & (1 << code)) !== 0;
      return { index, kind: code, mayBeDigest, form: valueForm(code, scheme) };
    });
    this.#kinds = Uint8Array.from(this.#cells, ({ kind }) => (kind === undefined ? HASHABLE_BITS : 1 << kind));
    this.#turnRecords = Math.floor(TURN_CELLS / Math.max(1, this.#cells.length));
    const [first, second] = plan.columns;
    const isOfDigests = first?.form === "digest" || first?.form === "mixed";
    this.#isOfDigests = isOfDigests && second === undefined && first.index === 0;
  }

  #readText(bytes: Uint8Array, start: number): void {
    const turn = this.#turn;
    for (let from = start, most = SLICE_BYTES; from < bytes.length; ) {
      const to = Math.min(bytes.length, from + most);
      turn.load(bytes.subarray(from, to));
      const read = this.#readSlice(to === bytes.length) - turn.from;
      most = read === 0 ? TEXT_BYTES : SLICE_BYTES;
      from += read;
    }
    turn.wipe();
  }

  /** Reads the loaded text. @returns where the last whole record ends */
  #readSlice(isLast: boolean): number {
    const turn = this.#turn;
    const scan = this.#scan;
    let at = turn.from;
    let records = this.#isOfDigests ? SCANNED_RECORDS : this.#turnRecords;
    for (;;) {
      if (this.#isOfDigests && !this.#isHeaderAhead && !scan.isSkipping) {
        const lines = this.#readLines(at);
        if (lines > 0) records = SCANNED_RECORDS;
        at = turn.linesEnd;
      }
      at = scan.turn(at, turn.to, isLast, 0, Math.min(records, this.#turnRecords));
      if (scan.records > 0) this.#readRecords();
      if (!scan.isFull) return at;
      records *= SCANNED_GROWTH;
    }
  }

  /** Reads lines that are a digest and nothing else; where they end is with the turn. @returns how many there were */
  #readLines(from: number): number {
    const batch = this.#batch;
    this.#turn.linesEnd = from;
    let lines = 0;
    for (;;) {
      lines += batch.addLines(this.#turn, this.#kinds[0]!);
      if (batch.room > 0) break;
      this.#takeBatch();
    }
    this.#scan.line += lines;
    return lines;
  }

  /** Reads what the scan has just found. */
  #readRecords(): void {
    const first = this.#isHeaderAhead ? 1 : 0;
    this.#isHeaderAhead = false;
    const records = this.#scan.records - first;
    const [turn, batch] = [this.#turn, this.#batch];
    if (batch.room < records * this.#cells.length) this.#takeBatch();
    turn.begin(first, records, this.#kinds);
    let notGood = 0;
    for (let column = 0; column < this.#cells.length; column++) {
      const { index, form, mayBeDigest } = this.#cells[column]!;
      notGood += turn.column(column, index, form, mayBeDigest);
    }
    if (this.#plan!.country >= 0) this.#countUnknownRegions(first, records);
    batch.rows += records;
    if (notGood === 0) batch.usable += records;
    else for (let record = 0; record < records; record++) this.#judgeRow(first + record, record * this.#cells.length);
    batch.add(turn);
  }

  /** Judges a row of which the kernels did not say that all cells are good; `slot` is its first cell's. */
  #judgeRow(record: number, slot: number): void {
    const { codes, tables } = this.#turn;
    const cells = this.#cells;
    const batch = this.#batch;
    let isUsable = false;
    let badColumn = 0;
    let badCode = 0;
    for (let column = 0; column < cells.length; column++) {
      if (codes[slot + column] === CELL.left) {
        const cell = cells[column]!;
        const code = this.#judgeCell(cell, record, slot + column);
        if (code !== 0 && code !== EMPTY) {
          if (badCode === 0) {
            badColumn = cell.index + 1;
            badCode = code;
          }
          this.#countBadCell(cell.index + 1, code);
        }
      }
      if (codes[slot + column] === CELL.good) isUsable = true;
    }
    if (isUsable) {
      batch.usable++;
      return;
    }
    const problem = tables.recordProblem[record]!;
    if (problem !== SCAN_PROBLEM.none) this.#refuse(record, 0, PROBLEMS[problem]!, true);
    else if (badCode !== 0) this.#refuse(record, badColumn, badCode, false);
    else if (this.#isBlank(record)) batch.rows--;
    else this.#refuse(record, 0, LIST_REFUSAL.noIdentifier, true);
  }

  /** Whether a record without a problem is a line of nothing but blanks. */
  #isBlank(record: number): boolean {
    const { recordFirstField, fieldStart, fieldEnd } = this.#turn.tables;
    const field = recordFirstField[record]!;
    if (recordFirstField[record + 1]! - field !== 1) return false;
    const { bytes, from } = this.#turn;
    const [start, end] = [fieldStart[field]!, fieldEnd[field]!];
    const isQuoted = start === end || (start > from && bytes[start - 1] === QUOTE);
    return !isQuoted && skipBlanks(bytes, start, end) === end;
  }

  /**
   * Judges a cell that the kernels left, and gives the slot what it is.
   *
   * @returns 0, or a refusal code; EMPTY for a cell with nothing but blanks
   */
  #judgeCell(cell: Cell, record: number, slot: number): number {
    const { bytes, codes, tables } = this.#turn;
    const field = tables.recordFirstField[record]! + cell.index;
    const from = tables.fieldStart[field]!;
    let to = tables.fieldEnd[field]!;
    if (tables.fieldQuoted[field] === 1) to = unescapeField(bytes, from, to, bytes, from);
    codes[slot] = CELL.none;
    if (!cell.mayBeDigest) return this.#judgeValue(cell.kind!, record, slot, from, to);
    const start = skipBlanks(bytes, from, to);
    const end = this.#trimmedEnd(start, dropBlanks(bytes, start, to));
    if (end - start === DIGEST_DIGITS && decodeDigest(bytes, start, bytes, this.#turn.digestAt(slot))) {
      codes[slot] = CELL.good;
      return 0;
    }
    if (start === end) return EMPTY;
    const code =
      cell.kind === undefined ? LIST_REFUSAL.notADigest : this.#judgeValue(cell.kind, record, slot, start, end);
    return code === 0 || code === EMPTY ? code : this.#otherDigestOr(code, start, end);
  }

  #judgeValue(kind: KindCode, record: number, slot: number, start: number, end: number): number {
    const messages = this.#messages;
    messages.clear();
    const normaliser = kind === KIND_CODES.phone ? this.#normaliserOf(record) : this.#regions.own;
    const code = normaliser.form(kind, this.#options.scheme, this.#turn.bytes, start, end, messages);
    if (code === 0) this.#turn.append(slot, messages.bytes, 0, messages.used);
    return code;
  }

  /** How phones of a row are read. */
  #normaliserOf(record: number): Normaliser {
    const { recordFirstField, fieldStart, fieldEnd } = this.#turn.tables;
    const { country } = this.#plan!;
    const field = recordFirstField[record]! + country;
    if (country < 0 || field >= recordFirstField[record + 1]!) return this.#regions.own;
    return this.#regions.of(this.#turn.bytes, fieldStart[field]!, fieldEnd[field]!) ?? this.#regions.own;
  }

  /** Counts phones of the turn, good or not, whose row names a country that is none. */
  #countUnknownRegions(first: number, records: number): void {
    const { recordFirstField, fieldStart, fieldEnd } = this.#turn.tables;
    const { country } = this.#plan!;
    for (const { index } of this.#cells.filter(({ kind }) => kind === KIND_CODES.phone)) {
      for (let record = first; record < first + records; record++) {
        const field = recordFirstField[record]!;
        const fields = recordFirstField[record + 1]! - field;
        if (index >= fields || country >= fields || fieldStart[field + index] === fieldEnd[field + index]) continue;
        const region = this.#regions.of(this.#turn.bytes, fieldStart[field + country]!, fieldEnd[field + country]!);
        if (region === undefined) this.#unknownRegions++;
      }
    }
  }

  /** Takes blanks that are no ASCII off both ends of a cell whose rest is ASCII, as a digest is; moves it to the start. */
  #trimmedEnd(start: number, end: number): number {
    const { bytes } = this.#turn;
    if (start === end || (bytes[start]! < 0x80 && bytes[end - 1]! < 0x80)) return end;
    const text = trimmedText(bytes, start, end);
    return text !== undefined && /^[\x21-\x7e]*$/.test(text) ? writeText(text, bytes, start) : end;
  }

  /** The code that says what a refused value most likely is. */
  #otherDigestOr(code: number, start: number, end: number): number {
    const isOther = OTHER_DIGEST_DIGITS.includes(end - start) && isHex(this.#turn.bytes, start, end);
    return isOther ? LIST_REFUSAL.otherDigest : code;
  }

  #refuse(record: number, column: number, code: number, isCounted: boolean): void {
    if (isCounted) this.#countBadCell(column, code);
    if (this.#refusals === this.#refusalsKept) return;
    this.#refusals++;
    this.#batch.refusals.add(this.#turn.tables.recordLine[record]!, column, code);
  }

  #countBadCell(column: number, code: number): void {
    const key = badCellKey(column, code);
    this.#badCells.set(key, (this.#badCells.get(key) ?? 0) + 1);
  }

  #takeBatch(): void {
    this.#batches.push(this.#batch.take());
  }
}

function emptyCode(): number {
  for (let code = 1; ; code++) if (refusal(code)?.name === "empty") return code;
}
