/**
 * Ordinals in ascending order, by radix: a set takes them two to three times as fast as they come from an index.
 */
const DIGIT_BITS = 11;
const BUCKETS = 2 ** DIGIT_BITS;
const DIGIT = BUCKETS - 1;
/** Fewer than that the runtime sorts as fast. */
const FEW = 4096;

/** @returns `ordinals` themselves where they are in order already, else a copy; repeats are kept */
export function sorted(ordinals: Uint32Array): Uint32Array {
  let isSorted = true;
  let last = 0;
  for (let i = 0; i < ordinals.length; i++) {
    if (ordinals[i]! < last) isSorted = false;
    else last = ordinals[i]!;
  }
  if (isSorted) return ordinals;
  if (ordinals.length < FEW) return ordinals.slice().sort();
  let from: Uint32Array = ordinals;
  let [to, spare] = [new Uint32Array(ordinals.length), new Uint32Array(ordinals.length)];
  const places = new Uint32Array(BUCKETS);
  for (let shift = 0; shift < 32 && (shift === 0 || last >>> shift > 0); shift += DIGIT_BITS) {
    places.fill(0);
    for (let i = 0; i < from.length; i++) places[(from[i]! >>> shift) & DIGIT]!++;
    let place = 0;
    for (let digit = 0; digit < BUCKETS; digit++) {
      const count = places[digit]!;
      places[digit] = place;
      place += count;
    }
    for (let i = 0; i < from.length; i++) {
      const ordinal = from[i]!;
      to[places[(ordinal >>> shift) & DIGIT]!++] = ordinal;
    }
    from = to;
    [to, spare] = [spare, to];
  }
  return from;
}

/** @param ordinals ascending @returns `ordinals` themselves where none comes twice, else a copy without repeats */
export function distinct(ordinals: Uint32Array): Uint32Array {
  let repeats = 0;
  for (let i = 1; i < ordinals.length; i++) if (ordinals[i] === ordinals[i - 1]) repeats++;
  if (repeats === 0) return ordinals;
  const once = new Uint32Array(ordinals.length - repeats);
  let count = 0;
  for (let i = 0; i < ordinals.length; i++)
    if (i === 0 || ordinals[i] !== ordinals[i - 1]) once[count++] = ordinals[i]!;
  return once;
}
