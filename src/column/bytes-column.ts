/** A column of byte strings that grows with its batch. */
import { grown } from "./growing.js";

export class BytesColumn {
  count = 0;
  #used = 0;
  #bytes = new Uint8Array(1 << 6);
  #ends = new Uint32Array(1 << 4);

  /** Appends src[start, end). */
  add(src: Uint8Array, start: number, end: number): void {
    const used = this.#used + end - start;
    if (used > this.#bytes.length) this.#bytes = grown(this.#bytes, used);
    if (this.count === this.#ends.length) this.#ends = grown(this.#ends, this.count + 1);
    const bytes = this.#bytes;
    for (let from = start, at = this.#used; from < end; ) bytes[at++] = src[from++]!;
    this.#used = used;
    this.#ends[this.count++] = used;
  }

  /** Appends many: string i is `bytes` up to `ends[i]`, from where the one before it ends. */
  addAll({
    bytes,
    ends,
    count,
  }: {
    readonly bytes: Uint8Array;
    readonly ends: Uint32Array;
    readonly count: number;
  }): void {
    this.#bytes = grown(this.#bytes, this.#used + bytes.length);
    this.#ends = grown(this.#ends, this.count + count);
    this.#bytes.set(bytes, this.#used);
    for (let i = 0; i < count; i++) this.#ends[this.count + i] = this.#used + ends[i]!;
    this.#used += bytes.length;
    this.count += count;
  }

  /** Drops the last byte string. */
  drop(): void {
    this.count--;
    this.#used = this.count === 0 ? 0 : this.#ends[this.count - 1]!;
  }

  /** Copies of what was added; the column is empty afterwards. */
  take(): { bytes: Uint8Array; ends: Uint32Array } {
    const taken = { bytes: this.#bytes.slice(0, this.#used), ends: this.#ends.slice(0, this.count) };
    this.count = 0;
    this.#used = 0;
    return taken;
  }
}
