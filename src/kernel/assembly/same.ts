/** Whether so many bytes, one at least, are the same at both addresses. Reads up to 16 bytes past them. */
export function areSame(a: u32, b: u32, length: u32): bool {
  let at: u32 = 0;
  for (; length - at > 16; at += 16) {
    if (equal(a + at, b + at) !== 0xffff) return false;
  }
  const all = ((<u32>1) << (length - at)) - 1;
  return (equal(a + at, b + at) & all) === all;
}

function equal(a: u32, b: u32): u32 {
  return i8x16.bitmask(i8x16.eq(v128.load(a), v128.load(b)));
}
