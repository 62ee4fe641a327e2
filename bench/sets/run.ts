/**
 * Set operations: ours (roaring-wasm) and CRoaring in C (npm's `roaring`) in turn (A B A B …) on the same members.
 *
 *     npm run bench:sets               sets over 100 M ordinals, lists of 1 M
 *     npm run bench:sets -- --json     one JSON object on stdout
 *     npm run bench:sets -- --short    sets over 4 M ordinals
 *
 * `permitted` has 70 % of all ordinals, a list draws evenly. Exits 1 when answers differ. CRoaring's package fetches or compiles
 * its binary when it is installed: where it is not there the bench says so, and nothing is compared.
 */
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { OrdinalSet } from "../../src/set/index.js";
import { peerPackage } from "../../test/peer-package.js";
import { machine, median, say } from "../figures.js";
import { type JobResult, jobsTable } from "../results.js";

/** CRoaring in C, as far as it is used here. */
interface Bitmap {
  readonly size: number;
  runOptimize(): void;
  andCardinality(other: Bitmap): number;
  serialize(format: "portable"): Uint8Array;
  toUint32Array(): Uint32Array;
}
interface Roaring {
  readonly RoaringBitmap32: {
    new (members: Uint32Array): Bitmap;
    readonly CRoaringVersion: string;
    and(a: Bitmap, b: Bitmap): Bitmap;
    or(a: Bitmap, b: Bitmap): Bitmap;
    andNot(a: Bitmap, b: Bitmap): Bitmap;
    deserialize(bytes: Uint8Array, format: "portable"): Bitmap;
  };
}

/** One operation; both return what is held against each other. */
interface SetJob {
  readonly job: string;
  readonly rows: number;
  ours(): OrdinalSet | Uint8Array | Uint32Array | number;
  peer(): Bitmap | Uint8Array | Uint32Array | number;
}

const BUCKET_HEADER_BYTES = 12;
const PERMITTED = 0.7;

const { values: flags } = parseArgs({
  options: { json: { type: "boolean", default: false }, short: { type: "boolean", default: false } },
});
const rounds = flags.short ? 5 : 21;
const ordinals = flags.short ? 4_000_000 : 100_000_000;
const rows = flags.short ? 40_000 : 1_000_000;
const BATCH = 64 * 1024;

function jobsOver({ RoaringBitmap32 }: Roaring): readonly SetJob[] {
  const random = lcg(20_190_917);
  const drawn = (): Uint32Array => Uint32Array.from({ length: rows }, () => Math.floor(random() * ordinals));
  const members = {
    permitted: Uint32Array.from({ length: ordinals }, (_, i) => i).filter(() => random() < PERMITTED),
    list: drawn(),
    other: drawn(),
  };
  const both = (ordinals: Uint32Array) => ({ own: OrdinalSet.from(ordinals), native: new RoaringBitmap32(ordinals) });
  const permitted = both(members.permitted);
  const list = both(members.list);
  const other = both(members.other);
  const pairs = (name: string, a: typeof list, b: typeof list): SetJob[] => [
    {
      ...{ job: `and, ${name}`, rows: a.own.size },
      ours: () => a.own.and(b.own),
      peer: () => RoaringBitmap32.and(a.native, b.native),
    },
    {
      ...{ job: `andNot, ${name}`, rows: a.own.size },
      ours: () => a.own.andNot(b.own),
      peer: () => RoaringBitmap32.andNot(a.native, b.native),
    },
    {
      ...{ job: `or, ${name}`, rows: a.own.size },
      ours: () => {
        const set = a.own.clone();
        set.addSet(b.own);
        return set;
      },
      peer: () => RoaringBitmap32.or(a.native, b.native),
    },
    {
      ...{ job: `andCardinality, ${name}`, rows: a.own.size },
      ours: () => a.own.andSize(b.own),
      peer: () => a.native.andCardinality(b.native),
    },
  ];
  const forms = (name: string, a: typeof list): SetJob[] => {
    const bytes = a.own.toBytes();
    return [
      {
        ...{ job: `serialise ${name}`, rows: a.own.size },
        ours: () => a.own.toBytes().subarray(BUCKET_HEADER_BYTES),
        peer: () => {
          a.native.runOptimize();
          return a.native.serialize("portable");
        },
      },
      {
        ...{ job: `read ${name}`, rows: a.own.size },
        ours: () => OrdinalSet.fromBytes(bytes),
        peer: () => RoaringBitmap32.deserialize(bytes.subarray(BUCKET_HEADER_BYTES), "portable"),
      },
      {
        ...{ job: `members of ${name}`, rows: a.own.size },
        ours: () => a.own.toArray(),
        peer: () => a.native.toUint32Array(),
      },
    ];
  };
  const from = (name: string, ordinals: Uint32Array): SetJob => ({
    ...{ job: `from unsorted, ${name}`, rows: ordinals.length },
    ours: () => OrdinalSet.from(ordinals),
    peer: () => new RoaringBitmap32(ordinals),
  });
  return [
    from("a batch", members.list.subarray(0, BATCH)),
    from("a list", members.list),
    ...pairs("list and permitted", list, permitted),
    ...pairs("two lists", list, other),
    ...forms("a list", list),
    ...forms("permitted", permitted),
  ];
}

/** Numbers from 0 to 1 that are the same in every run (Numerical Recipes' generator). */
function lcg(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function measured({ job, rows, ours, peer }: SetJob, version: string): JobResult {
  const times = { ours: [] as number[], peer: [] as number[] };
  const timed = <T>(work: () => T, times: number[]): T => {
    const from = performance.now();
    const made = work();
    times.push((performance.now() - from) / 1000);
    return made;
  };
  let answers: [string, string] = ["", ""];
  for (let round = 0; round < rounds; round++) {
    const [own, native] = [timed(ours, times.ours), timed(peer, times.peer)];
    if (round === 0) answers = [textOf(own), textOf(native)];
    if (own instanceof OrdinalSet) own.dispose();
  }
  const seconds = { ours: median(times.ours), peer: median(times.peer) };
  return {
    ...{ job, rows, contacts: ordinals, ours: "roaring-wasm", peer: `CRoaring ${version} in C`, seconds },
    ratio: seconds.peer / seconds.ours,
    answer: answers[0],
    equal: answers[0] === answers[1],
  };
}

/** A set by its bytes, members by theirs, a count as it is. */
function textOf(made: OrdinalSet | Bitmap | Uint8Array | Uint32Array | number): string {
  if (typeof made === "number") return `${made} members`;
  if (made instanceof OrdinalSet) return textOf(made.toBytes().subarray(BUCKET_HEADER_BYTES));
  if (ArrayBuffer.isView(made)) return `sha256 ${createHash("sha256").update(made).digest("hex").slice(0, 16)}`;
  made.runOptimize();
  return textOf(made.serialize("portable"));
}

const roaring = peerPackage<Roaring>("roaring");
if ("skipped" in roaring) say(`set operations are not compared: ${roaring.skipped}`);
else {
  const machineBefore = machine();
  const version = roaring.RoaringBitmap32.CRoaringVersion;
  const jobs = jobsOver(roaring).map((job) => measured(job, version));
  if (flags.json) process.stdout.write(`${JSON.stringify({ machine: machineBefore, rounds, jobs })}\n`);
  else process.stdout.write(`${jobsTable(jobs)}\n\n${machineBefore}; medians, in turn\n`);
  if (jobs.some(({ equal }) => !equal)) process.exitCode = 1;
}
