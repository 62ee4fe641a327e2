/**
 * The full check of a log as files or as it is served, by whoever has its key: nothing of the store is needed.
 *
 * Every leaf is hashed and held against its tile, every tile against the one above, the root against the signed checkpoint,
 * and leaf times against the one before. Whatever does not fit is told with its place. Where one may not have the entries,
 * the tree is checked from the hashes of leaves on.
 */
import {
  type Checkpoint,
  decodeEntries,
  decodeLeaf,
  LedgerError,
  leafHash,
  openCheckpoint,
  parseNote,
  parseVerifier,
  rootOf,
  TILE_WIDTH,
  type Tile,
  TreeEdge,
  tilePath,
  tilesOf,
  type Verifier,
  verifiedBy,
} from "../ledger/index.js";
import { CheckpointError } from "./error.js";
import { CHECKPOINT_FILE, type LogSource, VERIFIER_FILE } from "./static-log.js";

export interface LogFinding {
  /** Path of the file, and the leaf's or hash's place in it. */
  readonly where: string;
  readonly what: string;
}

export interface VerifiedLog {
  readonly isWhole: boolean;
  readonly origin: string;
  readonly size: number;
  /** Base64. */
  readonly root: string;
  /** Leaves that were read and hashed; fewer than `size` where the entries are not to be had. */
  readonly leaves: number;
  /** Witnesses, of those that were named, that cosigned, and when. */
  readonly witnesses: readonly { readonly name: string; readonly at: string }[];
  /** Whether the key came with the log itself, and so proves only that the log fits it. */
  readonly isKeyOfLog: boolean;
  readonly findings: readonly LogFinding[];
}

export interface VerifyOptions {
  /** The log's published key. */
  readonly key?: string | undefined;
  /** Keys of witnesses that must have cosigned. */
  readonly witnesses?: readonly string[] | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

const HASH_BYTES = 32;
/** What is told of a log that is wrong all over; all of it is counted. */
const MAX_FINDINGS = 1000;

/** @throws {CheckpointError} codes `no-log`, `unreadable-log`; what is wrong with the log itself is a finding */
export async function verifyLog(source: LogSource, options: VerifyOptions = {}): Promise<VerifiedLog> {
  const findings: LogFinding[] = [];
  const find = (where: string, what: string): void => {
    if (findings.length < MAX_FINDINGS) findings.push({ where, what });
  };
  const note = text(await source.read(CHECKPOINT_FILE));
  const keyText = options.key ?? text(await source.read(VERIFIER_FILE));
  if (note === undefined || keyText === undefined) {
    const what = note === undefined ? "no checkpoint" : "no key, and none was given";
    throw new CheckpointError("no-log", `${source.name} has ${what}`, "give the log's folder or address, and --key");
  }
  const head = opened(note, keyText, find);
  const result = { origin: head?.origin ?? "", size: head?.size ?? 0, isKeyOfLog: options.key === undefined };
  if (head === undefined) return { ...result, isWhole: false, root: "", leaves: 0, witnesses: [], findings };
  const witnesses = cosigned(note, options.witnesses ?? [], find);
  const leaves = await checkTree(source, head, find, options.onProgress);
  const root = Buffer.from(head.root).toString("base64");
  return { ...result, isWhole: findings.length === 0, root, leaves, witnesses, findings };
}

type Find = (where: string, what: string) => void;

const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8");

function opened(note: string, keyText: string, find: Find): Checkpoint | undefined {
  let verifier: Verifier;
  try {
    verifier = parseVerifier(keyText);
  } catch (error) {
    find(VERIFIER_FILE, reason(error));
    return undefined;
  }
  try {
    return openCheckpoint(note, verifier).checkpoint;
  } catch (error) {
    find(CHECKPOINT_FILE, reason(error));
    return undefined;
  }
}

const reason = (error: unknown): string => {
  if (error instanceof LedgerError) return error.message;
  throw error;
};

function cosigned(note: string, keys: readonly string[], find: Find): { name: string; at: string }[] {
  return keys.flatMap((key) => {
    const witness = parseVerifier(key);
    const signed = verifiedBy(parseNote(note), witness);
    if (signed === undefined) {
      find(CHECKPOINT_FILE, `the witness ${witness.name} has not cosigned it`);
      return [];
    }
    return [{ name: witness.name, at: new Date(signed.seconds * 1000).toISOString() }];
  });
}

async function checkTree(
  source: LogSource,
  head: Checkpoint,
  find: Find,
  onProgress: VerifyOptions["onProgress"] = () => {},
): Promise<number> {
  let edge = new TreeEdge();
  let leaves = 0;
  let lastMs = 0;
  for (let index = 0; index * TILE_WIDTH < head.size; index++) {
    const width = Math.min(TILE_WIDTH, head.size - index * TILE_WIDTH);
    const stated = await readTile(source, { level: 0, index, width }, find);
    const path = tilePath({ index, width }, "entries");
    const bundle = await source.read(path);
    if (bundle === undefined && leaves > 0) find(path, "is missing");
    const entries = bundle === undefined ? undefined : decoded(bundle, path, width, find);
    for (const [i, leaf] of (entries ?? []).entries()) {
      leaves++;
      lastMs = checkLeaf(leaf, lastMs, `${path}, entry ${i} (leaf ${index * TILE_WIDTH + i})`, find);
    }
    const own = entries === undefined ? undefined : Buffer.concat(entries.map(leafHash));
    const [first, second] = [stated ?? own ?? new Uint8Array(width * HASH_BYTES), own ?? stated];
    const [after, otherwise] = [edge.copy(), edge.copy()];
    const filled = added(after, first);
    const isAsLeaves = second === undefined || Buffer.compare(first, second) === 0;
    const isTileRight = isAsLeaves || (await isConfirmed(source, head, after, filled));
    if (isTileRight) edge = after;
    const upper = isTileRight ? filled : added(otherwise, second!);
    if (!isTileRight) edge = otherwise;
    if (!isAsLeaves) tellDifference(first, second!, { index, width }, isTileRight, find);
    for (const tile of upper) {
      if (tile.level > 0) await compareTile(source, { ...tile, width: TILE_WIDTH }, tile.hashes, find);
    }
    onProgress(Math.min(head.size, (index + 1) * TILE_WIDTH), head.size);
  }
  for (const place of tilesOf(head.size)) {
    if (place.level === 0 || place.width === TILE_WIDTH) continue;
    await compareTile(source, place, edge.partial(place.level).hashes, find);
  }
  if (Buffer.compare(edge.root(), head.root) !== 0) {
    find(CHECKPOINT_FILE, "its root is not that of the leaves: they are not those that were signed");
  }
  return leaves;
}

function added(edge: TreeEdge, hashes: Uint8Array): Tile[] {
  const filled: Tile[] = [];
  for (let at = 0; at < hashes.length; at += HASH_BYTES) filled.push(...edge.add(hashes.subarray(at, at + HASH_BYTES)));
  return filled;
}

/** Whether what lies above a tile of leaf hashes says that it is right: the hash of the full tile, or the signed root. */
async function isConfirmed(
  source: LogSource,
  head: Checkpoint,
  edge: TreeEdge,
  filled: readonly Tile[],
): Promise<boolean> {
  if (filled.length === 0) return Buffer.compare(edge.root(), head.root) === 0;
  const index = filled[0]!.index;
  const level1 = Math.floor(head.size / TILE_WIDTH);
  const first = Math.floor(index / TILE_WIDTH) * TILE_WIDTH;
  const place = { level: 1, index: first / TILE_WIDTH, width: Math.min(TILE_WIDTH, level1 - first) };
  const above = await source.read(tilePath(place, 1));
  const at = (index - first) * HASH_BYTES;
  return above !== undefined && Buffer.compare(above.subarray(at, at + HASH_BYTES), rootOf(filled[0]!.hashes)) === 0;
}

function tellDifference(
  stated: Uint8Array,
  own: Uint8Array,
  place: { readonly index: number; readonly width: number },
  isTileRight: boolean,
  find: Find,
): void {
  for (let i = 0; i < place.width; i++) {
    const [from, to] = [i * HASH_BYTES, (i + 1) * HASH_BYTES];
    if (Buffer.compare(stated.subarray(from, to), own.subarray(from, to)) === 0) continue;
    const leaf = place.index * TILE_WIDTH + i;
    if (isTileRight)
      find(`${tilePath(place, "entries")}, entry ${i} (leaf ${leaf})`, "is not the leaf whose hash is in the tree");
    else find(`${tilePath(place, 0)}, hash ${i}`, `is not that of leaf ${leaf}`);
  }
}

async function readTile(
  source: LogSource,
  place: { readonly level: number; readonly index: number; readonly width: number },
  find: Find,
): Promise<Uint8Array | undefined> {
  const path = tilePath(place, place.level);
  const hashes = await source.read(path);
  if (hashes === undefined) find(path, "is missing");
  else if (hashes.length !== place.width * HASH_BYTES)
    find(path, `has ${hashes.length} bytes, not ${place.width * HASH_BYTES}`);
  else return hashes;
  return undefined;
}

async function compareTile(
  source: LogSource,
  place: { readonly level: number; readonly index: number; readonly width: number },
  own: Uint8Array,
  find: Find,
): Promise<void> {
  const stated = await readTile(source, place, find);
  if (stated === undefined) return;
  for (let i = 0; i < place.width; i++) {
    const [from, to] = [i * HASH_BYTES, (i + 1) * HASH_BYTES];
    if (Buffer.compare(own.subarray(from, to), stated.subarray(from, to)) === 0) continue;
    find(`${tilePath(place, place.level)}, hash ${i}`, "is not that of the tile below");
  }
}

function decoded(bytes: Uint8Array | undefined, path: string, width: number, find: Find): Uint8Array[] | undefined {
  if (bytes === undefined) return undefined;
  try {
    const entries = decodeEntries(bytes);
    if (entries.length === width) return entries;
    find(path, `has ${entries.length} entries, not ${width}`);
  } catch (error) {
    find(path, reason(error));
  }
  return undefined;
}

/** @returns the leaf's time, or the last one where it has none */
function checkLeaf(leaf: Uint8Array, lastMs: number, where: string, find: Find): number {
  try {
    const { timeMs } = decodeLeaf(leaf);
    if (timeMs < lastMs) find(where, "is older than the leaf before it");
    return Math.max(lastMs, timeMs);
  } catch (error) {
    find(where, reason(error));
    return lastMs;
  }
}
