/**
 * Partition: the tokens that are asked for, in the order of the index's buckets, or nearly so, so that the probes of
 * neighbouring buckets follow each other and their waits for memory overlap (radix partition; Manegold, Boncz and Kersten,
 * "Optimizing main-memory join on modern hardware", 2002).
 */
import { ASKED_BYTES } from "./shard";

/**
 * Puts `count` tokens of 16 bytes in the order of the upper `bits` bits of their first word, as records.
 *
 * @param kinds bits of the kinds that each may be of, a byte each
 * @param ends room for 2^bits numbers: where each part ends
 */
export function partition(tokens: u32, kinds: u32, count: u32, bits: u32, ends: u32, records: u32): void {
  const shift: u64 = 32 - bits;
  const parts: u32 = 1 << bits;
  memory.fill(ends, 0, parts << 2);
  for (let i: u32 = 0; i < count; i++) {
    const part = ends + ((<u32>(<u64>load<u32>(tokens + (i << 4)) >> shift)) << 2);
    store<u32>(part, load<u32>(part) + 1);
  }
  let sum: u32 = 0;
  for (let i: u32 = 0; i < parts; i++) {
    const size = load<u32>(ends + (i << 2));
    store<u32>(ends + (i << 2), sum);
    sum += size;
  }
  for (let i: u32 = 0; i < count; i++) {
    const token = v128.load(tokens + (i << 4));
    const part = ends + ((<u32>(<u64>v128.extract_lane<u32>(token, 0) >> shift)) << 2);
    const place = load<u32>(part);
    store<u32>(part, place + 1);
    const row = (i << 8) | <u32>load<u8>(kinds + i);
    v128.store(records + place * ASKED_BYTES, v128.replace_lane<u32>(token, 3, row));
  }
}
