/**
 * The log's Merkle tree, by RFC 6962, section 2.1 (RFC 9162 has the same): hashes, roots and proofs over leaves that are
 * only ever added.
 *
 * What is kept of it are tiles (https://c2sp.org/tlog-tiles): rows of up to 256 hashes, of which only the last of each level
 * grows. Every question is answered from tiles, of which each needs one per level; nothing here holds the whole tree.
 * Positions are whole numbers up to 2^53, so divisions are written as such and not as shifts.
 */
import { createHash } from "node:crypto";
import { LedgerError } from "./error.js";
import { treeRoot } from "./fact-tree.js";

export const HASH_BYTES = 32;
/** Levels of the tree in one tile. */
export const TILE_HEIGHT = 8;
/** Hashes in a full tile. */
export const TILE_WIDTH = 1 << TILE_HEIGHT;

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/** Place of a tile: level 0 holds the hashes of leaves; `width` is less than 256 only at the right edge. */
export interface TilePlace {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** Gives a tile's hashes, 32 bytes each, `width` of them or more. */
export type TileReader = (place: TilePlace) => Uint8Array | Promise<Uint8Array>;

export function leafHash(leaf: Uint8Array): Uint8Array {
  return createHash("sha256").update(LEAF_PREFIX).update(leaf).digest();
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash("sha256").update(NODE_PREFIX).update(left).update(right).digest();
}

/** The root over no leaves. */
export const emptyRoot = (): Uint8Array => createHash("sha256").digest();

/** The root of one complete subtree, or of a last one, over its hashes. */
export const rootOf = (hashes: Uint8Array): Uint8Array => treeRoot(hashes, hashes.length / HASH_BYTES);

/** Tiles that hold a tree of `size` leaves, level by level; the last of a level may be partial. */
export function* tilesOf(size: number): Generator<TilePlace> {
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    for (let index = 0; index * TILE_WIDTH < count; index++) {
      yield { level, index, width: Math.min(TILE_WIDTH, count - index * TILE_WIDTH) };
    }
  }
}

/** Reads the hashes of a tree of one size from its tiles. */
export class TreeReader {
  readonly size: number;
  readonly #tiles: TileReader;

  constructor(size: number, tiles: TileReader) {
    this.size = size;
    this.#tiles = tiles;
  }

  /** The tree's root. */
  root(): Promise<Uint8Array> {
    return this.#range(0, this.size);
  }

  /**
   * Hashes that lead from a leaf to the root, the lowest first (RFC 6962, section 2.1.1).
   * @throws {LedgerError} code `beyond-tree`
   */
  async inclusion(position: number): Promise<Uint8Array[]> {
    if (!Number.isSafeInteger(position) || position < 0 || position >= this.size) throw beyond(position, this.size);
    const path: Uint8Array[] = [];
    for (let [from, to] = [0, this.size]; to - from > 1; ) {
      const middle = from + split(to - from);
      if (position < middle) {
        path.push(await this.#range(middle, to));
        to = middle;
      } else {
        path.push(await this.#range(from, middle));
        from = middle;
      }
    }
    return path.reverse();
  }

  /**
   * Hashes that show that the tree of the first `older` leaves is the beginning of this one (RFC 6962, section 2.1.2).
   * @throws {LedgerError} code `beyond-tree`
   */
  async consistency(older: number): Promise<Uint8Array[]> {
    if (!Number.isSafeInteger(older) || older < 0 || older > this.size) throw beyond(older, this.size);
    if (older === 0 || older === this.size) return [];
    const path: Uint8Array[] = [];
    let [from, to] = [0, this.size];
    let isWhole = true;
    while (older !== to) {
      const middle = from + split(to - from);
      if (older <= middle) {
        path.push(await this.#range(middle, to));
        to = middle;
      } else {
        path.push(await this.#range(from, middle));
        from = middle;
        isWhole = false;
      }
    }
    if (!isWhole) path.push(await this.#range(from, to));
    return path.reverse();
  }

  /** Hash of the leaves from one that a subtree begins at to before another. */
  async #range(from: number, to: number): Promise<Uint8Array> {
    if (from === to) return emptyRoot();
    const complete: Uint8Array[] = [];
    for (let at = from; at < to; ) {
      const step = largestPower(to - at);
      complete.push(await this.#subtree(at, step));
      at += step;
    }
    return complete.reduceRight((right, left) => nodeHash(left, right));
  }

  /** Hash of a complete subtree of `leaves` leaves, a power of two. */
  async #subtree(from: number, leaves: number): Promise<Uint8Array> {
    let [level, first, count] = [0, from, leaves];
    for (; count >= TILE_WIDTH; level++) [first, count] = [first / TILE_WIDTH, count / TILE_WIDTH];
    const index = Math.floor(first / TILE_WIDTH);
    const inLevel = Math.floor(this.size / TILE_WIDTH ** level);
    const width = Math.min(TILE_WIDTH, inLevel - index * TILE_WIDTH);
    const at = first - index * TILE_WIDTH;
    const tile = await this.#tiles({ level, index, width });
    return rootOf(tile.subarray(at * HASH_BYTES, (at + count) * HASH_BYTES));
  }
}

/**
 * The root that a leaf's path leads to; whoever knows the root compares (RFC 9162, section 2.1.3.2).
 * @throws {LedgerError} code `malformed-proof`
 */
export function rootByInclusion(
  leaf: Uint8Array,
  position: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array {
  if (position >= size) throw malformed("the leaf lies beyond the tree");
  let [node, last] = [position, size - 1];
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0) throw malformed("its path is too long");
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else hash = nodeHash(hash, sibling);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  if (last !== 0) throw malformed("its path is too short");
  return hash;
}

/**
 * Whether a path shows that one tree is the beginning of another (RFC 9162, section 2.1.4.2).
 */
export function isConsistent(
  older: { readonly size: number; readonly root: Uint8Array },
  newer: { readonly size: number; readonly root: Uint8Array },
  path: readonly Uint8Array[],
): boolean {
  if (older.size > newer.size) return false;
  if (older.size === newer.size) return path.length === 0 && isSame(older.root, newer.root);
  if (older.size === 0) return path.length === 0 && isSame(older.root, emptyRoot());
  const hashes = Number.isInteger(Math.log2(older.size)) ? [older.root, ...path] : [...path];
  if (path.length === 0) return false;
  let [node, last] = [older.size - 1, newer.size - 1];
  while (node % 2 === 1) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  let [olderRoot, newerRoot] = [hashes[0]!, hashes[0]!];
  for (const hash of hashes.slice(1)) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      olderRoot = nodeHash(hash, olderRoot);
      newerRoot = nodeHash(hash, newerRoot);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else newerRoot = nodeHash(newerRoot, hash);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && isSame(olderRoot, older.root) && isSame(newerRoot, newer.root);
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** The largest power of two below a number of leaves: where the RFC's tree splits. */
function split(leaves: number): number {
  return largestPower(leaves - 1);
}

/** The largest power of two that is not above a number. */
function largestPower(number: number): number {
  let power = 1;
  while (power * 2 <= number) power *= 2;
  return power;
}

const beyond = (position: number, size: number): LedgerError =>
  new LedgerError("beyond-tree", `the log has ${size} leaves, so there is no proof for ${position}`);
const malformed = (what: string): LedgerError => new LedgerError("malformed-proof", `a proof of inclusion: ${what}`);
