/**
 * SHA-256 (FIPS 180-4) of many messages, four at a time in the lanes of 128-bit vectors.
 *
 * A lane holds one message; each turn compresses one block in all four lanes, and a lane whose message
 * ended takes the next one. So messages of different lengths mix without sorting, and only the last
 * three of a batch may leave lanes idle. Reads up to 63 bytes past a message's end (and masks them off):
 * the caller keeps that much room behind the input. Not constant time in the messages' lengths.
 */

export const LANES: u32 = 4;
const BLOCK_BYTES: u32 = 64;
/** A last block with more message bytes than this has no room for the length, and another one follows. */
const LAST_BLOCK_ROOM: u32 = 55;

const ROUND_CONSTANTS = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);

/** Eight state words, each as a vector of the four lanes. */
const STATE = memory.data(8 * 16, 16);
/** The 64 words of the message schedule, each as a vector of the four lanes. */
const SCHEDULE = memory.data(64 * 16, 16);
/** One padded block per lane, and room to run over the last one. */
const PADDED = memory.data(4 * 64 + 16, 16);
/** 64 bytes of ones, then 64 of zeros: 64 bytes read at `64 - n` keep the first n bytes of a block. */
const KEEP = memory.data(128, 16);
/** A single 0x80 at 64: 64 bytes read at `64 - n` put the closing bit behind n bytes. */
const CLOSING_BIT = memory.data(128, 16);

/** Per lane: message number, next byte, bytes left, length in bytes, and what is still to come. */
const LANE_MESSAGE = memory.data(4 * 4, 16);
const LANE_NEXT = memory.data(4 * 4, 16);
const LANE_LEFT = memory.data(4 * 4, 16);
const LANE_LENGTH = memory.data(4 * 4, 16);
const LANE_PHASE = memory.data(4 * 4, 16);
/** Where each lane's block of this turn is. */
const LANE_BLOCK = memory.data(4 * 4, 16);

/** The lane has no message. */
const IDLE: u32 = 0;
/** Message bytes are still to come, or at least the closing bit. */
const BODY: u32 = 1;
/** Only the length is still to come. */
const LENGTH: u32 = 2;
/** This turn's block is the message's last. */
const LAST: u32 = 3;

let isReady: bool = false;

/**
 * Hashes `count` messages. Message i is the bytes from `ends[i - 1]` (`origin` for the first) to
 * `ends[i]`, where offset `origin` is at address `input`; its 32 digest bytes go to `output + 32 * i`.
 */
export function sha256Messages(input: u32, origin: u32, ends: u32, count: u32, output: u32): void {
  hashAll(input, origin, ends, count, output, 0);
}

/** As `sha256Messages`, but only the first 16 bytes of digest i are kept, at `output + 16 * slots[i]`. */
export function sha256Slots(input: u32, ends: u32, count: u32, output: u32, slots: u32): void {
  hashAll(input, 0, ends, count, output, slots);
}

/** Compresses the blocks of one long message into its chaining value, the eight words at `state`; one lane works. */
export function sha256Blocks(state: usize, input: u32, blocks: u32): void {
  for (let i: usize = 0; i < 8; i++) store<u32>(STATE + (i << 4), load<u32>(state + (i << 2)));
  for (let block: u32 = 0; block < blocks; block++) {
    for (let lane: u32 = 0; lane < LANES; lane++) setLaneWord(LANE_BLOCK, lane, input + block * BLOCK_BYTES);
    compress();
  }
  for (let i: usize = 0; i < 8; i++) store<u32>(state + (i << 2), load<u32>(STATE + (i << 4)));
  memory.fill(SCHEDULE, 0, 64 * 16);
}

/** Four short messages at a time are one block each; where one is longer, lanes take blocks as they need them. */
function hashAll(input: u32, origin: u32, ends: u32, count: u32, output: u32, slots: u32): void {
  makeReady();
  const base = input - origin;
  let start = origin;
  let message: u32 = 0;
  while (message < count) {
    if (message + LANES <= count) {
      const end0 = load<u32>(ends + (message << 2));
      const end1 = load<u32>(ends + (message << 2), 4);
      const end2 = load<u32>(ends + (message << 2), 8);
      const end3 = load<u32>(ends + (message << 2), 12);
      const longest = max(max(end0 - start, end1 - end0), max(end2 - end1, end3 - end2));
      if (longest <= LAST_BLOCK_ROOM) {
        beginAll();
        pad(blockOf(0), base + start, end0 - start);
        pad(blockOf(1), base + end0, end1 - end0);
        pad(blockOf(2), base + end1, end2 - end1);
        pad(blockOf(3), base + end2, end3 - end2);
        compress();
        finishAll(message, output, slots);
        message += LANES;
        start = end3;
        continue;
      }
    }
    // Longer ones go together, so that lanes are idle at the end only.
    const first = message;
    const from = start;
    do {
      const group = min(LANES, count - message);
      message += group;
      start = load<u32>(ends + (message << 2) - 4);
    } while (message < count && load<u32>(ends + (message << 2)) - start > LAST_BLOCK_ROOM);
    hash(base, from, ends, first, message, output, slots);
  }
  // What was hashed may be a person's: no copy stays behind.
  memory.fill(PADDED, 0, LANES * BLOCK_BYTES);
  memory.fill(SCHEDULE, 0, 64 * 16);
}

/** Makes the tables that `pad` reads; to be called before it. */
export function makeReady(): void {
  if (isReady) return;
  memory.fill(KEEP, 0xff, 64);
  store<u8>(CLOSING_BIT + 64, 0x80);
  isReady = true;
}

/** A message that fits one block, padded. */
export function pad(block: usize, source: u32, length: u32): void {
  const keep = KEEP + 64 - length;
  const bit = CLOSING_BIT + 64 - length;
  for (let i: u32 = 0; i < BLOCK_BYTES; i += 16) {
    const kept = v128.and(v128.load(source + i), v128.load(keep + i));
    v128.store(block + i, v128.or(kept, v128.load(bit + i)));
  }
  store<u64>(block, bswap<u64>((<u64>length) << 3), 56);
}

/** Writes the digests of four messages whose last blocks were compressed. */
function finishAll(message: u32, output: u32, slots: u32): void {
  if (slots === 0) {
    finishLanes(output + (message << 5));
    return;
  }
  const slot = slots + (message << 2);
  const first = output + (load<u32>(slot) << 4);
  const second = output + (load<u32>(slot, 4) << 4);
  finishHalves(STATE, first, second, output + (load<u32>(slot, 8) << 4), output + (load<u32>(slot, 12) << 4));
}

/** Writes the digests of all lanes one after the other. */
export function finishLanes(output: u32): void {
  finishHalves(STATE, output, output + 32, output + 64, output + 96);
  finishHalves(STATE + 64, output + 16, output + 48, output + 80, output + 112);
}

/** Writes four words of each lane's digest, from those at `state` on. */
function finishHalves(state: usize, out0: u32, out1: u32, out2: u32, out3: u32): void {
  const a = v128.load(state, 0);
  const b = v128.load(state, 16);
  const c = v128.load(state, 32);
  const d = v128.load(state, 48);
  const low01 = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
  const low23 = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
  const high01 = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
  const high23 = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
  v128.store(out0, swapped(v128.shuffle<u64>(low01, low23, 0, 2)));
  v128.store(out1, swapped(v128.shuffle<u64>(low01, low23, 1, 3)));
  v128.store(out2, swapped(v128.shuffle<u64>(high01, high23, 0, 2)));
  v128.store(out3, swapped(v128.shuffle<u64>(high01, high23, 1, 3)));
}

/** Hashes the messages from `first` to before `last`; `start` is where the first one starts. */
function hash(base: u32, start: u32, ends: u32, first: u32, last: u32, output: u32, slots: u32): void {
  let next = first;
  let busy: u32 = 0;
  for (let lane: u32 = 0; lane < LANES; lane++) {
    setLaneWord(LANE_PHASE, lane, IDLE);
    setLaneWord(LANE_BLOCK, lane, blockOf(lane));
    if (next < last) {
      start = begin(lane, next, base, start, ends);
      next++;
      busy++;
    }
  }
  while (busy > 0) {
    for (let lane: u32 = 0; lane < LANES; lane++) feed(lane);
    compress();
    for (let lane: u32 = 0; lane < LANES; lane++) {
      if (laneWord(LANE_PHASE, lane) !== LAST) continue;
      finish(lane, output, slots);
      if (next < last) {
        start = begin(lane, next, base, start, ends);
        next++;
      } else {
        setLaneWord(LANE_PHASE, lane, IDLE);
        busy--;
      }
    }
  }
}

function laneWord(table: usize, lane: u32): u32 {
  return load<u32>(table + (lane << 2));
}

function setLaneWord(table: usize, lane: u32, value: u32): void {
  store<u32>(table + (lane << 2), value);
}

/** Gives a lane its next message, and returns where the one after it starts. */
function begin(lane: u32, message: u32, base: u32, start: u32, ends: u32): u32 {
  const end = load<u32>(ends + (message << 2));
  setLaneWord(LANE_MESSAGE, lane, message);
  setLaneWord(LANE_NEXT, lane, base + start);
  setLaneWord(LANE_LEFT, lane, end - start);
  setLaneWord(LANE_LENGTH, lane, end - start);
  setLaneWord(LANE_PHASE, lane, BODY);
  resetState(lane);
  return end;
}

function resetState(lane: u32): void {
  const state = STATE + (lane << 2);
  store<u32>(state, 0x6a09e667, 0);
  store<u32>(state, 0xbb67ae85, 16);
  store<u32>(state, 0x3c6ef372, 32);
  store<u32>(state, 0xa54ff53a, 48);
  store<u32>(state, 0x510e527f, 64);
  store<u32>(state, 0x9b05688c, 80);
  store<u32>(state, 0x1f83d9ab, 96);
  store<u32>(state, 0x5be0cd19, 112);
}

/** Puts the lane's next block in place: whole ones where they lie, the padded ones in the lane's own block. */
function feed(lane: u32): void {
  const phase = laneWord(LANE_PHASE, lane);
  if (phase === IDLE) return;
  const padded: usize = blockOf(lane);
  if (phase === BODY) {
    const source = laneWord(LANE_NEXT, lane);
    const left = laneWord(LANE_LEFT, lane);
    if (left >= BLOCK_BYTES) {
      setLaneWord(LANE_BLOCK, lane, source);
      setLaneWord(LANE_NEXT, lane, source + BLOCK_BYTES);
      setLaneWord(LANE_LEFT, lane, left - BLOCK_BYTES);
      return;
    }
    const keep = KEEP + 64 - left;
    const bit = CLOSING_BIT + 64 - left;
    for (let i: u32 = 0; i < BLOCK_BYTES; i += 16) {
      const kept = v128.and(v128.load(source + i), v128.load(keep + i));
      v128.store(padded + i, v128.or(kept, v128.load(bit + i)));
    }
    if (left > LAST_BLOCK_ROOM) {
      setLaneWord(LANE_PHASE, lane, LENGTH);
      setLaneWord(LANE_BLOCK, lane, <u32>padded);
      return;
    }
  } else {
    memory.fill(padded, 0, 56);
  }
  store<u64>(padded, bswap<u64>((<u64>laneWord(LANE_LENGTH, lane)) << 3), 56);
  setLaneWord(LANE_BLOCK, lane, <u32>padded);
  setLaneWord(LANE_PHASE, lane, LAST);
}

function finish(lane: u32, output: u32, slots: u32): void {
  const message = laneWord(LANE_MESSAGE, lane);
  if (slots === 0) finishLane(lane, output + (message << 5));
  else finishHalf(lane, output + (load<u32>(slots + (message << 2)) << 4));
}

/** Begins a message in every lane, whose blocks the caller puts where `blockOf` says. */
export function beginAll(): void {
  takeBlocks(<u32>PADDED);
  v128.store(STATE, i32x4.splat(0x6a09e667), 0);
  v128.store(STATE, i32x4.splat(0xbb67ae85), 16);
  v128.store(STATE, i32x4.splat(0x3c6ef372), 32);
  v128.store(STATE, i32x4.splat(0xa54ff53a), 48);
  v128.store(STATE, i32x4.splat(0x510e527f), 64);
  v128.store(STATE, i32x4.splat(0x9b05688c), 80);
  v128.store(STATE, i32x4.splat(0x1f83d9ab), 96);
  v128.store(STATE, i32x4.splat(0x5be0cd19), 112);
}

/** Has the lanes' next blocks taken from four that lie one after the other. */
export function takeBlocks(blocks: u32): void {
  for (let lane: u32 = 0; lane < LANES; lane++) setLaneWord(LANE_BLOCK, lane, blocks + lane * BLOCK_BYTES);
}

/** Address of a lane's own block. */
export function blockOf(lane: u32): u32 {
  return <u32>PADDED + lane * BLOCK_BYTES;
}

/** Writes the digest of a lane whose last block was compressed. */
export function finishLane(lane: u32, digest: u32): void {
  finishHalf(lane, digest);
  const state = STATE + (lane << 2);
  store<u32>(digest, bswap<u32>(load<u32>(state, 64)), 16);
  store<u32>(digest, bswap<u32>(load<u32>(state, 80)), 20);
  store<u32>(digest, bswap<u32>(load<u32>(state, 96)), 24);
  store<u32>(digest, bswap<u32>(load<u32>(state, 112)), 28);
}

function finishHalf(lane: u32, digest: u32): void {
  const state = STATE + (lane << 2);
  store<u32>(digest, bswap<u32>(load<u32>(state, 0)), 0);
  store<u32>(digest, bswap<u32>(load<u32>(state, 16)), 4);
  store<u32>(digest, bswap<u32>(load<u32>(state, 32)), 8);
  store<u32>(digest, bswap<u32>(load<u32>(state, 48)), 12);
}

/** Loads 16 bytes as four big-endian words. */
function words(address: usize): v128 {
  return swapped(v128.load(address));
}

/** The bytes of each of four words the other way round. */
function swapped(bytes: v128): v128 {
  return v128.shuffle<u8>(bytes, bytes, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

function rotr(x: v128, n: i32): v128 {
  return v128.or(v128.shr<u32>(x, n), v128.shl<u32>(x, 32 - n));
}

function add(a: v128, b: v128): v128 {
  return v128.add<u32>(a, b);
}

function bigSigma0(x: v128): v128 {
  return v128.xor(v128.xor(rotr(x, 2), rotr(x, 13)), rotr(x, 22));
}

function bigSigma1(x: v128): v128 {
  return v128.xor(v128.xor(rotr(x, 6), rotr(x, 11)), rotr(x, 25));
}

function smallSigma0(x: v128): v128 {
  return v128.xor(v128.xor(rotr(x, 7), rotr(x, 18)), v128.shr<u32>(x, 3));
}

function smallSigma1(x: v128): v128 {
  return v128.xor(v128.xor(rotr(x, 17), rotr(x, 19)), v128.shr<u32>(x, 10));
}

/** The first of a round's two sums: h + Σ1(e) + Ch(e, f, g) + K + W. */
function sum1(round: usize, e: v128, f: v128, g: v128, h: v128): v128 {
  const choice = v128.xor(g, v128.and(e, v128.xor(f, g)));
  const input = add(v128.load(SCHEDULE + (round << 4)), v128.load_splat<u32>(ROUND_CONSTANTS + (round << 2)));
  return add(add(add(h, input), choice), bigSigma1(e));
}

/** The second: Σ0(a) + Maj(a, b, c). */
function sum2(a: v128, b: v128, c: v128): v128 {
  const majority = v128.xor(b, v128.and(v128.xor(a, b), v128.xor(b, c)));
  return add(bigSigma0(a), majority);
}

/** One block in each lane. */
export function compress(): void {
  const block0: usize = laneWord(LANE_BLOCK, 0);
  const block1: usize = laneWord(LANE_BLOCK, 1);
  const block2: usize = laneWord(LANE_BLOCK, 2);
  const block3: usize = laneWord(LANE_BLOCK, 3);
  for (let i: usize = 0; i < BLOCK_BYTES; i += 16) {
    const r0 = words(block0 + i);
    const r1 = words(block1 + i);
    const r2 = words(block2 + i);
    const r3 = words(block3 + i);
    const low01 = v128.shuffle<u32>(r0, r1, 0, 4, 1, 5);
    const low23 = v128.shuffle<u32>(r2, r3, 0, 4, 1, 5);
    const high01 = v128.shuffle<u32>(r0, r1, 2, 6, 3, 7);
    const high23 = v128.shuffle<u32>(r2, r3, 2, 6, 3, 7);
    const to = SCHEDULE + (i << 2);
    v128.store(to, v128.shuffle<u64>(low01, low23, 0, 2), 0);
    v128.store(to, v128.shuffle<u64>(low01, low23, 1, 3), 16);
    v128.store(to, v128.shuffle<u64>(high01, high23, 0, 2), 32);
    v128.store(to, v128.shuffle<u64>(high01, high23, 1, 3), 48);
  }
  for (let i: usize = 16; i < 64; i += 2) {
    const w = SCHEDULE + (i << 4);
    const even = add(
      add(v128.load(w - 16 * 16), smallSigma0(v128.load(w - 15 * 16))),
      add(v128.load(w - 7 * 16), smallSigma1(v128.load(w - 2 * 16))),
    );
    const odd = add(
      add(v128.load(w - 15 * 16), smallSigma0(v128.load(w - 14 * 16))),
      add(v128.load(w - 6 * 16), smallSigma1(v128.load(w - 16))),
    );
    v128.store(w, even, 0);
    v128.store(w, odd, 16);
  }
  let a = v128.load(STATE, 0);
  let b = v128.load(STATE, 16);
  let c = v128.load(STATE, 32);
  let d = v128.load(STATE, 48);
  let e = v128.load(STATE, 64);
  let f = v128.load(STATE, 80);
  let g = v128.load(STATE, 96);
  let h = v128.load(STATE, 112);
  for (let i: usize = 0; i < 64; i += 8) {
    let t = sum1(i, e, f, g, h);
    d = add(d, t);
    h = add(t, sum2(a, b, c));
    t = sum1(i + 1, d, e, f, g);
    c = add(c, t);
    g = add(t, sum2(h, a, b));
    t = sum1(i + 2, c, d, e, f);
    b = add(b, t);
    f = add(t, sum2(g, h, a));
    t = sum1(i + 3, b, c, d, e);
    a = add(a, t);
    e = add(t, sum2(f, g, h));
    t = sum1(i + 4, a, b, c, d);
    h = add(h, t);
    d = add(t, sum2(e, f, g));
    t = sum1(i + 5, h, a, b, c);
    g = add(g, t);
    c = add(t, sum2(d, e, f));
    t = sum1(i + 6, g, h, a, b);
    f = add(f, t);
    b = add(t, sum2(c, d, e));
    t = sum1(i + 7, f, g, h, a);
    e = add(e, t);
    a = add(t, sum2(b, c, d));
  }
  v128.store(STATE, add(a, v128.load(STATE, 0)), 0);
  v128.store(STATE, add(b, v128.load(STATE, 16)), 16);
  v128.store(STATE, add(c, v128.load(STATE, 32)), 32);
  v128.store(STATE, add(d, v128.load(STATE, 48)), 48);
  v128.store(STATE, add(e, v128.load(STATE, 64)), 64);
  v128.store(STATE, add(f, v128.load(STATE, 80)), 80);
  v128.store(STATE, add(g, v128.load(STATE, 96)), 96);
  v128.store(STATE, add(h, v128.load(STATE, 112)), 112);
}
