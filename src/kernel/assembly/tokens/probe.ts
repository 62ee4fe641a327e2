/**
 * Probe: which entries of a shard have a token that is asked for.
 *
 * A token that is not there costs a look at the directory and one at the lowest bytes of its bucket, compared sixteen at a
 * time. The steps of some tokens are taken together, each step for all of them, so that the waits for memory overlap.
 */
import {
  ASKED_BYTES,
  BLOCKS,
  BUCKET_BITS,
  blockAt,
  bucketOf,
  codeAt,
  DIRECTORY,
  ELSEWHERE,
  FURTHER_BYTES,
  furtherAt,
  HOLE,
  KIND_WORDS,
  MARKS,
  PREFIX_BITS,
  REST_FURTHER,
  REST_ORDINAL,
  restBytesOf,
  restsAt,
  strideOf,
} from "./shard";

/** Tokens that take their steps together. */
const GROUP: u32 = 128;
const KINDS: u32 = 6;
/** A hit, 12 bytes: ordinal, row, place of the entry with its code of mark in the upper four bits. */
const HIT_BYTES: u32 = 12;
const CODE_SHIFT: u32 = 28;
const NONE: u32 = 0xffffffff;

/** What the caller gives room for, at `state`: where the next call goes on (record, slot), then the steps of a group. */
const NEXT_RECORD: u32 = 0;
const NEXT_SLOT: u32 = 4;
const BLOCK: u32 = 16;
const COUNT: u32 = BLOCK + 4 * GROUP;
const BEFORE: u32 = COUNT + 4 * GROUP;
const FOUND: u32 = BEFORE + 4 * GROUP;
const LIST: u32 = FOUND + 4 * GROUP;
const FIRST_SECOND: u32 = LIST + 4 * GROUP;

/**
 * Looks for the tokens of `count` records, from those that `state` says on.
 *
 * @param schemes mask of the schemes whose forms count
 * @param many a token with so many entries is not answered again when it is asked for next
 * @param out room for `room` hits
 * @returns number of hits; when `state`'s record is less than `count` afterwards, there may be more
 */
export function probe(records: u32, count: u32, schemes: u32, many: u32, state: u32, out: u32, room: u32): u32 {
  const directory = load<u32>(DIRECTORY);
  const blocks = load<u32>(BLOCKS);
  const prefixBits = load<u32>(PREFIX_BITS);
  const shift: u64 = 32 - load<u32>(BUCKET_BITS);
  const further = load<u32>(FURTHER_BYTES);
  const stride = strideOf(further);
  const restBytes = restBytesOf(further);
  const furtherMask: u32 = further === 0 ? 0 : 0xffffffff >> ((4 - further) << 3);
  let fromSlot = load<u32>(state, NEXT_SLOT);
  let hits: u32 = 0;
  let lastMany = NONE;

  for (let first = load<u32>(state, NEXT_RECORD); first < count; first += GROUP) {
    const size = min<u32>(GROUP, count - first);
    const group = records + first * ASKED_BYTES;
    for (let i: u32 = 0; i < size; i++) {
      const word = load<u32>(group + i * ASKED_BYTES);
      const bucket = bucketOf(word, prefixBits, shift);
      const before = load<u32>(directory + (bucket << 2));
      store<u32>(state + (i << 2), blocks + blockAt(before, bucket, stride), BLOCK);
      store<u32>(state + (i << 2), before, BEFORE);
      store<u32>(state + (i << 2), load<u32>(directory + (bucket << 2), 4) - before, COUNT);
    }
    for (let i: u32 = 0; i < size; i++) {
      const low = load<u8>(group + i * ASKED_BYTES);
      const found = lowest(load<u32>(state + (i << 2), BLOCK), low, load<u32>(state + (i << 2), COUNT));
      store<u32>(state + (i << 2), found, FOUND);
    }
    let candidates: u32 = 0;
    for (let i: u32 = 0; i < size; i++) {
      store<u32>(state + (candidates << 2), i, LIST);
      const isMaybe = load<u32>(state + (i << 2), FOUND) !== 0 || load<u32>(state + (i << 2), COUNT) > 16;
      candidates += <u32>isMaybe;
    }
    for (let c: u32 = 0; c < candidates; c++) {
      const i = load<u32>(state + (c << 2), LIST);
      const rests = restsAt(load<u32>(state + (i << 2), BLOCK), load<u32>(state + (i << 2), COUNT));
      const slot = ctz<u32>(load<u32>(state + (i << 2), FOUND)) & 15;
      store<u32>(state + (c << 2), load<u32>(rests + slot * restBytes), FIRST_SECOND);
    }
    for (let c: u32 = 0; c < candidates; c++) {
      const i = load<u32>(state + (c << 2), LIST);
      const record = group + i * ASKED_BYTES;
      const entries = load<u32>(state + (i << 2), COUNT);
      let found = load<u32>(state + (i << 2), FOUND);
      const second = load<u32>(record, 4);
      if (entries <= 16 && (found & (found - 1)) === 0 && load<u32>(state + (c << 2), FIRST_SECOND) !== second)
        continue;
      if (lastMany !== NONE && isSame(record, records + lastMany * ASKED_BYTES)) continue;
      const third = load<u32>(record, 8);
      const row = load<u32>(record, 12);
      const block = load<u32>(state + (i << 2), BLOCK);
      const codes = block + entries;
      const rests = restsAt(block, entries);
      const own = (load<u32>(record) >> 8) & furtherMask;
      const hitsBefore = hits;
      for (let base: u32 = 0; ; ) {
        while (found !== 0) {
          const slot = base + ctz<u32>(found);
          found &= found - 1;
          if (slot < fromSlot) continue;
          const rest = rests + slot * restBytes;
          if (load<u32>(rest) !== second || !isOfKind(load<u32>(rest, 4) ^ third, row)) continue;
          if (further !== 0 && furtherAt(rest + REST_FURTHER, further) !== own) continue;
          const code = codeAt(codes, slot);
          if (code === HOLE || (code !== ELSEWHERE && (<u32>load<u8>(MARKS + code) & schemes) === 0)) continue;
          if (hits === room) {
            store<u32>(state, first + i, NEXT_RECORD);
            store<u32>(state, slot, NEXT_SLOT);
            return hits;
          }
          const hit = out + hits * HIT_BYTES;
          store<u32>(hit, load<u32>(rest, REST_ORDINAL));
          store<u32>(hit, row >> 8, 4);
          store<u32>(hit, (load<u32>(state + (i << 2), BEFORE) + slot) | (code << CODE_SHIFT), 8);
          hits++;
        }
        base += 16;
        if (base >= entries) break;
        found = lowest(block + base, <u8>load<u8>(record), entries - base);
      }
      fromSlot = 0;
      if (hits - hitsBefore >= many) lastMany = first + i;
    }
    fromSlot = 0;
  }
  store<u32>(state, count, NEXT_RECORD);
  store<u32>(state, 0, NEXT_SLOT);
  return hits;
}

/** Bits of those of the first sixteen of `count` bytes that are `low`. */
function lowest(address: u32, low: u8, count: u32): u32 {
  const same = <u32>i8x16.bitmask(i8x16.eq(v128.load(address), i8x16.splat(low)));
  return count >= 16 ? same : same & (((<u32>1) << count) - 1);
}

/** Whether what is mixed into a third word is the word of a kind that the record may be of. */
function isOfKind(word: u32, kinds: u32): bool {
  for (let kind: u32 = 0; kind < KINDS; kind++) {
    if (load<u32>(KIND_WORDS + (kind << 2)) === word) return (kinds & (1 << kind)) !== 0;
  }
  return false;
}

function isSame(one: u32, other: u32): bool {
  return (
    load<u64>(one) === load<u64>(other) &&
    load<u32>(one, 8) === load<u32>(other, 8) &&
    load<u8>(one, 12) === load<u8>(other, 12)
  );
}
