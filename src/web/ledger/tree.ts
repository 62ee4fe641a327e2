/**
 * Checks proofs over the log's tree as RFC 9162 says (sections 2.1.3.2 and 2.1.4.2), step by step, so that each can be
 * shown. Written apart from the server's own (`src/ledger`), which makes the proofs.
 */
import { type Bytes, HASH_BYTES, isSame, Malformed, sha256 } from "./bytes.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
/** Hashes in a full tile (https://c2sp.org/tlog-tiles). */
export const TILE_WIDTH = 256;

export const leafHash = (leaf: Bytes): Promise<Bytes> => sha256(LEAF, leaf);
const nodeHash = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(NODE, left, right);

/** Leaves from one to before another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What a proof adds to what is known so far, on one side of it. */
export interface Step {
  readonly side: "left" | "right";
  readonly hash: Bytes;
  /** The leaves that the hash stands for. */
  readonly of: Span;
  /** The hash of both together. */
  readonly result: Bytes;
}

/** `too-long`, `too-short`: a path that has not the length that the sizes say; `no-hash`: one of its hashes is none. */
export type Fault = "beyond-tree" | "too-long" | "too-short" | "no-hash" | "other-root" | "other-older-root";

/** How far a proof went, and what is wrong with it, if anything. */
export interface Walk {
  /** What it begins with; `isGiven`: the proof's first hash, and nothing that was known. */
  readonly start: { readonly hash: Bytes; readonly of: Span; readonly isGiven: boolean };
  readonly steps: readonly Step[];
  readonly fault: Fault | undefined;
}

export interface Tree {
  readonly size: number;
  readonly root: Bytes;
}

/** Whether a leaf is the one at its position in a tree. */
export async function checkInclusion(hash: Bytes, position: number, tree: Tree, path: readonly Bytes[]): Promise<Walk> {
  const start = { hash, of: { from: position, to: position + 1 }, isGiven: false };
  if (position >= tree.size) return { start, steps: [], fault: "beyond-tree" };
  const { steps, fault } = await walked(hash, new Climb(position, 0, tree.size), path);
  const end = steps.at(-1)?.result ?? hash;
  return { start, steps, fault: fault ?? (isSame(end, tree.root) ? undefined : "other-root") };
}

/**
 * Whether the older tree is the beginning of the newer one. Steps to the left belong to both; the older root is made of
 * these alone, the newer one of all.
 */
export async function checkConsistency(
  older: Tree,
  newer: Tree,
  path: readonly Bytes[],
): Promise<Walk & { readonly older: Bytes; readonly newer: Bytes }> {
  const start = { hash: older.root, of: { from: 0, to: older.size }, isGiven: false };
  const simple = (fault: Fault | undefined) => ({ start, steps: [], fault, older: older.root, newer: newer.root });
  if (older.size > newer.size) return simple("beyond-tree");
  if (older.size === newer.size || older.size === 0) {
    if (path.length > 0) return simple("too-long");
    if (older.size === 0) return simple(isSame(older.root, await sha256()) ? undefined : "other-older-root");
    return simple(isSame(older.root, newer.root) ? undefined : "other-root");
  }
  // The proof begins at the largest whole subtree that ends where the older tree does.
  let [node, level] = [older.size - 1, 0];
  for (; node % 2 === 1; level++) node = (node - 1) / 2;
  const climb = new Climb(node, level, newer.size);
  const isWhole = node === 0;
  const first = isWhole ? older.root : path[0];
  if (first === undefined) return simple("too-short");
  if (first.length !== HASH_BYTES) return simple("no-hash");
  const { steps, fault } = await walked(first, climb, isWhole ? path : path.slice(1));
  let olderRoot = first;
  for (const { side, hash } of steps) if (side === "left") olderRoot = await nodeHash(hash, olderRoot);
  const newerRoot = steps.at(-1)?.result ?? first;
  const wrong = !isSame(olderRoot, older.root)
    ? "other-older-root"
    : isSame(newerRoot, newer.root)
      ? undefined
      : "other-root";
  const of = { from: node * 2 ** level, to: older.size };
  return {
    start: { hash: first, of, isGiven: !isWhole },
    steps,
    fault: fault ?? wrong,
    older: olderRoot,
    newer: newerRoot,
  };
}

/** The way from a node of the tree up to its root. */
class Climb {
  /** Of the tree's last node in the same row. */
  #last: number;

  constructor(
    private node: number,
    private level: number,
    private readonly size: number,
  ) {
    this.#last = Math.floor((size - 1) / 2 ** level);
  }

  get isAtRoot(): boolean {
    return this.#last === 0;
  }

  /** Where the next sibling stands; then one row up. */
  next(): { side: "left" | "right"; of: Span } {
    // The last one of a row without a sibling is the same in the row above.
    while (this.node === this.#last && this.node % 2 === 0) this.#up();
    const side = this.node % 2 === 1 ? "left" : "right";
    const sibling = side === "left" ? this.node - 1 : this.node + 1;
    const leaves = 2 ** this.level;
    const of = { from: sibling * leaves, to: Math.min((sibling + 1) * leaves, this.size) };
    this.#up();
    return { side, of };
  }

  #up(): void {
    this.node = Math.floor(this.node / 2);
    this.#last = Math.floor(this.#last / 2);
    this.level++;
  }
}

async function walked(start: Bytes, climb: Climb, path: readonly Bytes[]): Promise<Pick<Walk, "steps" | "fault">> {
  const steps: Step[] = [];
  let known = start;
  for (const hash of path) {
    if (hash.length !== HASH_BYTES) return { steps, fault: "no-hash" };
    if (climb.isAtRoot) return { steps, fault: "too-long" };
    const { side, of } = climb.next();
    known = side === "left" ? await nodeHash(hash, known) : await nodeHash(known, hash);
    steps.push({ side, hash, of, result: known });
  }
  return { steps, fault: climb.isAtRoot ? undefined : "too-short" };
}

/** How much there is of a tile in a log of so many leaves. */
export const tileWidth = (level: number, index: number, length: number): number =>
  Math.min(TILE_WIDTH, Math.floor(length / TILE_WIDTH ** level) - index * TILE_WIDTH);

/** Reads a tile of hashes. */
type ReadTile = (level: number, index: number, width: number) => Promise<Bytes>;

/**
 * The root of the first leaves of a log, made of its tiles.
 * @param length leaves that the log has by now: as wide as its tiles are
 * @throws {Malformed} a tile is not as long as its place says
 */
export async function rootOfFirst(size: number, length: number, read: ReadTile): Promise<Bytes> {
  const whole: Bytes[] = [];
  for (let from = 0; from < size; ) {
    const leaves = largestPower(size - from);
    whole.push(await subtree(from, leaves, length, read));
    from += leaves;
  }
  let root = whole.pop() ?? (await sha256());
  for (const left of whole.reverse()) root = await nodeHash(left, root);
  return root;
}

async function subtree(from: number, leaves: number, length: number, read: ReadTile): Promise<Bytes> {
  let [level, first, count] = [0, from, leaves];
  for (; count >= TILE_WIDTH; level++) [first, count] = [first / TILE_WIDTH, count / TILE_WIDTH];
  const index = Math.floor(first / TILE_WIDTH);
  const width = tileWidth(level, index, length);
  const tile = await read(level, index, width);
  if (tile.length !== width * HASH_BYTES) throw new Malformed("tile");
  const at = first - index * TILE_WIDTH;
  let row = Array.from({ length: count }, (_, i) => tile.slice((at + i) * HASH_BYTES, (at + i + 1) * HASH_BYTES));
  while (row.length > 1) {
    const pairs = Array.from({ length: row.length / 2 }, (_, i) => nodeHash(row[2 * i]!, row[2 * i + 1]!));
    row = await Promise.all(pairs);
  }
  return row[0]!;
}

function largestPower(number: number): number {
  let power = 1;
  while (power * 2 <= number) power *= 2;
  return power;
}
