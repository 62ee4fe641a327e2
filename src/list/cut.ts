/**
 * Cuts a list's bytes into blocks of whole records, which can be read each for itself, in any thread.
 *
 * Where a block ends hangs on the bytes alone, not on how they arrive: at the last end of a record within its size.
 * Text without a quote ends a record with every line; only where there is one, the records are scanned to find out.
 * A byte order mark and blank lines before the first line are in no block.
 */
import { BlockMemory, INPUT_LIMITS } from "../input/index.js";
import { detectDelimiter, type RecordLimits, RecordScan, scanText } from "../kernel/index.js";
import { BLOCK_BYTES, RECORD_LIMITS, SAMPLE_BYTES } from "./limits.js";

/** Whole records, but for one that is too long: it goes on in the next block. */
export interface Block {
  /** In memory of its own. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether it begins inside a record that was too long. */
  readonly isSkipping: boolean;
  /** ASCII code. */
  readonly delimiter: number;
}

/** Sizes of the first block and of the largest, at least four times the longest record's; smaller in tests. */
export interface BlockSizes {
  readonly firstBytes: number;
  readonly blockBytes: number;
  readonly limits: RecordLimits;
}

const SIZES: BlockSizes = { firstBytes: SAMPLE_BYTES, blockBytes: BLOCK_BYTES, limits: RECORD_LIMITS };

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const QUOTE = 34;
const LF = 10;
const CR = 13;
const MIN_BUFFER_BYTES = 16 * 1024;
/** Blocks that a list's cutter keeps spare. */
const MOST_SPARE_BLOCKS = INPUT_LIMITS.aheadBytes / BLOCK_BYTES;

/** Memory for blocks of the largest size. */
export const blockMemory = (blockBytes = BLOCK_BYTES): BlockMemory => new BlockMemory(blockBytes, MOST_SPARE_BLOCKS);

export class BlockCutter {
  /** Blank lines before the first block. */
  linesBefore = 0;
  #buffer = new Uint8Array(0);
  #used = 0;
  #hasQuote = false;
  #isAtStart = true;
  /** The first block is small, since the others wait for the plan of the columns; each is twice the one before, up to the
   * most, so that a short list has several, too. */
  #blockBytes: number;
  readonly #memory: BlockMemory;
  /** Whether its memory is at hand, and so had at once; else a first block grows with what comes. */
  readonly #isAtHand: boolean;
  readonly #scan: RecordScan;

  /** @param memory of blocks of the largest size, which others use, too */
  constructor({ firstBytes, blockBytes, limits } = SIZES, memory?: BlockMemory) {
    this.#blockBytes = firstBytes;
    this.#memory = memory ?? blockMemory(blockBytes);
    this.#isAtHand = memory !== undefined;
    this.#scan = new RecordScan(limits);
  }

  /** The blocks that the next bytes complete; the bytes are copied. */
  push(bytes: Uint8Array): Block[] {
    const blocks: Block[] = [];
    for (let from = 0; from < bytes.length; ) {
      const taken = Math.min(bytes.length - from, this.#blockBytes - this.#used);
      this.#reserve(this.#used + taken);
      const part = bytes.subarray(from, from + taken);
      this.#buffer.set(part, this.#used);
      this.#hasQuote ||= hasQuote(part);
      this.#used += taken;
      from += taken;
      if (this.#used === this.#blockBytes && this.#isAtStart) this.#start(false);
      if (this.#used === this.#blockBytes) blocks.push(this.#cut());
    }
    return blocks;
  }

  /** The last block; there is none if the one before was the last, and only an empty list's is empty. */
  end(): Block[] {
    if (this.#isAtStart) this.#start(true);
    return this.#isFirst || this.#used > 0 ? [this.#blockTo(this.#used, this.#scan.isSkipping)] : [];
  }

  /** Takes the memory of a block back that was read. */
  takeBack(bytes: Uint8Array): void {
    this.#memory.takeBack(bytes);
  }

  /** Overwrites what is left of values. */
  wipe(): void {
    this.#memory.takeBack(this.#buffer);
    this.#buffer = new Uint8Array(0);
    this.#used = 0;
  }

  #reserve(bytes: number): void {
    const { length } = this.#buffer;
    if (bytes <= length) return;
    const wanted = this.#isFirst ? Math.max(MIN_BUFFER_BYTES, 2 * length, bytes) : this.#blockBytes;
    const isLent = this.#isAtHand || wanted === this.#memory.blockBytes;
    const larger = isLent ? this.#memory.lend() : new Uint8Array(Math.min(this.#blockBytes, wanted));
    larger.set(this.#buffer.subarray(0, this.#used));
    this.#buffer.fill(0);
    this.#buffer = larger;
  }

  /** Drops what is before the first line, however many blank lines. */
  #start(isLast: boolean): void {
    const buffer = this.#buffer;
    const used = this.#used;
    let at = this.linesBefore === 0 ? markBytes(buffer) : 0;
    while (at < used && (buffer[at] === LF || buffer[at] === CR)) {
      // The other half of a line's end may come with the next bytes.
      if (buffer[at] === CR && at + 1 === used && !isLast) break;
      if (buffer[at] === CR && at + 1 < used && buffer[at + 1] === LF) at++;
      at++;
      this.linesBefore++;
    }
    buffer.copyWithin(0, at, used);
    buffer.fill(0, used - at, used);
    this.#used -= at;
    this.#isAtStart = this.#used < 2;
  }

  #cut(): Block {
    const text = this.#buffer.subarray(0, this.#used);
    const { isSkipping } = this.#scan;
    const isPlain = !isSkipping && !this.#hasQuote;
    let end = isPlain ? text.lastIndexOf(LF) + 1 : 0;
    if (end === 0) end = this.#scanned(text);
    return this.#blockTo(end, isSkipping);
  }

  /** Where the last record ends that the rest of the text says nothing more about. */
  #scanned(text: Uint8Array): number {
    const scan = this.#scan;
    const from = this.#isFirst ? markBytes(text) : 0;
    scan.delimiter = this.#delimiter();
    scan.restart();
    const consumed = scanText(scan, text, from, text.length, false, () => {});
    const end = scan.sureEnd;
    if (end <= from) throw new RangeError("a record is longer than its limit");
    // Only the last record of all is one that goes on.
    if (end < consumed) scan.isSkipping = false;
    return end;
  }

  #blockTo(end: number, isSkipping: boolean): Block {
    const buffer = this.#buffer;
    const delimiter = this.#delimiter();
    const block = { bytes: buffer.subarray(0, end), isSkipping, delimiter };
    this.#scan.delimiter = delimiter;
    this.#blockBytes = Math.min(this.#memory.blockBytes, 2 * this.#blockBytes);
    const used = this.#used - end;
    this.#buffer = new Uint8Array(0);
    this.#used = 0;
    this.#reserve(used);
    const rest = buffer.subarray(end, end + used);
    this.#buffer.set(rest);
    this.#hasQuote = hasQuote(rest);
    buffer.fill(0, end, end + used);
    this.#used = used;
    return block;
  }

  get #isFirst(): boolean {
    return this.#scan.delimiter === 0;
  }

  /** The first line tells it. */
  #delimiter(): number {
    if (!this.#isFirst) return this.#scan.delimiter;
    const text = this.#buffer.subarray(0, this.#used);
    return detectDelimiter(text, markBytes(text), text.length, true)!.charCodeAt(0);
  }
}

/** Node's own search is several times as fast as the language's; a browser has the latter only. */
function hasQuote(text: Uint8Array): boolean {
  if (typeof Buffer === "undefined") return text.includes(QUOTE);
  return Buffer.from(text.buffer, text.byteOffset, text.length).includes(QUOTE);
}

/** How long the byte order mark is that `text` begins with. */
export function markBytes(text: Uint8Array): number {
  return BYTE_ORDER_MARK.every((byte, i) => text[i] === byte) ? BYTE_ORDER_MARK.length : 0;
}
