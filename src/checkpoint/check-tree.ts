/**
 * The check of a log's tree by its files: every leaf is hashed and held against its tile, every tile against the one above,
 * the whole against the signed root, and a leaf's time against the one before.
 *
 * Where a leaf and its hash differ, what lies above says which of the two is wrong. In memory is the tree's right edge.
 */
import {
  type Checkpoint,
  decodeEntries,
  decodeLeaf,
  LEAF_BYTES,
  LedgerError,
  leafHash,
  rootOf,
  TILE_WIDTH,
  type Tile,
  TreeEdge,
  tilePath,
  tilesOf,
} from "../ledger/index.js";
import type { LogFindings } from "./log-finding.js";
import { CHECKPOINT_FILE, type LogSource } from "./static-log.js";

const HASH_BYTES = 32;
const LENGTH_BYTES = 2;
const ENTRY_BYTES = LENGTH_BYTES + LEAF_BYTES;

interface Place {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

export class TreeCheck {
  readonly #source: LogSource;
  readonly #head: Checkpoint;
  readonly #findings: LogFindings;
  #edge = new TreeEdge();
  #leaves = 0;
  #lastMs = 0;
  /** Bundles that were not to be had: all of them, where one may not read entries; else somebody took some away. */
  readonly #missing: string[] = [];

  constructor(source: LogSource, head: Checkpoint, findings: LogFindings) {
    this.#source = source;
    this.#head = head;
    this.#findings = findings;
  }

  /**
   * @returns number of leaves that were read
   * @throws {CheckpointError} code `unreadable-log`
   */
  async run(onProgress: (done: number, total: number) => void): Promise<number> {
    const { size, root } = this.#head;
    for (let index = 0; index * TILE_WIDTH < size; index++) {
      await this.#bundle(index, Math.min(TILE_WIDTH, size - index * TILE_WIDTH));
      onProgress(Math.min(size, (index + 1) * TILE_WIDTH), size);
    }
    for (const place of tilesOf(size)) {
      if (place.level === 0 || place.width === TILE_WIDTH) continue;
      await this.#compare(place, this.#edge.partial(place.level).hashes);
    }
    if (this.#leaves > 0) for (const file of this.#missing) this.#isMissing(file);
    if (Buffer.compare(this.#edge.root(), root) !== 0) {
      const what = "its root is not that of the leaves: they are not those that were signed";
      this.#findings.add({ code: "other-root", file: CHECKPOINT_FILE, what });
    }
    return this.#leaves;
  }

  /** Up to 256 leaves with the tile of their hashes, and the tiles above that they fill. */
  async #bundle(index: number, width: number): Promise<void> {
    const place = { level: 0, index, width };
    const stated = await this.#tile(place);
    const entries = await this.#entries(place);
    const own = entries === undefined ? undefined : Buffer.concat(entries.map(leafHash));
    const first = stated ?? own ?? new Uint8Array(width * HASH_BYTES);
    const after = this.#edge.copy();
    let filled = added(after, first);
    const isAsLeaves = own === undefined || Buffer.compare(first, own) === 0;
    if (isAsLeaves || (await this.#isConfirmed(after, filled))) this.#edge = after;
    else filled = added(this.#edge, own);
    const wrong = isAsLeaves ? [] : this.#tellDifference(first, own, place, this.#edge === after);
    if (entries !== undefined) this.#checkLeaves(entries, place, wrong);
    for (const { level, index, hashes } of filled) {
      if (level > 0) await this.#compare({ level, index, width: TILE_WIDTH }, hashes);
    }
  }

  /** The leaves of a bundle; undefined where they are not to be had, or not to be read. */
  async #entries(place: Place): Promise<Uint8Array[] | undefined> {
    const file = tilePath(place, "entries");
    const bundle = await this.#source.read(file);
    if (bundle === undefined) {
      this.#missing.push(file);
      return undefined;
    }
    let entries: Uint8Array[];
    try {
      entries = decodeEntries(bundle);
    } catch (error) {
      this.#tellTorn(file, bundle, place, reason(error));
      return undefined;
    }
    this.#leaves += entries.length;
    if (entries.length !== place.width) {
      this.#tellTorn(file, bundle, place, `has ${entries.length} entries, not ${place.width}`);
      return undefined;
    }
    return entries;
  }

  /** A bundle that does not fall into its leaves: the first length in it that is not a leaf's. */
  #tellTorn(file: string, bundle: Uint8Array, { index, width }: Place, what: string): void {
    const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
    const at = Array.from({ length: width }, (_, i) => i * ENTRY_BYTES).find(
      (from) => from + ENTRY_BYTES > bundle.length || view.getUint16(from) !== LEAF_BYTES,
    );
    const from = at ?? width * ENTRY_BYTES;
    const bytes = [from, Math.max(from + 1, Math.min(from + LENGTH_BYTES, bundle.length))] as const;
    const leaf = at === undefined ? undefined : index * TILE_WIDTH + at / ENTRY_BYTES;
    this.#findings.add({ code: "malformed-file", file, bytes, leaf, what });
  }

  /** Of leaves that are those of the tree, their form and that their times don't fall. */
  #checkLeaves(entries: readonly Uint8Array[], place: Place, wrong: readonly number[]): void {
    const file = tilePath(place, "entries");
    let from = 0;
    for (const [i, entry] of entries.entries()) {
      const bytes = [from, from + LENGTH_BYTES + entry.length] as const;
      from = bytes[1];
      if (wrong.includes(i)) continue;
      const at = { file, bytes, leaf: place.index * TILE_WIDTH + i };
      try {
        const { timeMs } = decodeLeaf(entry);
        if (timeMs < this.#lastMs)
          this.#findings.add({ code: "time-fell", ...at, what: "is older than the leaf before it" });
        this.#lastMs = Math.max(this.#lastMs, timeMs);
      } catch (error) {
        this.#findings.add({ code: "malformed-leaf", ...at, what: reason(error) });
      }
    }
  }

  /** Whether what lies above a tile of leaf hashes says that it is right: the hash of the full tile, or the signed root. */
  async #isConfirmed(edge: TreeEdge, filled: readonly Tile[]): Promise<boolean> {
    const { size, root } = this.#head;
    if (filled.length === 0) return Buffer.compare(edge.root(), root) === 0;
    const { index, hashes } = filled[0]!;
    const first = Math.floor(index / TILE_WIDTH) * TILE_WIDTH;
    const width = Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH) - first);
    const above = await this.#source.read(tilePath({ index: first / TILE_WIDTH, width }, 1));
    const at = (index - first) * HASH_BYTES;
    return above !== undefined && Buffer.compare(above.subarray(at, at + HASH_BYTES), rootOf(hashes)) === 0;
  }

  /** @returns which leaves are wrong, by their place in the bundle */
  #tellDifference(stated: Uint8Array, own: Uint8Array, place: Place, isTileRight: boolean): number[] {
    const wrong: number[] = [];
    for (let i = 0; i < place.width; i++) {
      const [from, to] = [i * HASH_BYTES, (i + 1) * HASH_BYTES];
      if (Buffer.compare(stated.subarray(from, to), own.subarray(from, to)) === 0) continue;
      const leaf = place.index * TILE_WIDTH + i;
      if (isTileRight) {
        wrong.push(i);
        const bytes = [i * ENTRY_BYTES + LENGTH_BYTES, (i + 1) * ENTRY_BYTES] as const;
        const what = "is not the leaf whose hash is in the tree";
        this.#findings.add({ code: "other-leaf", file: tilePath(place, "entries"), bytes, leaf, what });
      } else {
        const what = "is not the hash of this leaf";
        this.#findings.add({ code: "other-hash", file: tilePath(place, 0), bytes: [from, to], leaf, what });
      }
    }
    return wrong;
  }

  /** Holds a tile against the hashes that were made from the one below. */
  async #compare(place: Place, own: Uint8Array): Promise<void> {
    const stated = await this.#tile(place);
    if (stated === undefined) return;
    const file = tilePath(place, place.level);
    for (let from = 0; from < own.length; from += HASH_BYTES) {
      const to = from + HASH_BYTES;
      if (Buffer.compare(own.subarray(from, to), stated.subarray(from, to)) === 0) continue;
      this.#findings.add({ code: "other-hash", file, bytes: [from, to], what: "is not the hash of the tile below" });
    }
  }

  async #tile(place: Place): Promise<Uint8Array | undefined> {
    const file = tilePath(place, place.level);
    const hashes = await this.#source.read(file);
    if (hashes?.length === place.width * HASH_BYTES) return hashes;
    if (hashes === undefined) this.#isMissing(file);
    else {
      const what = `has ${hashes.length} bytes, not ${place.width * HASH_BYTES}`;
      this.#findings.add({ code: "malformed-file", file, what });
    }
    return undefined;
  }

  #isMissing(file: string): void {
    this.#findings.add({ code: "missing-file", file, what: "is missing" });
  }
}

function added(edge: TreeEdge, hashes: Uint8Array): Tile[] {
  const filled: Tile[] = [];
  for (let at = 0; at < hashes.length; at += HASH_BYTES) filled.push(...edge.add(hashes.subarray(at, at + HASH_BYTES)));
  return filled;
}

const reason = (error: unknown): string => {
  if (error instanceof LedgerError) return error.message;
  throw error;
};
