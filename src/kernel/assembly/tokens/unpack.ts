/**
 * Unpack: the blocks of neighbouring buckets of a shard become entries again.
 */
import {
  BUCKET_BITS,
  blockAt,
  codeAt,
  ELSEWHERE,
  ENTRY_BYTES,
  ENTRY_MARK,
  ENTRY_ORDINAL,
  FURTHER_BYTES,
  furtherAt,
  MARK_ELSEWHERE,
  MARKS,
  PREFIX_BITS,
  REST_FURTHER,
  REST_ORDINAL,
  restBytesOf,
  restsAt,
  strideOf,
} from "./shard";

/**
 * Unpacks the `buckets` buckets from `firstBucket` on: one entry for each place, in order, those that are no more with
 * mark 0, those whose mark is kept elsewhere with MARK_ELSEWHERE.
 *
 * @param form the header of the shard, as it lies in this memory
 * @param prefix the shard's number: what all its tokens begin with
 * @param directory of these buckets, `buckets` + 1 numbers
 * @param blocks of these buckets
 * @param entries room for all of them
 */
export function unpack(
  form: u32,
  prefix: u32,
  firstBucket: u32,
  buckets: u32,
  directory: u32,
  blocks: u32,
  entries: u32,
): void {
  const bucketBits = load<u32>(form, BUCKET_BITS);
  const lowBits: u64 = 32 - load<u32>(form, PREFIX_BITS) - bucketBits;
  const lowMask = <u32>(((<u64>1) << lowBits) - 1);
  const further = load<u32>(form, FURTHER_BYTES);
  const stride = strideOf(further);
  const restBytes = restBytesOf(further);
  const origin = blocks - blockAt(load<u32>(directory), 0, stride);
  let to = entries;
  for (let bucket: u32 = 0; bucket < buckets; bucket++) {
    const start = load<u32>(directory + (bucket << 2));
    const size = load<u32>(directory + (bucket << 2), 4) - start;
    const block = origin + blockAt(start, bucket, stride);
    const rests = restsAt(block, size);
    const codes = block + size;
    const high = <u32>((((<u64>prefix) << (<u64>bucketBits)) | <u64>(firstBucket + bucket)) << lowBits);
    for (let slot: u32 = 0; slot < size; slot++) {
      const rest = rests + slot * restBytes;
      const low = <u32>load<u8>(block + slot) | (furtherAt(rest + REST_FURTHER, further) << 8);
      store<u32>(to, high | (low & lowMask));
      store<u64>(to, load<u64>(rest), 4);
      store<u32>(to, load<u32>(rest, REST_ORDINAL), ENTRY_ORDINAL);
      const code = codeAt(codes, slot);
      store<u32>(to, code === ELSEWHERE ? MARK_ELSEWHERE : <u32>load<u8>(form + MARKS + code), ENTRY_MARK);
      to += ENTRY_BYTES;
    }
  }
}
