/**
 * A list as digests: what a reader makes of a list's rows, as bytes; so that the rows can stay where they are, in an
 * advertiser's browser, and a server still gets the very batches that it would have made of them itself.
 *
 * Media type `application/vnd.solely.digests`. Eight bytes `SOLDIG1` and a line feed, then batches one behind the other:
 *
 * | bytes | |
 * |---|---|
 * | 0-3 | digests in the batch, at most 65,536; little-endian, as all numbers here |
 * | 4-7 | rows that it was made of |
 * | 8-11 | rows of these that were usable |
 * | then, one byte a digest | bits of the kinds that it may be of: 1 << code (contact room) |
 * | then, 16 bytes a digest | the first 128 bits of the SHA-256 of a normal form |
 */
import { KINDS } from "../contact/index.js";
import { KEPT_BYTES } from "../kernel/index.js";
import type { DigestBatch } from "./batch.js";
import { ListError } from "./error.js";
import { BATCH_DIGESTS, LIST_LIMITS, type ListLimits } from "./limits.js";
import { DIGESTS_TYPE } from "./media-type.js";
import type { ListSummary } from "./total.js";

/** What a list as digests begins with. */
export const DIGESTS_MAGIC = Uint8Array.from([0x53, 0x4f, 0x4c, 0x44, 0x49, 0x47, 0x31, 0x0a]);
const HEAD_BYTES = 12;
/** Rows that a batch may have been made of: a row that was refused has no digest. */
const MOST_BATCH_ROWS = 1 << 24;
const EVERY_KIND = (1 << KINDS.length) - 1;

/** The bytes of one batch. */
export function encodeDigests({ count, digest, kinds, rows, usable }: DigestBatch): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEAD_BYTES + count * (1 + KEPT_BYTES));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, count, true);
  view.setUint32(4, rows, true);
  view.setUint32(8, usable, true);
  bytes.set(kinds.subarray(0, count), HEAD_BYTES);
  bytes.set(digest.subarray(0, count * KEPT_BYTES), HEAD_BYTES + count);
  return bytes;
}

/**
 * The batches of a list that came as digests; its summary is returned at the end.
 *
 * @throws {ListError} codes `malformed-digests`, `too-many-rows`; nothing of the list counts then
 */
export async function* readDigests(
  input: AsyncIterable<Uint8Array>,
  { limits }: { readonly limits?: Partial<ListLimits> | undefined } = {},
): AsyncGenerator<DigestBatch, ListSummary> {
  const mostRows = limits?.rows ?? LIST_LIMITS.rows;
  const pieces = new Pieces(input);
  const magic = await pieces.take(DIGESTS_MAGIC.length);
  if (magic === undefined || !magic.every((byte, i) => byte === DIGESTS_MAGIC[i]))
    throw malformed("it begins otherwise");
  let rows = 0;
  let usable = 0;
  for (;;) {
    const head = await pieces.take(HEAD_BYTES);
    if (head === undefined) break;
    const batch = await batchOf(head, pieces);
    rows += batch.rows;
    usable += batch.usable;
    if (rows > mostRows) {
      throw new ListError("too-many-rows", `the list has more than ${mostRows} rows`, "send it in parts");
    }
    yield batch;
  }
  const notes = rows === 0 ? ["the list has no rows"] : [];
  return { rows, usable, refused: rows - usable, hasHeader: false, columns: [], badCells: [], notes };
}

async function batchOf(head: Uint8Array, pieces: Pieces): Promise<DigestBatch> {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const [count, rows, usable] = [0, 4, 8].map((at) => view.getUint32(at, true)) as [number, number, number];
  if (count > BATCH_DIGESTS) throw malformed(`a batch has more than ${BATCH_DIGESTS} digests`);
  if (rows > MOST_BATCH_ROWS || usable > rows) throw malformed("a batch's rows can't be as many as it says");
  if (usable > count || (count > 0 && usable === 0)) throw malformed("a batch's digests and usable rows do not agree");
  const bytes = count === 0 ? new Uint8Array(0) : await pieces.take(count * (1 + KEPT_BYTES));
  if (bytes === undefined) throw malformed("it ends within a batch");
  const kinds = bytes.slice(0, count);
  for (const kind of kinds)
    if (kind === 0 || kind > EVERY_KIND) throw malformed("a digest is of no kind that there is");
  const none = { count: 0, line: new Uint32Array(0), column: new Uint16Array(0), code: new Uint8Array(0) };
  return { count, digest: bytes.slice(count), kinds, rows, usable, refused: rows - usable, refusals: none };
}

/** Takes bytes off a stream, so many at a time. */
class Pieces {
  readonly #blocks: AsyncIterator<Uint8Array>;
  #rest = new Uint8Array(0);

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#blocks = input[Symbol.asyncIterator]();
  }

  /**
   * @returns undefined where the input ended just before
   * @throws {ListError} where it ends within
   */
  async take(bytes: number): Promise<Uint8Array | undefined> {
    const taken = new Uint8Array(bytes);
    let filled = 0;
    while (filled < bytes) {
      if (this.#rest.length === 0) {
        const next = await this.#blocks.next();
        if (next.done === true) {
          if (filled === 0) return undefined;
          throw malformed("it ends within a batch");
        }
        this.#rest = next.value as Uint8Array<ArrayBuffer>;
        continue;
      }
      const part = this.#rest.subarray(0, bytes - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return taken;
  }
}

const malformed = (what: string): ListError =>
  new ListError("malformed-digests", `the list is not as ${DIGESTS_TYPE} is: ${what}`, "docs/formats.md has the form");
