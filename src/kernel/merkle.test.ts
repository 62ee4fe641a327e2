import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { KernelError } from "./error.js";
import { MAX_SHORT_FACT_BYTES, merkleEntries, merkleNodes } from "./merkle.js";

const sha256 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const digests = (bytes: Uint8Array, i: number) => Buffer.from(bytes.subarray(i * 32, (i + 1) * 32));
const anyCount = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(8191, 8192, 8193));

test("the hash of an entry is that of 0x00, its salt and its fact", () => {
  fc.assert(
    fc.property(anyCount, fc.integer({ min: 0, max: MAX_SHORT_FACT_BYTES }), (count, stride) => {
      const salts = randomBytes(16 * count);
      const facts = randomBytes(stride * count);
      const out = new Uint8Array(32 * count);
      merkleEntries(salts, facts, stride, count, out);
      for (let i = 0; i < count; i++) {
        const salt = salts.subarray(16 * i, 16 * i + 16);
        const fact = facts.subarray(stride * i, stride * (i + 1));
        assert.deepEqual(digests(out, i), sha256(Uint8Array.of(0), salt, fact));
      }
    }),
    { numRuns: 60 },
  );
});

test("the hash of a node is that of 0x01 and its two children, also when written over them", () => {
  fc.assert(
    fc.property(anyCount, (count) => {
      const hashes = randomBytes(64 * count);
      const wanted = Array.from({ length: count }, (_, i) =>
        sha256(Uint8Array.of(1), hashes.subarray(64 * i, 64 * (i + 1))),
      );
      merkleNodes(hashes, count, hashes);
      for (let i = 0; i < count; i++) assert.deepEqual(digests(hashes, i), wanted[i]);
    }),
    { numRuns: 60 },
  );
});

test("a batch that is shorter than it says is refused", () => {
  const isMalformed = (error: unknown) => error instanceof KernelError && error.code === "batch-malformed";
  const [salts, facts, out] = [new Uint8Array(32), new Uint8Array(40), new Uint8Array(64)];
  assert.throws(() => merkleEntries(salts, facts, 20, 3, out), isMalformed);
  assert.throws(() => merkleEntries(salts, facts, 21, 2, out), isMalformed);
  assert.throws(() => merkleEntries(salts, facts, MAX_SHORT_FACT_BYTES + 1, 1, out), isMalformed);
  assert.throws(() => merkleEntries(salts, facts, 20, 2, out.subarray(1)), isMalformed);
  assert.throws(() => merkleNodes(out, 2, out), isMalformed);
  merkleEntries(salts, facts, 20, 2, out);
  merkleNodes(out, 1, out);
});
