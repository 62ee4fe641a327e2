/**
 * A slice of a run: the buckets whose tokens begin with given bits, copied to a workbench, where kernels can read them.
 */
import { lowerBound } from "../column/index.js";
import type { DroppedTags } from "./dropped-tags.js";
import { ENTRY_BYTES, ENTRY_MARK, ENTRY_WORDS, TAG_SHIFT } from "./entries.js";
import {
  blockAt,
  blocksOf,
  DIRECTORY,
  HEADER_BYTES,
  markOf,
  type Run,
  type Shard,
  shardHeader,
  strideOf,
} from "./run.js";
import { alike, WORD_BYTES, type Workbench } from "./workbench.js";

/** What the kernel `find` says of each entry: bucket, slot, ordinal. */
const FOUND_WORDS = 3;
const FOUND_BYTES = 4 * FOUND_WORDS;

/** Where a slice lies in its shard. */
export interface RunSlice {
  readonly run: Run;
  readonly shard: Shard;
  readonly shardNumber: number;
  readonly firstBucket: number;
  readonly buckets: number;
  /** Entries of the shard before the slice, and of the slice; those that are no more included. */
  readonly before: number;
  readonly places: number;
  /** Address of its first block in the shard's memory, and bytes of all its blocks. */
  readonly blocks: number;
  readonly bytes: number;
}

/** The slice of the tokens whose upper `bits` bits are `range`; the run must have at least so many. */
export function sliceOf(run: Run, range: number, bits: number): RunSlice {
  const inShardBits = bits - run.prefixBits;
  const shardNumber = Math.floor(range / 2 ** inShardBits);
  const shard = run.shards[shardNumber]!;
  const buckets = 2 ** (run.bucketBits - inShardBits);
  const firstBucket = (range % 2 ** inShardBits) * buckets;
  const directory = new Uint32Array(shard.memory.buffer, DIRECTORY, 2 ** run.bucketBits + 1);
  const before = directory[firstBucket]!;
  const until = directory[firstBucket + buckets]!;
  const start = blockAt(run, before, firstBucket);
  return {
    run,
    shard,
    shardNumber,
    firstBucket,
    buckets,
    before,
    places: until - before,
    blocks: blocksOf(run) + start,
    bytes: blockAt(run, until, firstBucket + buckets) - start,
  };
}

/** Room that a slice takes on a workbench: header, directory, blocks. */
export const sliceRoom = ({ buckets, bytes }: RunSlice): readonly [number, number, number] => [
  HEADER_BYTES,
  4 * (buckets + 1),
  bytes + WORD_BYTES,
];

/** Copies a slice to where there is room for it. */
export function copySlice(
  { run, shard, firstBucket, buckets, blocks, bytes }: RunSlice,
  bench: Workbench,
  [header, directory, to]: readonly [number, number, number],
): void {
  bench.bytes.set(shardHeader(run, run.codes), header);
  bench.words.set(new Uint32Array(shard.memory.buffer, DIRECTORY + 4 * firstBucket, buckets + 1), directory / 4);
  bench.bytes.set(new Uint8Array(shard.memory.buffer, blocks, bytes), alike(to, blocks));
}

/** Makes entries of a copied slice, in the order of their places; those that are no more have mark 0. */
export function unpackSlice(
  slice: RunSlice,
  bench: Workbench,
  [header, directory, to]: readonly [number, number, number],
  entries: number,
): void {
  const { shard, shardNumber, firstBucket, buckets, before, places } = slice;
  const blocks = alike(to, slice.blocks);
  bench.kernels.unpack(header, shardNumber, firstBucket, buckets, directory, blocks, entries);
  const { oddPlaces, oddMarks } = shard;
  for (let i = lowerBound(oddPlaces, before); i < oddPlaces.length && oddPlaces[i]! < before + places; i++) {
    const mark = entries / 4 + ENTRY_WORDS * (oddPlaces[i]! - before) + ENTRY_MARK;
    // One that is no more since has no mark any more.
    if (bench.words[mark] !== 0) bench.words[mark] = oddMarks[i]!;
  }
}

/** Slices of about so many entries each are looked through at once. */
const SLICE_ENTRIES = 64 * 1024;

/** A run in slices that a workbench holds, in order. */
function* slices(run: Run): Generator<RunSlice> {
  const places = run.shards.reduce((sum, shard) => sum + shard.places, 0);
  const wanted = Math.ceil(Math.log2(Math.max(1, places / SLICE_ENTRIES)));
  const bits = Math.max(run.prefixBits, Math.min(run.prefixBits + run.bucketBits, wanted));
  for (let range = 0; range < 2 ** bits; range++) yield sliceOf(run, range, bits);
}

/** A run's entries, slice by slice; those that are no more have mark 0. */
export function* entriesIn(run: Run, bench: Workbench): Generator<Uint32Array> {
  for (const slice of slices(run)) {
    const [entries, ...rooms] = bench.layOut([ENTRY_BYTES * slice.places, ...sliceRoom(slice)] as const);
    copySlice(slice, bench, rooms);
    unpackSlice(slice, bench, rooms, entries);
    yield bench.words.slice(entries / 4, entries / 4 + ENTRY_WORDS * slice.places);
  }
}

/** Wipes the entries of a run that were taken out. The run's tally follows. */
export function wipeDropped(run: Run, dropped: DroppedTags, bench: Workbench): void {
  const { ordinals } = dropped;
  const tableBits = Math.ceil(Math.log2(2 * ordinals.length + 2));
  const tableBytes = 4 * 2 ** tableBits;
  const [table, ordinalsAt] = bench.layOut([tableBytes, ordinals.byteLength] as const);
  bench.words.fill(0, table / 4, (table + tableBytes) / 4);
  bench.words.set(ordinals, ordinalsAt / 4);
  bench.kernels.tabulate(ordinalsAt, ordinals.length, table, tableBits);
  for (const slice of slices(run)) {
    // The table stays where it is; the slice takes the ordinals' room.
    const [, foundAt, ...rooms] = bench.layOut([tableBytes, FOUND_BYTES * slice.places, ...sliceRoom(slice)] as const);
    copySlice(slice, bench, rooms);
    const [header, directory, to] = rooms;
    const blocks = alike(to, slice.blocks);
    const found = bench.kernels.find(header, slice.buckets, directory, blocks, table, tableBits, foundAt);
    for (let at = foundAt / 4; at < foundAt / 4 + FOUND_WORDS * found; at += FOUND_WORDS) {
      const [bucket, slot, ordinal] = bench.words.subarray(at, at + FOUND_WORDS) as unknown as [number, number, number];
      wipeIfDropped(slice, bucket, slot, (tag) => dropped.has(ordinal, tag));
    }
  }
}

/** Wipes an entry in its shard's memory: its mark first, so that no other thread finds half of it. */
function wipeIfDropped(
  { run, shard, firstBucket }: RunSlice,
  bucket: number,
  slot: number,
  isDropped: (tag: number) => boolean,
): void {
  const bytes = new Uint8Array(shard.memory.buffer);
  const directory = new Uint32Array(shard.memory.buffer, DIRECTORY + 4 * (firstBucket + bucket), 2);
  const [before, after] = directory as unknown as [number, number];
  const entries = after - before;
  const block = blocksOf(run) + blockAt(run, before, firstBucket + bucket);
  const codes = block + entries;
  const shift = (slot & 1) << 2;
  const code = (bytes[codes + (slot >> 1)]! >> shift) & 15;
  const mark = markOf(run, shard, code, before + slot);
  if (!isDropped(mark >> TAG_SHIFT)) return;
  bytes[codes + (slot >> 1)]! &= 0xf0 >> shift;
  bytes[block + slot] = 0;
  const restBytes = strideOf(run) - 1;
  const rest = codes + ((entries + 1) >> 1) + slot * restBytes;
  bytes.fill(0, rest, rest + restBytes);
  run.tally[mark]!--;
}
