/**
 * Arrange: entries of a batch, as the columns of its rows come, become whole entries in the order of their ranges.
 */
import { ENTRY_BYTES, ENTRY_MARK, ENTRY_ORDINAL } from "./shard";

const TOKEN_BYTES: u32 = 16;

/**
 * Makes an entry of each row.
 *
 * @param tokens 16 bytes each, of which twelve count
 * @param kinds code of each one's kind, whose word is mixed into the token's third
 * @param kindWords a word for each code
 */
export function compose(
  tokens: u32,
  ordinals: u32,
  marks: u32,
  kinds: u32,
  count: u32,
  kindWords: u32,
  entries: u32,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const token = tokens + i * TOKEN_BYTES;
    const entry = entries + i * ENTRY_BYTES;
    store<u64>(entry, load<u64>(token));
    store<u32>(entry, load<u32>(token, 8) ^ load<u32>(kindWords + ((<u32>load<u8>(kinds + i)) << 2)), 8);
    store<u32>(entry, load<u32>(ordinals + (i << 2)), ENTRY_ORDINAL);
    store<u32>(entry, <u32>load<u8>(marks + i), ENTRY_MARK);
  }
}

/**
 * Puts entries in the order of the upper `bits` bits of their first word.
 *
 * @param ends room for 2^bits numbers: where each range ends
 * @param arranged room for as many entries
 */
export function arrange(entries: u32, count: u32, bits: u32, ends: u32, arranged: u32): void {
  const shift: u64 = 32 - bits;
  const ranges: u32 = 1 << bits;
  memory.fill(ends, 0, ranges << 2);
  for (let i: u32 = 0; i < count; i++) {
    const end = endOf(ends, entries + i * ENTRY_BYTES, shift);
    store<u32>(end, load<u32>(end) + 1);
  }
  let sum: u32 = 0;
  for (let i: u32 = 0; i < ranges; i++) {
    const size = load<u32>(ends + (i << 2));
    store<u32>(ends + (i << 2), sum);
    sum += size;
  }
  for (let i: u32 = 0; i < count; i++) {
    const entry = entries + i * ENTRY_BYTES;
    const end = endOf(ends, entry, shift);
    const place = load<u32>(end);
    store<u32>(end, place + 1);
    const to = arranged + place * ENTRY_BYTES;
    v128.store(to, v128.load(entry));
    store<u32>(to, load<u32>(entry, ENTRY_MARK), ENTRY_MARK);
  }
}

/** Address of the end of an entry's range. */
function endOf(ends: u32, entry: u32, shift: u64): u32 {
  const first: u32 = load<u32>(entry);
  return ends + ((<u32>(<u64>first >> shift)) << 2);
}
