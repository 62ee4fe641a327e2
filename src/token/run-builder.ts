/**
 * Builds a run of other runs and of fresh entries: range by range of the tokens' upper bits, each small enough to stay in the
 * cache, so that whatever their number all of memory is gone through once and in order.
 */
import type { Paging } from "../paging/index.js";
import { ENTRY_BYTES, ENTRY_MARK, ENTRY_ORDINAL, ENTRY_WORDS, type Entries } from "./entries.js";
import {
  blockAt,
  blocksOf,
  codesFor,
  DIRECTORY,
  ELSEWHERE,
  HEADER_BYTES,
  newShardMemory,
  type Run,
  type Shard,
  type Spread,
  shardBytes,
  shardHeader,
  spreadOf,
} from "./run.js";
import { copySlice, entriesIn, sliceOf, sliceRoom, unpackSlice } from "./run-slice.js";
import { alike, WORD_BYTES, Workbench } from "./workbench.js";

/** Buckets of a range: 2 to this power. */
const RANGE_BITS = 11;
const MARKS = 256;
const ODD_BYTES = 8;

export interface BuildOptions {
  readonly id: number;
  /** Threads that will look into the run. */
  readonly threads: number;
  /** Entries of a shard at most, or nearly so. */
  readonly shardEntries: number;
  /** For large runs. */
  readonly paging: Paging;
}

/**
 * @param runs are left as they are
 * @throws {KernelError} code `memory-short`
 */
export function buildRun(
  runs: readonly Run[],
  fresh: Entries,
  { id, threads, shardEntries, paging }: BuildOptions,
): Run {
  const tally = tallyOf(runs, fresh);
  const entries = tally.reduce((sum, count) => sum + count, 0);
  const spread = spreadOf(entries, shardEntries);
  const isPaged = paging.isFor(shardBytes(spread, entries));
  const codes = codesFor(tally);
  const source = new Source(runs, fresh, spread.prefixBits + Math.max(0, spread.bucketBits - RANGE_BITS));
  const shards = Array.from({ length: 2 ** spread.prefixBits }, (_, number) => {
    const shard = buildShard(source, spread, codes, number, threads);
    if (isPaged) paging.pageOut(new Uint8Array(shard.memory.buffer, 0, shardBytes(spread, shard.places)));
    return shard;
  });
  let maxOrdinal = Math.max(0, ...runs.map((run) => run.maxOrdinal));
  for (let at = ENTRY_ORDINAL; at < fresh.words.length; at += ENTRY_WORDS) {
    if (fresh.words[at]! > maxOrdinal) maxOrdinal = fresh.words[at]!;
  }
  return { id, ...spread, shards, codes, tally, maxOrdinal };
}

function tallyOf(runs: readonly Run[], { words }: Entries): Uint32Array {
  const tally = new Uint32Array(MARKS);
  for (const run of runs) run.tally.forEach((count, mark) => void (tally[mark]! += count));
  for (let at = ENTRY_MARK; at < words.length; at += ENTRY_WORDS) tally[words[at]!]!++;
  return tally;
}

function buildShard(source: Source, spread: Spread, codes: Uint8Array, number: number, threads: number): Shard {
  const rangeBits = source.bits - spread.prefixBits;
  const buckets = 2 ** (spread.bucketBits - rangeBits);
  const ranges = Array.from({ length: 2 ** rangeBits }, (_, i) => number * 2 ** rangeBits + i);
  const places = ranges.reduce((sum, range) => sum + source.count(range), 0);
  const memory = newShardMemory(spread, places, threads);
  const header = shardHeader(spread, codes);
  const bytes = new Uint8Array(memory.buffer);
  const directory = new Uint32Array(memory.buffer, DIRECTORY, 2 ** spread.bucketBits + 1);
  bytes.set(header);
  const codeOf = new Uint8Array(MARKS).fill(ELSEWHERE);
  codes.forEach((mark, code) => void (mark !== 0 && (codeOf[mark] = code)));
  const odd: { places: number[]; marks: number[] } = { places: [], marks: [] };
  let before = 0;
  ranges.forEach((range, i) => {
    const firstBucket = i * buckets;
    const count = source.count(range);
    const blockBytes = blockAt(spread, count + 1, buckets + 1) + WORD_BYTES;
    const rooms = [HEADER_BYTES, MARKS, 4 * (buckets + 1), 4 * buckets, blockBytes, ODD_BYTES * count] as const;
    const { bench, entries, addresses } = source.take(range, rooms);
    const [form, codesAt, directoryAt, placesAt, blocksAt, oddAt] = addresses;
    const start = blocksOf(spread) + blockAt(spread, before, firstBucket);
    const blocks = alike(blocksAt, start);
    bench.bytes.set(header, form);
    bench.bytes.set(codeOf, codesAt);
    const odds = bench.kernels.pack(
      ...([form, entries, count, firstBucket, buckets, before] as const),
      ...([codesAt, directoryAt, placesAt, blocks, oddAt] as const),
    );
    directory.set(bench.words.subarray(directoryAt / 4, directoryAt / 4 + buckets + 1), firstBucket);
    const after = directory[firstBucket + buckets]!;
    const used = blocksOf(spread) + blockAt(spread, after, firstBucket + buckets) - start;
    bytes.set(bench.bytes.subarray(blocks, blocks + used), start);
    for (let o = 0; o < odds; o++) {
      odd.places.push(bench.words[oddAt / 4 + 2 * o]!);
      odd.marks.push(bench.words[oddAt / 4 + 2 * o + 1]!);
    }
    before = after;
  });
  const order = Uint32Array.from(odd.places.keys()).sort((a, b) => odd.places[a]! - odd.places[b]!);
  return {
    memory,
    places: before,
    oddPlaces: Uint32Array.from(order, (i) => odd.places[i]!),
    oddMarks: Uint8Array.from(order, (i) => odd.marks[i]!),
  };
}

/** All entries that a run is built of, by range: by the upper `bits` bits of their tokens. */
class Source {
  readonly bits: number;
  readonly #bench = new Workbench();
  /** Runs whose buckets lie within ranges; others are small beside what is built. */
  readonly #runs: readonly Run[];
  /** Fresh entries and those of small runs: by range, and where each range ends. */
  readonly #loose: Uint32Array;
  readonly #looseEnds: Uint32Array;

  constructor(runs: readonly Run[], fresh: Entries, bits: number) {
    const isFine = (run: Run) => run.prefixBits <= bits && run.prefixBits + run.bucketBits >= bits;
    const bench = this.#bench;
    this.bits = bits;
    this.#runs = runs.filter(isFine);
    const apart = runs.filter((run) => !isFine(run)).flatMap((run) => [...entriesIn(run, bench)]);
    const loose = joined([fresh.words, ...apart]);
    const [entries, ends, arranged] = bench.layOut([loose.byteLength, 4 * 2 ** bits, loose.byteLength] as const);
    bench.words.set(loose, entries / 4);
    bench.kernels.arrange(entries, loose.length / ENTRY_WORDS, bits, ends, arranged);
    this.#loose = bench.words.slice(arranged / 4, arranged / 4 + loose.length);
    this.#looseEnds = bench.words.slice(ends / 4, ends / 4 + 2 ** bits);
  }

  /** Entries of a range at most. */
  count(range: number): number {
    const places = this.#runs.reduce((sum, run) => sum + sliceOf(run, range, this.bits).places, 0);
    return places + this.#looseEnds[range]! - (this.#looseEnds[range - 1] ?? 0);
  }

  /** The entries of a range, on a workbench that has more rooms of these sizes. */
  take<const T extends readonly number[]>(range: number, rooms: T) {
    const slices = this.#runs.map((run) => sliceOf(run, range, this.bits));
    const bench = this.#bench;
    const room = ENTRY_BYTES * this.count(range) + WORD_BYTES;
    const [part = 0, ...rest] = bench.layOut<number[]>([room, ...slices.flatMap(sliceRoom), ...rooms]);
    const [from, to] = [this.#looseEnds[range - 1] ?? 0, this.#looseEnds[range]!];
    const entries = alike(part, ENTRY_BYTES * from);
    bench.words.set(this.#loose.subarray(ENTRY_WORDS * from, ENTRY_WORDS * to), entries / 4);
    let at = entries + ENTRY_BYTES * (to - from);
    slices.forEach((slice, i) => {
      const own = rest.slice(3 * i, 3 * i + 3) as [number, number, number];
      copySlice(slice, bench, own);
      unpackSlice(slice, bench, own, at);
      at += ENTRY_BYTES * slice.places;
    });
    return { bench, entries, addresses: rest.slice(3 * slices.length) as unknown as { [i in keyof T]: number } };
  }
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let used = 0;
  for (const part of parts) {
    all.set(part, used);
    used += part.length;
  }
  return all;
}
