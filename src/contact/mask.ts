/**
 * Masks: what people may read of a contact, made of its plain form: `a••@e••.com`, `+1 ••• ••42`, and of any other kind
 * its first character. A mask tells its owner which contact is meant, and nobody else what it is.
 */
import type { KindCode } from "./kind.js";
import type { Messages } from "./messages.js";
import { CALLING_CODE_DIGITS } from "./phone-plan.js";
import { textBytes } from "./text.js";

const AT = 0x40;
const DOT = 0x2e;
const ZERO = 0x30;
const HIDDEN = textBytes("••");
const PHONE_MIDDLE = textBytes(" ••• ••");
/** Last digits of a phone that are shown. */
const PHONE_SHOWN_DIGITS = 2;

/** Appends the mask of the plain form `value[start..end)` as a message of its own. */
export function writeMask(kind: KindCode, value: Uint8Array, start: number, end: number, out: Messages): void {
  if (kind === 0) writeEmailMask(value, start, end, out);
  else if (kind === 1) writePhoneMask(value, start, end, out);
  else writeFirst(value, start, end, out);
  out.end();
}

function writeEmailMask(value: Uint8Array, start: number, end: number, out: Messages): void {
  const at = value.indexOf(AT, start);
  writeFirst(value, start, at, out);
  out.append(value, at, at + 1);
  writeFirst(value, at + 1, end, out);
  const dot = value.subarray(0, end).lastIndexOf(DOT);
  if (dot > at + 1) out.append(value, dot, end);
}

/** Of a plus sign and digits. */
function writePhoneMask(value: Uint8Array, start: number, end: number, out: Messages): void {
  const digits = start + 1;
  const firstThree = [0, 1, 2].reduce((number, i) => 10 * number + (value[digits + i] ?? ZERO) - ZERO, 0);
  out.append(value, start, digits + (CALLING_CODE_DIGITS[firstThree] ?? 0));
  out.append(PHONE_MIDDLE);
  out.append(value, end - PHONE_SHOWN_DIGITS, end);
}

/** The first character, and that there may be more. */
function writeFirst(value: Uint8Array, start: number, end: number, out: Messages): void {
  let next = start + 1;
  while (next < end && (value[next]! & 0xc0) === 0x80) next++;
  out.append(value, start, next);
  out.append(HIDDEN);
}
