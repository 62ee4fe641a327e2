import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { distinct, sorted } from "./sorted.js";

/** Few values and many, of few digits and of all, repeats among them. */
const anyOrdinals = fc.oneof(
  ...[0, 2000, 2 ** 22 - 1, 2 ** 22, 2 ** 32 - 1].map((max) =>
    fc.oneof(
      fc.uint32Array({ max, maxLength: 50 }),
      fc.uint32Array({ max, minLength: 4090, maxLength: 4110, size: "max" }),
    ),
  ),
);

test("ordinals in order are the same ordinals, and those that were given stay as they are", () => {
  fc.assert(
    fc.property(anyOrdinals, (ordinals) => {
      const before = ordinals.slice();
      assert.deepEqual(sorted(ordinals), before.toSorted());
      assert.deepEqual(ordinals, before);
    }),
  );
});

test("ordinals in order without repeats are those of a plain Set", () => {
  fc.assert(
    fc.property(anyOrdinals, (ordinals) => {
      const ascending = ordinals.toSorted();
      assert.deepEqual(distinct(ascending), Uint32Array.from(new Set(ascending)));
      assert.deepEqual(ascending, ordinals.toSorted());
    }),
  );
});
