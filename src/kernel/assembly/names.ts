/**
 * A set of names that is looked up by bytes (contact-turn.ts makes its table): a word that is the number of slots less one;
 * the slots, of three words each: where a name is behind the table's start, its bytes, 0 where the slot is free, and its
 * number; then the names.
 */
const SLOTS: u32 = 4;
const SLOT_BYTES: u32 = 12;

/** Number of the name from..to, or -1. */
export function findName(table: u32, from: u32, to: u32): i32 {
  const mask = load<u32>(table);
  const length = to - from;
  let slot = hash(from, to) & mask;
  let at = table + SLOTS + slot * SLOT_BYTES;
  while (load<u32>(at, 4) !== 0) {
    if (load<u32>(at, 4) === length && memory.compare(table + load<u32>(at), from, length) === 0)
      return load<u32>(at, 8);
    slot = (slot + 1) & mask;
    at = table + SLOTS + slot * SLOT_BYTES;
  }
  return -1;
}

/** FNV-1a, 32 bits. */
function hash(from: u32, to: u32): u32 {
  let sum: u32 = 0x811c9dc5;
  for (let at = from; at < to; at++) sum = (sum ^ load<u8>(at)) * 0x01000193;
  return sum ^ (sum >> 15);
}
