/**
 * Values as bytes: blanks at both ends, and the way to text for what is not plain ASCII. "Blank" is what
 * ECMAScript's trim() takes off and \s matches: Unicode's white space, line ends, and U+FEFF.
 */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();
const MAX_UTF8_BYTES_PER_UNIT = 3;

/** Whether a byte is one of the ASCII blanks: tab, line ends, space. */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** Where the value starts behind its leading ASCII blanks. */
export function skipBlanks(src: Uint8Array, start: number, end: number): number {
  while (start < end && isBlank(src[start]!)) start++;
  return start;
}

/** Where the value ends before its trailing ASCII blanks. */
export function dropBlanks(src: Uint8Array, start: number, end: number): number {
  while (end > start && isBlank(src[end - 1]!)) end--;
  return end;
}

/** The value as text without blanks at either end; undefined when it is not UTF-8. */
export function trimmedText(src: Uint8Array, start: number, end: number): string | undefined {
  try {
    return UTF8.decode(src.subarray(start, end)).trim();
  } catch {
    return undefined;
  }
}

/** The most bytes that `text` can take. */
export function maxBytes(text: string): number {
  return MAX_UTF8_BYTES_PER_UNIT * text.length;
}

/** Writes `text` to `to` from `at` on and returns where it ends; there must be room for `maxBytes(text)`. */
export function writeText(text: string, to: Uint8Array, at: number): number {
  return at + ENCODER.encodeInto(text, to.subarray(at)).written;
}

/** The bytes of `text`. */
export function textBytes(text: string): Uint8Array {
  return ENCODER.encode(text);
}
