/**
 * E-mail addresses: plain form (blanks off both ends, lower case), and the foldings of it that one
 * mailbox's spellings have in common. ASCII is written byte by byte; anything else goes by way of text,
 * where blanks and lower case are ECMAScript's. No other folding: no Unicode normal form, no punycode.
 */
import { TWO_BYTE_CHARACTERS, tellLowerCase } from "../kernel/index.js";
import type { Messages } from "./messages.js";
import { EMAIL_MAX_BYTES, EMAIL_TOO_LONG, EMPTY, NOT_AN_EMAIL, NOT_UTF8 } from "./refusal.js";
import { dropBlanks, maxBytes, skipBlanks, textBytes, trimmedText, writeText } from "./text.js";

const AT = 0x40;
const DOT = 0x2e;
const PLUS = 0x2b;
const GMAIL = textBytes("gmail.com");
const GOOGLEMAIL = textBytes("googlemail.com");

/** Its lower case hangs on what follows. */
const CAPITAL_SIGMA = 0x3a3;

/** Bytes that can be copied at once, in lower case; 0 for what the way by text has to judge. */
const LOWER = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte <= 0x20 || byte >= 0x7f) return 0;
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
});

let areTold = false;

/** Tells the kernels of this thread the lower case of characters of two bytes, where it hangs on no other and is none. */
export function tellKernels(): void {
  if (areTold) return;
  areTold = true;
  const { first, end } = TWO_BYTE_CHARACTERS;
  const lower = new Uint16Array(end - first);
  for (let character = first; character < end; character++) {
    const text = String.fromCharCode(character).toLowerCase();
    const isOne = text.length === 1 && text >= String.fromCharCode(first) && text < String.fromCharCode(end);
    if (isOne && character !== CAPITAL_SIGMA && !/\s/.test(text)) lower[character - first] = text.charCodeAt(0);
  }
  tellLowerCase(lower);
}

/** What a folding takes away; in every folding the dots of gmail.com's and googlemail.com's local parts. */
export interface EmailFolding {
  /** Domains whose local parts lose everything from "+" on. */
  readonly tags: "gmail" | "every";
  /** googlemail.com becomes gmail.com. */
  readonly oneGmail: boolean;
}

/** Writes addresses to the open message; the last one's place in it stays known for folding. */
export class EmailWriter {
  #start = 0;
  #at = 0;

  /**
   * Appends the plain form to the open message of `out`.
   *
   * @returns 0, or a refusal code and nothing is appended
   */
  plain(src: Uint8Array, start: number, end: number, out: Messages): number {
    const first = skipBlanks(src, start, end);
    const last = dropBlanks(src, first, end);
    if (first === last) return EMPTY;
    if (last - first > EMAIL_MAX_BYTES) return this.#byText(src, first, last, out);
    out.reserve(last - first);
    const { bytes, used } = out;
    let to = used;
    let at = -1;
    for (let i = first; i < last; i++) {
      const byte = LOWER[src[i]!]!;
      if (byte === 0) return this.#byText(src, first, last, out);
      if (byte === AT) {
        if (at >= 0) return this.#byText(src, first, last, out);
        at = to;
      }
      bytes[to++] = byte;
    }
    if (at <= used || at === to - 1) return NOT_AN_EMAIL;
    this.#start = used;
    this.#at = at;
    out.used = to;
    return 0;
  }

  #byText(src: Uint8Array, start: number, end: number, out: Messages): number {
    const text = trimmedText(src, start, end);
    if (text === undefined) return NOT_UTF8;
    if (text === "") return EMPTY;
    const lower = text.toLowerCase();
    const at = lower.indexOf("@");
    if (at <= 0 || at === lower.length - 1 || lower.indexOf("@", at + 1) >= 0 || /\s/.test(lower)) return NOT_AN_EMAIL;
    out.reserve(maxBytes(lower));
    const to = writeText(lower, out.bytes, out.used);
    if (to - out.used > EMAIL_MAX_BYTES) return EMAIL_TOO_LONG;
    this.#start = out.used;
    this.#at = out.bytes.indexOf(AT, out.used);
    out.used = to;
    return 0;
  }

  /** Whether the address that was just written is one of those that `fold` with gmail's rules may change. */
  isGmail(out: Messages): boolean {
    const { bytes, used } = out;
    return isDomain(bytes, this.#at + 1, used, GMAIL) || isDomain(bytes, this.#at + 1, used, GOOGLEMAIL);
  }

  /** Copies the address that was just written, behind itself, and folds the copy from now on. */
  copy(out: Messages): void {
    const start = this.#start;
    const length = out.used - start;
    out.append(out.bytes, start, out.used);
    this.#start = start + length;
    this.#at += length;
  }

  /**
   * Folds the address that was just written, in place. Where nothing would be left of the local part,
   * that cut is not made. Folding twice is folding once.
   *
   * @returns whether anything changed
   */
  fold(out: Messages, folding: EmailFolding): boolean {
    const { bytes } = out;
    const start = this.#start;
    const at = this.#at;
    const end = out.used;
    const isGooglemail = isDomain(bytes, at + 1, end, GOOGLEMAIL);
    const isGmail = isGooglemail || isDomain(bytes, at + 1, end, GMAIL);
    if (!isGmail && folding.tags !== "every") return false;

    const plus = indexOf(bytes, PLUS, start, at);
    let localEnd = plus > start ? plus : at;
    if (isGmail) localEnd = dropDots(bytes, start, localEnd);
    const renamed = isGooglemail && folding.oneGmail;
    if (localEnd === at && !renamed) return false;

    bytes[localEnd] = AT;
    if (renamed) {
      bytes.set(GMAIL, localEnd + 1);
      out.used = localEnd + 1 + GMAIL.length;
    } else {
      bytes.copyWithin(localEnd + 1, at + 1, end);
      out.used = localEnd + (end - at);
    }
    this.#at = localEnd;
    return true;
  }
}

function isDomain(bytes: Uint8Array, start: number, end: number, domain: Uint8Array): boolean {
  if (end - start !== domain.length) return false;
  for (let i = 0; i < domain.length; i++) if (bytes[start + i] !== domain[i]) return false;
  return true;
}

function indexOf(bytes: Uint8Array, byte: number, start: number, end: number): number {
  for (let i = start; i < end; i++) if (bytes[i] === byte) return i;
  return -1;
}

/** Takes the dots out, unless there is nothing else, and returns the new end. */
function dropDots(bytes: Uint8Array, start: number, end: number): number {
  let to = start;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte !== DOT) bytes[to++] = byte;
  }
  return to === start ? end : to;
}
