/**
 * Paging: large columns of which little is looked at are kept in files without a name, mapped to where they lie in memory.
 *
 * Nobody has to know: arrays stay what they are. What was written is put into a file piece by piece and mapped in place of
 * the memory, which is free then; the system keeps of the file what is in use, and writes back what is changed. A file has no
 * name from its first byte on, so it is gone with the process, however that ends, and nobody else opens it; what it holds is
 * what memory would hold, and a swap file. Where it can't be done (no room on the disk, another system than Linux), memory
 * stays memory, and `failure` says why.
 *
 * Cost: a copy, 0.4 GiB/s on the machine of docs/performance.md, and two system calls for each 4 MiB; later a page fault where the
 * system has let go of what is looked at.
 */
import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { beforePages, isMappable, mapFile, pageBytes } from "./mapping.js";

export interface PagingOptions {
  /** Folder of the files; made if it is missing. */
  readonly folder: string;
  /** Columns of fewer bytes stay in memory, and always those up to 32 MiB. */
  readonly fromBytes?: number | undefined;
}

type Column = Uint8Array | Uint16Array | Uint32Array;

/** Whoever adds to columns settles them each time that so many elements were added. */
export const SETTLE_EVERY = 2 ** 20;

/** A column that has at least so many bytes is worth it. */
const FROM_BYTES = 2 ** 29;
/**
 * Smaller buffers stay in memory: larger ones have pages of their own from the system, and give them back to it (glibc's malloc
 * maps whatever is larger than `DEFAULT_MMAP_THRESHOLD_MAX`, mallopt(3)). Pages of others would come to lie in a file.
 */
const SHARED_PAGES_BYTES = 2 ** 25;
/** A column that became large follows by so much at a time: a sixth of a second. */
const SETTLED_BYTES = 2 ** 26;
/** Written and mapped at once, at most. */
const PIECE_BYTES = 4 * 2 ** 20;
const PRIVATE = 0o600;

/** A file, and what of a buffer lies in it. */
interface Backing {
  readonly file: number;
  /** Bytes of the buffer before the file's. */
  readonly before: number;
  bytes: number;
}

export class Paging {
  /** Keeps everything in memory. */
  static readonly none = new Paging();

  /** For another thread that pages out. */
  readonly options: PagingOptions | undefined;
  readonly #fromBytes: number;
  readonly #backings = new WeakMap<ArrayBufferLike, Backing>();
  readonly #files = new FinalizationRegistry<number>((file) => closeSync(file));
  #failure: string | undefined;

  constructor(options?: PagingOptions) {
    this.options = options;
    this.#fromBytes = options?.fromBytes ?? FROM_BYTES;
  }

  /** Why memory that should lie in a file does not. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Whether so much memory is to lie in files. */
  isFor(bytes: number): boolean {
    return this.#isOn && bytes >= this.#fromBytes;
  }

  get #isOn(): boolean {
    return this.options !== undefined && this.#failure === undefined;
  }

  /**
   * Puts what was written of a column into its file, page by page, if the column is large; 64 MiB at a time.
   * @param column all of its buffer
   * @param length elements from the first on that were written; they may be written again
   * @param atOnce bytes, where it may take longer
   */
  settle(column: Column, length: number, atOnce = SETTLED_BYTES): void {
    const bytes = length * column.BYTES_PER_ELEMENT;
    if (!this.isFor(bytes)) return;
    const paged = this.#backings.get(column.buffer);
    const from = paged === undefined ? 0 : paged.before + paged.bytes;
    this.#pageOut(column.buffer, Math.min(bytes, from + atOnce));
  }

  /**
   * Puts memory into a file, page by page, also less than `isFor` says: it may be a part of more.
   * @param bytes from the beginning of their buffer; no other thread may write to them meanwhile
   */
  pageOut({ buffer, byteLength }: Uint8Array): void {
    if (this.#isOn) this.#pageOut(buffer, byteLength);
  }

  /** As the column room's `grown`; what lies in a file is not copied. */
  grown<T extends Column>(column: T, length: number): T {
    if (length <= column.length) return column;
    const larger = new (column.constructor as new (length: number) => T)(Math.max(length, column.length * 2));
    const backing = this.#backings.get(column.buffer);
    if (backing === undefined || !this.#moves(backing, larger.buffer)) {
      larger.set(column);
      return larger;
    }
    const { before, bytes } = backing;
    copy(column.buffer, larger.buffer, 0, before);
    copy(column.buffer, larger.buffer, before + bytes, column.byteLength);
    this.#backings.set(larger.buffer, backing);
    return larger;
  }

  /** Maps a file to another buffer of the same layout. */
  #moves({ file, before, bytes }: Backing, buffer: ArrayBufferLike): boolean {
    if (beforePages(buffer) !== before) return false;
    for (let at = 0; at < bytes; at += PIECE_BYTES) {
      if (!mapFile(new Uint8Array(buffer, before + at, Math.min(PIECE_BYTES, bytes - at)), file, at)) return false;
    }
    return true;
  }

  #pageOut(buffer: ArrayBufferLike, length: number): void {
    if (buffer.byteLength <= SHARED_PAGES_BYTES) return;
    try {
      const backing = this.#backings.get(buffer) ?? this.#open(buffer);
      const { file, before } = backing;
      const end = before + Math.floor((length - before) / pageBytes()) * pageBytes();
      for (let start = before + backing.bytes; start < end; start = before + backing.bytes) {
        const piece = new Uint8Array(buffer, start, Math.min(PIECE_BYTES, end - start));
        const offset = backing.bytes;
        for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at, piece.length - at, offset + at);
        if (!mapFile(piece, file, offset)) throw new Error("the system maps no more of a file");
        backing.bytes += piece.length;
      }
    } catch (thrown) {
      this.#failure = thrown instanceof Error ? thrown.message : String(thrown);
    }
  }

  #open(buffer: ArrayBufferLike): Backing {
    const before = beforePages(buffer);
    const { folder } = this.options!;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `.${randomBytes(6).toString("hex")}.paged`);
    const file = openSync(path, "wx+", PRIVATE);
    unlinkSync(path);
    if (!isMappable(file)) {
      closeSync(file);
      throw new Error(`the file system of ${folder} maps no files`);
    }
    const backing = { file, before, bytes: 0 };
    this.#files.register(backing, file);
    this.#backings.set(buffer, backing);
    return backing;
  }
}

/** In pieces: a view of bytes can't have as many as a column of words. */
function copy(from: ArrayBufferLike, to: ArrayBufferLike, start: number, end: number): void {
  for (let at = start; at < end; at += PIECE_BYTES) {
    const bytes = Math.min(PIECE_BYTES, end - at);
    new Uint8Array(to, at, bytes).set(new Uint8Array(from, at, bytes));
  }
}
