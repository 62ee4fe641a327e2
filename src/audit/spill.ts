/**
 * Spill: records of fixed size on disk, parted by account, so that an audit of any size needs the memory of one part.
 *
 * Each thread writes blocks to a file of its own, in the order in which they fill up, and keeps where they lie. Accounts and
 * values are in it as AES under a key of this run alone; the files have no name any more when the first byte is written, so
 * that nothing of them outlives the process, however it ends.
 */
import { mkdtempSync, openSync, readSync, rmdirSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuditError } from "./error.js";

/** Parts; the account's first word says which. */
export const PARTS = 256;

/** Words of 32 bits of each sort of record; names, which vary, begin with how long they are. */
export const RECORDS = { contact: 8, event: 8, match: 10, showing: 8, country: 4, alias: 8, name: 0 } as const;
/** Words of a name's record before the name itself. */
export const NAME_HEAD_WORDS = 4;
/** In the place of a name's number: there is none. */
export const NO_NAME = 2 ** 32 - 1;
export type RecordSort = keyof typeof RECORDS;
export const SORTS = Object.keys(RECORDS) as readonly RecordSort[];

const BLOCK_WORDS = 4096;
const WORD_BYTES = 4;

/**
 * Files without a name, in the system's folder for such (TMPDIR): gone with the process, however it ends.
 * @returns what they are open as
 * @throws {AuditError} code `no-room`
 */
export function workingFiles(count: number): number[] {
  try {
    const folder = mkdtempSync(join(tmpdir(), "solely-audit-"));
    const files = Array.from({ length: count }, (_, i) => {
      const path = join(folder, String(i));
      const fd = openSync(path, "wx+", 0o600);
      unlinkSync(path);
      return fd;
    });
    rmdirSync(folder);
    return files;
  } catch {
    throw new AuditError(
      "no-room",
      `working files can't be made in ${tmpdir()}`,
      "set TMPDIR to a folder that can be written",
    );
  }
}

/** Where the blocks of each sort and part lie in a thread's file: offset and words in turn. */
export type SpillIndex = readonly (readonly number[])[];

const slotOf = (sort: RecordSort, part: number): number => SORTS.indexOf(sort) * PARTS + part;

/** The blocks of one sort that are not full yet, a part's behind another's. */
class Blocks {
  readonly words = new Uint32Array(PARTS * BLOCK_WORDS);
  readonly floats = new Float64Array(this.words.buffer);
  /** By part: words in use. */
  readonly used = new Uint16Array(PARTS);
}

export class SpillWriter {
  /** Of the record that `room` was last asked for. */
  words!: Uint32Array;
  floats!: Float64Array;
  readonly #fd: number;
  #end = 0;
  readonly #blocks = new Map<RecordSort, Blocks>();
  readonly #index: number[][] = Array.from({ length: SORTS.length * PARTS }, () => []);

  /** @param fd of a file of its own */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Makes room for a record.
   * @param words even
   * @returns where it begins in `words`; half of it in `floats`
   * @throws {AuditError} code `no-room`
   */
  room(sort: RecordSort, part: number, words: number): number {
    let blocks = this.#blocks.get(sort);
    if (blocks === undefined) {
      blocks = new Blocks();
      this.#blocks.set(sort, blocks);
    }
    if (blocks.used[part]! + words > BLOCK_WORDS) this.#pour(sort, part, blocks);
    this.words = blocks.words;
    this.floats = blocks.floats;
    const at = part * BLOCK_WORDS + blocks.used[part]!;
    blocks.used[part]! += words;
    return at;
  }

  #pour(sort: RecordSort, part: number, { words, used }: Blocks): void {
    const bytes = new Uint8Array(words.buffer, part * BLOCK_WORDS * WORD_BYTES, used[part]! * WORD_BYTES);
    writeAll(this.#fd, bytes, this.#end);
    this.#index[slotOf(sort, part)]!.push(this.#end, used[part]!);
    this.#end += bytes.length;
    used[part] = 0;
  }

  /** Writes what is left. */
  close(): SpillIndex {
    for (const [sort, blocks] of this.#blocks) {
      for (let part = 0; part < PARTS; part++) if (blocks.used[part]! > 0) this.#pour(sort, part, blocks);
    }
    this.#blocks.clear();
    return this.#index;
  }
}

/**
 * Writes bytes to a working file.
 * @throws {AuditError} code `no-room`
 */
export function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
  } catch (cause) {
    throw noRoom(cause);
  }
}

/** Reads bytes of a working file until all are there. */
export function readAll(fd: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(fd, bytes, at, bytes.length - at, position + at);
    if (read === 0) throw new AuditError("unreadable-file", "a working file of the audit is cut off", "run it again");
    at += read;
  }
}

function noRoom(cause: unknown): Error {
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== "ENOSPC" && code !== "EDQUOT" && code !== "EFBIG") return cause as Error;
  return new AuditError(
    "no-room",
    "there is no room left for the audit's working files",
    "set TMPDIR to a folder with room for about 40 bytes a row of contacts and matches",
  );
}

/** Records of one sort and part, of all threads, one thread's after the other. */
export interface SpilledRecords {
  readonly words: Uint32Array;
  readonly floats: Float64Array;
  /** Where each thread's end, in words. */
  readonly ends: readonly number[];
}

/** A thread's file, when it is written. */
export interface Spilled {
  readonly fd: number;
  readonly index: SpillIndex;
}

export class SpillReader {
  readonly #files: readonly Spilled[];
  /** Memory by sort, used again. */
  readonly #memory = new Map<RecordSort, ArrayBuffer>();

  constructor(files: readonly Spilled[]) {
    this.#files = files;
  }

  /** All records of a sort in a part; good until the next of this sort are read. */
  read(sort: RecordSort, part: number): SpilledRecords {
    const slot = slotOf(sort, part);
    let words = 0;
    const ends: number[] = [];
    for (const { index } of this.#files) {
      const blocks = index[slot]!;
      for (let i = 1; i < blocks.length; i += 2) words += blocks[i]!;
      ends.push(words);
    }
    let memory = this.#memory.get(sort);
    if (memory === undefined || memory.byteLength < words * WORD_BYTES) {
      memory = new ArrayBuffer(Math.ceil((words * 1.2) / 2) * 2 * WORD_BYTES);
      this.#memory.set(sort, memory);
    }
    const bytes = new Uint8Array(memory);
    let at = 0;
    for (const { fd, index } of this.#files) {
      const blocks = index[slot]!;
      for (let i = 0; i < blocks.length; i += 2) {
        const end = at + blocks[i + 1]! * WORD_BYTES;
        readAll(fd, bytes.subarray(at, end), blocks[i]!);
        at = end;
      }
    }
    return { words: new Uint32Array(memory, 0, words), floats: new Float64Array(memory, 0, words / 2), ends };
  }
}
