/**
 * A turn of contacts: some hundred rows of a CSV table in the kernels' memory, brought to what a batch is made of there.
 *
 * `load` puts the records of a block in that somebody scanned; `read` reads all their cells but the values; `write` makes
 * plain forms, masks, and what identities and tokens are hashed from, of as many rows as it can before one that is left to
 * others. From `load` to `wipe` is one call of the caller; nothing stays in the kernels' memory.
 */
import { KernelError } from "./error.js";
import { recordTables, TABLES_END, TEXT, TEXT_BYTES } from "./records.js";
import type { CsvScanner } from "./scan.js";
import { MAX_FORM_BYTES } from "./turn.js";
import { type Kernels, kernelModule } from "./wasm.js";

/** Records of one turn, at most, and their fields. */
export const TURN_CONTACTS = 1024;
const TURN_FIELDS = 16 * 1024;
/** Columns of a contact: account, kind, value, notice, given at, given by, verified at. */
const CONTACT_COLUMNS = 7;
const ABSENT = 0xffff_ffff;

/** What became of a record. */
export const CONTACT = { good: 0, left: 1 } as const;

const LIST_BYTES = 320 * 1024;
/** The most that a row adds to a list, and what is written behind. */
const ROW_BYTES = 2 * MAX_FORM_BYTES + 256 + 64;
const NAMES_BYTES = 128 * 1024;
const NAME_SLOT_WORDS = 3;

/** Places in the record of words. */
const WORD = {
  records: 0,
  recordFirstField: 1,
  recordProblem: 2,
  fieldStart: 3,
  fieldEnd: 4,
  fieldQuoted: 5,
  headerColumns: 6,
  fields: 7,
  kinds: 14,
  notices: 15,
  vouches: 16,
  latestMs: 18,
  codes: 20,
  kindOf: 21,
  referenceOf: 22,
  givenAt: 23,
  verifiedAt: 24,
  isByOther: 25,
  mayMatch: 26,
  next: 27,
  keepsValues: 28,
  tags: 29,
  formTags: 34,
  formRecords: 35,
  giverRecords: 36,
  lists: 37,
} as const;
const LISTS = ["accounts", "givers", "values", "masks", "identities", "forms"] as const;
const LIST_WORDS = 4;
const WORDS = WORD.lists + LISTS.length * LIST_WORDS;

/** Byte strings one after the other: string i is `bytes` up to `ends[i]`, from where the one before it ends. */
export interface ByteStrings {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
  readonly count: number;
}

/** What rows are judged by. */
export interface ContactTerms {
  readonly kinds: readonly string[];
  /** References of notices. */
  readonly notices: readonly string[];
  /** Whether rows are verified without a time of it. */
  readonly vouches: boolean;
  readonly keepsValues: boolean;
  /** Masks of schemes that forms are tagged with: one form everywhere; e-mail addresses; phone numbers. */
  readonly tags: {
    readonly every: number;
    readonly lower: number;
    readonly gmail: number;
    readonly plus: number;
    readonly digits: number;
  };
}

export class ContactTurn {
  /** CONTACT of each record, and what its cells say; of those that are left it means nothing. */
  readonly codes: Uint8Array;
  readonly kind: Uint8Array;
  readonly reference: Uint16Array;
  readonly givenAt: Float64Array;
  readonly verifiedAt: Float64Array;
  /** To be set between `read` and `write`: 1 where forms are to be made. */
  readonly mayMatch: Uint8Array;
  /** The record of each form, and its tag; of each account that gave for another. */
  readonly formRecord: Uint32Array;
  readonly formTag: Uint8Array;
  readonly giverRecord: Uint32Array;
  /** Records that were loaded. */
  records = 0;

  readonly #kernels: Kernels;
  readonly #memory: ArrayBuffer;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #latestMs: Float64Array;
  readonly #wordsAt: number;
  readonly #lists: { readonly word: number; readonly at: number; readonly ends: Uint32Array }[] = [];
  readonly #names: readonly [Uint8Array, Uint8Array];
  readonly #namesAt: readonly [number, number];
  readonly #terms: ContactTerms;
  readonly #isByOtherAt: number;
  #textEnd = TEXT;

  constructor(terms: ContactTerms) {
    const { kernels, memory } = kernelModule();
    this.#kernels = kernels;
    this.#memory = memory;
    this.#terms = terms;
    this.#bytes = new Uint8Array(memory);
    let next = aligned(TABLES_END);
    const room = (bytes: number): number => {
      const at = next;
      next = aligned(next + bytes);
      if (next > memory.byteLength) throw new KernelError("memory-short", "a turn of contacts needs more memory");
      return at;
    };
    this.#wordsAt = room(4 * WORDS);
    this.#words = new Uint32Array(memory, this.#wordsAt, WORDS);
    this.#latestMs = new Float64Array(memory, this.#wordsAt + 4 * WORD.latestMs, 1);
    this.codes = new Uint8Array(memory, room(TURN_CONTACTS), TURN_CONTACTS);
    this.kind = new Uint8Array(memory, room(TURN_CONTACTS), TURN_CONTACTS);
    this.reference = new Uint16Array(memory, room(2 * TURN_CONTACTS), TURN_CONTACTS);
    this.givenAt = new Float64Array(memory, room(8 * TURN_CONTACTS), TURN_CONTACTS);
    this.verifiedAt = new Float64Array(memory, room(8 * TURN_CONTACTS), TURN_CONTACTS);
    this.mayMatch = new Uint8Array(memory, room(TURN_CONTACTS), TURN_CONTACTS);
    this.formRecord = new Uint32Array(memory, room(8 * TURN_CONTACTS), 2 * TURN_CONTACTS);
    this.formTag = new Uint8Array(memory, room(2 * TURN_CONTACTS), 2 * TURN_CONTACTS);
    this.giverRecord = new Uint32Array(memory, room(4 * TURN_CONTACTS), TURN_CONTACTS);
    this.#isByOtherAt = room(TURN_CONTACTS);
    this.#names = [nameTable(terms.kinds), nameTable(terms.notices)];
    this.#namesAt = [room(NAMES_BYTES), room(NAMES_BYTES)];
    for (let list = 0; list < LISTS.length; list++) {
      const ends = new Uint32Array(memory, room(8 * TURN_CONTACTS), 2 * TURN_CONTACTS);
      this.#lists.push({ word: WORD.lists + LIST_WORDS * list, at: room(LIST_BYTES), ends });
    }
  }

  /**
   * Puts records of a block in, from `first` on, as many as there is room for; none where the first one has none.
   *
   * @param fieldOf field of a record by column, -1 if the table lacks it
   * @param headerColumns fields of the header
   */
  load(block: Uint8Array, scanner: CsvScanner, first: number, fieldOf: Int32Array, headerColumns: number): void {
    const { fieldStart, fieldEnd, fieldQuoted, recordFirstField, recordProblem } = scanner;
    const tables = recordTables();
    const words = this.#words;
    const firstField = recordFirstField[first]!;
    let records = Math.min(TURN_CONTACTS, scanner.records - first);
    const lastField = () => recordFirstField[first + records]! - 1;
    const fits = () =>
      lastField() - firstField < TURN_FIELDS &&
      (lastField() < firstField || fieldEnd[lastField()]! - fieldStart[firstField]! <= TEXT_BYTES);
    while (records > 0 && !fits()) records >>= 1;
    this.records = records;
    if (records === 0) return;
    const fields = lastField() + 1 - firstField;
    const from = fields === 0 ? 0 : fieldStart[firstField]!;
    const to = fields === 0 ? 0 : fieldEnd[firstField + fields - 1]!;
    this.#bytes.set(block.subarray(from, to), TEXT);
    this.#textEnd = Math.max(this.#textEnd, TEXT + to - from);
    const bias = TEXT - from;
    for (let field = 0; field < fields; field++) {
      tables.fieldStart[field] = fieldStart[firstField + field]! + bias;
      tables.fieldEnd[field] = fieldEnd[firstField + field]! + bias;
    }
    tables.fieldQuoted.set(fieldQuoted.subarray(firstField, firstField + fields));
    for (let record = 0; record <= records; record++) {
      tables.recordFirstField[record] = recordFirstField[first + record]! - firstField;
    }
    tables.recordProblem.set(recordProblem.subarray(first, first + records));

    words[WORD.records] = records;
    words[WORD.recordFirstField] = tables.recordFirstField.byteOffset;
    words[WORD.recordProblem] = tables.recordProblem.byteOffset;
    words[WORD.fieldStart] = tables.fieldStart.byteOffset;
    words[WORD.fieldEnd] = tables.fieldEnd.byteOffset;
    words[WORD.fieldQuoted] = tables.fieldQuoted.byteOffset;
    words[WORD.headerColumns] = headerColumns;
    for (let column = 0; column < CONTACT_COLUMNS; column++) words[WORD.fields + column] = fieldOf[column] ?? ABSENT;
    this.#tell();
  }

  /** All that stays the same from turn to turn. */
  #tell(): void {
    const words = this.#words;
    const { tags, vouches, keepsValues } = this.#terms;
    this.#names.forEach((names, i) => void this.#bytes.set(names, this.#namesAt[i]));
    words[WORD.kinds] = this.#namesAt[0];
    words[WORD.notices] = this.#namesAt[1];
    words[WORD.vouches] = vouches ? 1 : 0;
    words[WORD.keepsValues] = keepsValues ? 1 : 0;
    words.set([tags.every, tags.lower, tags.gmail, tags.plus, tags.digits], WORD.tags);
    words[WORD.codes] = this.codes.byteOffset;
    words[WORD.kindOf] = this.kind.byteOffset;
    words[WORD.referenceOf] = this.reference.byteOffset;
    words[WORD.givenAt] = this.givenAt.byteOffset;
    words[WORD.verifiedAt] = this.verifiedAt.byteOffset;
    words[WORD.isByOther] = this.#isByOtherAt;
    words[WORD.mayMatch] = this.mayMatch.byteOffset;
    words[WORD.formTags] = this.formTag.byteOffset;
    words[WORD.formRecords] = this.formRecord.byteOffset;
    words[WORD.giverRecords] = this.giverRecord.byteOffset;
    for (const { word, at, ends } of this.#lists) {
      words[word] = at;
      words[word + 1] = at + LIST_BYTES - ROW_BYTES;
      words[word + 2] = ends.byteOffset;
    }
  }

  /** Reads all cells but the values. @param latestMs a row with a later time is left */
  read(latestMs: number): void {
    this.#latestMs[0] = latestMs;
    this.#kernels.readContacts(this.#wordsAt);
  }

  /** Writes rows from a record on into empty lists. @returns the record that comes next */
  write(record: number): number {
    for (const { word } of this.#lists) this.#words[word + 3] = 0;
    this.#words[WORD.next] = record;
    this.#kernels.writeContacts(this.#wordsAt);
    return this.#words[WORD.next]!;
  }

  /** What was written since `write` was called; good until it is called again. */
  strings(name: (typeof LISTS)[number]): ByteStrings {
    const { word, at, ends } = this.#lists[LISTS.indexOf(name)]!;
    const count = this.#words[word + 3]!;
    return { bytes: new Uint8Array(this.#memory, at, count === 0 ? 0 : ends[count - 1]!), ends, count };
  }

  /** Overwrites the text and all that was written. */
  wipe(): void {
    this.#bytes.fill(0, TEXT, this.#textEnd);
    this.#textEnd = TEXT;
    for (const { at } of this.#lists) this.#bytes.fill(0, at, at + LIST_BYTES);
  }
}

const aligned = (at: number): number => (at + 15) & ~15;

/** The table of names that the kernel looks them up in; names that it has no room for are not in it. */
function nameTable(names: readonly string[]): Uint8Array {
  const encoder = new TextEncoder();
  const all = names.map((name) => encoder.encode(name));
  let [slots, bytes] = [16, 0];
  let held = 0;
  for (const name of all) {
    const more = slots < 2 * (held + 1) ? 2 * slots : slots;
    if (4 + 4 * NAME_SLOT_WORDS * more + bytes + name.length > NAMES_BYTES) break;
    [slots, bytes] = [more, bytes + name.length];
    held++;
  }
  const table = new Uint8Array(4 + 4 * NAME_SLOT_WORDS * slots + bytes);
  const words = new Uint32Array(table.buffer, 0, 1 + NAME_SLOT_WORDS * slots);
  words[0] = slots - 1;
  let at = words.byteLength;
  for (const [number, name] of all.slice(0, held).entries()) {
    let slot = hash(name) & (slots - 1);
    while (words[1 + NAME_SLOT_WORDS * slot + 1] !== 0) slot = (slot + 1) & (slots - 1);
    words.set([at, name.length, number], 1 + NAME_SLOT_WORDS * slot);
    table.set(name, at);
    at += name.length;
  }
  return table;
}

/** FNV-1a, 32 bits, as the kernel has it. */
function hash(name: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (const byte of name) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum ^ (sum >>> 15);
}
