import assert from "node:assert/strict";
import { createCipheriv, randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { LedgerError } from "./error.js";
import { KEY_BYTES, KeyTree, padBlocks, padStrings, saltsOf } from "./key-tree.js";

/** One block at a time, as the header says it. */
function oneWay(publicKey: string, block: Uint8Array): Buffer {
  const cipher = createCipheriv("aes-128-ecb", publicKey, null).setAutoPadding(false);
  const out = cipher.update(block);
  return Buffer.from(out.map((byte, i) => byte ^ block[i]!));
}

/** The keys below a root, by plain recursion; `count` of them. */
function modelKeys(root: Uint8Array, count: number): Buffer[] {
  const depth = Math.ceil(Math.log2(Math.max(1, count)));
  const below = (key: Uint8Array, steps: number): Buffer[] =>
    steps === 0
      ? [Buffer.from(key)]
      : [...below(oneWay("solely tree left", key), steps - 1), ...below(oneWay("solely treeright", key), steps - 1)];
  return below(root, depth).slice(0, count);
}

const split = (bytes: Uint8Array): Buffer[] =>
  Array.from({ length: bytes.length / KEY_BYTES }, (_, i) =>
    Buffer.from(bytes.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES)),
  );

const anyCount = fc.oneof(fc.integer({ min: 0, max: 70 }), fc.constantFrom(127, 128, 129, 1023, 1024, 1025));

test("a tree's keys are those that plain recursion finds below its root", () => {
  fc.assert(
    fc.property(anyCount, (count) => {
      const tree = KeyTree.fresh(count);
      const encoded = KeyTree.encode([tree]);
      assert.equal(encoded.length, count === 0 ? 8 : 32);
      const { keys, destroyed } = tree.keys();
      if (count > 0) assert.deepEqual(split(keys), modelKeys(encoded.subarray(16), count));
      assert.ok(destroyed.every((flag) => flag === 0));
    }),
  );
});

test("destroying items leaves the other keys as they were and keeps no node above a destroyed one", () => {
  fc.assert(
    fc.property(
      anyCount.filter((count) => count > 0),
      fc.array(fc.array(fc.nat(), { maxLength: 12 }), { maxLength: 4 }),
      (count, rounds) => {
        const before = split(KeyTree.fresh(0).keys().keys);
        assert.equal(before.length, 0);
        let tree = KeyTree.fresh(count);
        const all = split(tree.keys().keys);
        const gone = new Set<number>();
        for (const round of rounds) {
          const items = round.map((item) => item % count);
          for (const item of items) gone.add(item);
          tree = KeyTree.decode(KeyTree.encode([tree.puncture(items)]))[0]!;
        }
        const { keys, destroyed } = tree.keys();
        split(keys).forEach((key, i) => {
          assert.deepEqual(key, gone.has(i) ? Buffer.alloc(KEY_BYTES) : all[i]);
          assert.equal(destroyed[i], gone.has(i) ? 1 : 0);
        });
        const bytes = Buffer.from(KeyTree.encode([tree]));
        for (const item of gone) assert.equal(bytes.indexOf(all[item]!), -1);
        assert.ok(bytes.length <= 8 + 24 * (1 + gone.size * Math.ceil(Math.log2(count + 1))));
      },
    ),
  );
});

test("several trees lie in one block of bytes, and other bytes are refused", () => {
  const trees = [KeyTree.fresh(5), KeyTree.fresh(0), KeyTree.fresh(9).puncture([3])];
  const bytes = KeyTree.encode(trees);
  const read = KeyTree.decode(bytes);
  assert.deepEqual(
    read.map((tree) => tree.keys()),
    trees.map((tree) => tree.keys()),
  );
  assert.deepEqual(KeyTree.decode(new Uint8Array(0)), []);
  const isMalformed = (error: unknown) => error instanceof LedgerError && error.code === "malformed-keys";
  for (let length = 1; length < bytes.length; length++) {
    const isWhole = [32, 40].includes(length);
    if (!isWhole) assert.throws(() => KeyTree.decode(bytes.subarray(0, length)), isMalformed, `${length} bytes`);
  }
  assert.throws(() => trees[0]!.puncture([5]), isMalformed);
});

test("a salt and a pad of one key have nothing to do with each other, and a pad undoes itself", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 }), (strings) => {
      const keys = randomBytes(strings.length * KEY_BYTES);
      let end = 0;
      const ends = Uint32Array.from(strings, (string) => (end += string.length));
      const plain = Buffer.concat(strings);
      const hidden = Buffer.from(plain);
      padStrings(keys, hidden, ends);
      strings.forEach((string, i) => {
        const start = ends[i]! - string.length;
        const key = keys.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES);
        for (let block = 0; block * KEY_BYTES < string.length; block++) {
          const counted = Buffer.from(key);
          counted.writeUInt32LE((counted.readUInt32LE(12) ^ block) >>> 0, 12);
          const pad = oneWay("solely value pad", counted);
          const part = string.subarray(block * KEY_BYTES, (block + 1) * KEY_BYTES);
          const wanted = Buffer.from(part.map((byte, at) => byte ^ pad[at]!));
          const from = start + block * KEY_BYTES;
          assert.deepEqual(hidden.subarray(from, from + part.length), wanted);
        }
      });
      padStrings(keys, hidden, ends);
      assert.deepEqual(hidden, plain);
      const blocks = randomBytes(keys.length);
      const padded = Buffer.from(blocks);
      padBlocks(keys, padded);
      split(keys).forEach((key, i) => {
        const pad = split(padded)[i]!.map((byte, at) => byte ^ blocks[i * KEY_BYTES + at]!);
        assert.deepEqual(Buffer.from(pad), oneWay("solely value pad", key));
        assert.deepEqual(split(saltsOf(keys))[i], oneWay("solely fact salt", key));
      });
    }),
  );
});

test("the keys of some items, walked to alone, are those of the whole tree, destroyed ones included", () => {
  fc.assert(
    fc.property(anyCount, fc.array(fc.nat()), fc.array(fc.nat()), (count, gone, some) => {
      fc.pre(count > 0);
      const tree = KeyTree.fresh(count).puncture(gone.map((item) => item % count));
      const items = Uint32Array.from(some, (item) => item % count);
      const whole = tree.keys();
      const { keys, destroyed } = tree.keysAt(items);
      assert.deepEqual(
        split(keys),
        Array.from(items, (item) => split(whole.keys)[item]!),
      );
      assert.deepEqual(
        [...destroyed],
        Array.from(items, (item) => whole.destroyed[item]!),
      );
    }),
  );
});
