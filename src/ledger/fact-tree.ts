/**
 * The tree of the facts of one leaf: the Merkle tree hash of RFC 6962, section 2.1, over salted facts.
 *
 * A fact's entry is its own salt (16 random bytes) followed by its bytes. While the salt is there, a fact can be
 * shown to be under the root; once the salt is destroyed, the root tells nothing of the fact, however few values
 * it could have had, and its siblings can still be shown. The tree works through typed arrays in blocks that
 * stay in the cache; no object per fact.
 */
import { randomFillSync } from "node:crypto";
import { MAX_SHORT_FACT_BYTES, merkleEntries, merkleNodes, sha256Batch } from "../kernel/index.js";
import { LedgerError } from "./error.js";

export const SALT_BYTES = 16;
export const HASH_BYTES = 32;
/** Facts of one leaf; their salts are 1 GiB. */
export const MAX_FACTS_PER_LEAF = 1 << 26;
/** One fact's bytes. */
export const MAX_FACT_BYTES = 16 * 1024 * 1024;

const LEAF_PREFIX = 0x00;
/** Facts of one complete subtree; a power of two, so that subtrees join into the same tree. */
const BLOCK_FACTS = 1 << 13;
const BLOCK_INPUT_BYTES = 1 << 20;
/** Up to here a plain loop copies faster than the runtime's call. */
const LOOPED_BYTES = 256;
/** The most that one call of the runtime's random source fills. */
const MAX_RANDOM_BYTES = 1 << 30;

/** Fresh salts for `count` facts, 16 bytes each, one after the other. */
export function newSalts(count: number): Uint8Array {
  checkCount(count);
  const salts = new Uint8Array(count * SALT_BYTES);
  for (let at = 0; at < salts.length; at += MAX_RANDOM_BYTES) {
    randomFillSync(salts, at, Math.min(MAX_RANDOM_BYTES, salts.length - at));
  }
  return salts;
}

/**
 * The root over `count` facts. Of no facts it is the hash of nothing, as the RFC has it.
 *
 * @param salts 16 bytes a fact
 * @param facts the facts' bytes, one after the other
 * @param ends where each fact ends in `facts`, or the bytes of each when all have one length
 * @returns 32 bytes
 * @throws {LedgerError} codes `malformed-facts`, `too-many-facts`, `fact-too-long`
 * @example factRoot(newSalts(2), bytes, Uint32Array.of(3, 8), 2); // of bytes 0-2 and 3-7
 */
export function factRoot(salts: Uint8Array, facts: Uint8Array, ends: Uint32Array | number, count: number): Uint8Array {
  checkCount(count);
  checkFacts(salts, facts, ends, count);
  if (typeof ends === "number" && ends <= MAX_SHORT_FACT_BYTES) {
    const hashes = new Uint8Array(count * HASH_BYTES);
    merkleEntries(salts, facts, ends, count, hashes);
    return rootInPlace(hashes, count);
  }
  const subtrees = new Uint8Array(Math.ceil(count / BLOCK_FACTS) * HASH_BYTES);
  const hashes = new Uint8Array(Math.min(count, BLOCK_FACTS) * HASH_BYTES);
  const entries = new Entries(
    Math.min(BLOCK_INPUT_BYTES, count * (1 + SALT_BYTES) + facts.length),
    Math.min(BLOCK_FACTS, count),
  );
  for (let first = 0, block = 0; first < count; first += BLOCK_FACTS, block++) {
    const size = Math.min(BLOCK_FACTS, count - first);
    entries.hash(salts, facts, ends, first, size, hashes);
    subtrees.set(rootInPlace(hashes, size), block * HASH_BYTES);
  }
  return rootInPlace(subtrees, Math.ceil(count / BLOCK_FACTS));
}

/**
 * The hash of each fact's entry, before they are joined.
 *
 * @param width bytes of each fact
 * @param out 32 bytes each
 * @throws {LedgerError} codes as of `factRoot`
 */
export function entryHashes(salts: Uint8Array, facts: Uint8Array, width: number, count: number, out: Uint8Array): void {
  checkCount(count);
  checkFacts(salts, facts, width, count);
  if (width <= MAX_SHORT_FACT_BYTES) {
    merkleEntries(salts, facts, width, count, out);
    return;
  }
  const block = Math.min(BLOCK_FACTS, count);
  const entries = new Entries(Math.min(BLOCK_INPUT_BYTES, block * (1 + SALT_BYTES + width)), block);
  for (let first = 0; first < count; first += BLOCK_FACTS) {
    entries.hash(salts, facts, width, first, Math.min(BLOCK_FACTS, count - first), out.subarray(first * HASH_BYTES));
  }
}

/** Hashes that lead from one entry's hash to the root, the lowest first (RFC 6962, section 2.1.1). */
export function entryPath(hashes: Uint8Array, count: number, item: number): Uint8Array[] {
  const path: Uint8Array[] = [];
  const level = hashes.slice(0, count * HASH_BYTES);
  for (let [width, at] = [count, item]; width > 1; width = (width + 1) >> 1, at >>= 1) {
    const sibling = at ^ 1;
    if (sibling < width) path.push(level.slice(sibling * HASH_BYTES, (sibling + 1) * HASH_BYTES));
    const pairs = width >> 1;
    merkleNodes(level, pairs, level);
    if (width % 2 === 1) level.copyWithin(pairs * HASH_BYTES, (width - 1) * HASH_BYTES, width * HASH_BYTES);
  }
  return path;
}

/** Hashes entries block by block, in memory that it keeps from one to the next. */
class Entries {
  #input: Uint8Array;
  readonly #ends: Uint32Array;

  constructor(inputBytes: number, blockFacts: number) {
    this.#input = new Uint8Array(inputBytes);
    this.#ends = new Uint32Array(blockFacts);
  }

  hash(
    salts: Uint8Array,
    facts: Uint8Array,
    ends: Uint32Array | number,
    first: number,
    size: number,
    out: Uint8Array,
  ): void {
    let waiting = 0;
    let length = 0;
    for (let i = first; i < first + size; i++) {
      const start = typeof ends === "number" ? i * ends : i === 0 ? 0 : ends[i - 1]!;
      const end = typeof ends === "number" ? start + ends : ends[i]!;
      const entryBytes = 1 + SALT_BYTES + end - start;
      if (length + entryBytes > this.#input.length && waiting > 0) {
        sha256Batch(this.#input, this.#ends, waiting, out.subarray((i - first - waiting) * HASH_BYTES));
        waiting = 0;
        length = 0;
      }
      if (entryBytes > this.#input.length) this.#input = new Uint8Array(entryBytes);
      const input = this.#input;
      input[length++] = LEAF_PREFIX;
      for (let at = i * SALT_BYTES, to = at + SALT_BYTES; at < to; at++) input[length++] = salts[at]!;
      if (end - start <= LOOPED_BYTES) for (let at = start; at < end; at++) input[length++] = facts[at]!;
      else {
        input.set(facts.subarray(start, end), length);
        length += end - start;
      }
      this.#ends[waiting++] = length;
    }
    sha256Batch(this.#input, this.#ends, waiting, out.subarray((size - waiting) * HASH_BYTES));
  }
}

/**
 * The root over leaf hashes (32 bytes each), or over the roots of complete subtrees of one size, of which only
 * the last may be smaller. Works level by level: a node without a sibling goes up as it is, which is the RFC's
 * split at the largest power of two.
 */
export function treeRoot(leafHashes: Uint8Array, count: number): Uint8Array {
  return rootInPlace(leafHashes.slice(0, count * HASH_BYTES), count);
}

/** As `treeRoot`; the hashes are written over. */
export function rootInPlace(level: Uint8Array, count: number): Uint8Array {
  const root = new Uint8Array(HASH_BYTES);
  if (count === 0) {
    sha256Batch(new Uint8Array(0), Uint32Array.of(0), 1, root);
    return root;
  }
  for (let width = count; width > 1; width = (width + 1) >> 1) {
    const pairs = width >> 1;
    // A level's hashes are written over its own beginning, behind what has been read of it.
    merkleNodes(level, pairs, level);
    if (width % 2 === 1) level.copyWithin(pairs * HASH_BYTES, (width - 1) * HASH_BYTES, width * HASH_BYTES);
  }
  root.set(level.subarray(0, HASH_BYTES));
  return root;
}

function checkCount(count: number): void {
  if (!Number.isInteger(count) || count < 0)
    throw new LedgerError("malformed-facts", "the number of facts is a whole number");
  if (count > MAX_FACTS_PER_LEAF) {
    throw new LedgerError(
      "too-many-facts",
      `a leaf has at most ${MAX_FACTS_PER_LEAF} facts: commit in several batches`,
    );
  }
}

function checkFacts(salts: Uint8Array, facts: Uint8Array, ends: Uint32Array | number, count: number): void {
  if (salts.length !== count * SALT_BYTES)
    throw new LedgerError("malformed-facts", `each fact has a salt of ${SALT_BYTES} bytes`);
  if (typeof ends === "number") {
    if (!Number.isInteger(ends) || ends < 0 || ends * count > facts.length) {
      throw new LedgerError("malformed-facts", "fewer bytes than the facts of this length need");
    }
    if (ends > MAX_FACT_BYTES) throw new LedgerError("fact-too-long", `a fact has at most ${MAX_FACT_BYTES} bytes`);
    return;
  }
  if (ends.length < count || (count > 0 && ends[count - 1]! > facts.length)) {
    throw new LedgerError("malformed-facts", "the ends of the facts go beyond their bytes");
  }
  for (let i = 0, start = 0; i < count; i++) {
    const end = ends[i]!;
    if (end < start) throw new LedgerError("malformed-facts", "the ends of the facts fall");
    if (end - start > MAX_FACT_BYTES)
      throw new LedgerError("fact-too-long", `a fact has at most ${MAX_FACT_BYTES} bytes`);
    start = end;
  }
}
