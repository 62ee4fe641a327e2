/**
 * The right edge of the log's tree: of each level the hashes of its last, partial tile. What it takes to add leaves, and to
 * tell the root, whatever the log's length; full tiles are handed over once.
 */
import { emptyRoot, HASH_BYTES, nodeHash, rootOf, TILE_WIDTH, type TilePlace } from "./log-tree.js";

export interface Tile extends Omit<TilePlace, "width"> {
  /** 256 hashes. */
  readonly hashes: Uint8Array;
}

interface Level {
  /** Full tiles before the edge. */
  full: number;
  count: number;
  readonly hashes: Uint8Array;
}

export class TreeEdge {
  readonly #levels: Level[] = [];
  #size = 0;

  /** Number of leaves. */
  get size(): number {
    return this.#size;
  }

  /** Takes up a tree by the full tiles of a level and the hashes after them; from level 0 upwards. */
  restore(level: number, full: number, hashes: Uint8Array): void {
    const at = this.#level(level);
    at.full = full;
    at.count = hashes.length / HASH_BYTES;
    at.hashes.set(hashes);
    if (level === 0) this.#size = full * TILE_WIDTH + at.count;
  }

  /** Adds a leaf; says which tiles it filled. */
  add(leafHash: Uint8Array): Tile[] {
    this.#size++;
    const filled: Tile[] = [];
    let hash = leafHash;
    for (let level = 0; ; level++) {
      const at = this.#level(level);
      at.hashes.set(hash, at.count++ * HASH_BYTES);
      if (at.count < TILE_WIDTH) return filled;
      const hashes = at.hashes.slice();
      filled.push({ level, index: at.full++, hashes });
      at.count = 0;
      hash = rootOf(hashes);
    }
  }

  /** An edge of its own, as this one is now. */
  copy(): TreeEdge {
    const copy = new TreeEdge();
    this.#levels.forEach(({ full, count, hashes }, level) => {
      copy.restore(level, full, hashes.subarray(0, count * HASH_BYTES));
    });
    return copy;
  }

  /** The hashes of the partial tile at a level's edge, and its index. */
  partial(level: number): { readonly index: number; readonly hashes: Uint8Array } {
    const { full, count, hashes } = this.#level(level);
    return { index: full, hashes: hashes.slice(0, count * HASH_BYTES) };
  }

  root(): Uint8Array {
    let root: Uint8Array | undefined;
    for (const { count, hashes } of this.#levels) {
      // A level's hashes are roots of subtrees of one size: joined from the right, the smaller trees first.
      for (let end = count; end > 0; ) {
        const width = end & -end;
        const own = rootOf(hashes.subarray((end - width) * HASH_BYTES, end * HASH_BYTES));
        root = root === undefined ? own : nodeHash(own, root);
        end -= width;
      }
    }
    return root ?? emptyRoot();
  }

  #level(level: number): Level {
    while (this.#levels.length <= level) {
      this.#levels.push({ full: 0, count: 0, hashes: new Uint8Array(TILE_WIDTH * HASH_BYTES) });
    }
    return this.#levels[level]!;
  }
}
