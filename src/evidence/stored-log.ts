/**
 * The log as it is stored, in the form in which it is checked everywhere: its full tiles and its checkpoint as they lie in the
 * database; partial tiles, which are not stored, are made of the leaves.
 */
import { CHECKPOINT_FILE, type LogSource } from "../checkpoint/index.js";
import { encodeEntries, leafHash, parseTilePath, rootOf, TILE_WIDTH } from "../ledger/index.js";
import type { Store } from "../store/index.js";

/** Leaves that are read at once. */
const STRETCH_LEAVES = 64 * TILE_WIDTH;

export function storedLog(store: Store, name: string): LogSource {
  const leaves = leafReader(store);
  const tile = async (level: number, index: number, width: number): Promise<Uint8Array | undefined> => {
    if (width === TILE_WIDTH) return store.tile(level, index);
    const first = index * TILE_WIDTH;
    if (level === 0) return Buffer.concat((await leaves(first, width)).map(leafHash));
    const below: Uint8Array[] = [];
    for (let i = 0; i < width; i++) below.push(rootOf((await store.tile(level - 1, first + i)) ?? new Uint8Array(0)));
    return Buffer.concat(below);
  };
  return {
    name,
    async read(path) {
      if (path === CHECKPOINT_FILE) {
        const note = await store.signedCheckpoint();
        return note === undefined ? undefined : Buffer.from(note);
      }
      if (!path.startsWith("tile/")) return undefined; // files that only exports have
      const { level, index, width } = parseTilePath(path);
      if (level !== "entries") return tile(level, index, width);
      return encodeEntries(await leaves(index * TILE_WIDTH, width));
    },
  };
}

/** Reads leaves a stretch at a time, since each reading has a connection of its own. */
function leafReader(store: Store): (first: number, count: number) => Promise<Uint8Array[]> {
  let block: { first: number; bodies: Uint8Array[] } = { first: 0, bodies: [] };
  return async (first, count) => {
    if (first < block.first || first + count > block.first + block.bodies.length) {
      const bodies: Uint8Array[] = [];
      for await (const { body } of store.leaves(first, first + Math.max(count, STRETCH_LEAVES))) bodies.push(body);
      block = { first, bodies };
    }
    return block.bodies.slice(first - block.first, first - block.first + count);
  };
}
