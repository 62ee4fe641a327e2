/** Blanks of ASCII at both ends of a value. */
function isBlank(byte: u8): bool {
  return byte === 0x20 || byte - 9 < 5;
}

/** Where the value starts behind its leading blanks. */
export function skipBlanks(from: u32, to: u32): u32 {
  while (from < to && isBlank(load<u8>(from))) from++;
  return from;
}

/** Where the value ends before its trailing blanks. */
export function dropBlanks(from: u32, to: u32): u32 {
  while (from < to && isBlank(load<u8>(to - 1))) to--;
  return to;
}
