/** Masks of contacts, of their plain forms: what people may read of them (contact room, mask.ts). */
import { copied } from "./copy";
import { codeDigitsOf } from "./phone";

const EMAIL: u32 = 0;
const PHONE: u32 = 1;
const DOT: u8 = 0x2e;
const AT: u8 = 0x40;
/** "••", and " ••• ••". */
const HIDDEN = memory.data<u8>([0xe2, 0x80, 0xa2, 0xe2, 0x80, 0xa2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const HIDDEN_BYTES: u32 = 6;
const PHONE_MIDDLE = memory.data<u8>([
  0x20, 0xe2, 0x80, 0xa2, 0xe2, 0x80, 0xa2, 0xe2, 0x80, 0xa2, 0x20, 0xe2, 0x80, 0xa2, 0xe2, 0x80, 0xa2, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const PHONE_MIDDLE_BYTES: u32 = 17;
const PHONE_SHOWN_DIGITS: u32 = 2;

/** Writes the mask of the plain form value..end; `at` is where its "@" is. @returns where the mask ends */
export function maskContact(kind: u32, value: u32, at: u32, end: u32, out: u32): u32 {
  if (kind === EMAIL) return maskEmail(value, at, end, out);
  return kind === PHONE ? maskPhone(value, end, out) : maskRest(value, end, out);
}

function maskEmail(value: u32, at: u32, end: u32, out: u32): u32 {
  let to = maskRest(value, at, out);
  store<u8>(to++, AT);
  to = maskRest(at + 1, end, to);
  let dot = end - 1;
  while (dot > at + 1 && load<u8>(dot) !== DOT) dot--;
  return dot > at + 1 ? copied(dot, end, to) : to;
}

/** Of a plus sign and digits. */
function maskPhone(value: u32, end: u32, out: u32): u32 {
  const digits = value + 1;
  const to = copied(value, digits + codeDigitsOf(digits), out);
  const hidden = copied(<u32>PHONE_MIDDLE, <u32>PHONE_MIDDLE + PHONE_MIDDLE_BYTES, to);
  return copied(end - PHONE_SHOWN_DIGITS, end, hidden);
}

/** The first character, and that there may be more. */
function maskRest(value: u32, end: u32, out: u32): u32 {
  let next = value + 1;
  while (next < end && (load<u8>(next) & 0xc0) === 0x80) next++;
  return copied(<u32>HIDDEN, <u32>HIDDEN + HIDDEN_BYTES, copied(value, next, out));
}
