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
 *
 * Cost: about 0.1 µs a value.
 * @param position of the leaf
 */
export function sealRows(
  keys: SealingKeys,
  book: NoticeBook,
  position: number,
  rows: GrantRows,
  { maskBytes, maskEnds, valueBytes, valueEnds }: ValueColumns,
): SealedChunk[] {
  const chunks: SealedChunk[] = [];
  const order = byNumber(rows);
  const seal = (compartment: Compartment, chosen: Uint32Array, bytes: Uint8Array, ends: Uint32Array) => {
    for (let first = 0; first < chosen.length; first += VAULT_LIMITS.chunkValues) {
      const values = gather(rows, chosen.subarray(first, first + VAULT_LIMITS.chunkValues), bytes, ends);
      chunks.push(sealChunk(keys, compartment, { position, first: values.numbers[0]! }, values));
    }
  };
  seal("mask", lastOfEach(rows, order), maskBytes, maskEnds);
  if (valueEnds.length > 0) {
    for (const [purpose, isUnder] of purposesUnder(book, rows)) {
      seal(purpose, lastOfEach(rows, given(rows, order, isUnder)), valueBytes, valueEnds);
    }
  }
  valueBytes.fill(0);
  maskBytes.fill(0);
  return chunks;
}

/** The purposes that values of these rows are sealed for; of each, 1 for the notice versions that name it. */
function purposesUnder(book: NoticeBook, { notice, count }: GrantRows): Map<SealedPurpose, Uint8Array> {
  const isNamed = new Uint8Array(book.size);
  for (let row = 0; row < count; row++) isNamed[notice[row]!] = 1;
  const under = new Map<SealedPurpose, Uint8Array>();
  isNamed.forEach((named, version) => {
    if (named === 0 || (book.classes[version]! & NOTICE_CLASS.self) === 0) return;
    for (const purpose of book.version(version).notice.purposes.filter(isSealedPurpose)) {
      const isUnder = under.get(purpose) ?? new Uint8Array(book.size);
      isUnder[version] = 1;
      under.set(purpose, isUnder);
    }
  });
  return under;
}

/** Those of the rows that their own account gave, under one of these notice versions. */
function given({ notice, what }: GrantRows, order: Uint32Array, isUnder: Uint8Array): Uint32Array {
  const chosen = new Uint32Array(order.length);
  let count = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    if (isUnder[notice[row]!] === 1 && isOwnGrant(what[row]!)) chosen[count++] = row;
  }
  return chosen.subarray(0, count);
}

/** The rows in ascending order of number, those of one number as they came. */
function byNumber({ number, count }: GrantRows): Uint32Array {
  const order = new Uint32Array(count);
  let isSorted = true;
  for (let row = 0; row < count; row++) {
    order[row] = row;
    isSorted &&= row === 0 || number[row - 1]! <= number[row]!;
  }
  if (isSorted) return order;
  // Number and row in one number that is exact: 32 bits and 21.
  const keys = new Float64Array(count);
  for (let row = 0; row < count; row++) keys[row] = number[row]! * ROW_SPAN + row;
  keys.sort();
  for (let i = 0; i < count; i++) order[i] = keys[i]! % ROW_SPAN;
  return order;
}

const ROW_SPAN = 2 ** 21;

/** Of the rows of each number the one that was given last. */
function lastOfEach({ number, givenAtMs }: GrantRows, order: Uint32Array): Uint32Array {
  const chosen = new Uint32Array(order.length);
  let count = 0;
  let last = -1;
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    if (last < 0 || number[last] !== number[row]) chosen[count++] = last = row;
    else if (givenAtMs[row]! >= givenAtMs[last]!) chosen[count - 1] = last = row;
  }
  return chosen.subarray(0, count);
}

/** The values of some rows; those that lie side by side are not copied. */
function gather({ number, batchRow }: GrantRows, chosen: Uint32Array, bytes: Uint8Array, ends: Uint32Array): Values {
  const count = chosen.length;
  const numbers = new Uint32Array(count);
  const own = new Uint32Array(count);
  const firstRow = batchRow[chosen[0]!]!;
  const origin = firstRow === 0 ? 0 : ends[firstRow - 1]!;
  let isTogether = true;
  let size = 0;
  for (let i = 0; i < count; i++) {
    const from = batchRow[chosen[i]!]!;
    isTogether &&= from === firstRow + i;
    numbers[i] = number[chosen[i]!]!;
    size += ends[from]! - (from === 0 ? 0 : ends[from - 1]!);
    own[i] = size;
  }
  if (isTogether) return { numbers, bytes: bytes.subarray(origin, origin + size), ends: own };
  const gathered = new Uint8Array(size);
  for (let i = 0, to = 0; i < count; i++) {
    const from = batchRow[chosen[i]!]!;
    for (let at = from === 0 ? 0 : ends[from - 1]!; at < ends[from]!; ) gathered[to++] = bytes[at++]!;
  }
  return { numbers, bytes: gathered, ends: own };
}
