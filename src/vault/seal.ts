/**
 * Sealing of what one leaf brings: the mask of every contact that it keeps, and the value of each that its own account
 * gave under a notice of its own contact, once for every purpose of that notice that has a compartment.
 *
 * Of several rows of one contact point the one that was given last counts. Chunks are by ascending number, so that they
 * part the numbers of their leaf.
 */
import { type GrantRows, isOwnGrant } from "../grant/index.js";
import { NOTICE_CLASS, type NoticeBook } from "../purpose/index.js";
import type { SealedChunk } from "../store/index.js";
import { sealChunk, type Values } from "./chunk.js";
import { type Compartment, isSealedPurpose, type SealedPurpose } from "./compartment.js";
import { VAULT_LIMITS } from "./limits.js";
import type { SealingKeys } from "./sealing-keys.js";

/** Values and masks of a batch's rows, one after the other, and where each ends; no values where they are not kept. */
export interface ValueColumns {
  readonly valueBytes: Uint8Array;
  readonly valueEnds: Uint32Array;
  readonly maskBytes: Uint8Array;
  readonly maskEnds: Uint32Array;
}

/**
 * The chunks of a leaf; the columns are overwritten.
 * @param position of the leaf
 */
export function sealRows(
  keys: SealingKeys,
  book: NoticeBook,
  position: number,
  rows: GrantRows,
  columns: ValueColumns,
): SealedChunk[] {
  const order = byNumber(rows);
  const { maskBytes, maskEnds, valueBytes, valueEnds } = columns;
  const chunks: SealedChunk[] = [];
  const seal = (compartment: Compartment, bytes: Uint8Array, ends: Uint32Array, isWanted: (row: number) => boolean) => {
    const chunk = new OpenChunk((values) => {
      chunks.push(sealChunk(keys, compartment, { position, first: values.numbers[0]! }, values));
    });
    for (let i = 0; i < order.length; ) {
      const number = rows.number[order[i]!]!;
      let last = -1;
      for (; i < order.length && rows.number[order[i]!] === number; i++) {
        const row = order[i]!;
        if (isWanted(row) && (last < 0 || rows.givenAtMs[row]! >= rows.givenAtMs[last]!)) last = row;
      }
      if (last < 0) continue;
      const from = rows.batchRow[last]!;
      chunk.add(number, bytes, from === 0 ? 0 : ends[from - 1]!, ends[from]!);
    }
    chunk.end();
  };
  seal("mask", maskBytes, maskEnds, () => true);
  if (valueEnds.length > 0) {
    const sealedUnder = noticePurposes(book, rows);
    for (const purpose of new Set([...sealedUnder.values()].flat())) {
      const isUnder = new Uint8Array(book.size);
      for (const [notice, purposes] of sealedUnder) isUnder[notice] = purposes.includes(purpose) ? 1 : 0;
      const isWanted = (row: number) => isUnder[rows.notice[row]!] === 1 && isOwnGrant(rows.what[row]!);
      seal(purpose, valueBytes, valueEnds, isWanted);
    }
  }
  valueBytes.fill(0);
  maskBytes.fill(0);
  return chunks;
}

/** The purposes that values are sealed for under each notice version that the rows name, if any. */
function noticePurposes(book: NoticeBook, rows: GrantRows): Map<number, readonly SealedPurpose[]> {
  const found = new Map<number, readonly SealedPurpose[]>();
  for (const notice of new Set(rows.notice.subarray(0, rows.count))) {
    const isSelf = (book.classes[notice]! & NOTICE_CLASS.self) !== 0;
    found.set(notice, isSelf ? book.version(notice).notice.purposes.filter(isSealedPurpose) : []);
  }
  return found;
}

/** The rows in ascending order of number, those of one number as they came. */
function byNumber({ number, count }: GrantRows): Uint32Array {
  let isSorted = true;
  for (let row = 1; row < count && isSorted; row++) isSorted = number[row - 1]! <= number[row]!;
  if (isSorted) return Uint32Array.from({ length: count }, (_, row) => row);
  // Number and row in one number that is exact: 32 bits and 21.
  const keys = new Float64Array(count);
  for (let row = 0; row < count; row++) keys[row] = number[row]! * ROW_SPAN + row;
  return Uint32Array.from(keys.sort(), (key) => key % ROW_SPAN);
}

const ROW_SPAN = 2 ** 21;

/** Collects values until a chunk is full. */
class OpenChunk {
  readonly #take: (values: Values) => void;
  readonly #numbers = new Uint32Array(VAULT_LIMITS.chunkValues);
  readonly #ends = new Uint32Array(VAULT_LIMITS.chunkValues);
  #bytes = new Uint8Array(32 * VAULT_LIMITS.chunkValues);
  #count = 0;
  #used = 0;

  constructor(take: (values: Values) => void) {
    this.#take = take;
  }

  add(number: number, from: Uint8Array, start: number, end: number): void {
    const used = this.#used + end - start;
    if (used > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(used, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes.fill(0);
      this.#bytes = larger;
    }
    const bytes = this.#bytes;
    for (let at = this.#used, i = start; i < end; ) bytes[at++] = from[i++]!;
    this.#used = used;
    this.#numbers[this.#count] = number;
    this.#ends[this.#count++] = used;
    if (this.#count === VAULT_LIMITS.chunkValues) this.end();
  }

  end(): void {
    if (this.#count === 0) return;
    const [numbers, ends] = [this.#numbers.subarray(0, this.#count), this.#ends.subarray(0, this.#count)];
    this.#take({ numbers, bytes: this.#bytes.subarray(0, this.#used), ends });
    this.#bytes.fill(0, 0, this.#used);
    this.#count = 0;
    this.#used = 0;
  }
}
