/**
 * SHA-256 digests as lines of 64 hex digits, in any case: all digits are checked, the first 32 become 16 bytes.
 *
 * Sixteen digits at a time; a line ends with LF or CRLF.
 */
const DIGITS: u32 = 64;
const KEPT_BYTES: u32 = 16;
const LF: u8 = 10;
const CR: u8 = 13;

/** Where the last call ended. */
const END = memory.data(4, 4);

/**
 * Reads whole lines of exactly 64 hex digits from `input` to `end`, up to the first other line or `rows` lines; 16 bytes
 * of each go to `output`. Where it ended is at the address that `digestLinesEnd` tells.
 * @returns the number of lines
 */
export function digestLines(input: u32, end: u32, rows: u32, output: u32): u32 {
  let line = input;
  let count: u32 = 0;
  while (count < rows) {
    const stop = line + DIGITS;
    if (stop >= end) break;
    let next: u32 = stop + 1;
    if (load<u8>(stop) === CR && next < end && load<u8>(next) === LF) next++;
    else if (load<u8>(stop) !== LF) break;
    if (!areDigits(line)) break;
    v128.store(output, firstBytes(line));
    output += KEPT_BYTES;
    line = next;
    count++;
  }
  store<u32>(END, line);
  return count;
}

export function digestLinesEnd(): u32 {
  return load<u32>(END);
}

/** Whether the 64 bytes at `text` are hex digits. */
export function areDigits(text: u32): bool {
  const first = v128.and(whereDigits(v128.load(text)), whereDigits(v128.load(text, 16)));
  const second = v128.and(whereDigits(v128.load(text, 32)), whereDigits(v128.load(text, 48)));
  return i8x16.all_true(v128.and(first, second));
}

/** The bytes that the first 32 hex digits at `text` mean. */
export function firstBytes(text: u32): v128 {
  return i8x16.narrow_i16x8_u(pairs(v128.load(text)), pairs(v128.load(text, 16)));
}

/** All ones where a byte is a hex digit. */
function whereDigits(text: v128): v128 {
  const decimal = i8x16.lt_u(i8x16.sub(text, i8x16.splat(0x30)), i8x16.splat(10));
  const letter = i8x16.lt_u(i8x16.sub(v128.or(text, i8x16.splat(0x20)), i8x16.splat(0x61)), i8x16.splat(6));
  return v128.or(decimal, letter);
}

/** The values of eight pairs of digits, one in each 16-bit lane; good only where all are digits. */
function pairs(text: v128): v128 {
  // A letter's low four bits are 1 to 6, and bit 6 is set.
  const letter = i8x16.shr_u(text, 6);
  const nines = v128.or(i8x16.shl(letter, 3), letter);
  const nibbles = i8x16.add(v128.and(text, i8x16.splat(0x0f)), v128.and(nines, i8x16.splat(0x0f)));
  const high = i16x8.shl(nibbles, 4);
  const low = i16x8.shr_u(nibbles, 8);
  return v128.and(v128.or(high, low), i16x8.splat(0xff));
}
