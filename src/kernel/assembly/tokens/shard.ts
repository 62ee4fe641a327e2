/**
 * The form of one shard of a frozen run of the token index (token room), as the kernels read it.
 *
 * A bucket is an upper part of the token's first word; its k entries lie together in a block: k times the first word's
 * lowest byte; k marks of four bits each; then the rest of each entry, one after the other: the token's second and third
 * word, the ordinal, and as many further bytes of the first word as the bucket does not imply. So a token that is not
 * there costs one line of the cache, and one that is there two. The directory says how many entries lie before each
 * bucket, and so where its block begins: every block may be half a byte longer than its entries.
 */

/** First bytes of a shard's memory: where its parts are. */
export const DIRECTORY: u32 = 0;
export const BLOCKS: u32 = 4;
/** Upper bits of the first word that all tokens of the shard share, and those that tell the bucket. */
export const PREFIX_BITS: u32 = 8;
export const BUCKET_BITS: u32 = 12;
/** Bytes of the first word, beside its lowest, that are kept with each entry. */
export const FURTHER_BYTES: u32 = 16;
/** What the sixteen codes of a mark stand for: schemes in the low half, tag in the high half. */
export const MARKS: u32 = 32;
/** The word of each kind, as it is mixed into the third word. */
export const KIND_WORDS: u32 = 48;

/** The code of an entry that is no more, and of one whose mark is kept elsewhere. */
export const HOLE: u32 = 0;
export const ELSEWHERE: u32 = 15;

/** In the rest of an entry: its ordinal, and the further bytes of its first word. */
export const REST_ORDINAL: u32 = 8;
export const REST_FURTHER: u32 = 12;

/** Bytes of the rest of an entry. */
export function restBytesOf(furtherBytes: u32): u32 {
  return 12 + furtherBytes;
}

/** Bytes of an entry, but for its four bits of mark. */
export function strideOf(furtherBytes: u32): u32 {
  return 1 + restBytesOf(furtherBytes);
}

/** Where the rests begin in a block of so many entries. */
export function restsAt(block: u32, entries: u32): u32 {
  return block + entries + ((entries + 1) >> 1);
}

/** The bucket of a token, by its first word; `shift` is 32 less the bits of the bucket. */
export function bucketOf(first: u32, prefixBits: u32, shift: u64): u32 {
  const own: u32 = first << prefixBits;
  return <u32>(<u64>own >> shift);
}

/** Where the block of a bucket begins, behind the first; `before` entries lie before it. */
export function blockAt(before: u32, bucket: u32, stride: u32): u32 {
  return before * stride + (before >> 1) + bucket;
}

/** The four bits of mark of a slot; they begin at `codes`. */
export function codeAt(codes: u32, slot: u32): u32 {
  return (<u32>load<u8>(codes + (slot >> 1)) >> ((slot & 1) << 2)) & 15;
}

/** The further bytes of the first word that are kept at an address, as a number. */
export function furtherAt(address: u32, bytes: u32): u32 {
  let value: u32 = 0;
  for (let i: u32 = 0; i < bytes; i++) value |= (<u32>load<u8>(address + i)) << (i << 3);
  return value;
}

/** A record of the list that is matched, 16 bytes: three words of the token; its row and, in the lowest byte, its kinds. */
export const ASKED_BYTES: u32 = 16;

/** A whole entry on its way, 20 bytes: three words of the token, ordinal, mark. */
export const ENTRY_BYTES: u32 = 20;
export const ENTRY_ORDINAL: u32 = 12;
export const ENTRY_MARK: u32 = 16;
/** The mark of an entry whose mark is kept elsewhere, until it is put in. */
export const MARK_ELSEWHERE: u32 = 256;
