/**
 * SHA-256 of many short messages at once (the kernel beside, four lanes of WASM SIMD).
 *
 * For batches of identifiers, tree leaves and nodes. A batch passes through the kernels' arena in slices,
 * so memory stays bounded whatever its size. A message too long for lanes to pay goes to the runtime's
 * own hash if it is Node's. Equal to node:crypto for every length (tests); not constant time in the messages' lengths.
 */
import { KernelError } from "./error.js";
import { ARENA_START, kernelModule, nodeModule } from "./wasm.js";

export const DIGEST_BYTES = 32;

/** From here on one native hash is faster than a lane (its fixed cost is about a microsecond). */
const LONG_MESSAGE_BYTES = 4096;
const SLICE_INPUT_BYTES = 512 * 1024;
const SLICE_MESSAGES = 16 * 1024;
/** The kernel reads up to 63 bytes past the input. */
const OVERREAD_BYTES = 64;

const BLOCK_BYTES = 64;
const LENGTH_BYTES = 8;
const INITIAL_STATE = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
] as const;

const INPUT = ARENA_START;
const ENDS = INPUT + SLICE_INPUT_BYTES + OVERREAD_BYTES;
const OUTPUT = ENDS + 4 * SLICE_MESSAGES;

/**
 * Hashes `count` messages that lie one after the other: message i is `input[ends[i - 1] ?? 0 .. ends[i])`,
 * its digest the 32 bytes of `out` from `32 * i` on.
 *
 * Cost: on one thread about 9 million messages of up to 55 bytes a second, half of that from 56 to 119.
 * @throws {KernelError} code `batch-malformed` when `ends` falls, or `input`, `ends` or `out` is too short
 * @example sha256Batch(bytes, Uint32Array.of(3, 6), 2, digests); // of bytes 0-2 and 3-5
 */
export function sha256Batch(input: Uint8Array, ends: Uint32Array, count: number, out: Uint8Array): void {
  if (count > ends.length || count * DIGEST_BYTES > out.length || (count > 0 && ends[count - 1]! > input.length)) {
    throw new KernelError("batch-malformed", "a batch's input, ends or output is shorter than its messages");
  }
  const { kernels, memory } = kernelModule();
  const arena = new Uint8Array(memory);
  let first = 0;
  let origin = 0;
  while (first < count) {
    // A slice: as many messages as fit, up to the next long one.
    let last = first;
    let end = origin;
    const stop = Math.min(count, first + SLICE_MESSAGES);
    while (last < stop) {
      const next = ends[last]!;
      if (next < end) throw new KernelError("batch-malformed", "the ends of a batch's messages fall");
      if (next - end >= LONG_MESSAGE_BYTES || next - origin > SLICE_INPUT_BYTES) break;
      end = next;
      last++;
    }
    if (last > first) {
      arena.set(input.subarray(origin, end), INPUT);
      new Uint32Array(memory, ENDS, SLICE_MESSAGES).set(ends.subarray(first, last));
      kernels.sha256Messages(INPUT, origin, ENDS, last - first, OUTPUT);
      out.set(arena.subarray(OUTPUT, OUTPUT + (last - first) * DIGEST_BYTES), first * DIGEST_BYTES);
      arena.fill(0, INPUT, INPUT + end - origin);
    }
    if (last < count && ends[last]! - end >= LONG_MESSAGE_BYTES) {
      const long = ends[last]!;
      out.set(longDigest(input.subarray(end, long)), last * DIGEST_BYTES);
      end = long;
      last++;
    }
    first = last;
    origin = end;
  }
}

function longDigest(message: Uint8Array): Uint8Array {
  const crypto = nodeModule("node:crypto");
  return crypto === undefined ? sha256Long(message) : crypto.createHash("sha256").update(message).digest();
}

/** The digest of one message, of any length, where the runtime has no hash of its own that would be called like this. */
export function sha256Long(message: Uint8Array): Uint8Array {
  const { kernels, memory } = kernelModule();
  const arena = new Uint8Array(memory);
  const state = new Uint32Array(memory, OUTPUT, INITIAL_STATE.length);
  state.set(INITIAL_STATE);
  const compress = (bytes: Uint8Array) => {
    arena.set(bytes, INPUT);
    kernels.sha256Blocks(OUTPUT, INPUT, bytes.length / BLOCK_BYTES);
    arena.fill(0, INPUT, INPUT + bytes.length);
  };
  const { length } = message;
  const whole = length - (length % BLOCK_BYTES);
  for (let from = 0; from < whole; from += SLICE_INPUT_BYTES) {
    compress(message.subarray(from, Math.min(whole, from + SLICE_INPUT_BYTES)));
  }
  // The rest, a closing bit, and the length in bits in the last eight bytes.
  const rest = new Uint8Array(length - whole < BLOCK_BYTES - LENGTH_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES);
  rest.set(message.subarray(whole));
  rest[length - whole] = 0x80;
  new DataView(rest.buffer).setBigUint64(rest.length - LENGTH_BYTES, 8n * BigInt(length));
  compress(rest);
  rest.fill(0);
  const digest = new DataView(new ArrayBuffer(DIGEST_BYTES));
  state.forEach((word, i) => void digest.setUint32(4 * i, word));
  return new Uint8Array(digest.buffer);
}
