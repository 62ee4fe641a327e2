/**
 * Ordinals in ascending order, none twice (radix sort from the lowest digit on), and memory that is overwritten at once:
 * of memory that threads share, JavaScript's own `fill` writes byte by byte.
 */
const MAX_DIGIT_BITS: u32 = 11;

/**
 * @param spare room for as many ordinals
 * @param places room for 2^11 numbers
 * @returns how many there are without repeats; they are at `ordinals`
 */
export function ascend(ordinals: u32, count: u32, spare: u32, places: u32): u32 {
  let from = ordinals;
  let to = spare;
  const bits: u32 = 32 - clz<u32>(anyBits(ordinals, count));
  const passes: u32 = (bits + MAX_DIGIT_BITS - 1) / MAX_DIGIT_BITS;
  const digitBits: u32 = passes === 0 ? 0 : (bits + passes - 1) / passes;
  const mask = ((<u32>1) << digitBits) - 1;
  for (let pass: u32 = 0; pass < passes; pass++) {
    const shift = pass * digitBits;
    memory.fill(places, 0, 4 << digitBits);
    for (let i: u32 = 0; i < count; i++) {
      const place = places + (((load<u32>(from + (i << 2)) >> shift) & mask) << 2);
      store<u32>(place, load<u32>(place) + 1);
    }
    let next = to;
    for (let digit: u32 = 0; digit <= mask; digit++) {
      const size = load<u32>(places + (digit << 2));
      store<u32>(places + (digit << 2), next);
      next += size << 2;
    }
    for (let i: u32 = 0; i < count; i++) {
      const ordinal = load<u32>(from + (i << 2));
      const place = places + (((ordinal >> shift) & mask) << 2);
      const address = load<u32>(place);
      store<u32>(address, ordinal);
      store<u32>(place, address + 4);
    }
    to = from;
    from = ordinals + spare - to;
  }
  return withoutRepeats(from, count, ordinals);
}

/** Bits that any of the ordinals has. */
function anyBits(ordinals: u32, count: u32): u32 {
  let bits: u32 = 0;
  for (let i: u32 = 0; i < count; i++) bits |= load<u32>(ordinals + (i << 2));
  return bits;
}

/** Copies what is in order, which may lie at `to` itself. @returns how many there are */
function withoutRepeats(from: u32, count: u32, to: u32): u32 {
  if (count === 0) return 0;
  let last = load<u32>(from);
  let out = to;
  store<u32>(out, last);
  for (let i: u32 = 1; i < count; i++) {
    const ordinal = load<u32>(from + (i << 2));
    out += u32(ordinal !== last) << 2;
    store<u32>(out, ordinal);
    last = ordinal;
  }
  return ((out - to) >> 2) + 1;
}

/** Overwrites so many bytes. */
export function wipe(address: u32, bytes: u32): void {
  memory.fill(address, 0, bytes);
}
