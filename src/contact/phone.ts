/**
 * Phone numbers: read to country code and national number. What can be a phone is for the library to say
 * (libphonenumber-js, full metadata: `isPossible`), never for us; numbers in ASCII digits with common
 * punctuation are read by tables made from the same metadata wherever these alone decide (phone-plan.ts),
 * some fifty times faster. An extension ("ext. 5") is dropped.
 */
import { isSupportedCountry, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { ContactError } from "./error.js";
import type { Messages } from "./messages.js";
import {
  AS_IT_IS,
  ASK,
  CALLING_CODE_DIGITS,
  internationalPlan,
  type NumberPlan,
  type RegionPlan,
  regionPlan,
} from "./phone-plan.js";
import { EMPTY, NOT_A_PHONE, NOT_UTF8, PHONE_NEEDS_REGION } from "./refusal.js";
import { dropBlanks, skipBlanks, trimmedText } from "./text.js";

const ZERO = 0x30;
const PLUS = 0x2b;
/** Digits that the tables take; the library's own limit is 3 + 17. */
const MAX_DIGITS = 20;
/** Shorter national numbers are left to the library. */
const MIN_NATIONAL_DIGITS = 4;
/** Longer texts are no phone number (the library's limit, in characters). */
const MAX_CHARACTERS = 250;
/** So many digits without country code could have been a phone number somewhere. */
const MIN_PHONE_DIGITS = 4;

/** The tables don't decide. */
const UNDECIDED = -1;

const DIGIT = 1;
const PUNCTUATION = 2;
/** Bytes that the tables can read: digits, and what the library skips wherever it stands between them. */
const BYTE_CLASS = new Uint8Array(256);
BYTE_CLASS.fill(DIGIT, ZERO, ZERO + 10);
for (const c of " -./()") BYTE_CLASS[c.charCodeAt(0)] = PUNCTUATION;

/** Reads phone numbers, written with "+" or as in one region. */
export class PhoneReader {
  /** What was read last: country code and national number, digits only. */
  readonly digits: Uint8Array = new Uint8Array(2 * MAX_DIGITS);
  digitCount = 0;

  readonly #written = new Uint8Array(MAX_DIGITS);
  readonly #region: ReturnType<typeof checkedRegion>;
  readonly #regionPlan: RegionPlan | undefined;
  /** The text that the library read last, and what came out: values are often read twice in a row. */
  #lastText = "";
  #lastResult: { code: number; digits: string } = { code: EMPTY, digits: "" };

  /**
   * @param region two letters, e.g. "DE", for numbers without "+"; none: such numbers are refused
   * @throws {ContactError} code `unknown-region`
   */
  constructor(region: string | undefined) {
    this.#region = checkedRegion(region);
    this.#regionPlan = this.#region === undefined ? undefined : regionPlan(this.#region);
  }

  /**
   * Reads the number into `digits`.
   *
   * @returns 0, or a refusal code
   */
  read(src: Uint8Array, start: number, end: number): number {
    const first = skipBlanks(src, start, end);
    const last = dropBlanks(src, first, end);
    if (first === last) return EMPTY;
    const decided = this.#byTables(src, first, last);
    return decided === UNDECIDED ? this.#byLibrary(src, first, last) : decided;
  }

  /** Appends the number that was read last to the open message. */
  write(out: Messages, withPlus: boolean): void {
    const count = this.digitCount;
    out.reserve(count + 1);
    const { bytes } = out;
    let to = out.used;
    if (withPlus) bytes[to++] = PLUS;
    for (let i = 0; i < count; i++) bytes[to++] = this.digits[i]!;
    out.used = to;
  }

  #byTables(src: Uint8Array, start: number, end: number): number {
    if (end - start > MAX_CHARACTERS) return UNDECIDED;
    const written = this.#written;
    const hasPlus = src[start] === PLUS;
    let count = 0;
    for (let i = hasPlus ? start + 1 : start; i < end; i++) {
      const byte = src[i]!;
      const is = BYTE_CLASS[byte];
      if (is === DIGIT) {
        if (count === MAX_DIGITS) return UNDECIDED;
        written[count++] = byte;
      } else if (is !== PUNCTUATION) return UNDECIDED;
    }
    if (hasPlus) return this.#international(count);
    return this.#regionPlan === undefined ? UNDECIDED : this.#national(this.#regionPlan, count);
  }

  #international(count: number): number {
    if (count < 3) return UNDECIDED;
    const firstThree = this.#firstThree(0);
    const codeDigits = CALLING_CODE_DIGITS[firstThree]!;
    if (codeDigits === 0 || count - codeDigits < MIN_NATIONAL_DIGITS) return UNDECIDED;
    return this.#decide(internationalPlan(firstThree), codeDigits, count);
  }

  #national(plan: RegionPlan, count: number): number {
    if (count < MIN_NATIONAL_DIGITS) return UNDECIDED;
    const firstThree = this.#firstThree(0);
    if (plan.abroad[firstThree] === 1) return UNDECIDED;
    if (!this.#beginsWith(plan.callingCode, count)) return this.#decide(plan, 0, count);
    // It may be written with the calling code, but without "+".
    const action = plan.action[firstThree]!;
    if (action === AS_IT_IS) return count > plan.longest ? this.#international(count) : UNDECIDED;
    const isPrefixCallingCode = action !== ASK && action === plan.callingCode.length;
    if (!isPrefixCallingCode || count - action < MIN_NATIONAL_DIGITS) return UNDECIDED;
    if (plan.action[this.#firstThree(action)] !== AS_IT_IS) return UNDECIDED;
    // With a length that is not possible the prefix would not have come off.
    return this.#decide(plan, action, count) === 0 ? 0 : UNDECIDED;
  }

  /** Decides about the national number that begins at `from` of what was written. */
  #decide(plan: NumberPlan, from: number, count: number): number {
    const action = plan.action[this.#firstThree(from)]!;
    if (action === ASK) return UNDECIDED;
    const national = from + action;
    const bit = 1 << (count - national);
    if ((plan.everywhere & bit) === 0) {
      return action === AS_IT_IS && (plan.somewhere & bit) === 0 ? NOT_A_PHONE : UNDECIDED;
    }
    const { digits } = this;
    const written = this.#written;
    const { callingCode } = plan;
    let to = 0;
    for (; to < callingCode.length; to++) digits[to] = callingCode.charCodeAt(to);
    for (let i = national; i < count; i++) digits[to++] = written[i]!;
    this.digitCount = to;
    return 0;
  }

  #firstThree(from: number): number {
    const written = this.#written;
    return (written[from]! - ZERO) * 100 + (written[from + 1]! - ZERO) * 10 + written[from + 2]! - ZERO;
  }

  #beginsWith(callingCode: string, count: number): boolean {
    if (count < callingCode.length) return false;
    for (let i = 0; i < callingCode.length; i++) if (this.#written[i] !== callingCode.charCodeAt(i)) return false;
    return true;
  }

  #byLibrary(src: Uint8Array, start: number, end: number): number {
    const text = trimmedText(src, start, end);
    if (text === undefined) return NOT_UTF8;
    if (text !== this.#lastText) {
      this.#lastText = text;
      this.#lastResult = readByLibrary(text, this.#region);
    }
    const { code, digits } = this.#lastResult;
    if (code !== 0) return code;
    for (let i = 0; i < digits.length; i++) this.digits[i] = digits.charCodeAt(i);
    this.digitCount = digits.length;
    return 0;
  }
}

function checkedRegion(region: string | undefined) {
  if (region === undefined) return undefined;
  const upper = region.toUpperCase();
  if (!isSupportedCountry(upper)) {
    throw new ContactError("unknown-region", "phone numbers of this region are not known", "two letters, such as DE");
  }
  return upper;
}

/** What the library alone says of a number: the tables must say the same wherever they decide. */
export function readByLibrary(
  text: string,
  region: ReturnType<typeof checkedRegion>,
): { code: number; digits: string } {
  if (text === "") return { code: EMPTY, digits: "" };
  const phone = parsePhoneNumberFromString(text, {
    extract: false,
    ...(region === undefined ? {} : { defaultCountry: region }),
  });
  if (phone?.isPossible()) return { code: 0, digits: phone.number.slice(1) };
  const isNational = region === undefined && phone === undefined && /^[^+\uFF0B]*$/.test(text);
  const isDigits = text.replace(/\D/g, "").length >= MIN_PHONE_DIGITS && /^[\d\s./()~-]*$/.test(text);
  return { code: isNational && isDigits ? PHONE_NEEDS_REGION : NOT_A_PHONE, digits: "" };
}
