/**
 * The kinds whose normal form is one and the same everywhere: mobile advertising id, user id, handle,
 * external id. Blanks come off both ends; what is not ASCII can only be blanks there, except in an
 * external id, which may hold any text but control characters.
 */
import type { KindCode } from "./kind.js";
import type { Messages } from "./messages.js";
import {
  EMPTY,
  EXTERNAL_ID_MAX_BYTES,
  HANDLE_MAX_CHARACTERS,
  NOT_A_HANDLE,
  NOT_A_MAID,
  NOT_A_USER_ID,
  NOT_AN_EXTERNAL_ID,
  NOT_UTF8,
  USER_ID_MAX_DIGITS,
} from "./refusal.js";
import { dropBlanks, skipBlanks, textBytes, trimmedText } from "./text.js";

const AT = 0x40;
const DASH = 0x2d;
const ZERO = 0x30;
/** 8-4-4-4-12 hex digits. */
const UUID_BYTES = 36;
const UUID_DASHES = [8, 13, 18, 23];
/** Android's own id of a device: hex digits without dashes. */
const ANDROID_ID_BYTES = 16;

/** Bytes as they are written, 0 for what does not belong. */
const HEX = lowerCase("0123456789abcdef");
const DECIMAL = lowerCase("0123456789");
const HANDLE = lowerCase("0123456789abcdefghijklmnopqrstuvwxyz_.");
const PRINTABLE = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x20 && byte < 0x7f ? byte : 0));

function lowerCase(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const c of characters) {
    table[c.charCodeAt(0)] = c.charCodeAt(0);
    table[c.toUpperCase().charCodeAt(0)] = c.charCodeAt(0);
  }
  return table;
}

/**
 * Appends the form of an identifier of kind 2 to 5 to the open message of `out`.
 *
 * @returns 0, or a refusal code and nothing is appended
 */
export function writeIdentifier(
  kind: Exclude<KindCode, 0 | 1>,
  src: Uint8Array,
  start: number,
  end: number,
  out: Messages,
): number {
  const first = skipBlanks(src, start, end);
  const last = dropBlanks(src, first, end);
  if (first === last) return EMPTY;
  const code = writeTrimmed(kind, src, first, last, out);
  if (code === 0) return 0;
  // Slow, and seldom: not ASCII, or refused.
  const text = trimmedText(src, first, last);
  if (text === undefined) return NOT_UTF8;
  if (text === "") return EMPTY;
  if (kind === 5) return writeText(text, out);
  const bytes = textBytes(text);
  return bytes.length === last - first ? code : writeTrimmed(kind, bytes, 0, bytes.length, out);
}

function writeTrimmed(
  kind: Exclude<KindCode, 0 | 1>,
  src: Uint8Array,
  start: number,
  end: number,
  out: Messages,
): number {
  switch (kind) {
    case 2:
      return writeMaid(src, start, end, out);
    case 3:
      return end - start <= USER_ID_MAX_DIGITS && write(src, start, end, DECIMAL, out) ? 0 : NOT_A_USER_ID;
    case 4: {
      const first = src[start] === AT ? start + 1 : start;
      const length = end - first;
      const isHandle = length > 0 && length <= HANDLE_MAX_CHARACTERS && write(src, first, end, HANDLE, out);
      return isHandle ? 0 : NOT_A_HANDLE;
    }
    case 5: {
      const isShort = end - start <= EXTERNAL_ID_MAX_BYTES;
      return isShort && write(src, start, end, PRINTABLE, out) ? 0 : NOT_AN_EXTERNAL_ID;
    }
  }
}

/** Appends bytes by a table, all or none. */
function write(src: Uint8Array, start: number, end: number, table: Uint8Array, out: Messages): boolean {
  out.reserve(end - start);
  const { bytes } = out;
  let to = out.used;
  for (let i = start; i < end; i++) {
    const byte = table[src[i]!]!;
    if (byte === 0) return false;
    bytes[to++] = byte;
  }
  out.used = to;
  return true;
}

/** An id of nothing but zeros is what a device gives whose owner does not want to be followed: nobody's. */
function writeMaid(src: Uint8Array, start: number, end: number, out: Messages): number {
  const length = end - start;
  if (length !== UUID_BYTES && length !== ANDROID_ID_BYTES) return NOT_A_MAID;
  out.reserve(length);
  const { bytes, used } = out;
  let isZero = true;
  for (let i = 0; i < length; i++) {
    const from = src[start + i]!;
    const isDash = length === UUID_BYTES && UUID_DASHES.includes(i);
    const byte = isDash ? from : HEX[from]!;
    if (byte === 0 || (isDash && from !== DASH)) return NOT_A_MAID;
    if (!isDash && byte !== ZERO) isZero = false;
    bytes[used + i] = byte;
  }
  if (isZero) return NOT_A_MAID;
  out.used = used + length;
  return 0;
}

/** An external id that is not ASCII. */
function writeText(text: string, out: Messages): number {
  const bytes = textBytes(text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (bytes.length > EXTERNAL_ID_MAX_BYTES || /[\u0000-\u001f\u007f-\u009f]/.test(text)) return NOT_AN_EXTERNAL_ID;
  out.append(bytes);
  return 0;
}
