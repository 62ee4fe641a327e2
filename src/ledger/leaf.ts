/**
 * A leaf: what the log holds of one committed batch or decision. Always 42 bytes, so that a leaf tells nothing
 * but its kind, its time and the root of its facts.
 *
 * | bytes | |
 * |---|---|
 * | 0 | version, 1 |
 * | 1 | kind |
 * | 2-9 | time the system learned it, milliseconds since 1970, big-endian |
 * | 10-41 | root of the tree of its facts (see fact-tree) |
 */
import { LedgerError } from "./error.js";

export const LEAF_BYTES = 42;
export const LEAF_VERSION = 1;
export const ROOT_BYTES = 32;
const TIME_AT = 2;
const ROOT_AT = 10;
/** The last instant a date can hold. */
const MAX_TIME_MS = 8.64e15;

/**
 * What was committed, by its lasting code. Codes are never used again for another meaning. Those below 64 are
 * decisions and what else is set up: few, and folded from the first at every start (the store has an index of
 * them); those from 64 on are the daily work. 0 and 128-255 stay unused, so that a zeroed or a flipped first bit
 * is never a kind.
 */
export const LeafKind = {
  genesis: 1,
  /** What was set up with the genesis: check values of the keys. */
  setup: 2,
  proposal: 3,
  approval: 4,
  advertiser: 5,
  key: 6,
  /** The ads key was rotated. */
  rotation: 7,
  /** A claim that something upstream was wrong was opened. */
  incident: 16,
  /** An account of the platform's own people, with contacts given for security alone, is watched. */
  canary: 17,
  /** A store that was behind its kept checkpoint was recovered. */
  recovery: 18,
  contacts: 64,
  events: 65,
  accounts: 66,
  /** What an append, a remove or a replace of a list's part came to. */
  list: 67,
  /** A run of a source under an idempotency key, with its result; or one that would have freed too much. */
  run: 68,
  export: 69,
  /** The size of an audience was drawn with its noise, and its cost charged to the advertiser's legal entity. */
  release: 70,
  /** What was given up to an instant was destroyed. */
  erasure: 80,
  /** Contacts were asked for in the clear. */
  reveal: 81,
  /** What was erased before has left the bytes on disk. */
  compaction: 82,
  /** Grants and matches are held to what a contained incident says of them, or no longer. */
  correction: 96,
  /** Ads were shown to accounts. */
  showings: 97,
  /** Something that must not be was seen. */
  alarm: 98,
} as const;

export type LeafKindName = keyof typeof LeafKind;
export type LeafKind = (typeof LeafKind)[LeafKindName];

const NAMES: ReadonlyMap<number, LeafKindName> = new Map(leafKindNames().map((name) => [LeafKind[name], name]));

function leafKindNames(): LeafKindName[] {
  return Object.keys(LeafKind).filter((name): name is LeafKindName => name in LeafKind);
}

export interface Leaf {
  readonly kind: LeafKind;
  readonly timeMs: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/**
 * The name of a kind's code.
 * @throws {LedgerError} code `unknown-leaf-kind`
 */
export function leafKindName(code: number): LeafKindName {
  const name = NAMES.get(code);
  if (name !== undefined) return name;
  throw new LedgerError("unknown-leaf-kind", `a leaf of kind ${code}, which this version does not know`);
}

/**
 * A leaf's 42 bytes.
 * @throws {LedgerError} codes `malformed-leaf`, `unknown-leaf-kind`
 */
export function encodeLeaf({ kind, timeMs, root }: Leaf): Uint8Array {
  leafKindName(kind);
  if (!isTime(timeMs)) throw new LedgerError("malformed-leaf", "a leaf's time is whole milliseconds since 1970");
  if (root.length !== ROOT_BYTES) throw new LedgerError("malformed-leaf", `a leaf's root has ${ROOT_BYTES} bytes`);
  const bytes = new Uint8Array(LEAF_BYTES);
  bytes[0] = LEAF_VERSION;
  bytes[1] = kind;
  new DataView(bytes.buffer).setBigUint64(TIME_AT, BigInt(timeMs));
  bytes.set(root, ROOT_AT);
  return bytes;
}

/**
 * Reads a leaf; its root is a copy.
 * @throws {LedgerError} codes `malformed-leaf`, `unknown-leaf-version`, `unknown-leaf-kind`
 */
export function decodeLeaf(bytes: Uint8Array): Leaf {
  if (bytes.length !== LEAF_BYTES)
    throw new LedgerError("malformed-leaf", `a leaf has ${LEAF_BYTES} bytes, not ${bytes.length}`);
  if (bytes[0] !== LEAF_VERSION) {
    throw new LedgerError("unknown-leaf-version", `a leaf of version ${bytes[0]}, which this version does not know`);
  }
  const kind = LeafKind[leafKindName(bytes[1]!)];
  const timeMs = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(TIME_AT));
  if (!isTime(timeMs)) throw new LedgerError("malformed-leaf", "a leaf's time is beyond what a date can hold");
  return { kind, timeMs, root: bytes.slice(ROOT_AT) };
}

function isTime(timeMs: number): boolean {
  return Number.isInteger(timeMs) && timeMs >= 0 && timeMs <= MAX_TIME_MS;
}
