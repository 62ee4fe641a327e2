/**
 * Digest form: a list as the digests that were made of it elsewhere, such as in an advertiser's own browser, so that no
 * value leaves the machine it lies on. What comes out is what the reader makes of the values themselves: the same
 * digests, kinds and counts of rows.
 *
 *   "solely-digests/1\n", then frames, each: count, rows, usable (three unsigned 32-bit numbers, little-endian),
 *   16·count bytes of digests, count bytes of kinds; the last one has all three 0, and nothing follows it.
 *
 * A kind's byte is 1 << its code (contact room), or the bits of all that may be hashed where it could not be seen.
 */
import { HASHABLE, KIND_CODES, kindCode } from "../contact/index.js";
import { INPUT_LIMITS } from "../input/index.js";
import { KEPT_BYTES } from "../kernel/index.js";
import type { DigestBatch } from "./batch.js";
import { ListError } from "./error.js";
import { BATCH_DIGESTS, LIST_LIMITS, type ListLimits } from "./limits.js";
import type { ListSummary } from "./total.js";

export const DIGEST_FORM_TYPE = "application/vnd.solely.digests";

const MAGIC = new TextEncoder().encode("solely-digests/1\n");
const HEADER_BYTES = 12;
const NO_REFUSALS = { count: 0, line: new Uint32Array(0), column: new Uint16Array(0), code: new Uint8Array(0) };
const UNSEEN = HASHABLE.reduce((bits, kind) => bits | (1 << kindCode(kind)), 0);
/** 1 for each byte that tells kinds. */
const TELLS_KINDS = new Uint8Array(256);
for (const code of Object.values(KIND_CODES)) TELLS_KINDS[1 << code] = 1;
TELLS_KINDS[UNSEEN] = 1;

/** What the form needs of a batch. */
export type FormedBatch = Pick<DigestBatch, "count" | "digest" | "kinds" | "rows" | "usable">;

/**
 * Batches in the form, as one whole list or one whole part of it.
 * @example await fetch(url, { method: "POST", headers: { "content-type": DIGEST_FORM_TYPE }, body: encodeDigests(batches) });
 */
export function encodeDigests(batches: readonly FormedBatch[]): Uint8Array<ArrayBuffer> {
  const digests = batches.reduce((sum, { count }) => sum + count, 0);
  const frames = batches.length + 1;
  const form = new Uint8Array(MAGIC.length + frames * HEADER_BYTES + digests * (KEPT_BYTES + 1));
  const view = new DataView(form.buffer);
  form.set(MAGIC);
  let at = MAGIC.length;
  for (const { count, rows, usable, digest, kinds } of batches) {
    view.setUint32(at, count, true);
    view.setUint32(at + 4, rows, true);
    view.setUint32(at + 8, usable, true);
    form.set(digest.subarray(0, count * KEPT_BYTES), at + HEADER_BYTES);
    form.set(kinds.subarray(0, count), at + HEADER_BYTES + count * KEPT_BYTES);
    at += HEADER_BYTES + count * (KEPT_BYTES + 1);
  }
  return form;
}

/**
 * The batches of a list in the form; its counts are returned at the end.
 *
 * @throws {ListError} codes `malformed-digests`, `too-many-rows`, after which nothing of the list counts
 */
export async function* decodeDigests(
  input: AsyncIterable<Uint8Array>,
  limits?: Partial<ListLimits>,
): AsyncGenerator<DigestBatch, ListSummary> {
  const most = { ...LIST_LIMITS, ...limits };
  const source = new Bytes(input, most.bytes);
  const total = { rows: 0, usable: 0, digests: 0 };
  try {
    const magic = await source.take(MAGIC.length);
    if (!MAGIC.every((byte, i) => magic[i] === byte)) throw malformed("it does not begin as the form does");
    for (;;) {
      const header = new DataView((await source.take(HEADER_BYTES)).buffer);
      const [count, rows, usable] = [0, 4, 8].map((at) => header.getUint32(at, true)) as [number, number, number];
      if (count === 0 && rows === 0 && usable === 0) break;
      if (count > BATCH_DIGESTS) throw malformed(`a frame has more than ${BATCH_DIGESTS} digests`);
      if (usable > rows) throw malformed("more rows are usable than there are");
      total.rows += rows;
      if (total.rows > most.rows) {
        throw new ListError("too-many-rows", `the list has more than ${most.rows} rows`, "send it in parts");
      }
      total.usable += usable;
      total.digests += count;
      const digest = await source.take(count * KEPT_BYTES);
      const kinds = await source.take(count);
      if (!kinds.every((bits) => TELLS_KINDS[bits] === 1)) throw malformed("a digest is of no known kind");
      yield { count, digest, kinds, rows, usable, refused: rows - usable, refusals: NO_REFUSALS };
    }
    if (!(await source.isAtEnd())) throw malformed("something follows its end");
  } finally {
    await source.close();
  }
  const { rows, usable, digests } = total;
  // A row may lie in one frame and its last digests in the next, so these hold of the whole only.
  if (digests < usable || digests > usable * INPUT_LIMITS.columns)
    throw malformed("its digests are not those of its rows");
  return { rows, usable, refused: rows - usable, hasHeader: false, columns: [], badCells: [], notes: [] };
}

function malformed(what: string): ListError {
  return new ListError("malformed-digests", `the list is not in the form of digests: ${what}`, "see docs/formats.md");
}

/** Bytes that come in pieces, taken in the lengths that are wanted. */
class Bytes {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #most: number;
  #piece = new Uint8Array(0);
  #taken = 0;

  constructor(input: AsyncIterable<Uint8Array>, most: number) {
    this.#pieces = input[Symbol.asyncIterator]();
    this.#most = most;
  }

  /** The next so many, in memory of their own. */
  async take(length: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#taken += length;
    if (this.#taken > this.#most) throw malformed(`it has more than ${this.#most} bytes`);
    const taken = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      if (this.#piece.length === 0 && !(await this.#next())) throw malformed("it ends before its last frame");
      const part = this.#piece.subarray(0, length - at);
      taken.set(part, at);
      this.#piece = this.#piece.subarray(part.length);
      at += part.length;
    }
    return taken;
  }

  async isAtEnd(): Promise<boolean> {
    return this.#piece.length === 0 && !(await this.#next());
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  /** @returns whether there was a next piece; it may be empty no more */
  async #next(): Promise<boolean> {
    do {
      const next = await this.#pieces.next();
      if (next.done === true) return false;
      this.#piece = next.value as Uint8Array<ArrayBuffer>;
    } while (this.#piece.length === 0);
    return true;
  }
}
