/** Accounts' names: 1 to 256 bytes of UTF-8 without control characters (C0, DEL, C1). */
import { isUtf8 } from "node:buffer";
import { REFUSAL } from "../input/index.js";
import { INTAKE_LIMITS } from "./limits.js";
import { INTAKE_REFUSAL } from "./refusal.js";

/** 0 if src[start, end) is an account's name, else the code of its refusal. */
export function accountRefusal(src: Uint8Array, start: number, end: number): number {
  if (end - start > INTAKE_LIMITS.accountBytes || end <= start) return INTAKE_REFUSAL.accountInvalid;
  let isAscii = true;
  for (let at = start; at < end; at++) {
    const byte = src[at]!;
    if (byte >= 0x80) isAscii = false;
    else if (byte < 0x20 || byte === 0x7f) return INTAKE_REFUSAL.accountInvalid;
  }
  if (isAscii) return 0;
  if (!isUtf8(src.subarray(start, end))) return REFUSAL.notUtf8;
  for (let at = start; at < end - 1; at++) {
    if (src[at] === 0xc2 && src[at + 1]! < 0xa0) return INTAKE_REFUSAL.accountInvalid;
  }
  return 0;
}
