/**
 * The portable form of a 32-bit roaring bitmap: written of ordinals in order, which the library takes over more than twice
 * as fast as the ordinals themselves; and read only to tell whether it is one, since the library takes bytes as they are:
 * values out of order would be iterated and not found. Source: RoaringFormatSpec
 * (https://github.com/RoaringBitmap/RoaringFormatSpec), sections 2 to 4.
 */
import { lowerBound } from "../column/index.js";

const COOKIE = 12347;
const COOKIE_NO_RUNS = 12346;
/** With runs, offsets are there only from so many containers on. */
const OFFSETS_FROM = 4;
const ARRAY_MAX = 4096;
const BITSET_BYTES = 8192;
const MAX_CONTAINERS = 65_536;

/**
 * @param ordinals ascending, none twice
 * @returns their bitmap, without containers of runs
 */
export function portableBitmap(ordinals: Uint32Array): Uint8Array {
  const ends: number[] = [];
  let bytes = 8;
  for (let from = 0; from < ordinals.length; from = ends.at(-1)!) {
    const next = ((ordinals[from]! >>> 16) + 1) * 65_536;
    const end = lowerBound(ordinals, next, from, Math.min(ordinals.length, from + 65_536));
    ends.push(end);
    bytes += 8 + containerBytes(end - from);
  }
  const bitmap = new Uint8Array(bytes);
  const words = new Uint32Array(bitmap.buffer, 0, 2 + 2 * ends.length);
  const halves = new Uint16Array(bitmap.buffer);
  words[0] = COOKIE_NO_RUNS;
  words[1] = ends.length;
  let [from, at] = [0, words.byteLength];
  for (let i = 0; i < ends.length; i++) {
    const end = ends[i]!;
    halves[4 + 2 * i] = ordinals[from]! >>> 16;
    halves[5 + 2 * i] = end - from - 1;
    words[2 + ends.length + i] = at;
    if (end - from <= ARRAY_MAX) for (let half = at / 2; from < end; ) halves[half++] = ordinals[from++]!;
    else for (; from < end; from++) bitmap[at + ((ordinals[from]! & 0xffff) >> 3)]! |= 1 << (ordinals[from]! & 7);
    at += containerBytes(end - (i === 0 ? 0 : ends[i - 1]!));
  }
  return bitmap;
}

const containerBytes = (size: number): number => (size <= ARRAY_MAX ? 2 * size : BITSET_BYTES);

/** Whether the bytes are exactly one bitmap: containers in order, values in order, nothing beyond. */
export function isPortableBitmap(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u16 = (at: number): number => view.getUint16(at, true);
  try {
    const cookie = view.getUint32(0, true);
    const hasRuns = (cookie & 0xffff) === COOKIE;
    if (!hasRuns && cookie !== COOKIE_NO_RUNS) return false;
    const containers = hasRuns ? (cookie >>> 16) + 1 : view.getUint32(4, true);
    if (containers > MAX_CONTAINERS) return false;
    const runFlags = 4;
    const heads = hasRuns ? runFlags + Math.ceil(containers / 8) : 8;
    const offsets = heads + 4 * containers;
    const hasOffsets = !hasRuns || containers >= OFFSETS_FROM;
    let at = hasOffsets ? offsets + 4 * containers : offsets;
    for (let i = 0; i < containers; i++) {
      if (i > 0 && u16(heads + 4 * i) <= u16(heads + 4 * (i - 1))) return false;
      if (hasOffsets && view.getUint32(offsets + 4 * i, true) !== at) return false;
      const size = u16(heads + 4 * i + 2) + 1;
      const isRun = hasRuns && (bytes[runFlags + (i >> 3)]! & (1 << (i & 7))) !== 0;
      const length = isRun
        ? runsLength(view, at, size)
        : size <= ARRAY_MAX
          ? arrayLength(view, at, size)
          : bitsetLength(view, at, size);
      if (length < 0) return false;
      at += length;
    }
    return at === bytes.byteLength;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Bytes of a container of values, or -1 if they are not in order. */
function arrayLength(view: DataView, from: number, size: number): number {
  const length = 2 * size;
  let last = -1;
  for (let at = from; at < from + length; at += 2) {
    const value = view.getUint16(at, true);
    if (value <= last) return -1;
    last = value;
  }
  return length;
}

/** Bytes of a container of bits, or -1 if there are not `size` of them. */
function bitsetLength(view: DataView, from: number, size: number): number {
  let bits = 0;
  for (let at = from; at < from + BITSET_BYTES; at += 4) {
    // Bits of pairs, of fours, of bytes, and of all (Hacker's Delight, 5-1).
    let word = view.getUint32(at, true);
    word -= (word >>> 1) & 0x55555555;
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
    bits += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return bits === size ? BITSET_BYTES : -1;
}

/** Bytes of a container of runs (start, length - 1), or -1 if they are not in order or hold not `size` values. */
function runsLength(view: DataView, at: number, size: number): number {
  const u16 = (at: number): number => view.getUint16(at, true);
  const runs = u16(at);
  let [values, next] = [0, 0];
  for (let i = 0; i < runs; i++) {
    const start = u16(at + 2 + 4 * i);
    const length = u16(at + 4 + 4 * i) + 1;
    if (start < next || start + length > 65_536) return -1;
    values += length;
    next = start + length + 1;
  }
  return values === size ? 2 + 4 * runs : -1;
}
