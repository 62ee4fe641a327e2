/**
 * Phone numbers with "+" and digits, by tables of the numbering plans that were told so far (contact room, phone-plan).
 *
 * Only what is written as it is dialled from abroad, and has a length that is possible wherever its calling code leads,
 * is judged here.
 */
const PLUS: u8 = 0x2b;
const ZERO: u8 = 0x30;
/** A longer text, or number, is left to others. */
const MAX_CHARACTERS: u32 = 250;
const MAX_DIGITS: u32 = 20;
const MIN_NATIONAL_DIGITS: u32 = 4;
const MAX_CODE_DIGITS: u32 = 3;

const PREFIXES: u32 = 1000;
const MAX_PLANS: u32 = 255;
/** By a number's first three digits: its plan, from 1; 0 where none was told. */
const PLAN_OF = memory.data(1000);
/** Of each plan: digits of its calling code, national lengths that are possible as bits, and a bit for each first three
 * digits of a national number, set where it is left as it is. */
const CODE_DIGITS: usize = 0;
const LENGTHS: usize = 4;
const AS_IT_IS: usize = 8;
const PLAN_BYTES: u32 = 8 + 128;
const PLANS = memory.data(136 * 256, 16);

let plans: u32 = 0;

/**
 * Takes a plan, of the numbers whose first three digits are from `first` to before `end`.
 * @param asItIs 1000 bytes by first three digits of a national number; not 0: it is left as it is
 */
export function tellPhonePlan(first: u32, end: u32, codeDigits: u32, lengths: u32, asItIs: usize): void {
  if (plans === MAX_PLANS) return;
  const plan = PLANS + ++plans * PLAN_BYTES;
  store<u32>(plan, codeDigits, CODE_DIGITS);
  store<u32>(plan, lengths, LENGTHS);
  memory.fill(plan + AS_IT_IS, 0, 128);
  for (let i: u32 = 0; i < PREFIXES; i++) {
    if (load<u8>(asItIs + i) === 0) continue;
    const byte = plan + AS_IT_IS + (i >> 3);
    store<u8>(byte, load<u8>(byte) | ((<u8>1) << (<u8>(i & 7))));
  }
  memory.fill(PLAN_OF + first, <u8>plans, end - first);
}

/** Writes a number, with "+" or without. @returns where it ends; 0: it is left to others */
export function writePhone(from: u32, to: u32, out: u32, withPlus: bool): u32 {
  if (load<u8>(from) !== PLUS || to - from > MAX_CHARACTERS) return 0;
  store<u8>(out, PLUS);
  const digits = out + u32(withPlus);
  let end = digits;
  for (let at = from + 1; at < to; at++) {
    const byte = load<u8>(at);
    store<u8>(end, byte);
    if (byte - ZERO < 10) end++;
    else if (!isPunctuation(byte)) return 0;
    if (end - digits > MAX_DIGITS) return 0;
  }
  const count = end - digits;
  if (count < MAX_CODE_DIGITS + MIN_NATIONAL_DIGITS) return 0;
  const number = load<u8>(PLAN_OF + firstThree(digits));
  if (number === 0) return 0;
  const plan = PLANS + <u32>number * PLAN_BYTES;
  const codeDigits = load<u32>(plan, CODE_DIGITS);
  const national = firstThree(digits + codeDigits);
  const isAsItIs = (load<u8>(plan + AS_IT_IS + (national >> 3)) >> <u8>(national & 7)) & 1;
  const isPossible = (load<u32>(plan, LENGTHS) >> (count - codeDigits)) & 1;
  return isAsItIs & isPossible ? end : 0;
}

/** Digits of the calling code that a number begins with whose plan was told. */
export function codeDigitsOf(digits: u32): u32 {
  const number = load<u8>(PLAN_OF + firstThree(digits));
  return load<u32>(PLANS + <u32>number * PLAN_BYTES, CODE_DIGITS);
}

function firstThree(digits: u32): u32 {
  return <u32>load<u8>(digits) * 100 + <u32>load<u8>(digits, 1) * 10 + <u32>load<u8>(digits, 2) - 111 * <u32>ZERO;
}

/** What stands between digits and means nothing: blank ( ) - . and slash. */
function isPunctuation(byte: u8): bool {
  return byte === 0x20 || byte === 0x28 || byte === 0x29 || (byte >= 0x2d && byte <= 0x2f);
}
