/**
 * A run: tokens that are frozen in the order of their bits, as the kernels look through them (kernel room,
 * assembly/tokens). It is cut into shards by the upper bits, each in memory of its own that all threads share.
 *
 * An entry is 96 bits of the token, of which those that its bucket implies are not kept, the ordinal, and four bits for its
 * mark: about 14 bytes. Nothing is inserted into a run. What is taken out is wiped in place; another thread that looks at
 * the same moment finds it or does not.
 */
import { lowerBound } from "../column/index.js";
import { type SharedMemory, sharedMemory } from "../kernel/index.js";
import { KIND_WORDS } from "./entries.js";
import { TokenError } from "./error.js";
import { ASKED_BYTES } from "./ordered.js";

/** How tokens are spread over shards and buckets; see the kernel's shard.ts. */
export interface Spread {
  /** Upper bits of a token's first word that are the shard's number. */
  readonly prefixBits: number;
  /** The bits below, which are the bucket's. */
  readonly bucketBits: number;
  /** Bytes of the first word, beside its lowest, that each entry keeps. */
  readonly furtherBytes: number;
}

export interface Shard {
  readonly memory: SharedMemory;
  /** Entries, those that are no more included. */
  readonly places: number;
  /** Entries whose mark has no code in the run: their places, ascending, and their marks. */
  readonly oddPlaces: Uint32Array;
  readonly oddMarks: Uint8Array;
}

export interface Run extends Spread {
  /** Of one index, no two runs have the same. */
  readonly id: number;
  readonly shards: readonly Shard[];
  /** What the codes of marks stand for. */
  readonly codes: Uint8Array;
  /** How many entries of each mark there are; entries that are no more are not counted. */
  readonly tally: Uint32Array;
  readonly maxOrdinal: number;
}

export const HEADER_BYTES = 256;
/** Codes of marks: an entry that is no more, one whose mark is kept elsewhere. */
export const HOLE = 0;
export const ELSEWHERE = 15;
const CODES = 16;
const MARKS_AT = 32;
const KIND_WORDS_AT = 48;
/** The kernels read a little behind the last block. */
const OVERREAD_BYTES = 32;
/** Tokens that a thread has looked up at once, and hits that it takes at once. */
export const ASKED_AT_ONCE = 4096;
export const HIT_WORDS = 3;
const STATE_BYTES = 4096;
/** A thread's own room in a shard's memory: what is asked for, what is found, the state between. */
const DESK_BYTES = STATE_BYTES + ASKED_AT_ONCE * (ASKED_BYTES + 4 * HIT_WORDS);

/** Of 14 bytes each, 336 MiB: a small part of what one memory holds, so that a shard is soon made anew. */
export const SHARD_ENTRIES = 24 * 2 ** 20;
const MAX_SPREAD_BITS = 24;
const BUCKET_ENTRIES = 6;

/** How so many entries are spread over shards of at most about so many each. */
export function spreadOf(entries: number, shardEntries: number): Spread {
  const log2 = (number: number) => Math.log2(Math.max(1, number));
  const prefixBits = Math.ceil(log2(entries / shardEntries));
  const bits = Math.min(MAX_SPREAD_BITS, Math.max(prefixBits, Math.round(log2(entries / BUCKET_ENTRIES))));
  return { prefixBits, bucketBits: bits - prefixBits, furtherBytes: Math.ceil((MAX_SPREAD_BITS - bits) / 8) };
}

/** Bytes of an entry, but for its mark. */
export const strideOf = ({ furtherBytes }: Spread): number => 13 + furtherBytes;

/** Where the block of a bucket begins behind the first one, if so many entries lie before it. */
export function blockAt(spread: Spread, before: number, bucket: number): number {
  return before * strideOf(spread) + (before >>> 1) + bucket;
}

/** Address of the directory, which has a number more than there are buckets. */
export const DIRECTORY = HEADER_BYTES;
export const blocksOf = ({ bucketBits }: Spread): number => DIRECTORY + 4 * (2 ** bucketBits + 1);

/** Bytes of a shard of so many entries, without the threads' desks. */
export function shardBytes(spread: Spread, places: number): number {
  const bytes = blocksOf(spread) + blockAt(spread, places, 2 ** spread.bucketBits) + OVERREAD_BYTES;
  return Math.ceil(bytes / 16) * 16;
}

/** Where a thread's desk is in a shard's memory. */
export function deskOf(run: Spread, shard: Pick<Shard, "places">, thread: number): Desk {
  const state = shardBytes(run, shard.places) + thread * DESK_BYTES;
  const asked = state + STATE_BYTES;
  return { state, asked, hits: asked + ASKED_AT_ONCE * ASKED_BYTES };
}

/** Addresses of what a thread puts into a shard's memory, and gets out of it. */
export interface Desk {
  /** Two words: the record and the slot that the next look begins with. */
  readonly state: number;
  readonly asked: number;
  readonly hits: number;
}

/**
 * Memory for a shard of at most so many entries, with desks for some threads.
 * @throws {KernelError} code `memory-short`
 */
export function newShardMemory(spread: Spread, places: number, threads: number): SharedMemory {
  return sharedMemory(shardBytes(spread, places) + threads * DESK_BYTES);
}

/** The header of a shard: 64 bytes in use, little-endian. */
export function shardHeader(spread: Spread, codes: Uint8Array): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const words = new Uint32Array(header.buffer);
  words.set([DIRECTORY, blocksOf(spread), spread.prefixBits, spread.bucketBits, spread.furtherBytes]);
  header.set(codes, MARKS_AT);
  words.set(KIND_WORDS, KIND_WORDS_AT / 4);
  return header;
}

/** The fourteen marks that are most often there, by their codes. */
export function codesFor(tally: Uint32Array): Uint8Array {
  const codes = new Uint8Array(CODES);
  const often = Array.from(tally, (count, mark) => ({ count, mark })).filter(({ count }) => count > 0);
  often.sort((a, b) => b.count - a.count || a.mark - b.mark);
  codes.set(
    often.slice(0, ELSEWHERE - 1).map(({ mark }) => mark),
    HOLE + 1,
  );
  return codes;
}

/** Entries of a run that are still there. */
export function entriesOf({ tally }: Run): number {
  return tally.reduce((sum, count) => sum + count, 0);
}

/** The mark of an entry by its code. */
export function markOf({ codes }: Run, { oddPlaces, oddMarks }: Shard, code: number, place: number): number {
  if (code !== ELSEWHERE) return codes[code]!;
  const at = lowerBound(oddPlaces, place);
  if (oddPlaces[at] !== place) throw new TokenError("malformed-batch", `no mark is kept for the entry at ${place}`);
  return oddMarks[at]!;
}
