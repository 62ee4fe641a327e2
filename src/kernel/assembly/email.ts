/**
 * E-mail addresses in lower case, and with the spellings folded that gmail takes for one mailbox.
 *
 * ASCII is written sixteen bytes at a time; characters of two bytes by a table that the contact room tells, made of the
 * runtime's own lower case. Any others, and whatever is wrong with an address, are left to others.
 */
import { copied } from "./copy";

/** A longer one is left to others. */
const MAX_BYTES: u32 = 320;
const AT: u8 = 0x40;
const DOT: u8 = 0x2e;
const PLUS: u8 = 0x2b;
/** "gmai", "l.co", "m" and "goog", "lema", "il.c", "om" as they lie in memory. */
const GMAI: u32 = 0x69616d67;
const L_CO: u32 = 0x6f632e6c;
const M: u8 = 0x6d;
const GOOG: u32 = 0x676f6f67;
const LEMA: u32 = 0x616d656c;
const IL_C: u32 = 0x632e6c69;
const OM: u16 = 0x6d6f;
/** "@g", and what is behind the "g" of both. */
const AT_G: u16 = 0x6740;
const MAIL_COM_BYTES: u32 = 8;
const GMAIL_COM_BYTES: u32 = 9;
const GOOGLEMAIL_COM_BYTES: u32 = 14;

/** Lower case of the characters U+0080 to U+07FF; 0: it is left to others. */
const FIRST_WIDE: u32 = 0x80;
const LOWER = memory.data(2 * 1920, 2);

/** Takes the table of lower case: 1920 characters of 16 bits. */
export function tellLowerCase(table: usize): void {
  memory.copy(LOWER, table, 2 * 1920);
}

/** Writes an address in lower case, gmail's folded if it says so. @returns where it ends; 0: it is left to others */
export function writeEmail(from: u32, to: u32, out: u32, isFolded: bool): u32 {
  const length = to - from;
  if (length > MAX_BYTES) return 0;
  let found: u32 = 0;
  let at: u32 = 0;
  let isWide = false;
  for (let i: u32 = 0; i < length; i += 16) {
    const bytes = v128.load(from + i);
    const isUpper = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x41)), i8x16.splat(26));
    v128.store(out + i, v128.or(bytes, v128.and(isUpper, i8x16.splat(0x20))));
    // Blanks and control characters; what is not ASCII is negative.
    const isControl = v128.or(i8x16.lt_u(bytes, i8x16.splat(0x21)), i8x16.eq(bytes, i8x16.splat(0x7f)));
    let others: u32 = i8x16.bitmask(isControl);
    let wide: u32 = i8x16.bitmask(bytes);
    let ats: u32 = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(AT)));
    if (length - i < 16) {
      const mask: u32 = (1 << (length - i)) - 1;
      others &= mask;
      wide &= mask;
      ats &= mask;
    }
    if (others !== 0) return 0;
    if (wide !== 0) isWide = true;
    if (ats !== 0) {
      found += popcnt<u32>(ats);
      at = i + ctz<u32>(ats);
    }
  }
  if (found !== 1 || at === 0 || at + 1 === length || (isWide && !writeWide(from, length, out))) return 0;
  return isFolded ? foldGmail(out, out + at, out + length) : out + length;
}

/** Writes the characters of two bytes in lower case where they stand. @returns whether there are no others */
function writeWide(from: u32, length: u32, out: u32): bool {
  for (let i: u32 = 0; i < length; ) {
    let wide: u32 = i8x16.bitmask(v128.load(from + i));
    if (length - i < 16) wide &= (1 << (length - i)) - 1;
    if (wide === 0) {
      i += 16;
      continue;
    }
    i += ctz<u32>(wide);
    const byte = load<u8>(from + i);
    const next = load<u8>(from + i, 1);
    if (byte < 0xc2 || byte > 0xdf || i + 1 === length || (next & 0xc0) !== 0x80) return false;
    const character = ((<u32>byte & 0x1f) << 6) | (<u32>next & 0x3f);
    const lower = <u32>load<u16>(LOWER + ((character - FIRST_WIDE) << 1));
    if (lower === 0) return false;
    store<u8>(out + i, <u8>(0xc0 | (lower >> 6)));
    store<u8>(out + i, <u8>(0x80 | (lower & 0x3f)), 1);
    i += 2;
  }
  return true;
}

/** Takes the tag and the dots out of a local part of gmail's, unless nothing would be left. @returns the new end */
function foldGmail(start: u32, at: u32, end: u32): u32 {
  return isGmail(at + 1, end) ? foldEmail(start, at, end, start, false, false) : end;
}

/**
 * Writes an address in lower case with its spellings folded: without dots where it is gmail's, without its tag there or
 * everywhere, unless nothing would be left; googlemail.com as gmail.com if that is one.
 * @param out may be `start`
 * @returns where it ends
 */
export function foldEmail(start: u32, at: u32, end: u32, out: u32, isEveryTag: bool, isOneGmail: bool): u32 {
  const isGmails = isGmail(at + 1, end);
  const plus = indexOfByte(PLUS, start, at);
  const localEnd = (isGmails || isEveryTag) && plus !== start ? plus : at;
  let to = out;
  if (isGmails) {
    for (let i = start; i < localEnd; i++) {
      const byte = load<u8>(i);
      store<u8>(to, byte);
      to += u32(byte !== DOT);
    }
  }
  if (to === out) to = copied(start, localEnd, out);
  if (!isGmails || !isOneGmail) return copied(at, end, to);
  store<u16>(to, AT_G);
  return copied(end - MAIL_COM_BYTES, end, to + 2);
}

/** Where a byte is in from..to; `to` where it is not. */
export function indexOfByte(byte: u8, from: u32, to: u32): u32 {
  for (let at = from; at < to; at += 16) {
    const found: u32 = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(byte)));
    if (found !== 0) return min(at + ctz<u32>(found), to);
  }
  return to;
}

function isGmail(domain: u32, end: u32): bool {
  const bytes = end - domain;
  if (bytes === GMAIL_COM_BYTES) {
    return load<u32>(domain) === GMAI && load<u32>(domain, 4) === L_CO && load<u8>(domain, 8) === M;
  }
  if (bytes !== GOOGLEMAIL_COM_BYTES || load<u32>(domain) !== GOOG || load<u32>(domain, 4) !== LEMA) return false;
  return load<u32>(domain, 8) === IL_C && load<u16>(domain, 12) === OM;
}
