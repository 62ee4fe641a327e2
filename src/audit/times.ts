/**
 * Times as exports write them: RFC 3339, the same with a blank, without an offset or with a short one, days alone, and
 * seconds or milliseconds since 1970. What is not exact about one is counted, to be said.
 */
import { parseTime } from "../input/index.js";

const BLANK = 32;
const DAY_BYTES = 10;
const MAX_BYTES = 40;
/** Later than this, a whole number means milliseconds: the year 2286 in seconds. */
const MAX_SECONDS = 9_999_999_999;
/** Fewer digits are a day without dashes, a year, or nothing that anybody could know. */
const DIGITS = /^\d{9,13}$/;
/** The year 9999: what is later says "never", or is no time. */
export const LATEST_MS = Date.UTC(9999, 0, 1);
const OFFSET = /([+-])(\d\d)(?::?(\d\d))?$/;

export class Times {
  /** Those that had no offset, and were taken as UTC. */
  withoutOffset = 0;
  /** Whole numbers, taken as seconds or milliseconds since 1970. */
  numbers = 0;
  /** Days alone, taken as their first instant. */
  days = 0;

  /** Milliseconds since 1970 of src[start, end), or NaN; Infinity for what is later than any time. */
  parse(src: Uint8Array, start: number, end: number): number {
    const strict = parseTime(src, start, end);
    const ms = Number.isNaN(strict) && end - start <= MAX_BYTES ? this.#loose(src, start, end) : strict;
    return ms > LATEST_MS ? Number.POSITIVE_INFINITY : ms;
  }

  #loose(src: Uint8Array, start: number, end: number): number {
    const text = Buffer.from(src.buffer, src.byteOffset + start, end - start).toString("latin1");
    if (DIGITS.test(text)) {
      this.numbers++;
      return Number(text) > MAX_SECONDS ? Number(text) : Number(text) * 1000;
    }
    if (text.length === DAY_BYTES) {
      const ms = strictly(`${text}T00:00:00Z`);
      if (!Number.isNaN(ms)) this.days++;
      return ms;
    }
    const body = src[start + DAY_BYTES] === BLANK ? `${text.slice(0, DAY_BYTES)}T${text.slice(DAY_BYTES + 1)}` : text;
    const trimmed = body.replace(/ ?(UTC|Z)$/i, "Z").replace(" ", "");
    if (trimmed.endsWith("Z")) return strictly(trimmed);
    const offset = OFFSET.exec(trimmed.slice(DAY_BYTES));
    if (offset !== null) {
      const time = trimmed.slice(0, trimmed.length - offset[0].length);
      return strictly(`${time}${offset[1]}${offset[2]}:${offset[3] ?? "00"}`);
    }
    const ms = strictly(`${trimmed}Z`);
    if (!Number.isNaN(ms)) this.withoutOffset++;
    return ms;
  }
}

function strictly(text: string): number {
  const bytes = Buffer.from(text, "latin1");
  return parseTime(bytes, 0, bytes.length);
}
