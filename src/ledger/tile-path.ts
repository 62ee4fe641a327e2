/**
 * Where tiles and bundles of entries are in a static log (https://c2sp.org/tlog-tiles), and a bundle's form.
 *
 *     tile/LEVEL/INDEX[.p/WIDTH]      hashes, 32 bytes each
 *     tile/entries/INDEX[.p/WIDTH]    leaves, each after its length in two bytes, big-endian
 *
 * An index is written in groups of three digits, all but the last with an `x` before.
 */
import { LedgerError } from "./error.js";
import { TILE_WIDTH, type TilePlace } from "./log-tree.js";

/** Of the tree's hashes, or of its leaves themselves. */
export type TileLevel = number | "entries";

const LENGTH_BYTES = 2;
/** C2SP: levels are 0 to 63; a tree of 2^53 leaves has fewer. */
const MAX_LEVEL = 63;

export function tilePath({ index, width }: Omit<TilePlace, "level">, level: TileLevel): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0");
  const groups = digits.match(/\d{3}/g)!.map((group, i, all) => (i < all.length - 1 ? `x${group}` : group));
  return `tile/${level}/${groups.join("/")}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

/** @throws {LedgerError} code `malformed-tile` */
export function parseTilePath(path: string): { level: TileLevel; index: number; width: number } {
  const [, levelText, groups, widthText] =
    /^tile\/(\d{1,2}|entries)\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) ?? [];
  const level = levelText === "entries" ? levelText : Number(levelText);
  const index = Number((groups ?? "").replaceAll(/[x/]/g, ""));
  const width = widthText === undefined ? TILE_WIDTH : Number(widthText);
  const isPlace = groups !== undefined && (level === "entries" || level <= MAX_LEVEL) && width > 0;
  if (isPlace && tilePath({ index, width }, level) === path) return { level, index, width };
  throw new LedgerError("malformed-tile", "this is no place of a tile");
}

export function encodeEntries(leaves: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    leaves.flatMap((leaf) => {
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(leaf.length);
      return [length, leaf];
    }),
  );
}

/** @throws {LedgerError} code `malformed-tile` */
export function decodeEntries(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + LENGTH_BYTES > bytes.length ? Number.NaN : at + LENGTH_BYTES + view.getUint16(at);
    if (!(end <= bytes.length)) throw new LedgerError("malformed-tile", "a bundle of entries ends inside one");
    leaves.push(bytes.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return leaves;
}
