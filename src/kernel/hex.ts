/**
 * Lines that are a SHA-256 in hex and nothing else (the kernel beside): what lists of digests mostly are.
 */
import { ARENA_START, kernelModule } from "./wasm.js";

/** Hex digits of a SHA-256. */
export const DIGEST_DIGITS = 64;
/** Bytes kept of each digest: the first 128 bits. */
export const KEPT_BYTES = 16;

/** What one call of the kernel looks at, at most; the first calls look at less, in case other lines lie between. */
const SLICE_BYTES = 1024 * 1024;
const FIRST_BYTES = 4 * 1024;
const GROWTH = 8;
/** The kernel may read so far behind the input. */
const OVERREAD_BYTES = 64;
const INPUT = ARENA_START;
const OUTPUT = INPUT + SLICE_BYTES + OVERREAD_BYTES;

/** Lines that hold a digest and nothing else. */
export class DigestLines {
  /** Where the last `read` ended. */
  end = 0;

  /**
   * Reads whole lines of exactly 64 hex digits, in any case, from `src[from, to)`, up to the first other line or `rows`
   * lines; the first 16 bytes of each digest go to `out` from `at` on.
   *
   * @returns the number of lines
   */
  read(src: Uint8Array, from: number, to: number, rows: number, out: Uint8Array, at: number): number {
    const { kernels, memory } = kernelModule();
    const arena = new Uint8Array(memory);
    let line = from;
    let count = 0;
    for (let bytes = FIRST_BYTES; count < rows; bytes = Math.min(SLICE_BYTES, bytes * GROWTH)) {
      const stop = Math.min(to, line + bytes);
      arena.set(src.subarray(line, stop), INPUT);
      const found = kernels.digestLines(INPUT, INPUT + stop - line, rows - count, OUTPUT);
      out.set(arena.subarray(OUTPUT, OUTPUT + KEPT_BYTES * found), at + KEPT_BYTES * count);
      const read = kernels.digestLinesEnd() - INPUT;
      count += found;
      line += read;
      // Less than a line of the slice is left: there may be more behind it.
      if (stop === to || stop - line > DIGEST_DIGITS + 1) break;
    }
    this.end = line;
    return count;
  }
}
