/** A digest in a cell: 64 hex digits, in any case, straight from bytes. All 64 are checked, the first 32 kept. */
import { DIGEST_DIGITS, KEPT_BYTES } from "../kernel/index.js";

const NOT_HEX = -1;

const NIBBLE = new Int8Array(256).fill(NOT_HEX);
for (let i = 0; i < 16; i++) {
  const digit = i.toString(16);
  NIBBLE[digit.charCodeAt(0)] = NIBBLE[digit.toUpperCase().charCodeAt(0)] = i;
}

/**
 * Writes the first 16 bytes of the digest `src[start, start + 64)` to `out`; the caller has seen to it that
 * both have the room.
 *
 * @returns whether all 64 are hex digits; if not, what was written to `out` means nothing
 */
export function decodeDigest(src: Uint8Array, start: number, out: Uint8Array, at: number): boolean {
  let all = 0;
  let from = start;
  for (const end = at + KEPT_BYTES; at < end; at++) {
    const high = NIBBLE[src[from]!]!;
    const low = NIBBLE[src[from + 1]!]!;
    out[at] = (high << 4) | low;
    all |= high | low;
    from += 2;
  }
  for (const end = start + DIGEST_DIGITS; from < end; from += 4) {
    all |= NIBBLE[src[from]!]! | NIBBLE[src[from + 1]!]! | NIBBLE[src[from + 2]!]! | NIBBLE[src[from + 3]!]!;
  }
  return all >= 0;
}

/** Whether `src[start, end)` is hex digits only. */
export function isHex(src: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (NIBBLE[src[at]!] === NOT_HEX) return false;
  return true;
}
