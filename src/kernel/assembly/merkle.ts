/**
 * Hashes of Merkle trees as RFC 6962, section 2.1, has them, four at a time: of short salted entries, and of nodes.
 *
 * The blocks are put together here, so that nobody copies byte by byte outside; of a node's two blocks the second
 * is one byte and padding.
 */
import { beginAll, blockOf, compress, finishLane, finishLanes, LANES, makeReady, pad, takeBlocks } from "./sha256";

const SALT_BYTES: u32 = 16;
const HASH_BYTES: u32 = 32;
const BLOCK_BYTES: u32 = 64;
const LEAF_PREFIX: u8 = 0;
const NODE_PREFIX: u8 = 1;
const CLOSING_BIT: u8 = 0x80;

/** An entry that is put together, and room to run over it. */
const ENTRY = memory.data(80, 16);
/** The second blocks of four nodes: of each, all but its first byte is the same for all nodes. */
const NODE_ENDS = memory.data(4 * 64, 16);

/**
 * Hashes `count` entries: 0x00, the salt of 16 bytes at `salts + 16 * i`, the fact of `stride` bytes (at most 38) at
 * `facts + stride * i`. Digest i goes to `output + 32 * i`.
 */
export function merkleEntries(salts: u32, facts: u32, stride: u32, count: u32, output: u32): void {
  makeReady();
  const length = 1 + SALT_BYTES + stride;
  store<u8>(ENTRY, LEAF_PREFIX);
  for (let first: u32 = 0; first < count; first += LANES) {
    const lanes = min<u32>(LANES, count - first);
    beginAll();
    for (let lane: u32 = 0; lane < lanes; lane++) {
      const fact = facts + (first + lane) * stride;
      v128.store(ENTRY + 1, v128.load(salts + (first + lane) * SALT_BYTES));
      v128.store(ENTRY + 17, v128.load(fact));
      v128.store(ENTRY + 33, v128.load(fact + 16));
      v128.store(ENTRY + 49, v128.load(fact + 32));
      pad(blockOf(lane), <u32>ENTRY, length);
    }
    compress();
    finish(lanes, output + first * HASH_BYTES);
  }
  // What was hashed may be a person's: no copy stays behind.
  memory.fill(ENTRY, 0, 80);
  memory.fill(blockOf(0), 0, LANES * BLOCK_BYTES);
}

/** Hashes `count` nodes: 0x01 and the two digests at `input + 64 * i`. Digest i goes to `output + 32 * i`. */
export function merkleNodes(input: u32, count: u32, output: u32): void {
  for (let lane: u32 = 0; lane < LANES; lane++) {
    const block = NODE_ENDS + lane * BLOCK_BYTES;
    store<u8>(block + 1, CLOSING_BIT);
    store<u64>(block, bswap<u64>((<u64>(1 + BLOCK_BYTES)) << 3), 56);
  }
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
      store<u8>(NODE_ENDS + lane * BLOCK_BYTES, load<u8>(pair + BLOCK_BYTES - 1));
    }
    compress();
    takeBlocks(<u32>NODE_ENDS);
    compress();
    finish(lanes, output + first * HASH_BYTES);
  }
}

/** Writes the digests of some lanes. */
function finish(lanes: u32, output: u32): void {
  if (lanes === LANES) finishLanes(output);
  else for (let lane: u32 = 0; lane < lanes; lane++) finishLane(lane, output + lane * HASH_BYTES);
}
