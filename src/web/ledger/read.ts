/** Reads the log from the server: nothing that comes from there is believed, only checked. */
import { ask, askBytes, Refused } from "../ask.js";
import { say } from "../messages/index.js";
import { type Bytes, Malformed, ofBase64 } from "./bytes.js";
import { type Leaf, parseBundle, parseLeaf, tilePath } from "./leaf.js";
import {
  type Checkpoint,
  NOTE_KEY,
  parseCheckpoint,
  parseVerifier,
  type Signed,
  signedBy,
  type Verifier,
} from "./note.js";
import { rootOfFirst, TILE_WIDTH, tileWidth } from "./tree.js";

/** The log as it was when it was asked for. */
export interface Log {
  /** Word for word. */
  readonly note: string;
  readonly checkpoint: Checkpoint;
  /** As it is published. */
  readonly key: string;
  readonly verifier: Verifier;
  readonly signed: Signed;
}

const textOf = async (path: string): Promise<string> => new TextDecoder().decode(await askBytes(path));

export async function readLog(): Promise<Log> {
  if (crypto.subtle === undefined) {
    throw new Refused({ code: "no-web-crypto", message: say.ledger.noCrypto, fix: say.ledger.noCryptoFix }, 0);
  }
  const [note, published] = await Promise.all([textOf("/tlog/checkpoint"), textOf("/tlog/verifier")]);
  return understood(async () => {
    const checkpoint = parseCheckpoint(note);
    const key = published.trim();
    const verifier = await parseVerifier(key);
    const isOwn = verifier.type === NOTE_KEY && verifier.name === checkpoint.origin;
    return { note, checkpoint, key, verifier, signed: isOwn ? await signedBy(checkpoint, verifier) : "absent" };
  });
}

export interface LeafAt extends Leaf {
  readonly position: number;
}

/** Leaves from one position to before another, the newest first. */
export async function readLeaves(from: number, to: number, size: number): Promise<LeafAt[]> {
  const leaves: LeafAt[] = [];
  for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < to; index++) {
    const bytes = await askBytes(tilePath("entries", index, tileWidth(0, index, size)));
    const bundle = await understood(async () => parseBundle(bytes).map(parseLeaf));
    leaves.push(...bundle.map((leaf, i) => ({ ...leaf, position: index * TILE_WIDTH + i })));
  }
  return leaves.filter(({ position }) => position >= from && position < to).reverse();
}

/** The root of the log's first leaves, made here of its hashes. */
export async function makeRoot(size: number, length: number): Promise<Bytes> {
  const tiles = new Map<string, Promise<Bytes>>();
  const read = (level: number, index: number, width: number): Promise<Bytes> => {
    const path = tilePath(level, index, width);
    const tile = tiles.get(path) ?? askBytes(path);
    tiles.set(path, tile);
    return tile;
  };
  return understood(() => rootOfFirst(size, length, read));
}

export async function readInclusion(position: number, size: number): Promise<Bytes[]> {
  return hashesOf(await ask<Path>("GET", `/v1/ledger/inclusion?position=${position}&size=${size}`));
}

export async function readConsistency(from: number, size: number): Promise<Bytes[]> {
  return hashesOf(await ask<Path>("GET", `/v1/ledger/consistency?from=${from}&size=${size}`));
}

interface Path {
  readonly path: readonly string[];
}

/** What is no base64 becomes a hash that holds nowhere. */
const hashesOf = ({ path }: Path): Bytes[] => path.map((hash) => ofBase64(hash) ?? new Uint8Array());

/** Says in words what was not in its form. */
export async function understood<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new Refused({ code: `malformed-${error.what}`, ...say.ledger.malformed[error.what] }, 0);
  }
}
