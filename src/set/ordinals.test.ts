import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { OrdinalSet, type ReadonlyOrdinalSet, SetError } from "./index.js";
import { portableBitmap } from "./portable.js";

/** Members in ascending order. */
const sorted = (members: Iterable<number>) => [...members].sort((a, b) => a - b);
const setOf = (members: Iterable<number>) => OrdinalSet.from(Uint32Array.from(members));
const isSetError = (...codes: string[]) => {
  return (error: unknown) => error instanceof SetError && codes.includes(error.code);
};

const LAST = 2 ** 32 - 1;
/** Ordinals about the borders of the bitmap's containers, and where numbers turn negative or end. */
const anyOrdinal = fc.oneof(
  fc.nat({ max: 40 }),
  fc.integer({ min: 65_520, max: 65_550 }),
  fc.constantFrom(131_071, 131_072, 2 ** 31 - 1, 2 ** 31, LAST - 1, LAST),
);
/** Single ordinals, runs, and every third of many: the three kinds of container. */
const anyPart = fc.oneof(
  { weight: 12, arbitrary: anyOrdinal.map((ordinal) => [ordinal]) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(0, 60_000, 2 ** 31 - 50), fc.constantFrom(1, 3), fc.integer({ min: 10, max: 6000 }))
      .map(([first, step, count]) => Array.from({ length: count }, (_, i) => first + step * i)),
  },
  // Far apart, as those of a thin set.
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat({ max: 2 ** 20 }), fc.constantFrom(1_800, 20_011, 200_003), fc.integer({ min: 60, max: 2500 }))
      .map(([first, step, count]) => Array.from({ length: count }, (_, i) => first + step * i)),
  },
);
const anyMembers = fc.array(anyPart, { maxLength: 14 }).map((parts) => parts.flat());

function checkSet(set: ReadonlyOrdinalSet, model: ReadonlySet<number>): void {
  const members = sorted(model);
  assert.equal(set.size, members.length);
  assert.deepEqual([...set.toArray()], members);
  assert.deepEqual([...set], members);
}

type Change = "addAll" | "removeAll" | "addSet" | "removeSet" | "keepSet" | "clear";
const anyChange = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom<Change>("addAll", "removeAll", "addSet", "removeSet", "keepSet") },
  { weight: 1, arbitrary: fc.constant<Change>("clear") },
);

/** The set after one change, by a plain Set. */
function changed(model: ReadonlySet<number>, change: Change, others: ReadonlySet<number>): Set<number> {
  if (change === "clear") return new Set();
  if (change === "addAll" || change === "addSet") return new Set([...model, ...others]);
  return new Set([...model].filter((member) => others.has(member) === (change === "keepSet")));
}

test("a set after any changes holds what a plain Set holds, and a clone made before keeps what it held", () => {
  fc.assert(
    fc.property(anyMembers, fc.array(fc.tuple(anyChange, anyMembers), { maxLength: 5 }), (first, changes) => {
      const set = setOf(first);
      let model = new Set(first);
      checkSet(set, model);
      for (const [change, members] of changes) {
        const before = { clone: set.clone(), model };
        const others = new Set(members);
        const other = setOf(members);
        if (change === "clear") set.clear();
        else if (change === "addAll" || change === "removeAll") set[change](Uint32Array.from(members));
        else set[change](other);
        model = changed(model, change, others);
        checkSet(set, model);
        checkSet(other, others);
        checkSet(before.clone, before.model);
      }
    }),
  );
});

test("what is asked of two sets is what two plain Sets answer, and neither is changed by it", () => {
  fc.assert(
    fc.property(anyMembers, anyMembers, fc.boolean(), (one, other, isSame) => {
      const [a, b] = [new Set(one), new Set(isSame ? one : other)];
      const [setA, setB] = [setOf(a), setOf(isSame ? one.toReversed() : other)];
      const both = new Set([...a].filter((member) => b.has(member)));
      checkSet(setA.and(setB), both);
      checkSet(setA.andNot(setB), changed(a, "removeSet", b));
      assert.equal(setA.andSize(setB), both.size);
      assert.equal(setA.intersects(setB), both.size > 0);
      assert.equal(setA.equals(setB), both.size === a.size && both.size === b.size);
      for (const member of [...other, 41, 65_551, LAST - 2]) assert.equal(setA.has(member), a.has(member));
      checkSet(setA, a);
      checkSet(setB, b);
    }),
  );
});

test("a range of a set has the members from its first number on to before its end", () => {
  const anyBound = fc.oneof(anyOrdinal, fc.constant(2 ** 32));
  fc.assert(
    fc.property(anyMembers, anyBound, anyBound, (members, from, to) => {
      const wanted = sorted(new Set(members)).filter((member) => from <= member && member < to);
      assert.deepEqual([...setOf(members).range(from, to)], wanted);
    }),
  );
});

test("equal sets are equal bytes, and are equal, however they came to be, thin or not", () => {
  fc.assert(
    fc.property(anyMembers, anyMembers, (members, others) => {
      const plain = setOf(members);
      const grown = setOf([...members, ...others]);
      grown.removeAll(Uint32Array.from(others));
      grown.addAll(Uint32Array.from(members));
      const crowd = Array.from({ length: 9000 }, (_, i) => i);
      const crowded = setOf([...crowd, ...members]);
      crowded.removeSet(setOf(crowd.filter((one) => !plain.has(one))));
      for (const other of [grown, crowded, OrdinalSet.fromBytes(plain.toBytes())]) {
        assert.ok(plain.equals(other) && other.equals(plain));
        assert.equal(Buffer.compare(plain.toBytes(), other.toBytes()), 0);
        assert.equal(plain.andSize(other), plain.size);
      }
    }),
  );
});

test("no number that is not an unsigned 32-bit one is a member", () => {
  const set = setOf([0, 1, LAST]);
  for (const number of [-1, 0.5, 1.5, 2 ** 32, 2 ** 32 + 1, Number.NaN]) assert.equal(set.has(number), false);
});

const BUCKET_HEADER_BYTES = 12;
const NO_RUNS = 12_346;
const WITH_RUNS = 12_347;
/** A container with more members than this is a bitset, of 8192 bytes. */
const MAX_ARRAY = 4096;
const BITSET_BYTES = 8192;
/** A bitmap with runs has offsets only from this many containers on. */
const NO_OFFSET_THRESHOLD = 4;

/** Reads the file form as the specification says it, value by value; one bucket or none. */
function readPlain(bytes: Uint8Array): number[] {
  const file = Buffer.from(bytes);
  if (file.readBigUInt64LE(0) === 0n) {
    assert.equal(file.length, 8);
    return [];
  }
  assert.equal(file.readBigUInt64LE(0), 1n);
  assert.equal(file.readUInt32LE(8), 0);
  const bitmap = file.subarray(BUCKET_HEADER_BYTES);
  let at = 4;
  const hasRuns = bitmap.readUInt16LE(0) === WITH_RUNS;
  if (!hasRuns) assert.equal(bitmap.readUInt32LE(0), NO_RUNS);
  const containers = hasRuns ? bitmap.readUInt16LE(2) + 1 : bitmap.readUInt32LE(4);
  const runFlags = hasRuns ? bitmap.subarray(4, 4 + Math.ceil(containers / 8)) : Buffer.alloc(containers);
  at += hasRuns ? runFlags.length : 4;
  const header = bitmap.subarray(at, (at += 4 * containers));
  const hasOffsets = !hasRuns || containers >= NO_OFFSET_THRESHOLD;
  const offsets = bitmap.subarray(at, (at += hasOffsets ? 4 * containers : 0));
  const members: number[] = [];
  for (let i = 0; i < containers; i++) {
    const high = header.readUInt16LE(4 * i) * 65_536;
    const count = header.readUInt16LE(4 * i + 2) + 1;
    const before = members.length;
    if (hasOffsets) assert.equal(offsets.readUInt32LE(4 * i), at);
    if ((runFlags[i >> 3]! >> (i & 7)) & 1) {
      const runs = bitmap.readUInt16LE(at);
      for (let run = at + 2; run < at + 2 + 4 * runs; run += 4) {
        const start = bitmap.readUInt16LE(run);
        for (let more = 0; more <= bitmap.readUInt16LE(run + 2); more++) members.push(high + start + more);
      }
      at += 2 + 4 * runs;
    } else if (count <= MAX_ARRAY) {
      for (let j = 0; j < count; j++, at += 2) members.push(high + bitmap.readUInt16LE(at));
    } else {
      for (let bit = 0; bit < 65_536; bit++) if ((bitmap[at + (bit >> 3)]! >> (bit & 7)) & 1) members.push(high + bit);
      at += BITSET_BYTES;
    }
    assert.equal(members.length - before, count);
  }
  assert.equal(at, bitmap.length);
  return members;
}

/** Writes the file form as the specification says it, without runs. */
function writePlain(members: readonly number[], buckets = 1n, shard = 0): Buffer {
  const lows = new Map<number, number[]>();
  for (const member of members) {
    const high = Math.floor(member / 65_536);
    lows.set(high, [...(lows.get(high) ?? []), member % 65_536]);
  }
  const head = Buffer.alloc(BUCKET_HEADER_BYTES + 8);
  head.writeBigUInt64LE(buckets, 0);
  head.writeUInt32LE(shard, 8);
  head.writeUInt32LE(NO_RUNS, 12);
  head.writeUInt32LE(lows.size, 16);
  const [header, offsets] = [Buffer.alloc(4 * lows.size), Buffer.alloc(4 * lows.size)];
  const containers: Uint8Array[] = [];
  let offset = 8 + 8 * lows.size;
  [...lows].forEach(([high, low], i) => {
    header.writeUInt16LE(high, 4 * i);
    header.writeUInt16LE(low.length - 1, 4 * i + 2);
    offsets.writeUInt32LE(offset, 4 * i);
    const container = Buffer.alloc(low.length > MAX_ARRAY ? BITSET_BYTES : 2 * low.length);
    low.forEach((value, j) => {
      if (low.length > MAX_ARRAY) container[value >> 3]! |= 1 << (value & 7);
      else container.writeUInt16LE(value, 2 * j);
    });
    containers.push(container);
    offset += container.length;
  });
  return Buffer.concat([head, header, offsets, ...containers]);
}

test("the file form of a set is what the specification says, to a plain reader and from a plain writer", () => {
  fc.assert(
    fc.property(anyMembers, (members) => {
      const set = setOf(members);
      const wanted = sorted(new Set(members));
      const bytes = set.toBytes();
      assert.deepEqual(readPlain(bytes), wanted);
      checkSet(set, new Set(members));
      assert.ok(OrdinalSet.fromBytes(bytes).equals(set));
      const plain = writePlain(wanted);
      const bitmap = portableBitmap(Uint32Array.from(wanted));
      assert.deepEqual(Buffer.from(bitmap), plain.subarray(BUCKET_HEADER_BYTES));
      // Inside other bytes, at any offset.
      const inside = Buffer.concat([Buffer.alloc(wanted.length % 5, 0xff), plain]).subarray(wanted.length % 5);
      assert.ok(OrdinalSet.fromBytes(inside).equals(set));
      assert.ok(OrdinalSet.fromBytes(Uint8Array.from(plain)).equals(set));
    }),
  );
});

test("files that were written by hand are those of their sets", () => {
  const bucket = "0100000000000000" + "00000000";
  const files: [string, number[]][] = [
    ["0000000000000000", []],
    // Cookie, two containers; key and members less one of each; offsets; values.
    [`${bucket}3a300000 02000000 00000200 01000000 18000000 1e000000 010003000900 7011`, [1, 3, 9, 70_000]],
    // Cookie with one container, which is a run; key and members less one; one run from 5, 2999 more.
    [`${bucket}3b300000 01 0000b70b 0100 0500b70b`, Array.from({ length: 3000 }, (_, i) => 5 + i)],
  ];
  for (const [spaced, members] of files) {
    const hex = spaced.replaceAll(" ", "");
    assert.equal(Buffer.from(setOf(members).toBytes()).toString("hex"), hex);
    assert.deepEqual([...OrdinalSet.fromBytes(Buffer.from(hex, "hex"))], members);
  }
});

test("files that CRoaring in C and ClickHouse wrote are those of their sets", () => {
  const schema = z.object({
    sets: z.array(z.object({ parts: z.array(z.tuple([z.number(), z.number(), z.number()])), bytes: z.string() })),
  });
  const file = new URL("../../../src/set/vectors/roaring-64.json", import.meta.url);
  const { sets } = schema.parse(JSON.parse(readFileSync(file, "utf8")));
  assert.ok(sets.length > 0);
  for (const { parts, bytes } of sets) {
    const members = parts.flatMap(([first, step, count]) => Array.from({ length: count }, (_, i) => first + step * i));
    assert.equal(Buffer.from(setOf(members).toBytes()).toString("hex"), bytes);
    checkSet(OrdinalSet.fromBytes(Buffer.from(bytes, "hex")), new Set(members));
  }
});

test("a file with several buckets, or with a bucket of another shard, is refused", () => {
  const isTooMany = isSetError("too-many-shards");
  const members = [1, 70_000];
  assert.deepEqual([...OrdinalSet.fromBytes(writePlain(members))], members);
  for (const buckets of [2n, 256n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 64n - 1n]) {
    assert.throws(() => OrdinalSet.fromBytes(writePlain(members, buckets)), isTooMany, `${buckets} buckets`);
  }
  for (const shard of [1, 256, LAST]) {
    assert.throws(() => OrdinalSet.fromBytes(writePlain(members, 1n, shard)), isTooMany, `shard ${shard}`);
  }
});

test("a file that is cut off, or that holds another thing than a bitmap, is refused", () => {
  for (const bytes of [setOf([1, 2, 3, 70_000, LAST]).toBytes(), writePlain([7, 8, 2 ** 31])]) {
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(() => OrdinalSet.fromBytes(bytes.subarray(0, length)), isSetError("malformed"), `${length} bytes`);
    }
    const another = Uint8Array.from(bytes);
    another[BUCKET_HEADER_BYTES] = 0;
    assert.throws(() => OrdinalSet.fromBytes(another), isSetError("malformed"));
    assert.throws(() => OrdinalSet.fromBytes(Buffer.concat([bytes, Buffer.alloc(1)])), isSetError("malformed"));
  }
});

test("a file with anything out of order is refused", () => {
  const unordered = [
    [9, 1, 2],
    [1, 1],
    [70_000, 1],
  ];
  for (const members of unordered) {
    assert.throws(() => OrdinalSet.fromBytes(writePlain(members)), isSetError("malformed"), members.join());
  }
  const zeroBucketsAndMore = Buffer.alloc(9);
  assert.throws(() => OrdinalSet.fromBytes(zeroBucketsAndMore), isSetError("malformed"));
});

test("a file with any bytes changed is refused, or is a set like any other", () => {
  const anyChange = fc.record({ members: anyMembers, at: fc.nat(), byte: fc.nat(255) });
  fc.assert(
    fc.property(anyChange, ({ members, at, byte }) => {
      const bytes = setOf(members).toBytes();
      bytes[at % bytes.length] = byte;
      let set: OrdinalSet;
      try {
        set = OrdinalSet.fromBytes(bytes);
      } catch (error) {
        assert.ok(error instanceof SetError);
        return;
      }
      checkSet(set, new Set(readPlain(bytes)));
    }),
  );
});

test("a set taken out of itself is empty", () => {
  const set = setOf([1, 2, LAST]);
  set.removeSet(set);
  assert.equal(set.size, 0);
});

test("a set that is not of this room is refused by everything that combines sets", () => {
  const own = setOf([1]);
  const foreign: ReadonlyOrdinalSet = {
    size: 1,
    has: () => true,
    toArray: () => Uint32Array.of(1),
    range: () => Uint32Array.of(1),
    and: () => setOf([1]),
    andSize: () => 1,
    intersects: () => true,
    countOf: () => 1,
    equals: () => true,
    clone: () => setOf([1]),
    toBytes: () => new Uint8Array(8),
    [Symbol.iterator]: () => [1].values(),
  };
  const isForeign = isSetError("foreign-set");
  for (const combine of [
    "and",
    "andNot",
    "andSize",
    "intersects",
    "equals",
    "addSet",
    "removeSet",
    "keepSet",
  ] as const) {
    assert.throws(() => own[combine](foreign), isForeign, combine);
  }
  checkSet(own, new Set([1]));
});

test("a set takes more members at once than the library's heap has room for", () => {
  const sparse = Uint32Array.from({ length: 3_000_000 }, (_, i) => i * 1400);
  const set = OrdinalSet.from(sparse);
  assert.equal(set.size, sparse.length);
  assert.deepEqual(set.toArray(), sparse);
  set.removeAll(sparse);
  assert.equal(set.size, 0);
});
