/**
 * Hashes of Merkle trees as RFC 6962, section 2.1, has them, four at a time: of short salted entries, and of nodes.
 *
 * The blocks are put together here, so that nobody copies byte by byte outside; of a node's two blocks the second
 * is one byte and padding.
 */
import { beginAll, blockOf, compress, finishLane, LANES } from "./sha256";

const SALT_BYTES: u32 = 16;
const HASH_BYTES: u32 = 32;
const BLOCK_BYTES: u32 = 64;
const LEAF_PREFIX: u8 = 0;
const NODE_PREFIX: u8 = 1;
const CLOSING_BIT: u8 = 0x80;

/**
 * Hashes `count` entries: 0x00, the salt of 16 bytes at `salts + 16 * i`, the fact of `stride` bytes (at most 38) at
 * `facts + stride * i`. Digest i goes to `output + 32 * i`.
 */
export function merkleEntries(salts: u32, facts: u32, stride: u32, count: u32, output: u32): void {
  const length = 1 + SALT_BYTES + stride;
  for (let first: u32 = 0; first < count; first += LANES) {
    const lanes = min<u32>(LANES, count - first);
    beginAll();
    for (let lane: u32 = 0; lane < lanes; lane++) {
      const block = blockOf(lane);
      memory.fill(block, 0, BLOCK_BYTES);
      store<u8>(block, LEAF_PREFIX);
      v128.store(block + 1, v128.load(salts + (first + lane) * SALT_BYTES));
      memory.copy(block + 1 + SALT_BYTES, facts + (first + lane) * stride, stride);
      store<u8>(block + length, CLOSING_BIT);
      store<u64>(block, bswap<u64>((<u64>length) << 3), 56);
    }
    compress();
    for (let lane: u32 = 0; lane < lanes; lane++) finishLane(lane, output + (first + lane) * HASH_BYTES);
  }
  wipe();
}

/** Hashes `count` nodes: 0x01 and the two digests at `input + 64 * i`. Digest i goes to `output + 32 * i`. */
export function merkleNodes(input: u32, count: u32, output: u32): void {
  for (let first: u32 = 0; first < count; first += LANES) {
    const lanes = min<u32>(LANES, count - first);
    beginAll();
    for (let lane: u32 = 0; lane < lanes; lane++) {
      const block = blockOf(lane);
      const pair = input + (first + lane) * BLOCK_BYTES;
      store<u8>(block, NODE_PREFIX);
      v128.store(block + 1, v128.load(pair));
      v128.store(block + 17, v128.load(pair + 16));
      v128.store(block + 33, v128.load(pair + 32));
      // Its last byte runs over into the block behind, which is written after this one.
      v128.store(block + 49, v128.load(pair + 48));
    }
    compress();
    for (let lane: u32 = 0; lane < lanes; lane++) {
      const block = blockOf(lane);
      memory.fill(block, 0, BLOCK_BYTES);
      store<u8>(block, load<u8>(input + (first + lane) * BLOCK_BYTES + BLOCK_BYTES - 1));
      store<u8>(block + 1, CLOSING_BIT);
      store<u64>(block, bswap<u64>((<u64>(1 + BLOCK_BYTES)) << 3), 56);
    }
    compress();
    for (let lane: u32 = 0; lane < lanes; lane++) finishLane(lane, output + (first + lane) * HASH_BYTES);
  }
}

/** What was hashed may be a person's: no copy stays behind. */
function wipe(): void {
  for (let lane: u32 = 0; lane < LANES; lane++) memory.fill(blockOf(lane), 0, BLOCK_BYTES);
}
