/** The 42 bytes of a leaf, and the bundles that auditors read leaves in (https://c2sp.org/tlog-tiles). */
import { type Bytes, HASH_BYTES, Malformed } from "./bytes.js";
import { TILE_WIDTH } from "./tree.js";

export const LEAF_BYTES = 42;
const LENGTH_BYTES = 2;
const VERSION = 1;
/** Where the parts of a leaf begin; the last ends with it. */
export const LEAF_PARTS = { version: 0, kind: 1, time: 2, root: LEAF_BYTES - HASH_BYTES } as const;
const MAX_TIME_MS = 8.64e15;

export interface Leaf {
  /** Of the kind, not its name: a newer log may have kinds that this page does not know. */
  readonly kind: number;
  readonly timeMs: number;
  readonly root: Bytes;
  readonly bytes: Bytes;
}

/** @throws {Malformed} */
export function parseLeaf(bytes: Bytes): Leaf {
  if (bytes.length !== LEAF_BYTES || bytes[LEAF_PARTS.version] !== VERSION) throw new Malformed("leaf");
  const time = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(LEAF_PARTS.time);
  if (time > BigInt(MAX_TIME_MS)) throw new Malformed("leaf");
  return { kind: bytes[LEAF_PARTS.kind]!, timeMs: Number(time), root: bytes.slice(LEAF_PARTS.root), bytes };
}

/** @throws {Malformed} */
export function parseBundle(bytes: Bytes): Bytes[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const leaves: Bytes[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + LENGTH_BYTES <= bytes.length ? at + LENGTH_BYTES + view.getUint16(at) : Number.NaN;
    if (!(end <= bytes.length)) throw new Malformed("bundle");
    leaves.push(bytes.slice(at + LENGTH_BYTES, end));
    at = end;
  }
  return leaves;
}

/** Where a tile or a bundle is: its number in groups of three digits, and how much of it there is. */
export function tilePath(level: number | "entries", index: number, width: number): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0");
  const groups = digits.replace(/\d{3}(?=\d)/g, "x$&/");
  return `/tlog/tile/${level}/${groups}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}
