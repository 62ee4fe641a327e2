/**
 * The kinds whose form is one and the same everywhere, where they are plain ASCII: mobile advertising ids, user ids, handles,
 * external ids. Whatever else there is, and whatever is wrong, is left to others.
 */
import { copied } from "./copy";

const MAID: u32 = 2;
const USER_ID: u32 = 3;
const HANDLE: u32 = 4;
const EXTERNAL_ID: u32 = 5;
/** 8-4-4-4-12 hex digits, and an id of hex digits alone. */
const UUID_BYTES: u32 = 36;
const ANDROID_ID_BYTES: u32 = 16;
const MAX_USER_ID_BYTES: u32 = 20;
const MAX_HANDLE_BYTES: u32 = 64;
const MAX_EXTERNAL_ID_BYTES: u32 = 256;
const ZERO: u8 = 0x30;
const DASH: u8 = 0x2d;
const AT: u8 = 0x40;
const DOT: u8 = 0x2e;
const UNDERSCORE: u8 = 0x5f;

/** Writes an identifier without blanks around it. @returns where it ends; 0: it is left to others */
export function writeIdentifier(kind: u32, from: u32, to: u32, out: u32): u32 {
  if (kind === MAID) return writeMaid(from, to, out);
  if (kind === USER_ID) return writeUserId(from, to, out);
  if (kind === HANDLE) return writeHandle(load<u8>(from) === AT ? from + 1 : from, to, out);
  return kind === EXTERNAL_ID ? writeExternalId(from, to, out) : 0;
}

function writeMaid(from: u32, to: u32, out: u32): u32 {
  const length = to - from;
  if (length !== UUID_BYTES && length !== ANDROID_ID_BYTES) return 0;
  let isZero = true;
  for (let i: u32 = 0; i < length; i++) {
    const byte = lowerCase(load<u8>(from + i));
    const isDash = length === UUID_BYTES && (i === 8 || i === 13 || i === 18 || i === 23);
    if (isDash ? byte !== DASH : byte - ZERO > 9 && byte - 0x61 > 5) return 0;
    if (!isDash && byte !== ZERO) isZero = false;
    store<u8>(out + i, byte);
  }
  return isZero ? 0 : out + length;
}

function writeUserId(from: u32, to: u32, out: u32): u32 {
  if (to - from > MAX_USER_ID_BYTES) return 0;
  for (let at = from; at < to; at++) if (load<u8>(at) - ZERO > 9) return 0;
  return copied(from, to, out);
}

function writeHandle(from: u32, to: u32, out: u32): u32 {
  const length = to - from;
  if (length === 0 || length > MAX_HANDLE_BYTES) return 0;
  for (let i: u32 = 0; i < length; i++) {
    const byte = lowerCase(load<u8>(from + i));
    if (byte - 0x61 > 25 && byte - ZERO > 9 && byte !== UNDERSCORE && byte !== DOT) return 0;
    store<u8>(out + i, byte);
  }
  return out + length;
}

function writeExternalId(from: u32, to: u32, out: u32): u32 {
  if (to - from > MAX_EXTERNAL_ID_BYTES) return 0;
  for (let at = from; at < to; at++) if (load<u8>(at) - 0x20 > 0x5e) return 0;
  return copied(from, to, out);
}

function lowerCase(byte: u8): u8 {
  return byte - 0x41 < 26 ? byte + 0x20 : byte;
}
