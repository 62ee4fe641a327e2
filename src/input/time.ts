/**
 * Instants: RFC 3339 date-times to milliseconds since 1970 (https://www.rfc-editor.org/rfc/rfc3339).
 *
 * A date, `T`, a time and an offset or `Z` are required; `t` and `z` do as well. Digits beyond the millisecond
 * are cut off, never rounded. A leap second (:60) is refused: it has no millisecond of its own since 1970.
 */
import { REFUSAL } from "./refusal.js";

const ZERO = 48;
const MIN_BYTES = "2024-05-01T12:00:00Z".length;
const MAX_BYTES = 64;
const DAY_MS = 86_400_000;
const MONTH_DAYS = Uint8Array.of(0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);

/** Milliseconds since 1970 of the date-time in src[start, end), or NaN. */
export function parseTime(src: Uint8Array, start: number, end: number): number {
  if (end - start < MIN_BYTES || end - start > MAX_BYTES) return Number.NaN;
  const year = twoDigits(src, start) * 100 + twoDigits(src, start + 2);
  const month = twoDigits(src, start + 5);
  const day = twoDigits(src, start + 8);
  const hour = twoDigits(src, start + 11);
  const minute = twoDigits(src, start + 14);
  const second = twoDigits(src, start + 17);
  // A bad pair of digits is -10000 or less, so one comparison finds any of them.
  if (year < 0 || !(month > 0 && month <= 12 && day > 0 && hour >= 0 && minute >= 0 && second >= 0)) return Number.NaN;
  if (day > MONTH_DAYS[month]! && !(month === 2 && day === 29 && isLeapYear(year))) return Number.NaN;
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN;
  const isPunctuated =
    src[start + 4] === 45 &&
    src[start + 7] === 45 &&
    (src[start + 10]! | 32) === 116 &&
    src[start + 13] === 58 &&
    src[start + 16] === 58;
  if (!isPunctuated) return Number.NaN;

  let at = start + 19;
  let millisecond = 0;
  if (src[at] === 46) {
    let unit = 100;
    const first = ++at;
    for (; at < end && isDigit(src[at]!); at++) {
      millisecond += (src[at]! - ZERO) * unit;
      unit = unit === 100 ? 10 : unit === 10 ? 1 : 0;
    }
    if (at === first) return Number.NaN;
  }
  const offsetMinutes = parseOffset(src, at, end);
  return (
    daysSince1970(year, month, day) * DAY_MS + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 + millisecond
  );
}

/** Why a time that is NaN, before 1970 or too late is refused. */
export function timeRefusal(ms: number, src: Uint8Array, start: number, end: number): number {
  if (!Number.isNaN(ms)) return ms < 0 ? REFUSAL.timeTooEarly : REFUSAL.timeInFuture;
  return isLeapSecond(src, start, end) ? REFUSAL.leapSecond : REFUSAL.badTime;
}

/** Whether what `parseTime` refused would be a date-time if it did not name a leap second. */
export function isLeapSecond(src: Uint8Array, start: number, end: number): boolean {
  if (end - start < MIN_BYTES || end - start > MAX_BYTES || twoDigits(src, start + 17) !== 60) return false;
  const copy = src.slice(start, end);
  copy[17] = ZERO + 5;
  copy[18] = ZERO + 9;
  return !Number.isNaN(parseTime(copy, 0, copy.length));
}

/** `Z` or ±hh:mm up to `end`, in minutes; NaN if it is neither. */
function parseOffset(src: Uint8Array, at: number, end: number): number {
  if (end - at === 1) return (src[at]! | 32) === 122 ? 0 : Number.NaN;
  if (end - at !== 6 || src[at + 3] !== 58) return Number.NaN;
  const hours = twoDigits(src, at + 1);
  const minutes = twoDigits(src, at + 4);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return Number.NaN;
  const offset = hours * 60 + minutes;
  return src[at] === 43 ? offset : src[at] === 45 ? -offset : Number.NaN;
}

/** 0 to 99, or less than -9999. */
function twoDigits(src: Uint8Array, at: number): number {
  const tens = src[at]! - ZERO;
  const ones = src[at + 1]! - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1_000_000;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Proleptic Gregorian calendar, with the year counted from March so that the leap day comes last. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + dayOfYear - 719_468;
}
