/**
 * Hashes of Merkle trees (RFC 6962, section 2.1) by the kernel beside: of short salted entries, and of nodes.
 *
 * Equal to the runtime's own hash of the same bytes (tests). Memory stays bounded whatever the number.
 */
import { KernelError } from "./error.js";
import { DIGEST_BYTES } from "./sha256.js";
import { ARENA_START, kernelModule } from "./wasm.js";

/** The longest fact that fits one block with its prefix and its salt. */
export const MAX_SHORT_FACT_BYTES = 38;

const SALT_BYTES = 16;
const SLICE = 8 * 1024;
/** Entries are read a vector at a time, up to this far past the end. */
const OVERREAD_BYTES = 64;

/**
 * The hash of each entry 0x00 ‖ salt ‖ fact.
 *
 * @param salts 16 bytes each
 * @param facts `stride` bytes each, at most 38
 * @param out 32 bytes each
 * @throws {KernelError} code `batch-malformed`
 */
export function merkleEntries(
  salts: Uint8Array,
  facts: Uint8Array,
  stride: number,
  count: number,
  out: Uint8Array,
): void {
  const isWhole = salts.length >= count * SALT_BYTES && facts.length >= count * stride;
  if (!isWhole || out.length < count * DIGEST_BYTES || stride > MAX_SHORT_FACT_BYTES) {
    throw new KernelError("batch-malformed", "a batch's salts, facts or output is shorter than its entries");
  }
  const { kernels, memory } = kernelModule();
  const arena = new Uint8Array(memory);
  const factsAt = ARENA_START + SLICE * SALT_BYTES + OVERREAD_BYTES;
  const outAt = factsAt + SLICE * MAX_SHORT_FACT_BYTES + OVERREAD_BYTES;
  for (let first = 0; first < count; first += SLICE) {
    const size = Math.min(SLICE, count - first);
    arena.set(salts.subarray(first * SALT_BYTES, (first + size) * SALT_BYTES), ARENA_START);
    arena.set(facts.subarray(first * stride, (first + size) * stride), factsAt);
    kernels.merkleEntries(ARENA_START, factsAt, stride, size, outAt);
    out.set(arena.subarray(outAt, outAt + size * DIGEST_BYTES), first * DIGEST_BYTES);
    arena.fill(0, factsAt, factsAt + size * stride);
  }
}

/**
 * The hash of each node 0x01 ‖ left ‖ right.
 *
 * @param hashes 32 bytes each, two a node
 * @param out 32 bytes each; may be `hashes` itself
 * @throws {KernelError} code `batch-malformed`
 */
export function merkleNodes(hashes: Uint8Array, count: number, out: Uint8Array): void {
  if (hashes.length < 2 * count * DIGEST_BYTES || out.length < count * DIGEST_BYTES) {
    throw new KernelError("batch-malformed", "a batch's hashes or output is shorter than its nodes");
  }
  const { kernels, memory } = kernelModule();
  const arena = new Uint8Array(memory);
  const outAt = ARENA_START + SLICE * 2 * DIGEST_BYTES;
  for (let first = 0; first < count; first += SLICE) {
    const size = Math.min(SLICE, count - first);
    arena.set(hashes.subarray(first * 2 * DIGEST_BYTES, (first + size) * 2 * DIGEST_BYTES), ARENA_START);
    kernels.merkleNodes(ARENA_START, size, outAt);
    out.set(arena.subarray(outAt, outAt + size * DIGEST_BYTES), first * DIGEST_BYTES);
  }
}
