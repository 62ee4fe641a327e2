/**
 * Sort: numbers in ascending order, a byte and a bit at a time (least significant digit first, Knuth, vol. 3, 5.2.5).
 */
const DIGIT_BITS: u32 = 11;
const DIGITS: u32 = 1 << DIGIT_BITS;

/**
 * Sorts `count` numbers; `other` is room for as many, `counts` for 2048.
 * @returns which of the two has them
 */
export function sortNumbers(numbers: u32, count: u32, other: u32, counts: u32): u32 {
  let all: u32 = 0;
  for (let i: u32 = 0; i < count; i++) all |= load<u32>(numbers + (i << 2));
  let from = numbers;
  let to = other;
  for (let shift: u32 = 0; shift < 32 && all >> shift !== 0; shift += DIGIT_BITS) {
    memory.fill(counts, 0, DIGITS << 2);
    for (let i: u32 = 0; i < count; i++) {
      const digit = counts + (((load<u32>(from + (i << 2)) >> shift) & (DIGITS - 1)) << 2);
      store<u32>(digit, load<u32>(digit) + 1);
    }
    let sum: u32 = 0;
    for (let i: u32 = 0; i < DIGITS; i++) {
      const size = load<u32>(counts + (i << 2));
      store<u32>(counts + (i << 2), sum);
      sum += size;
    }
    for (let i: u32 = 0; i < count; i++) {
      const number = load<u32>(from + (i << 2));
      const digit = counts + (((number >> shift) & (DIGITS - 1)) << 2);
      const place = load<u32>(digit);
      store<u32>(digit, place + 1);
      store<u32>(to + (place << 2), number);
    }
    const swapped = from;
    from = to;
    to = swapped;
  }
  return from;
}
