/**
 * Sealing of what one leaf brings: the mask of every contact that it keeps, and the value of each that its own account
 * gave under a notice of its own contact, once for every purpose of that notice that has a compartment.
 *
 * Of several rows of one contact point the one that was given last counts. Chunks are by ascending number, so that they
 * part the numbers of their leaf.
 */
import { grown, Numbers, Scratch } from "../column/index.js";
import { type GrantRows, isOwnGrant } from "../grant/index.js";
import { NOTICE_CLASS, type NoticeBook } from "../purpose/index.js";
import type { SealedChunks } from "../store/index.js";
import { chunkRoom, type ScatteredValues, sealInto } from "./chunk.js";
import { type Compartment, isSealedPurpose, type SealedPurpose } from "./compartment.js";
import { VAULT_LIMITS } from "./limits.js";
import { type SealingKey, type SealingKeys, WRAPPED_BYTES } from "./sealing-keys.js";

/** Values and masks of a batch's rows, one after the other, and where each ends; no values where they are not kept. */
export interface ValueColumns {
  readonly valueBytes: Uint8Array;
  readonly valueEnds: Uint32Array;
  readonly maskBytes: Uint8Array;
  readonly maskEnds: Uint32Array;
}

/** What the values of some rows are sealed for, and under which keys. Plain data, so that another thread can seal them. */
export interface SealingOrder {
  readonly mask: SealingKey;
  /** Purposes that the rows' notices name and that have a compartment; of each, 1 for the notice versions that name it. */
  readonly purposes: readonly { readonly key: SealingKey; readonly isUnder: Uint8Array }[];
}

/** The order for some rows; its keys are copies, which `sealRows` wipes. */
export function sealingOrder(keys: SealingKeys, book: NoticeBook, rows: GrantRows): SealingOrder {
  const copy = (compartment: Compartment): SealingKey => {
    const own = keys.inForce(compartment);
    return { ...own, key: new Uint8Array(own.key) };
  };
  const under = [...purposesUnder(book, rows)];
  return { mask: copy("mask"), purposes: under.map(([purpose, isUnder]) => ({ key: copy(purpose), isUnder })) };
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

/**
 * The chunks of a leaf; the columns and the order's keys are overwritten.
 *
 * Cost: about 0.1 µs a value.
 * @param position of the leaf
 */
export function sealRows(
  { mask, purposes }: SealingOrder,
  position: number,
  rows: GrantRows,
  { maskBytes, maskEnds, valueBytes, valueEnds }: ValueColumns,
): SealedChunks {
  const chunks = new ChunkColumns();
  const order = byNumber(rows);
  const seal = (key: SealingKey, chosen: Uint32Array, bytes: Uint8Array, ends: Uint32Array) => {
    for (let first = 0; first < chosen.length; first += VAULT_LIMITS.chunkValues) {
      chunks.seal(key, position, valuesOf(rows, chosen.subarray(first, first + VAULT_LIMITS.chunkValues), bytes, ends));
    }
  };
  try {
    seal(mask, lastOfEach(rows, order), maskBytes, maskEnds);
    if (valueEnds.length > 0) {
      for (const { key, isUnder } of purposes) {
        seal(key, lastOfEach(rows, given(rows, order, isUnder)), valueBytes, valueEnds);
      }
    }
  } finally {
    for (const plain of [valueBytes, maskBytes, mask.key, ...purposes.map(({ key }) => key.key)]) plain.fill(0);
  }
  return chunks.take();
}

const MAX_KEPT_BYTES = 32 * 1024 * 1024;
let keptBodies = new Uint8Array(0);

/** Chunks on their way into columns. */
class ChunkColumns {
  readonly #compartment = new Numbers();
  readonly #first = new Numbers();
  readonly #epoch = new Numbers();
  readonly #ends = new Numbers();
  #wrapped = new Uint8Array(0);
  /** Kept from one leaf to the next. */
  #bodies = keptBodies;
  #used = 0;

  seal(key: SealingKey, position: number, values: ScatteredValues): void {
    const first = values.numbers[0]!;
    const at = this.#ends.count * WRAPPED_BYTES;
    this.#wrapped = grown(this.#wrapped, at + WRAPPED_BYTES);
    this.#bodies = grown(this.#bodies, this.#used + chunkRoom(values.numbers.length, sizeOf(values)));
    const { bytes, wrapped } = sealInto(this.#bodies.subarray(this.#used), key, { position, first }, values);
    this.#wrapped.set(wrapped, at);
    this.#used += bytes;
    this.#compartment.push(key.compartment);
    this.#first.push(first);
    this.#epoch.push(key.epoch);
    this.#ends.push(this.#used);
  }

  /** The chunks in memory of their own. */
  take(): SealedChunks {
    if (this.#bodies.length <= MAX_KEPT_BYTES) keptBodies = this.#bodies;
    return {
      compartment: Uint16Array.from(this.#compartment.values),
      first: this.#first.values.slice(),
      epoch: this.#epoch.values.slice(),
      wrapped: this.#wrapped.slice(0, this.#ends.count * WRAPPED_BYTES),
      bodies: this.#bodies.slice(0, this.#used),
      ends: this.#ends.values.slice(),
    };
  }
}

/** Those of the rows that their own account gave, under one of these notice versions. */
function given({ notice, what }: GrantRows, order: Uint32Array, isUnder: Uint8Array): Uint32Array {
  const chosen = GIVEN.of(order.length);
  let count = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    if (isUnder[notice[row]!] === 1 && isOwnGrant(what[row]!)) chosen[count++] = row;
  }
  return chosen.subarray(0, count);
}

/**
 * The rows in ascending order of number, those of one number as they came. Newcomers come in order, so that only the
 * others are sorted.
 */
function byNumber({ number, count }: GrantRows): Uint32Array {
  const order = ORDER.of(count);
  // Number and row in one number that is exact: 32 bits and 21.
  const others = OTHERS.of(count);
  let [inOrder, behind] = [0, 0];
  for (let row = 0, last = 0; row < count; row++) {
    if (number[row]! < last) others[behind++] = number[row]! * ROW_SPAN + row;
    else {
      order[inOrder++] = row;
      last = number[row]!;
    }
  }
  if (behind === 0) return order;
  const sorted = others.subarray(0, behind).sort();
  // From the end, so that what is not merged yet is not written over.
  for (let to = count - 1, other = behind - 1; other >= 0; to--) {
    const row = inOrder === 0 ? -1 : order[inOrder - 1]!;
    if (row >= 0 && number[row]! * ROW_SPAN + row > sorted[other]!) order[to] = order[--inOrder]!;
    else order[to] = sorted[other--]! % ROW_SPAN;
  }
  return order;
}

const ROW_SPAN = 2 ** 21;
const ORDER = new Scratch(Uint32Array);
const OTHERS = new Scratch(Float64Array);
const GIVEN = new Scratch(Uint32Array);
const LAST = new Scratch(Uint32Array);

/** Of the rows of each number the one that was given last. */
function lastOfEach({ number, givenAtMs }: GrantRows, order: Uint32Array): Uint32Array {
  const chosen = LAST.of(order.length);
  let count = 0;
  let last = -1;
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    if (last < 0 || number[last] !== number[row]) chosen[count++] = last = row;
    else if (givenAtMs[row]! >= givenAtMs[last]!) chosen[count - 1] = last = row;
  }
  return chosen.subarray(0, count);
}

const NUMBERS = new Scratch(Uint32Array);
const STARTS = new Scratch(Uint32Array);
const ENDS = new Scratch(Uint32Array);

/** Where the values of some rows lie; good until it is asked for others. */
function valuesOf(
  { number, batchRow }: GrantRows,
  chosen: Uint32Array,
  bytes: Uint8Array,
  allEnds: Uint32Array,
): ScatteredValues {
  const count = chosen.length;
  const [numbers, starts, ends] = [NUMBERS.of(count), STARTS.of(count), ENDS.of(count)];
  for (let i = 0; i < count; i++) {
    const row = batchRow[chosen[i]!]!;
    numbers[i] = number[chosen[i]!]!;
    starts[i] = row === 0 ? 0 : allEnds[row - 1]!;
    ends[i] = allEnds[row]!;
  }
  return { numbers, bytes, starts, ends };
}

function sizeOf({ starts, ends }: ScatteredValues): number {
  let size = 0;
  for (let i = 0; i < ends.length; i++) size += ends[i]! - starts[i]!;
  return size;
}
