/**
 * A chunk: up to 256 values of one leaf and compartment, sealed together under a data key of their own.
 *
 * AES-256-GCM with a random key that seals this one chunk and nothing else, so its nonce is zero. Additional data: the
 * chunk's place and the head of its body, so that nobody who writes to the database can move a chunk to another leaf,
 * purpose or contact point, or a value in it to another number.
 *
 *     place   "solely chunk 1"  u64 position  u16 compartment  u64 first            big-endian
 *     body    u16 values n  u16 bytes of the numbers  the numbers  sealed bytes  16 bytes tag
 *     numbers n varints (LEB128): the contact point's number above the one before, the first one's above `first`
 *     sealed  n varints: lengths of the values in bytes, then the values
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import type { SealedChunk, SealedPlace, SealedRow } from "../store/index.js";
import { KEY_BYTES } from "../token/index.js";
import { type Compartment, compartmentCode } from "./compartment.js";
import { freshBytes } from "./fresh-bytes.js";
import { VAULT_LIMITS } from "./limits.js";
import { type SealingKey, type SealingKeys, unopenable, wrapKey } from "./sealing-keys.js";

const ALGORITHM = "aes-256-gcm";
const NONCE = new Uint8Array(12);
const TAG_BYTES = 16;
const HEAD_BYTES = 4;
/** Of a number, and of a value's length. */
const MAX_VARINT_BYTES = 5;
const MAX_LENGTH_BYTES = 3;
const TWO_32 = 2 ** 32;
/** Up to here a plain loop copies faster than the runtime's call. */
const LOOPED_BYTES = 64;
const NAME = Buffer.from("solely chunk 1", "latin1");
const PLACE_BYTES = NAME.length + 18;

/** Values of one chunk in the clear, by ascending number of their contact points; value i ends at `ends[i]`. */
export interface Values {
  readonly numbers: Uint32Array;
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

/** Values that are to be sealed: they may lie apart, value i from `starts[i]` on. */
export interface ScatteredValues extends Values {
  readonly starts: Uint32Array;
}

/** What a chunk is bound to, with room behind it for a head of `more` bytes. */
function placeBytes({ position, compartment, first }: SealedPlace, more = 0): Uint8Array {
  const place = new Uint8Array(PLACE_BYTES + more);
  place.set(NAME);
  const view = new DataView(place.buffer);
  view.setUint32(NAME.length, position / TWO_32);
  view.setUint32(NAME.length + 4, position % TWO_32);
  view.setUint16(NAME.length + 8, compartment);
  view.setUint32(NAME.length + 10, first / TWO_32);
  view.setUint32(NAME.length + 14, first % TWO_32);
  return place;
}

/** Additional data of a body: its place, and its head. */
function boundBytes(place: SealedPlace, head: Uint8Array): Uint8Array {
  const bound = placeBytes(place, head.length);
  bound.set(head, PLACE_BYTES);
  return bound;
}

/** Seals values under a fresh data key, which the sealing key wraps; `first` is at most the first number. */
export function sealChunk(
  sealingKey: SealingKey,
  { position, first }: Pick<SealedPlace, "position" | "first">,
  values: Values,
): SealedChunk {
  const { compartment, epoch } = sealingKey;
  const starts = new Uint32Array(values.ends.length);
  starts.set(values.ends.subarray(0, -1), Math.min(1, starts.length));
  const room = new Uint8Array(chunkRoom(values.numbers.length, values.bytes.length));
  const { bytes, wrapped } = sealInto(room, sealingKey, { position, first }, { ...values, starts });
  return { compartment, first, epoch, dataEpoch: epoch, wrapped, body: room.slice(0, bytes) };
}

/** The most bytes that a chunk of some values takes. */
export const chunkRoom = (values: number, bytes: number): number =>
  HEAD_BYTES + (MAX_VARINT_BYTES + MAX_LENGTH_BYTES) * values + bytes + TAG_BYTES;

/**
 * Seals values as `sealChunk` does, into memory that is there.
 * @param room at least `chunkRoom`
 * @returns how many bytes the body has, and the wrapped data key
 */
export function sealInto(
  room: Uint8Array,
  sealingKey: SealingKey,
  { position, first }: Pick<SealedPlace, "position" | "first">,
  values: ScatteredValues,
): { readonly bytes: number; readonly wrapped: Uint8Array } {
  const place = { position, compartment: sealingKey.compartment, first };
  const headBytes = writeHead(values, first, room);
  const plain = writePlain(values, room.subarray(headBytes));
  const dataKey = freshBytes(KEY_BYTES);
  const cipher = createCipheriv(ALGORITHM, dataKey, NONCE).setAAD(boundBytes(place, room.subarray(0, headBytes)));
  // Over the plain bytes, which lie there until then.
  plain.set(cipher.update(plain));
  cipher.final();
  const end = headBytes + plain.length;
  room.set(cipher.getAuthTag(), end);
  const wrapped = wrapKey(sealingKey, dataKey, placeBytes(place));
  dataKey.fill(0);
  return { bytes: end + TAG_BYTES, wrapped };
}

/**
 * Opens a chunk.
 * @throws {VaultError} code `unopenable`
 */
export function openChunk(keys: SealingKeys, compartment: Compartment, row: SealedRow): Values {
  const place = { ...row, compartment: compartmentCode(compartment) };
  const dataKey = keys.unwrap(compartment, row.epoch, row.wrapped, placeBytes(place));
  const { body } = row;
  try {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const headBytes = HEAD_BYTES + view.getUint16(2);
    const head = body.subarray(0, headBytes);
    const decipher = createDecipheriv(ALGORITHM, dataKey, NONCE).setAAD(boundBytes(place, head));
    decipher.setAuthTag(body.subarray(body.length - TAG_BYTES));
    const plain = decipher.update(body.subarray(headBytes, body.length - TAG_BYTES));
    decipher.final();
    return decode(head, plain, row.first);
  } catch {
    throw unopenable();
  } finally {
    dataKey.fill(0);
  }
}

/** The chunk's data key under the key of another epoch; what it seals stays as it is. */
export function rewrapChunk(keys: SealingKeys, compartment: Compartment, row: SealedRow, epoch: number): SealedRow {
  const place = placeBytes({ ...row, compartment: compartmentCode(compartment) });
  const dataKey = keys.unwrap(compartment, row.epoch, row.wrapped, place);
  const wrapped = keys.wrap(compartment, epoch, dataKey, place);
  dataKey.fill(0);
  return { ...row, epoch, wrapped };
}

/** The values of some contact points, in a form that can be sealed again. */
export function withoutNumbers({ numbers, bytes, ends }: Values, gone: ReadonlySet<number>): Values {
  const kept = [...numbers.keys()].filter((i) => !gone.has(numbers[i]!));
  const pieces = kept.map((i) => bytes.subarray(i === 0 ? 0 : ends[i - 1]!, ends[i]!));
  let end = 0;
  return {
    numbers: Uint32Array.from(kept, (i) => numbers[i]!),
    bytes: Buffer.concat(pieces),
    ends: Uint32Array.from(pieces, ({ length }) => (end += length)),
  };
}

/** The value of a contact point, if the chunk has one. */
export function valueIn({ numbers, bytes, ends }: Values, number: number): string | undefined {
  const i = numbers.indexOf(number);
  return i < 0 ? undefined : Buffer.from(bytes.subarray(i === 0 ? 0 : ends[i - 1]!, ends[i]!)).toString("utf8");
}

/** Writes the head of a body; returns its bytes. */
function writeHead({ numbers }: Values, first: number, to: Uint8Array): number {
  const count = numbers.length;
  if (count === 0 || count > VAULT_LIMITS.chunkValues) throw new RangeError(`a chunk of ${count} values`);
  let used = HEAD_BYTES;
  for (let i = 0, before = first; i < count; before = numbers[i++]!) {
    let step = numbers[i]! - before;
    for (; step >= 0x80; step = Math.floor(step / 0x80)) to[used++] = (step & 0x7f) | 0x80;
    to[used++] = step;
  }
  to[0] = count >> 8;
  to[1] = count & 0xff;
  to[2] = (used - HEAD_BYTES) >> 8;
  to[3] = (used - HEAD_BYTES) & 0xff;
  return used;
}

/** Writes what is to be sealed: lengths, then values; returns where it lies. */
function writePlain({ bytes, starts, ends }: ScatteredValues, to: Uint8Array): Uint8Array {
  const count = ends.length;
  let used = 0;
  for (let i = 0; i < count; i++) {
    let length = ends[i]! - starts[i]!;
    for (; length >= 0x80; length >>>= 7) to[used++] = (length & 0x7f) | 0x80;
    to[used++] = length;
  }
  for (let i = 0; i < count; i++) {
    const start = starts[i]!;
    while (i + 1 < count && starts[i + 1] === ends[i]) i++;
    const end = ends[i]!;
    if (end - start > LOOPED_BYTES) to.set(bytes.subarray(start, end), used);
    else for (let at = start, into = used; at < end; ) to[into++] = bytes[at++]!;
    used += end - start;
  }
  return to.subarray(0, used);
}

function decode(head: Uint8Array, plain: Uint8Array, first: number): Values {
  const count = new DataView(head.buffer, head.byteOffset).getUint16(0);
  const numbers = new Uint32Array(count);
  const ends = new Uint32Array(count);
  const from = { head: HEAD_BYTES, plain: 0 };
  for (let i = 0, before = first, end = 0; i < count; i++) {
    let at = readVarint(head, from.head);
    from.head = at.next;
    before += at.value;
    numbers[i] = before;
    at = readVarint(plain, from.plain);
    from.plain = at.next;
    end += at.value;
    ends[i] = end;
  }
  return { numbers, bytes: plain.subarray(from.plain), ends };
}

function readVarint(from: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  let weight = 1;
  for (let next = at; ; next++) {
    const byte = from[next]!;
    value += (byte & 0x7f) * weight;
    weight *= 0x80;
    if (byte < 0x80) return { value, next: next + 1 };
  }
}
