/**
 * List reader: the rows of one part of an advertiser's list -> batches of digests.
 *
 * A row is usable with at least one good identifier and refused with none; a blank line is no row, an empty
 * cell no error. 64 hex digits are a digest, in columns of the kinds that may be hashed. Input is read in blocks
 * of a fixed size, so that the same list gives the same batches however it arrives. The reader keeps no value:
 * its block is overwritten, and nothing else holds one. Compressed input is undone before (input.ts).
 */
import {
  dropBlanks,
  HASHABLE,
  KIND_CODES,
  type KindCode,
  kindCode,
  type Normaliser,
  refusal,
  type Scheme,
  skipBlanks,
  trimmedText,
  writeText,
} from "../contact/index.js";
import { INPUT_LIMITS, REFUSAL } from "../input/index.js";
import { CsvScanner, DIGEST_DIGITS, DigestLines, SCAN_PROBLEM, unescapeField } from "../kernel/index.js";
import { BatchBuilder, type DigestBatch } from "./batch.js";
import { type ColumnPlan, type ListColumn, planColumns } from "./columns.js";
import { isHex } from "./digest.js";
import { ListError } from "./error.js";
import { BLOCK_BYTES, LIST_LIMITS, type ListLimits, SAMPLE_BYTES } from "./limits.js";
import { LIST_REFUSAL, listRefusals } from "./refusal.js";
import { Regions } from "./regions.js";

export interface ListOptions {
  /** The normal forms that the list's digests were made of, or that its values are to be brought to. */
  readonly scheme: Scheme;
  /** Two letters: how phones without "+" are read, where the row names no country. */
  readonly region?: string | undefined;
  readonly limits?: Partial<ListLimits> | undefined;
}

/** How many cells of a column were no good for one reason, those of usable rows included. */
export interface CellCount {
  /** From 1; 0 for rows as a whole. */
  readonly column: number;
  readonly code: string;
  readonly cells: number;
}

export interface ListSummary {
  /** usable + refused. */
  readonly rows: number;
  readonly usable: number;
  readonly refused: number;
  readonly hasHeader: boolean;
  readonly columns: readonly ListColumn[];
  readonly badCells: readonly CellCount[];
  /** What a person should know of how the list was read; never a value. */
  readonly notes: readonly string[];
}

/** Window of the scanner between runs of lines that are a digest and nothing else. */
const WINDOW_BYTES = 4096;
const WINDOW_GROWTH = 8;
/** Hex digits of MD5 and SHA-1. */
const OTHER_DIGEST_DIGITS = [32, 40];
const GZIP_MAGIC = [0x1f, 0x8b];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const QUOTE = 34;
const LF = 10;
const CR = 13;

const EMPTY = emptyCode();
const HASHABLE_BITS = HASHABLE.reduce((bits, kind) => bits | (1 << kindCode(kind)), 0);

const PROBLEMS: Readonly<Record<number, number>> = {
  [SCAN_PROBLEM.unclosedQuote]: REFUSAL.badQuotes,
  [SCAN_PROBLEM.textAfterQuote]: REFUSAL.badQuotes,
  [SCAN_PROBLEM.fieldTooLong]: REFUSAL.fieldTooLong,
  [SCAN_PROBLEM.recordTooLong]: REFUSAL.recordTooLong,
  [SCAN_PROBLEM.tooManyColumns]: REFUSAL.tooManyColumns,
};

/** A column as the hot loop needs it. */
interface Cell {
  readonly index: number;
  /** Undefined: a digest of unknown kind. */
  readonly kind: KindCode | undefined;
  /** Bits of the kinds that a digest here may be of; 0 where 64 hex digits are a value like any other. */
  readonly digestKinds: number;
}

export class ListReader {
  readonly #limits: ListLimits;
  readonly #region: string | undefined;
  readonly #regions: Regions;
  readonly #batch: BatchBuilder;
  readonly #block: Uint8Array;
  #used = 0;

  #plan: ColumnPlan | undefined;
  #scanner = new CsvScanner();
  #cells: readonly Cell[] = [];
  /** The batch is full when it has no room for a row of this many digests. */
  #rowDigests = 1;
  /** Lines of this column are looked at as mere digests first; undefined: the list is not of that shape. */
  #lineCell: Cell | undefined;
  readonly #lines = new DigestLines();
  /** Lines that the scanner did not see. */
  #unscannedLines = 0;
  #isHeaderAhead = false;
  #isAtStart = true;

  #rows = 0;
  #usable = 0;
  #refusalsKept = 0;
  readonly #badCells = new Map<number, number>();
  #isEnded = false;

  /** @throws {ListError} code `unknown-region` */
  constructor(options: ListOptions) {
    this.#limits = { ...LIST_LIMITS, ...options.limits };
    this.#region = options.region;
    this.#regions = new Regions(options.region);
    this.#batch = new BatchBuilder(options.scheme);
    this.#block = new Uint8Array(BLOCK_BYTES);
  }

  /**
   * Takes the next bytes, copies of them: the caller may overwrite them afterwards.
   *
   * @returns the batches that became full
   * @throws {ListError} after which the reader takes nothing more, and nothing of the list counts
   * @example for (const block of blocks) batches.push(...reader.push(block));
   */
  push(bytes: Uint8Array): DigestBatch[] {
    return this.#guarded(() => {
      const batches: DigestBatch[] = [];
      let from = 0;
      while (from < bytes.length) {
        const taken = Math.min(bytes.length - from, this.#block.length - this.#used);
        this.#block.set(bytes.subarray(from, from + taken), this.#used);
        this.#used += taken;
        from += taken;
        if (this.#used === this.#block.length) this.#drain(false, batches);
      }
      return batches;
    });
  }

  /**
   * Ends the list.
   *
   * @throws {ListError} as `push`
   */
  end(): { batches: DigestBatch[]; summary: ListSummary } {
    return this.#guarded(() => {
      const batches: DigestBatch[] = [];
      this.#drain(true, batches);
      if (!this.#batch.isEmpty) this.#take(batches);
      const summary = this.#summary();
      this.close();
      return { batches, summary };
    });
  }

  /** Overwrites what is left of values; nothing more can be read. For whoever does not read to the end. */
  close(): void {
    this.#isEnded = true;
    this.#block.fill(0);
    this.#batch.wipe();
  }

  #guarded<T>(read: () => T): T {
    if (this.#isEnded)
      throw new ListError("reading-ended", "the list was ended or refused before", "start a new reader");
    try {
      return read();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #drain(isLast: boolean, batches: DigestBatch[]): void {
    if (this.#plan === undefined) {
      this.#skipBlankLines(isLast);
      if (this.#used === 0 && !isLast) return;
      this.#start(isLast);
    }
    const consumed =
      this.#lineCell === undefined ? this.#scan(0, this.#used, isLast, batches) : this.#scanLines(isLast, batches);
    if (consumed === 0 && this.#used === this.#block.length) throw new RangeError("a record is longer than its limit");
    this.#block.copyWithin(0, consumed, this.#used);
    this.#used -= consumed;
  }

  /** Lines before the first that has something in it, however many. */
  #skipBlankLines(isLast: boolean): void {
    const block = this.#block;
    const hasMark = this.#unscannedLines === 0 && BYTE_ORDER_MARK.every((byte, i) => block[i] === byte);
    let at = hasMark ? BYTE_ORDER_MARK.length : 0;
    while (at < this.#used && (block[at] === LF || block[at] === CR)) {
      // The other half of a line's end may come with the next block.
      if (block[at] === CR && at + 1 === this.#used && !isLast) break;
      if (block[at] === CR && block[at + 1] === LF && at + 1 < this.#used) at++;
      at++;
      this.#unscannedLines++;
    }
    block.copyWithin(0, at, this.#used);
    this.#used -= at;
  }

  /** Plans the columns by the first records. */
  #start(isLast: boolean): void {
    if (this.#block[0] === GZIP_MAGIC[0] && this.#block[1] === GZIP_MAGIC[1]) {
      throw new ListError("not-csv", "the list is compressed", "open it with readList");
    }
    const to = Math.min(this.#used, SAMPLE_BYTES);
    const { fieldBytes, recordBytes, columns } = INPUT_LIMITS;
    const limits = { maxFieldBytes: fieldBytes, maxRecordBytes: recordBytes, maxColumns: columns };
    const sample = new CsvScanner(limits);
    sample.scan(this.#block, 0, to, isLast && to === this.#used);
    const plan = planColumns(this.#block, sample, this.#regions.own, this.#region);
    this.#scanner = new CsvScanner({ ...limits, delimiter: sample.delimiter || "," });
    this.#cells = plan.columns.map(({ index, kind }) => {
      if (kind === "unknown") return { index, kind: undefined, digestKinds: HASHABLE_BITS };
      const code = kindCode(kind);
      return { index, kind: code, digestKinds: HASHABLE_BITS & (1 << code) };
    });
    this.#rowDigests = this.#cells.length + 1;
    const [first, second] = plan.columns;
    if (second === undefined && first?.index === 0 && (first.form === "digest" || first.form === "mixed")) {
      this.#lineCell = this.#cells[0];
    }
    this.#isHeaderAhead = plan.hasHeader;
    this.#plan = plan;
  }

  /** @returns where the last whole record ends */
  #scan(from: number, to: number, isLast: boolean, batches: DigestBatch[]): number {
    const consumed = this.#scanner.scan(this.#block, from, to, isLast);
    if (consumed > from) this.#isAtStart = false;
    if (this.#scanner.records > 0) this.#readRecords(batches);
    return consumed;
  }

  /** As `#scan`, for a list of lines that are mere digests, or nearly so: the scanner sees only what is between. */
  #scanLines(isLast: boolean, batches: DigestBatch[]): number {
    const to = this.#used;
    let at = 0;
    for (;;) {
      if (!this.#isAtStart && !this.#scanner.isSkipping) at = this.#readLines(at, to, batches);
      if (at === to) return at;
      let consumed = at;
      for (let window = WINDOW_BYTES; consumed === at; window *= WINDOW_GROWTH) {
        const end = Math.min(to, at + window);
        consumed = this.#scan(at, end, isLast && end === to, batches);
        if (consumed === at && end === to) return at;
      }
      at = consumed;
    }
  }

  #readLines(from: number, to: number, batches: DigestBatch[]): number {
    const { digestKinds } = this.#lineCell!;
    let at = from;
    for (;;) {
      const most = this.#limits.rows - this.#rows;
      const count = this.#batch.addLines(this.#lines, digestKinds, this.#block, at, to, most);
      at = this.#lines.end;
      this.#rows += count;
      this.#usable += count;
      this.#unscannedLines += count;
      if (this.#batch.room >= this.#rowDigests) return at;
      this.#take(batches);
    }
  }

  /** Reads what the scanner has just found. */
  #readRecords(batches: DigestBatch[]): void {
    const scanner = this.#scanner;
    const { recordFirstField, recordLine, recordProblem, fieldStart, fieldEnd, fieldQuoted } = scanner;
    const block = this.#block;
    const batch = this.#batch;
    const cells = this.#cells;
    const country = this.#plan!.country;
    let record = 0;
    if (this.#isHeaderAhead) {
      this.#isHeaderAhead = false;
      record = 1;
    }
    this.#rows += scanner.records - record;
    if (this.#rows > this.#limits.rows) {
      throw new ListError("too-many-rows", `the list has more than ${this.#limits.rows} rows`, "send it in parts");
    }
    for (; record < scanner.records; record++) {
      if (this.#isBlank(record)) {
        this.#rows--;
        continue;
      }
      if (batch.room < this.#rowDigests) this.#take(batches);
      batch.rows++;
      const line = recordLine[record]! + this.#unscannedLines;
      const problem = recordProblem[record]!;
      if (problem !== SCAN_PROBLEM.none) {
        this.#refuse(line, 0, PROBLEMS[problem]!, true);
        continue;
      }
      const first = recordFirstField[record]!;
      const fields = recordFirstField[record + 1]! - first;
      let isUsable = false;
      let badColumn = 0;
      let badCode = 0;
      for (const cell of cells) {
        if (cell.index >= fields) continue;
        const field = first + cell.index;
        const start = fieldStart[field]!;
        let end = fieldEnd[field]!;
        if (start === end) continue;
        if (fieldQuoted[field] === 1) end = unescapeField(block, start, end, block, start);
        let normaliser = this.#regions.own;
        if (country >= 0 && country < fields && cell.kind === KIND_CODES.phone) {
          normaliser = this.#regions.of(block, fieldStart[first + country]!, fieldEnd[first + country]!);
        }
        const code = this.#addCell(cell, normaliser, start, end);
        if (code === 0) isUsable = true;
        else if (code !== EMPTY) {
          if (badCode === 0) {
            badColumn = cell.index + 1;
            badCode = code;
          }
          this.#countBadCell(cell.index + 1, code);
        }
      }
      if (isUsable) {
        batch.usable++;
        this.#usable++;
      } else if (badCode === 0) this.#refuse(line, 0, LIST_REFUSAL.noIdentifier, true);
      else this.#refuse(line, badColumn, badCode, false);
    }
  }

  /** Whether a record is a line of nothing but blanks. */
  #isBlank(record: number): boolean {
    const { recordFirstField, recordProblem, fieldStart, fieldEnd } = this.#scanner;
    const field = recordFirstField[record]!;
    if (recordFirstField[record + 1]! - field !== 1 || recordProblem[record] !== SCAN_PROBLEM.none) return false;
    const [start, end] = [fieldStart[field]!, fieldEnd[field]!];
    const isQuoted = start === end || this.#block[start - 1] === QUOTE;
    return !isQuoted && skipBlanks(this.#block, start, end) === end;
  }

  /** @returns 0, or a refusal code; EMPTY for a cell with nothing but blanks */
  #addCell(cell: Cell, normaliser: Normaliser, from: number, to: number): number {
    const block = this.#block;
    if (cell.digestKinds === 0) return this.#batch.addValue(normaliser, cell.kind!, block, from, to);
    const start = skipBlanks(block, from, to);
    const end = this.#trimmedEnd(start, dropBlanks(block, start, to));
    if (end - start === DIGEST_DIGITS && this.#batch.addDigest(cell.digestKinds, block, start)) return 0;
    if (start === end) return EMPTY;
    const code =
      cell.kind === undefined
        ? LIST_REFUSAL.notADigest
        : this.#batch.addValue(normaliser, cell.kind, block, start, end);
    return code === 0 || code === EMPTY ? code : this.#otherDigestOr(code, start, end);
  }

  /** Takes blanks that are no ASCII off both ends of a cell whose rest is ASCII, as a digest is; moves it to the start. */
  #trimmedEnd(start: number, end: number): number {
    const block = this.#block;
    if (start === end || (block[start]! < 0x80 && block[end - 1]! < 0x80)) return end;
    const text = trimmedText(block, start, end);
    return text !== undefined && /^[\x21-\x7e]*$/.test(text) ? writeText(text, block, start) : end;
  }

  /** The code that says what a refused value most likely is. */
  #otherDigestOr(code: number, start: number, end: number): number {
    const isOther = OTHER_DIGEST_DIGITS.includes(end - start) && isHex(this.#block, start, end);
    return isOther ? LIST_REFUSAL.otherDigest : code;
  }

  #refuse(line: number, column: number, code: number, isCounted: boolean): void {
    if (isCounted) this.#countBadCell(column, code);
    if (this.#refusalsKept === this.#limits.refusalsKept) return;
    this.#refusalsKept++;
    this.#batch.refusals.add(line, column, code);
  }

  #countBadCell(column: number, code: number): void {
    const key = column * 256 + code;
    this.#badCells.set(key, (this.#badCells.get(key) ?? 0) + 1);
  }

  #take(batches: DigestBatch[]): void {
    batches.push(this.#batch.take());
  }

  #summary(): ListSummary {
    const { hasHeader, columns, notes } = this.#plan!;
    const refused = this.#rows - this.#usable;
    const said = [...notes];
    if (this.#rows === 0) said.push("the list has no rows");
    if (this.#regions.unknown > 0) {
      said.push(`${this.#regions.unknown} phones: the row's country is no ISO 3166-1 code that has phone numbers`);
    }
    if (refused > this.#refusalsKept) said.push(`only the first ${this.#refusalsKept} refused rows are listed`);
    const badCells = [...this.#badCells]
      .sort(([one], [other]) => one - other)
      .map(([key, cells]) => ({ column: key >> 8, code: listRefusals.refusal(key & 255).name, cells }));
    return { rows: this.#rows, usable: this.#usable, refused, hasHeader, columns, badCells, notes: said };
  }
}

function emptyCode(): number {
  for (let code = 1; ; code++) if (refusal(code)?.name === "empty") return code;
}
