/**
 * Pack: entries become the blocks of neighbouring buckets of a shard.
 */
import {
  BUCKET_BITS,
  blockAt,
  bucketOf,
  ELSEWHERE,
  ENTRY_BYTES,
  ENTRY_MARK,
  ENTRY_ORDINAL,
  FURTHER_BYTES,
  PREFIX_BITS,
  REST_FURTHER,
  REST_ORDINAL,
  restBytesOf,
  restsAt,
  strideOf,
} from "./shard";

/** An entry whose mark is kept elsewhere, 8 bytes: its place in the shard, its mark. */
const ODD_BYTES: u32 = 8;

/**
 * Packs `count` entries of the `buckets` buckets from `firstBucket` on; entries without a scheme are left out.
 *
 * @param form the header of the shard, as it lies in this memory
 * @param before entries of the shard before these
 * @param codes the code of each of the 256 marks
 * @param directory room for `buckets` + 1 numbers; gets how many entries of the shard lie before each bucket
 * @param places room for `buckets` numbers
 * @param blocks where the blocks go, the first of them to this address
 * @param odd room for `count` entries whose mark is kept elsewhere
 * @returns how many of these there are
 */
export function pack(
  form: u32,
  entries: u32,
  count: u32,
  firstBucket: u32,
  buckets: u32,
  before: u32,
  codes: u32,
  directory: u32,
  places: u32,
  blocks: u32,
  odd: u32,
): u32 {
  const prefixBits = load<u32>(form, PREFIX_BITS);
  const shift: u64 = 32 - load<u32>(form, BUCKET_BITS);
  const further = load<u32>(form, FURTHER_BYTES);
  const stride = strideOf(further);
  const restBytes = restBytesOf(further);
  memory.fill(places, 0, buckets << 2);
  for (let i: u32 = 0; i < count; i++) {
    const entry = entries + i * ENTRY_BYTES;
    if (load<u32>(entry, ENTRY_MARK) === 0) continue;
    const place = places + ((bucketOf(load<u32>(entry), prefixBits, shift) - firstBucket) << 2);
    store<u32>(place, load<u32>(place) + 1);
  }
  let sum = before;
  for (let bucket: u32 = 0; bucket < buckets; bucket++) {
    store<u32>(directory + (bucket << 2), sum);
    sum += load<u32>(places + (bucket << 2));
    store<u32>(places + (bucket << 2), 0);
  }
  store<u32>(directory + (buckets << 2), sum);
  const origin = blocks - blockAt(before, 0, stride);
  memory.fill(blocks, 0, blockAt(sum, buckets, stride) - blockAt(before, 0, stride));

  let odds: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const entry = entries + i * ENTRY_BYTES;
    const mark = load<u32>(entry, ENTRY_MARK);
    if (mark === 0) continue;
    const first = load<u32>(entry);
    const bucket = bucketOf(first, prefixBits, shift) - firstBucket;
    const start = load<u32>(directory + (bucket << 2));
    const size = load<u32>(directory + (bucket << 2), 4) - start;
    const slot = load<u32>(places + (bucket << 2));
    store<u32>(places + (bucket << 2), slot + 1);
    const block = origin + blockAt(start, bucket, stride);
    store<u8>(block + slot, <u8>first);
    const code = <u32>load<u8>(codes + mark);
    const codeByte = block + size + (slot >> 1);
    store<u8>(codeByte, load<u8>(codeByte) | <u8>(code << ((slot & 1) << 2)));
    const rest = restsAt(block, size) + slot * restBytes;
    store<u64>(rest, load<u64>(entry, 4));
    store<u32>(rest, load<u32>(entry, ENTRY_ORDINAL), REST_ORDINAL);
    for (let b: u32 = 0; b < further; b++) store<u8>(rest + b, <u8>(first >> ((b + 1) << 3)), REST_FURTHER);
    if (code === ELSEWHERE) {
      store<u32>(odd + odds * ODD_BYTES, start + slot);
      store<u32>(odd + odds * ODD_BYTES, mark, 4);
      odds++;
    }
  }
  return odds;
}
