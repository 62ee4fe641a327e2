/**
 * Tiles of the ledger's tree, and its newest signed checkpoint, as they are stored. Derived from the leaves, and made anew
 * where they are missing; what they mean is the ledger's and the checkpoint room's.
 */
import type { Shape } from "./copy.js";
import type { Session } from "./session.js";

export interface TileRow {
  readonly level: number;
  readonly index: number;
  readonly hashes: Uint8Array;
}

export interface SignedTiles {
  readonly tiles: readonly TileRow[];
  /** The signed note of the checkpoint. */
  readonly note: string;
}

const TILE: Shape = { widths: [2, 8], bodies: 1 };

/** Adds tiles and replaces the checkpoint, inside the transaction that `writer` is in. */
export async function saveTiles(writer: Session, { tiles, note }: SignedTiles): Promise<void> {
  if (tiles.length > 0) {
    const rows = tiles.map(({ level, index, hashes }) => ({ numbers: [level, index], bodies: [hashes] }));
    await writer.copyRows("tile (level, index, body)", TILE, rows);
  }
  await writer.run(
    `INSERT INTO solely.checkpoint VALUES (true, $1) ON CONFLICT (single) DO UPDATE SET note = excluded.note`,
    [note],
  );
}

/** The tiles of a level from an index on, in order, up to the first that is missing. */
export async function readTiles(reader: Session, level: number, from: number): Promise<Uint8Array[]> {
  const rows = await reader.rows(
    "SELECT index::float8 AS index, body FROM solely.tile WHERE level = $1 AND index >= $2 ORDER BY index",
    [level, from],
  );
  const missing = rows.findIndex(({ index }, i) => index !== from + i);
  return rows.slice(0, missing < 0 ? rows.length : missing).map(({ body }) => body as Uint8Array);
}

/** How many tiles of a level there are; the tiles of a level are stored in order. */
export async function countTiles(reader: Session, level: number): Promise<number> {
  const [row] = await reader.rows(
    "SELECT coalesce(max(index) + 1, 0)::float8 AS count FROM solely.tile WHERE level = $1",
    [level],
  );
  return row?.count as number;
}

export async function readTile(reader: Session, level: number, index: number): Promise<Uint8Array | undefined> {
  const [row] = await reader.rows("SELECT body FROM solely.tile WHERE level = $1 AND index = $2", [level, index]);
  return row?.body as Uint8Array | undefined;
}

export async function readCheckpoint(reader: Session): Promise<string | undefined> {
  const [row] = await reader.rows("SELECT note FROM solely.checkpoint");
  return row?.note as string | undefined;
}
