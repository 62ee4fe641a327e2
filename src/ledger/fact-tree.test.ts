import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { z } from "zod";
import { LedgerError } from "./error.js";
import { factRoot, MAX_FACT_BYTES, MAX_FACTS_PER_LEAF, newSalts, SALT_BYTES, treeRoot } from "./fact-tree.js";

function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return Uint8Array.from(hash.digest());
}

/** RFC 6962, section 2.1, word by word. */
function merkleTreeHash(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0) return sha256();
  if (entries.length === 1) return sha256(Uint8Array.of(0), entries[0]!);
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return sha256(Uint8Array.of(1), merkleTreeHash(entries.slice(0, k)), merkleTreeHash(entries.slice(k)));
}

function packed(facts: readonly Uint8Array[]): { bytes: Uint8Array; ends: Uint32Array } {
  let end = 0;
  const ends = Uint32Array.from(facts, (fact) => (end += fact.length));
  return { bytes: Uint8Array.from(Buffer.concat(facts)), ends };
}

function modelRoot(salts: Uint8Array, facts: readonly Uint8Array[]): Uint8Array {
  return merkleTreeHash(
    facts.map((fact, i) => Buffer.concat([salts.subarray(i * SALT_BYTES, (i + 1) * SALT_BYTES), fact])),
  );
}

function refusedWith(code: string): (error: unknown) => boolean {
  return (error) => error instanceof LedgerError && error.code === code;
}

test("the tree has the roots of the well-known eight entries", () => {
  let root = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(root, "package.json"))) root = dirname(root);
  const vectors = z
    .object({ entries: z.array(z.string()), roots: z.array(z.string()) })
    .parse(JSON.parse(readFileSync(join(root, "src/ledger/vectors/rfc6962.json"), "utf8")));
  const entries = vectors.entries.map((hex) => Uint8Array.from(Buffer.from(hex, "hex")));
  assert.equal(vectors.roots.length, 9);
  vectors.roots.forEach((expected, count) => {
    const some = entries.slice(0, count);
    const hashes = Uint8Array.from(Buffer.concat(some.map((entry) => sha256(Uint8Array.of(0), entry))));
    assert.equal(Buffer.from(treeRoot(hashes, count)).toString("hex"), expected, `tree of ${count}`);
    assert.equal(Buffer.from(merkleTreeHash(some)).toString("hex"), expected, `model of ${count}`);
  });
});

test("the root of any facts is that of the plain recursive tree", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 70 }), (facts) => {
      const salts = newSalts(facts.length);
      const { bytes, ends } = packed(facts);
      assert.deepEqual(factRoot(salts, bytes, ends, facts.length), modelRoot(salts, facts));
    }),
  );
});

test("facts of one length need no ends", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 90 }), (stride, count) => {
      const salts = newSalts(count);
      const facts = Array.from({ length: count }, (_, i) => new Uint8Array(stride).fill(i));
      const { bytes, ends } = packed(facts);
      const root = factRoot(salts, bytes, stride, count);
      assert.deepEqual(root, factRoot(salts, bytes, ends, count));
      assert.deepEqual(root, modelRoot(salts, facts));
    }),
  );
});

test("trees that end just before, at and after a block of facts are the same tree", () => {
  for (const count of [8191, 8192, 8193, 16384, 16385, 3 * 8192, 3 * 8192 + 1, 40_000]) {
    const salts = newSalts(count);
    const facts = Array.from({ length: count }, (_, i) => Uint8Array.of(i, i >> 8, i >> 16));
    assert.deepEqual(factRoot(salts, packed(facts).bytes, 3, count), modelRoot(salts, facts), `${count} facts`);
  }
});

test("facts of very different lengths do not run into one another", () => {
  const facts = [0, 1_200_000, 5, 700_000, 700_000, 0, 1 << 20, 3].map((length, i) =>
    new Uint8Array(length).fill(i + 1),
  );
  const salts = newSalts(facts.length);
  const { bytes, ends } = packed(facts);
  assert.deepEqual(factRoot(salts, bytes, ends, facts.length), modelRoot(salts, facts));
});

test("one changed bit of a salt or a fact, or two facts exchanged, gives another root", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), fc.nat({ max: 7 }), (count, where, bit) => {
      const salts = newSalts(count);
      const bytes = Uint8Array.from({ length: count * 5 }, (_, i) => i);
      const root = factRoot(salts, bytes, 5, count);
      const flip = (old: Uint8Array) => old.with(where % old.length, old[where % old.length]! ^ (1 << bit));
      assert.notDeepEqual(factRoot(flip(salts), bytes, 5, count), root);
      assert.notDeepEqual(factRoot(salts, flip(bytes), 5, count), root);
      const exchanged = Uint8Array.from([...bytes.subarray(5, 10), ...bytes.subarray(0, 5), ...bytes.subarray(10)]);
      assert.notDeepEqual(factRoot(salts, exchanged, 5, count), root);
    }),
  );
});

test("the same facts under fresh salts have another root", () => {
  const bytes = new Uint8Array(20);
  assert.notDeepEqual(factRoot(newSalts(4), bytes, 5, 4), factRoot(newSalts(4), bytes, 5, 4));
});

test("facts that do not fit their salts, ends or limits are refused", () => {
  const bytes = new Uint8Array(10);
  const cases: [string, () => unknown][] = [
    ["malformed-facts", () => factRoot(newSalts(1), bytes, 5, 2)],
    ["malformed-facts", () => factRoot(newSalts(3), bytes, 5, 2)],
    ["malformed-facts", () => factRoot(newSalts(2), bytes, 6, 2)],
    ["malformed-facts", () => factRoot(newSalts(2), bytes, -1, 2)],
    ["malformed-facts", () => factRoot(newSalts(2), bytes, Uint32Array.of(5), 2)],
    ["malformed-facts", () => factRoot(newSalts(2), bytes, Uint32Array.of(5, 11), 2)],
    ["malformed-facts", () => factRoot(newSalts(2), bytes, Uint32Array.of(7, 6), 2)],
    ["malformed-facts", () => newSalts(0.5)],
    ["malformed-facts", () => newSalts(-1)],
    ["too-many-facts", () => newSalts(MAX_FACTS_PER_LEAF + 1)],
    ["fact-too-long", () => factRoot(newSalts(1), new Uint8Array(MAX_FACT_BYTES + 1), MAX_FACT_BYTES + 1, 1)],
    [
      "fact-too-long",
      () => factRoot(newSalts(1), new Uint8Array(MAX_FACT_BYTES + 1), Uint32Array.of(MAX_FACT_BYTES + 1), 1),
    ],
  ];
  for (const [code, attempt] of cases) assert.throws(attempt, refusedWith(code));
  const longest = new Uint8Array(MAX_FACT_BYTES);
  const salts = newSalts(1);
  assert.deepEqual(factRoot(salts, longest, MAX_FACT_BYTES, 1), modelRoot(salts, [longest]));
});

test("salts are 16 bytes a fact, and differ", () => {
  const salts = newSalts(1000);
  assert.equal(salts.length, 16_000);
  const distinct = new Set(
    Array.from({ length: 1000 }, (_, i) => Buffer.from(salts.subarray(i * 16, i * 16 + 16)).toString("hex")),
  );
  assert.equal(distinct.size, 1000);
  assert.equal(newSalts(0).length, 0);
});
