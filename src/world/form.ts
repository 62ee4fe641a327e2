/**
 * The normal forms of the sample world's values, as a plain reading of the platforms' rules, and a table
 * of the forms that lists name.
 *
 * On purpose not the contact room's normaliser: the world's truth is what that one is held against. It
 * knows only values that this room writes.
 */
import type { Bytes } from "./bytes.js";
import { EMAIL, EXTERNAL_ID, HANDLE, MAID, PHONE, USER_ID } from "./values.js";

export const schemeNames = ["plain", "x", "meta", "google"] as const;
export type SchemeName = (typeof schemeNames)[number];

const isBlank = (byte: number): boolean => byte === 32 || byte === 9;

/** Appends the form of a well-formed value under `scheme`. */
export function writeForm(out: Bytes, kind: number, scheme: SchemeName, raw: Uint8Array): void {
  out.need(raw.length);
  let from = 0;
  let to = raw.length;
  while (from < to && isBlank(raw[from]!)) from++;
  while (from < to && isBlank(raw[to - 1]!)) to--;
  const start = out.length;
  switch (kind) {
    case EMAIL:
      out.put(raw, from, to);
      lower(out.bytes, start, out.length);
      if (scheme === "google") foldGmail(out, start);
      break;
    case PHONE:
      if (scheme !== "meta") out.byte(43);
      for (let i = from; i < to; i++) if (raw[i]! >= 48 && raw[i]! <= 57) out.byte(raw[i]!);
      break;
    case HANDLE:
      out.put(raw, raw[from] === 64 ? from + 1 : from, to);
      lower(out.bytes, start, out.length);
      break;
    case MAID:
      out.put(raw, from, to);
      lower(out.bytes, start, out.length);
      break;
    case USER_ID:
    case EXTERNAL_ID:
      out.put(raw, from, to);
      break;
  }
}

/** Lower case of ASCII and of the two-byte letters of Latin-1, in place. */
function lower(bytes: Uint8Array, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (byte >= 65 && byte <= 90) bytes[i] = byte + 32;
    else if (i > from && bytes[i - 1] === 0xc3 && byte >= 0x80 && byte <= 0x9e && byte !== 0x97) bytes[i] = byte + 32;
  }
}

/** For gmail.com and googlemail.com: dots out of the local part, tag off; the domain stays as it is. */
function foldGmail(out: Bytes, start: number): void {
  const { bytes } = out;
  const at = bytes.lastIndexOf(64, out.length - 1);
  if (!isGmailDomain(bytes, at + 1, out.length)) return;
  let to = start;
  for (let i = start; i < at && bytes[i] !== 43; i++) if (bytes[i] !== 46) bytes[to++] = bytes[i]!;
  bytes.copyWithin(to, at, out.length);
  out.length -= at - to;
}

function isGmailDomain(bytes: Uint8Array, from: number, to: number): boolean {
  const name = to - from === 9 ? "gmail.com" : to - from === 14 ? "googlemail.com" : "";
  if (name === "") return false;
  for (let i = 0; i < name.length; i++) if (bytes[from + i] !== name.charCodeAt(i)) return false;
  return true;
}

/** How many lists a table can tell apart: a bit each. */
export const MAX_LISTS = 31;

/**
 * Which lists name a form. Holds 64 bits of a mix of (kind, form) and never the form; two forms that fall
 * together have a chance of about 1 in 10^7 in the largest world.
 */
export class FormTable {
  #low = new Uint32Array(1 << 12);
  #high = new Uint32Array(1 << 12);
  #lists = new Int32Array(1 << 12);
  #entries = 0;
  #mixLow = 0;
  #mixHigh = 0;

  add(kind: number, form: Uint8Array, listBit: number): void {
    if (this.#entries * 2 >= this.#low.length) this.#grow();
    this.#mix(kind, form);
    const at = this.#slot();
    if (this.#lists[at] === 0) {
      this.#low[at] = this.#mixLow;
      this.#high[at] = this.#mixHigh;
      this.#entries++;
    }
    this.#lists[at]! |= listBit;
  }

  /** The lists that name the form, a bit each. */
  lists(kind: number, form: Uint8Array): number {
    this.#mix(kind, form);
    return this.#lists[this.#slot()]!;
  }

  #mix(kind: number, form: Uint8Array): void {
    let low = Math.imul(0x811c9dc5 ^ kind, 0x01000193);
    let high = Math.imul(0x9747b28c ^ kind, 0x5bd1e995);
    for (let i = 0; i < form.length; i++) {
      const byte = form[i]!;
      low = Math.imul(low ^ byte, 0x01000193);
      high = Math.imul(high ^ byte, 0x5bd1e995);
      high ^= high >>> 15;
    }
    low = Math.imul(low ^ (low >>> 15), 0x2c1b3c6d);
    this.#mixLow = (low ^ (low >>> 12)) >>> 0;
    this.#mixHigh = high >>> 0;
  }

  #slot(): number {
    const mask = this.#low.length - 1;
    let at = (this.#mixLow ^ Math.imul(this.#mixHigh, 0x9e3779b1)) & mask;
    while (this.#lists[at] !== 0 && (this.#low[at] !== this.#mixLow || this.#high[at] !== this.#mixHigh))
      at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const [low, high, lists] = [this.#low, this.#high, this.#lists];
    this.#low = new Uint32Array(low.length * 2);
    this.#high = new Uint32Array(low.length * 2);
    this.#lists = new Int32Array(low.length * 2);
    for (let i = 0; i < low.length; i++) {
      if (lists[i] === 0) continue;
      this.#mixLow = low[i]!;
      this.#mixHigh = high[i]!;
      const at = this.#slot();
      this.#low[at] = low[i]!;
      this.#high[at] = high[i]!;
      this.#lists[at] = lists[i]!;
    }
  }
}
