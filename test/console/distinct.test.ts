/** Distinct digests: as many duplicates as a set of them finds; when the memory is full, never more than there are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import fc from "fast-check";
import type * as Distinct from "../../src/web/advertiser/distinct.js";

// The console's code is built for browsers: what is tested here is built the same way.
const source = fileURLToPath(new URL("../../../src/web/advertiser/distinct.ts", import.meta.url));
const { outputFiles } = await build({ entryPoints: [source], format: "esm", write: false });
const bytes = Buffer.from(outputFiles[0]!.contents).toString("base64");
const { DistinctDigests }: typeof Distinct = await import(`data:text/javascript;base64,${bytes}`);

/** Digests of numbers; each second one differs in its first word alone. */
function digestsOf(numbers: readonly number[]): Uint8Array {
  const words = new Uint32Array(4 * numbers.length);
  for (const [i, number] of numbers.entries()) words.set([number * 0x9e37_79b1, number >> 1, number, 1], 4 * i);
  return new Uint8Array(words.buffer);
}

test("duplicates are those that a set finds, in however many batches they come", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(300), { maxLength: 200 }), { maxLength: 5 }), (batches) => {
      const distinct = new DistinctDigests();
      for (const batch of batches) distinct.add(digestsOf(batch), batch.length);
      const all = batches.flat();
      assert.equal(distinct.duplicates, all.length - new Set(all).size);
      assert.equal(distinct.isFull, false);
    }),
  );
});

test("memory grows up to its bound; beyond it the count is a lower bound, and says so", () => {
  const many = Array.from({ length: 200_000 }, (_, i) => i);
  const grown = new DistinctDigests();
  for (let twice = 0; twice < 2; twice++) grown.add(digestsOf(many), many.length);
  assert.deepEqual([grown.duplicates, grown.isFull], [many.length, false]);
  const bounded = new DistinctDigests(1 << 16);
  for (let twice = 0; twice < 2; twice++) bounded.add(digestsOf(many), many.length);
  assert.ok(bounded.isFull && bounded.duplicates > 40_000 && bounded.duplicates < many.length);
});
