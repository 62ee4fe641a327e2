/**
 * A turn: some thousand records of CSV text in the kernels' memory, brought to digests there, column by column.
 *
 * `load` puts text in and a scan finds records (records.ts); `begin` gives each of their cells a slot, `column` reads the
 * cells of one column, `append` adds the form that somebody else made of a value that was left to him, and `finish`
 * hashes all forms and gives the digests out, in the order of the slots: record by record. From `load` to `finish` is one
 * call of the caller; nothing stays in the kernels' memory.
 */
import { type RecordTables, recordTables, TABLES_END, TEXT, TEXT_BYTES, TURN_RECORDS } from "./records.js";
import { type Kernels, kernelModule, TOLD_TABLE } from "./wasm.js";

/** What became of a cell: its slot has a digest or a form, there is no value, or it is left to others. */
export const CELL = { good: 0, none: 1, left: 2 } as const;

/** How a kernel writes the values of a column; `none`: all but digests are left to others. */
export const VALUE_FORM = { none: 0, email: 1, gmail: 2, phoneWithPlus: 3, phoneDigits: 4 } as const;
export type ValueForm = (typeof VALUE_FORM)[keyof typeof VALUE_FORM];

/** Cells of one turn, at most. */
export const TURN_CELLS = TURN_RECORDS;
/** The longest form. */
export const MAX_FORM_BYTES = 320;
/** Hex digits of a SHA-256, and bytes kept of each: the first 128 bits. */
export const DIGEST_DIGITS = 64;
export const KEPT_BYTES = 16;

/** The kernels write so far behind a form or a digest. */
const OVERRUN_BYTES = 16;
const CODES = TABLES_END;
const DIGESTS = CODES + TURN_CELLS;
const KINDS = DIGESTS + KEPT_BYTES * TURN_CELLS + OVERRUN_BYTES;
const COLUMN_KINDS = KINDS + TURN_CELLS + OVERRUN_BYTES;
const FORM_ENDS = COLUMN_KINDS + TURN_CELLS;
const FORM_SLOTS = FORM_ENDS + 4 * TURN_CELLS;
const WORDS = FORM_SLOTS + 4 * TURN_CELLS;
const FORMS = WORDS + 64;

/** Phone plans go by the first so many digits. */
const PREFIX_DIGITS = 3;

/** Places in the record of words that the column kernel reads. */
const WORD = {
  records: 0,
  recordFirstField: 1,
  fieldStart: 2,
  fieldEnd: 3,
  fieldQuoted: 4,
  field: 5,
  form: 6,
  mayBeDigest: 7,
  slot: 8,
  slotStep: 9,
  codes: 10,
  digests: 11,
  forms: 12,
  formCount: 13,
  formEnds: 14,
  formSlots: 15,
} as const;

export class Turn {
  /** The kernels' memory; fields' places are addresses in it. */
  readonly bytes: Uint8Array;
  /** CELL of each slot. */
  readonly codes: Uint8Array;
  readonly tables: RecordTables;
  /** Addresses of the text that was loaded. */
  readonly from = TEXT;
  to = TEXT;
  linesEnd = TEXT;

  readonly #kernels: Kernels;
  readonly #words: Uint32Array;
  readonly #formEnds: Uint32Array;
  readonly #formSlots: Uint32Array;
  #cells = 0;
  #columns = 1;
  #loadedTo = TEXT;

  constructor() {
    const { kernels, memory } = kernelModule();
    this.#kernels = kernels;
    this.bytes = new Uint8Array(memory);
    this.codes = new Uint8Array(memory, CODES, TURN_CELLS);
    this.tables = recordTables();
    this.#words = new Uint32Array(memory, WORDS, 16);
    this.#formEnds = new Uint32Array(memory, FORM_ENDS, TURN_CELLS);
    this.#formSlots = new Uint32Array(memory, FORM_SLOTS, TURN_CELLS);
  }

  /** Puts text in, at most TEXT_BYTES. */
  load(text: Uint8Array): void {
    if (text.length > TEXT_BYTES) throw new RangeError(`a turn has at most ${TEXT_BYTES} bytes of text`);
    this.bytes.set(text, TEXT);
    this.to = TEXT + text.length;
    this.#loadedTo = Math.max(this.#loadedTo, this.to);
  }

  /**
   * Gives a slot to each cell of the records that the last scan found, from `first` on.
   *
   * @param kinds what goes with each digest, by column
   */
  begin(first: number, records: number, kinds: Uint8Array): void {
    const columns = kinds.length;
    if (records * columns > TURN_CELLS) throw new RangeError(`a turn has at most ${TURN_CELLS} cells`);
    this.#cells = records * columns;
    this.#columns = columns;
    this.bytes.set(kinds, COLUMN_KINDS);
    const { recordFirstField, fieldStart, fieldEnd, fieldQuoted } = this.tables;
    const words = this.#words;
    words[WORD.records] = records;
    words[WORD.recordFirstField] = recordFirstField.byteOffset + 4 * first;
    words[WORD.fieldStart] = fieldStart.byteOffset;
    words[WORD.fieldEnd] = fieldEnd.byteOffset;
    words[WORD.fieldQuoted] = fieldQuoted.byteOffset;
    words[WORD.slotStep] = columns;
    words[WORD.codes] = CODES;
    words[WORD.digests] = DIGESTS;
    words[WORD.forms] = FORMS;
    words[WORD.formCount] = 0;
    words[WORD.formEnds] = FORM_ENDS;
    words[WORD.formSlots] = FORM_SLOTS;
  }

  /**
   * Reads the cells of one column.
   *
   * @param column its number among those that `begin` was told
   * @param field its number in a record
   * @param mayBeDigest whether 64 hex digits are a digest
   * @returns how many cells are not good
   */
  column(column: number, field: number, form: ValueForm, mayBeDigest: boolean): number {
    const words = this.#words;
    words[WORD.field] = field;
    words[WORD.form] = form;
    words[WORD.mayBeDigest] = mayBeDigest ? 1 : 0;
    words[WORD.slot] = column;
    return this.#kernels.readColumn(WORDS);
  }

  /** Gives a cell its form, `form[start, end)`. */
  append(slot: number, form: Uint8Array, start: number, end: number): void {
    if (end - start > MAX_FORM_BYTES) throw new RangeError(`a form has at most ${MAX_FORM_BYTES} bytes`);
    const count = this.#words[WORD.formCount]!++;
    const at = count === 0 ? 0 : this.#formEnds[count - 1]!;
    for (let i = start, to = FORMS + at; i < end; i++) this.bytes[to++] = form[i]!;
    this.#formEnds[count] = at + end - start;
    this.#formSlots[count] = slot;
    this.codes[slot] = CELL.good;
  }

  /** Address of a cell's digest, for who reads it himself. */
  digestAt(slot: number): number {
    return DIGESTS + KEPT_BYTES * slot;
  }

  /**
   * Hashes the forms, and writes the digests of the good cells to `out` from digest `at` on, what goes with them to `kinds`.
   *
   * @returns how many there are
   */
  finish(out: Uint8Array, kinds: Uint8Array, at: number): number {
    this.#kernels.sha256Slots(FORMS, FORM_ENDS, this.#words[WORD.formCount]!, DIGESTS, FORM_SLOTS);
    this.#wipeForms();
    const count = this.#kernels.packDigests(CODES, DIGESTS, this.#cells, COLUMN_KINDS, this.#columns, KINDS);
    out.set(this.bytes.subarray(DIGESTS, DIGESTS + KEPT_BYTES * count), KEPT_BYTES * at);
    kinds.set(this.bytes.subarray(KINDS, KINDS + count), at);
    return count;
  }

  /**
   * Reads whole lines of exactly 64 hex digits, in any case, from address `from` on, up to the first other line or `rows`
   * lines; the digests go to `out` from digest `at` on. Where they end is at `linesEnd`.
   *
   * @returns how many there are
   */
  digestLines(from: number, rows: number, out: Uint8Array, at: number): number {
    const kernels = this.#kernels;
    let count = 0;
    this.linesEnd = from;
    for (;;) {
      const most = Math.min(TURN_CELLS, rows - count);
      const found = kernels.digestLines(this.linesEnd, this.to, most, DIGESTS);
      this.linesEnd = kernels.digestLinesEnd();
      out.set(this.bytes.subarray(DIGESTS, DIGESTS + KEPT_BYTES * found), KEPT_BYTES * (at + count));
      count += found;
      if (found < most || count === rows) return count;
    }
  }

  /** Overwrites the forms, and what was written behind them of a value that was left to others. */
  #wipeForms(): void {
    const forms = this.#words[WORD.formCount]!;
    const end = forms === 0 ? 0 : this.#formEnds[forms - 1]!;
    this.bytes.fill(0, FORMS, FORMS + end + MAX_FORM_BYTES + OVERRUN_BYTES);
    this.#words[WORD.formCount] = 0;
  }

  /** Overwrites the text. */
  wipe(): void {
    this.bytes.fill(0, TEXT, this.#loadedTo);
    this.to = this.#loadedTo = TEXT;
  }
}

/**
 * Tells the kernels of this thread a numbering plan; numbers with "+" of a calling code that they were not told are left
 * to others.
 *
 * @param lengths bit n: a national number of n digits is possible
 * @param isAsItIs by the first three digits of a national number: 1 if nothing of it comes off or goes before it
 */
export function tellPhonePlan(callingCode: string, lengths: number, isAsItIs: Uint8Array): void {
  const { kernels, memory } = kernelModule();
  new Uint8Array(memory).set(isAsItIs, TOLD_TABLE);
  const width = 10 ** (PREFIX_DIGITS - callingCode.length);
  const first = Number(callingCode) * width;
  kernels.tellPhonePlan(first, first + width, callingCode.length, lengths, TOLD_TABLE);
}

/** Characters of two bytes in UTF-8. */
export const TWO_BYTE_CHARACTERS: { readonly first: number; readonly end: number } = { first: 0x80, end: 0x800 };

/**
 * Tells the kernels of this thread what characters of two bytes are in lower case, and so can be part of an address;
 * addresses with others are left to others.
 *
 * @param lower by character, from the first of two bytes on: its lower case, of two bytes as well; 0 where it is none
 */
export function tellLowerCase(lower: Uint16Array): void {
  const { kernels, memory } = kernelModule();
  new Uint16Array(memory, TOLD_TABLE).set(lower);
  kernels.tellLowerCase(TOLD_TABLE);
}
