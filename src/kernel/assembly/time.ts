/** Instants: RFC 3339 date-times to milliseconds since 1970, as the input room reads them. */
const ZERO: u8 = 0x30;
const DASH: u8 = 0x2d;
const COLON: u8 = 0x3a;
const DOT: u8 = 0x2e;
const PLUS: u8 = 0x2b;
const MIN_BYTES: u32 = 20;
const MAX_BYTES: u32 = 64;
const DAY_MS: f64 = 86_400_000;
/** What two bytes are that are no digits: so much that no sum with others is a number again. */
const NO_DIGITS: i32 = 1_000_000;

/** Milliseconds since 1970 of the date-time from..to, or NaN. */
export function parseTime(from: u32, to: u32): f64 {
  if (to - from < MIN_BYTES || to - from > MAX_BYTES) return f64.NaN;
  const year = twoDigits(from) * 100 + twoDigits(from + 2);
  const month = twoDigits(from + 5);
  const day = twoDigits(from + 8);
  const hour = twoDigits(from + 11);
  const minute = twoDigits(from + 14);
  const second = twoDigits(from + 17);
  if (year > 9999 || month === 0 || month > 12 || day === 0 || hour > 23 || minute > 59 || second > 59) return f64.NaN;
  if (day > daysOf(month, year)) return f64.NaN;
  const areDashes = load<u8>(from, 4) === DASH && load<u8>(from, 7) === DASH;
  const areColons = load<u8>(from, 13) === COLON && load<u8>(from, 16) === COLON;
  if (!areDashes || !areColons || (load<u8>(from, 10) | 32) !== 0x74) return f64.NaN;

  let at = from + 19;
  let millisecond: i32 = 0;
  if (load<u8>(at) === DOT) {
    const first = ++at;
    for (let unit = 100; at < to && load<u8>(at) - ZERO < 10; at++, unit /= 10) {
      millisecond += <i32>(load<u8>(at) - ZERO) * unit;
    }
    if (at === first) return f64.NaN;
  }
  const offset = parseOffset(at, to);
  if (offset === NO_DIGITS) return f64.NaN;
  const seconds = (hour * 60 + minute - offset) * 60 + second;
  return <f64>daysSince1970(year, month, day) * DAY_MS + <f64>seconds * 1000 + <f64>millisecond;
}

/** `Z` or an offset up to `to`, in minutes; NO_DIGITS if it is neither. */
function parseOffset(at: u32, to: u32): i32 {
  if (to - at === 1) return (load<u8>(at) | 32) === 0x7a ? 0 : NO_DIGITS;
  if (to - at !== 6 || load<u8>(at, 3) !== COLON) return NO_DIGITS;
  const hours = twoDigits(at + 1);
  const minutes = twoDigits(at + 4);
  if (hours > 23 || minutes > 59) return NO_DIGITS;
  const sign = load<u8>(at);
  const offset = hours * 60 + minutes;
  return sign === PLUS ? offset : sign === DASH ? -offset : NO_DIGITS;
}

/** 0 to 99, or NO_DIGITS. */
function twoDigits(at: u32): i32 {
  const tens = load<u8>(at) - ZERO;
  const ones = load<u8>(at, 1) - ZERO;
  return tens < 10 && ones < 10 ? <i32>tens * 10 + <i32>ones : NO_DIGITS;
}

function daysOf(month: i32, year: i32): i32 {
  if (month !== 2) return 30 + ((month + (month >> 3)) & 1);
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Proleptic Gregorian calendar, with the year counted from March so that the leap day comes last. */
function daysSince1970(year: i32, month: i32, day: i32): i32 {
  // Four hundred years on, so that no quotient is of a negative number.
  const marchYear = (month > 2 ? year : year - 1) + 400;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1;
  const leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400;
  return marchYear * 365 + leapDays + dayOfYear - 719_468 - 146_097;
}
