import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OrdinalSet, OrdinalSetBuilder } from "./index.js";

test("a built set holds what was added, in whatever batches", () => {
  const anyBatch = fc.oneof(fc.uint32Array({ max: 100_000, maxLength: 50 }), fc.uint32Array({ maxLength: 50 }));
  fc.assert(
    fc.property(fc.array(anyBatch, { maxLength: 200 }), (batches) => {
      const builder = new OrdinalSetBuilder();
      for (const batch of batches) builder.addAll(batch);
      const members = new Set(batches.flatMap((batch) => [...batch]));
      assert.deepEqual(builder.build().toArray(), Uint32Array.from(members).sort());
    }),
  );
});

test("more ordinals than are gathered at once are in the set, the first and the last among them", () => {
  const ordinals = Uint32Array.from({ length: 4_400_000 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 4);
  const builder = new OrdinalSetBuilder();
  builder.addAll(ordinals.subarray(0, 1));
  builder.addAll(ordinals.subarray(1, 4_000_000));
  for (let from = 4_000_000; from < ordinals.length; from += 999) builder.addAll(ordinals.subarray(from, from + 999));
  assert.ok(builder.build().equals(OrdinalSet.from(ordinals)));
});
