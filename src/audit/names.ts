/** Names that a thread meets, numbered in the order met; put together with those of other threads at the end. */
import { isUtf8 } from "node:buffer";
import { grown, Slots } from "../column/index.js";
import { AuditError } from "./error.js";

/** Lists are numbered in 24 bits of a record; each takes a row of both tallies, in every thread. */
export const MAX_NAMES = 1_000_000;

const isReadable = (bytes: Uint8Array): boolean =>
  isUtf8(bytes) && bytes.every((byte, i) => byte >= 0x20 && byte !== 0x7f && !(byte === 0xc2 && bytes[i + 1]! < 0xa0));

export class Names {
  readonly #slots = new Slots();
  #bytes = new Uint8Array(1 << 12);
  #ends = new Uint32Array(1 << 8);
  #hashes = new Uint32Array(1 << 8);
  #count = 0;
  /** The name that was asked for last: rows of one list stand together. */
  #last = -1;

  /**
   * Number of the name that consists of two parts, each src[start, end); the second may be empty. -1 if it is not UTF-8, or
   * holds control characters.
   * @throws {AuditError} code `too-many-names`
   */
  of(src: Uint8Array, start: number, end: number, more: Uint8Array, moreStart: number, moreEnd: number): number {
    if (this.#last >= 0 && this.#is(this.#last, src, start, end, more, moreStart, moreEnd)) return this.#last;
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ src[at]!, 0x01000193);
    hash = Math.imul(hash ^ 0x100, 0x01000193);
    for (let at = moreStart; at < moreEnd; at++) hash = Math.imul(hash ^ more[at]!, 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash = (hash ^ (hash >>> 13)) >>> 0;
    const found = this.#slots.find(hash, hash, (entry) => this.#is(entry, src, start, end, more, moreStart, moreEnd));
    if (found < 0 && !(isReadable(src.subarray(start, end)) && isReadable(more.subarray(moreStart, moreEnd))))
      return -1;
    this.#last = found >= 0 ? found : this.#add(hash, src, start, end, more, moreStart, moreEnd);
    return this.#last;
  }

  #is(
    entry: number,
    src: Uint8Array,
    start: number,
    end: number,
    more: Uint8Array,
    moreStart: number,
    moreEnd: number,
  ): boolean {
    let at = entry === 0 ? 0 : this.#ends[entry - 1]!;
    if (this.#ends[entry]! - at !== end - start + 1 + moreEnd - moreStart) return false;
    const bytes = this.#bytes;
    for (let from = start; from < end; ) if (bytes[at++] !== src[from++]) return false;
    if (bytes[at++] !== 0) return false;
    for (let from = moreStart; from < moreEnd; ) if (bytes[at++] !== more[from++]) return false;
    return true;
  }

  #add(
    hash: number,
    src: Uint8Array,
    start: number,
    end: number,
    more: Uint8Array,
    moreStart: number,
    moreEnd: number,
  ): number {
    const entry = this.#count;
    if (entry === MAX_NAMES) {
      throw new AuditError(
        "too-many-names",
        `there are more than ${MAX_NAMES.toLocaleString("en")} lists, campaigns or countries`,
        "check which column is named for them",
      );
    }
    if (this.#slots.isFull) {
      this.#slots.enlarge();
      for (let i = 0; i < entry; i++) this.#slots.add(this.#hashes[i]!, this.#hashes[i]!, i);
    }
    let at = entry === 0 ? 0 : this.#ends[entry - 1]!;
    this.#bytes = grown(this.#bytes, at + end - start + 1 + moreEnd - moreStart);
    this.#ends = grown(this.#ends, entry + 1);
    this.#hashes = grown(this.#hashes, entry + 1);
    for (let from = start; from < end; ) this.#bytes[at++] = src[from++]!;
    this.#bytes[at++] = 0;
    for (let from = moreStart; from < moreEnd; ) this.#bytes[at++] = more[from++]!;
    this.#ends[entry] = at;
    this.#hashes[entry] = hash;
    this.#slots.add(hash, hash, entry);
    return this.#count++;
  }

  /** The names in their order, the parts with a zero byte between them. */
  all(): string[] {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return Array.from({ length: this.#count }, (_, i) =>
      decoder.decode(this.#bytes.subarray(i === 0 ? 0 : this.#ends[i - 1]!, this.#ends[i]!)),
    );
  }
}

/** The names of all threads in one order, which is that of their texts, and what each thread's numbers are in it. */
export function joinedNames(threads: readonly (readonly string[])[]): { names: string[]; numbers: Uint32Array[] } {
  const names = [...new Set(threads.flat())].sort();
  const numbers = new Map(names.map((name, number) => [name, number]));
  return { names, numbers: threads.map((own) => Uint32Array.from(own, (name) => numbers.get(name)!)) };
}

/** The two parts of a name. */
export function partsOf(name: string): [string, string] {
  const at = name.indexOf("\0");
  return [name.slice(0, at), name.slice(at + 1)];
}
