/**
 * Batches of digests, as they go to the match: made from values, which are hashed some thousands at a time,
 * and from digests, which come as they are. Values lie in one buffer only, and are overwritten once hashed.
 */
import { type KindCode, Messages, type Normaliser, type Scheme } from "../contact/index.js";
import { RefusalList, type Refusals } from "../input/index.js";
import { type DigestLines, DIGEST_BYTES as HASH_BYTES, KEPT_BYTES, sha256Batch } from "../kernel/index.js";
import { decodeDigest } from "./digest.js";
import { BATCH_DIGESTS } from "./limits.js";

/** Digests of some rows of a list. All buffers are the batch's own, so that it can be transferred. */
export interface DigestBatch {
  readonly count: number;
  /** 16 bytes each: the first 128 bits of the SHA-256 of a normal form. */
  readonly digest: Uint8Array;
  /** Bits of the kinds that each may be of: 1 << code (contact room). */
  readonly kinds: Uint8Array;
  /** Rows that the batch was made of: usable and refused. */
  readonly rows: number;
  readonly usable: number;
  readonly refused: number;
  readonly refusals: Refusals;
}

/** Values that are hashed at once: few enough to stay in the cache. */
const HASHED_AT_ONCE = 4096;
const WORDS = KEPT_BYTES / 4;
const HASH_WORDS = HASH_BYTES / 4;

/** A batch that is being filled. */
export class BatchBuilder {
  rows = 0;
  usable = 0;
  readonly refusals = new RefusalList();
  #count = 0;
  #digest = new Uint8Array(BATCH_DIGESTS * KEPT_BYTES);
  #words = new Uint32Array(this.#digest.buffer);
  #kinds = new Uint8Array(BATCH_DIGESTS);
  /** Values that are not hashed yet, and the place in the batch that each one's digest will have. */
  readonly #messages = new Messages();
  readonly #places = new Uint32Array(HASHED_AT_ONCE);
  readonly #hashes = new Uint8Array(HASHED_AT_ONCE * HASH_BYTES);
  readonly #hashWords = new Uint32Array(this.#hashes.buffer);

  constructor(readonly scheme: Scheme) {}

  /** How many more digests the batch takes. */
  get room(): number {
    return BATCH_DIGESTS - this.#count;
  }

  get isEmpty(): boolean {
    return this.rows === 0;
  }

  /**
   * Adds the digest of a value's normal form.
   *
   * @returns 0, or the contact room's refusal code
   */
  addValue(normaliser: Normaliser, kind: KindCode, src: Uint8Array, start: number, end: number): number {
    const messages = this.#messages;
    const code = normaliser.form(kind, this.scheme, src, start, end, messages);
    if (code !== 0) return code;
    this.#kinds[this.#count] = 1 << kind;
    this.#places[messages.count - 1] = this.#count++;
    if (messages.count === HASHED_AT_ONCE) this.#hash();
    return 0;
  }

  /**
   * Adds the digest that stands at `src[start, start + 64)` in hex.
   *
   * @param kinds bits of the kinds that it may be of
   * @returns whether it is one
   */
  addDigest(kinds: number, src: Uint8Array, start: number): boolean {
    if (!decodeDigest(src, start, this.#digest, this.#count * KEPT_BYTES)) return false;
    this.#kinds[this.#count++] = kinds;
    return true;
  }

  /** Adds up to `rows` lines that are nothing but a digest, as rows. @returns how many there were */
  addLines(lines: DigestLines, kinds: number, src: Uint8Array, from: number, to: number, rows: number): number {
    const most = Math.min(rows, this.room);
    const count = lines.read(src, from, to, most, this.#digest, this.#count * KEPT_BYTES);
    this.#kinds.fill(kinds, this.#count, this.#count + count);
    this.#count += count;
    this.rows += count;
    this.usable += count;
    return count;
  }

  #hash(): void {
    const messages = this.#messages;
    const { count } = messages;
    if (count === 0) return;
    sha256Batch(messages.bytes, messages.ends, count, this.#hashes);
    const [words, from, places] = [this.#words, this.#hashWords, this.#places];
    for (let i = 0; i < count; i++) {
      const to = WORDS * places[i]!;
      for (let word = 0; word < WORDS; word++) words[to + word] = from[HASH_WORDS * i + word]!;
    }
    messages.bytes.fill(0, 0, messages.used);
    messages.clear();
  }

  /** The batch; the next one starts empty. */
  take(): DigestBatch {
    this.#hash();
    const count = this.#count;
    const isSmall = count < BATCH_DIGESTS / 2;
    const digest = isSmall ? this.#digest.slice(0, count * KEPT_BYTES) : this.#digest.subarray(0, count * KEPT_BYTES);
    const kinds = isSmall ? this.#kinds.slice(0, count) : this.#kinds.subarray(0, count);
    const { rows, usable } = this;
    this.#count = this.rows = this.usable = 0;
    if (!isSmall) {
      this.#digest = new Uint8Array(BATCH_DIGESTS * KEPT_BYTES);
      this.#words = new Uint32Array(this.#digest.buffer);
      this.#kinds = new Uint8Array(BATCH_DIGESTS);
    }
    return { count, digest, kinds, rows, usable, refused: rows - usable, refusals: this.refusals.take() };
  }

  /** Overwrites what is left of values. */
  wipe(): void {
    this.#messages.wipe();
  }
}
