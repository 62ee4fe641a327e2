/**
 * Text written as bytes, and files of it: no string per row.
 *
 * `Bytes` grows; `ByteFile` is one that empties itself into a file when `pour` finds it full, so that a
 * world of any size is written in constant memory.
 */
import { type FileHandle, open } from "node:fs/promises";

const POUR_AT_BYTES = 1 << 20;
const encoder = new TextEncoder();

/** UTF-8 bytes of a constant. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text);

export class Bytes {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = 4096) {
    this.bytes = new Uint8Array(capacity);
  }

  clear(): this {
    this.length = 0;
    return this;
  }

  /** Makes room for `more` bytes; the single-byte writers below rely on it. */
  need(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  /** Copies a short run of bytes. */
  put(source: Uint8Array, from = 0, to = source.length): void {
    const { bytes } = this;
    let at = this.length;
    for (let i = from; i < to; i++) bytes[at++] = source[i]!;
    this.length = at;
  }

  /** ASCII text only. */
  ascii(text: string): void {
    for (let i = 0; i < text.length; i++) this.bytes[this.length++] = text.charCodeAt(i);
  }

  decimal(value: number): void {
    this.#digits(value, 10);
  }

  base36(value: number): void {
    this.#digits(value, 36);
  }

  /** `value` in exactly `width` decimal digits. */
  padded(value: number, width: number): void {
    let rest = value;
    for (let at = this.length + width - 1; at >= this.length; at--) {
      const next = Math.floor(rest / 10);
      this.bytes[at] = 48 + (rest - next * 10);
      rest = next;
    }
    this.length += width;
  }

  view(from = 0): Uint8Array {
    return this.bytes.subarray(from, this.length);
  }

  #digits(value: number, base: number): void {
    let width = 1;
    for (let bound = base; bound <= value; bound *= base) width++;
    let rest = value;
    for (let at = this.length + width - 1; at >= this.length; at--) {
      const next = Math.floor(rest / base);
      const digit = rest - next * base;
      this.bytes[at] = digit < 10 ? 48 + digit : 87 + digit;
      rest = next;
    }
    this.length += width;
  }
}

/** Bytes on their way into a file. One caller at a time. */
export class ByteFile extends Bytes {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    super(POUR_AT_BYTES + (1 << 16));
    this.#file = file;
  }

  static async create(path: string): Promise<ByteFile> {
    return new ByteFile(await open(path, "w"));
  }

  get isFull(): boolean {
    return this.length >= POUR_AT_BYTES;
  }

  async pour(): Promise<void> {
    let from = 0;
    while (from < this.length) from += (await this.#file.write(this.bytes, from, this.length - from)).bytesWritten;
    this.length = 0;
  }

  async close(): Promise<void> {
    await this.pour();
    await this.#file.close();
  }
}

const FIRST_DAY_MS = Date.UTC(2006, 0, 1);
const DAY_MS = 86_400_000;
const DAYS = 366 * 21;
const dayText = utf8(
  Array.from({ length: DAYS }, (_, day) => new Date(FIRST_DAY_MS + day * DAY_MS).toISOString().slice(0, 10)).join(""),
);

/** An instant of 2006 to 2026 in RFC 3339; milliseconds only where there are any; in UTC or at two hours east of it. */
export function writeInstant(out: Bytes, atMs: number, isEast = false): void {
  const shown = isEast ? atMs + 2 * 3_600_000 : atMs;
  const day = Math.floor((shown - FIRST_DAY_MS) / DAY_MS);
  const ofDay = shown - FIRST_DAY_MS - day * DAY_MS;
  out.put(dayText, day * 10, day * 10 + 10);
  const seconds = Math.floor(ofDay / 1000);
  const minutes = Math.floor(seconds / 60);
  out.byte(84);
  out.padded(Math.floor(minutes / 60), 2);
  out.byte(58);
  out.padded(minutes % 60, 2);
  out.byte(58);
  out.padded(seconds % 60, 2);
  if (ofDay % 1000 !== 0) {
    out.byte(46);
    out.padded(ofDay % 1000, 3);
  }
  if (isEast) out.ascii("+02:00");
  else out.byte(90);
}
