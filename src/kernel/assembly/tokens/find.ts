/**
 * Find: where in a shard's blocks the entries of some ordinals are. The shard is looked through from end to end.
 */
import { blockAt, codeAt, FURTHER_BYTES, HOLE, REST_ORDINAL, restBytesOf, restsAt, strideOf } from "./shard";

/** A found entry, 12 bytes: its bucket behind the first, its slot, its ordinal. */
const FOUND_BYTES: u32 = 12;

/**
 * Looks through the blocks of `buckets` buckets.
 *
 * @param form the header of the shard, as it lies in this memory
 * @param directory of these buckets, `buckets` + 1 numbers
 * @param table open-addressed, 2^bits numbers: ordinals + 1, 0 where there is none; at least one of them 0
 * @param out room for all entries of these buckets
 * @returns number of entries found
 */
export function find(form: u32, buckets: u32, directory: u32, blocks: u32, table: u32, bits: u32, out: u32): u32 {
  const further = load<u32>(form, FURTHER_BYTES);
  const stride = strideOf(further);
  const restBytes = restBytesOf(further);
  const origin = blocks - blockAt(load<u32>(directory), 0, stride);
  const mask: u32 = (1 << bits) - 1;
  let found: u32 = 0;
  for (let bucket: u32 = 0; bucket < buckets; bucket++) {
    const start = load<u32>(directory + (bucket << 2));
    const size = load<u32>(directory + (bucket << 2), 4) - start;
    const block = origin + blockAt(start, bucket, stride);
    let rest = restsAt(block, size);
    for (let slot: u32 = 0; slot < size; slot++) {
      const ordinal = load<u32>(rest, REST_ORDINAL);
      rest += restBytes;
      let at = slotOf(ordinal, bits);
      for (;;) {
        const other = load<u32>(table + (at << 2));
        if (other === 0) break;
        if (other === ordinal + 1) {
          if (codeAt(block + size, slot) !== HOLE) {
            store<u32>(out + found * FOUND_BYTES, bucket);
            store<u32>(out + found * FOUND_BYTES, slot, 4);
            store<u32>(out + found * FOUND_BYTES, ordinal, 8);
            found++;
          }
          break;
        }
        at = (at + 1) & mask;
      }
    }
  }
  return found;
}

/** Puts `count` ordinals into a table of 2^bits numbers that are 0. */
export function tabulate(ordinals: u32, count: u32, table: u32, bits: u32): void {
  const mask: u32 = (1 << bits) - 1;
  for (let i: u32 = 0; i < count; i++) {
    const ordinal = load<u32>(ordinals + (i << 2));
    let at = slotOf(ordinal, bits);
    while (load<u32>(table + (at << 2)) !== 0) at = (at + 1) & mask;
    store<u32>(table + (at << 2), ordinal + 1);
  }
}

/** Multiplicative hashing (Knuth, vol. 3, 6.4). Ordinals are ours, not a list's. */
function slotOf(ordinal: u32, bits: u32): u32 {
  return (ordinal * 0x9e3779b1) >> (32 - bits);
}
