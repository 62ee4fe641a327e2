/**
 * A set's bytes are those of other engines: CRoaring in C (npm's `roaring`) and ClickHouse's bitmap functions (npm's
 * `chdb`), where they are installed in bench/. What both wrote once is kept as vectors beside the set's own tests.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { OrdinalSet } from "../src/set/index.js";
import { type Chdb, peerPackage } from "./peer-package.js";

interface NativeBitmap {
  runOptimize(): void;
  serialize(format: "portable"): Uint8Array;
}
interface Roaring {
  readonly RoaringBitmap32: {
    new (members: Uint32Array): NativeBitmap;
    deserialize(bytes: Uint8Array, format: "portable"): NativeBitmap;
  };
}

/** Count of buckets and high half, which go before a set's one 32-bit bitmap. */
const BUCKET_HEADER_BYTES = 12;
/** ClickHouse keeps up to so many members as they are. */
const PLAIN_MEMBERS = 32;
const LAST = 2 ** 32 - 1;
/** First, step, count: single members, arrays, bits and runs, about the containers' borders too. */
const anyPart = fc.tuple(
  fc.oneof(fc.nat({ max: 300_000 }), fc.integer({ min: 2 ** 31 - 70_000, max: 2 ** 31 }), fc.constant(LAST - 70_000)),
  fc.constantFrom(1, 2, 3, 9, 1000),
  fc.constantFrom(1, 1, 40, 4096, 4097, 7000),
);
const anyMembers = fc
  .array(anyPart, { maxLength: 4 })
  .map((parts) =>
    parts.flatMap(([first, step, count]) => Array.from({ length: count }, (_, i) => Math.min(LAST, first + step * i))),
  )
  .map((members) => Uint32Array.from(members));

test("CRoaring in C writes a set's bytes as they are, whether of its members or of what it read", (t) => {
  const roaring = peerPackage<Roaring>("roaring");
  if ("skipped" in roaring) return t.skip(roaring.skipped);
  const { RoaringBitmap32 } = roaring;
  fc.assert(
    fc.property(anyMembers, anyMembers, (one, other) => {
      fc.pre(one.length > 0);
      const set = OrdinalSet.from(one);
      set.addSet(OrdinalSet.from(other));
      const bytes = set.toBytes().subarray(BUCKET_HEADER_BYTES);
      const ofMembers = new RoaringBitmap32(Uint32Array.from([...one, ...other]));
      ofMembers.runOptimize();
      assert.deepEqual(Buffer.from(ofMembers.serialize("portable")), Buffer.from(bytes));
      const read = RoaringBitmap32.deserialize(bytes, "portable");
      assert.deepEqual(Buffer.from(read.serialize("portable")), Buffer.from(bytes));
    }),
  );
});

test("ClickHouse reads a set's bytes as a bitmap of its own, and writes what it makes of two as the set does", (t) => {
  const chdb = peerPackage<Chdb>("chdb");
  if ("skipped" in chdb) return t.skip(chdb.skipped);
  const folder = mkdtempSync(join(tmpdir(), "solely-set-"));
  const session = new chdb.Session(join(folder, "chdb"));
  t.after(() => {
    session.close();
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, "sets");
  const columns = "a AggregateFunction(groupBitmap, UInt64), b AggregateFunction(groupBitmap, UInt64)";
  const states = ["a", "bitmapAnd(a, b)", "bitmapOr(a, b)", "bitmapAndnot(a, b)"];
  const select = `SELECT ${states.map((state) => `hex(toString(${state}))`).join()}, bitmapAndCardinality(a, b)
    FROM file('${file}', 'RowBinary', '${columns}')`;
  fc.assert(
    fc.property(anyMembers, anyMembers, (one, other) => {
      const [a, b] = [OrdinalSet.from(one), OrdinalSet.from(other)];
      writeFileSync(file, Buffer.concat([stateOf(a), stateOf(b)]));
      const answer = session.query(select, "TSV").trim().split("\t");
      const or = a.clone();
      or.addSet(b);
      const theirs = states.map((_, i) => bytesOf(Buffer.from(answer[i]!, "hex")));
      assert.deepEqual(
        theirs,
        [a, a.and(b), or, a.andNot(b)].map((set) => Buffer.from(set.toBytes())),
      );
      assert.equal(answer.at(-1), String(a.andSize(b)));
    }),
    { numRuns: 40 },
  );
});

/** A set as ClickHouse keeps the state of groupBitmap(UInt64): few members plainly; else 01, LEB128 of the length, bytes. */
function stateOf(set: OrdinalSet): Buffer {
  if (set.size <= PLAIN_MEMBERS) {
    const members = BigUint64Array.from(set.toArray(), BigInt);
    return Buffer.concat([Uint8Array.of(0, members.length), new Uint8Array(members.buffer)]);
  }
  const bytes = set.toBytes();
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest >= 128; rest >>>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Uint8Array.of(1, ...length, rest), bytes]);
}

/** The bytes of the set in a state; members that are kept plainly are made a set of first. */
function bytesOf(state: Buffer): Buffer {
  if (state[0] === 0) {
    const members = Uint32Array.from({ length: state[1]! }, (_, i) => Number(state.readBigUInt64LE(2 + 8 * i)));
    return Buffer.from(OrdinalSet.from(members).toBytes());
  }
  const lengthBytes = 1 + state.subarray(1).findIndex((byte) => byte < 128);
  return state.subarray(1 + lengthBytes);
}
