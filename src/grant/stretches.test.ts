import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Stretches } from "./stretches.js";

test("a table of stretches holds what a map would, whatever was set, taken out and set again", () => {
  const number = fc.oneof(fc.nat({ max: 40 }), fc.integer({ min: 0, max: 2 ** 32 - 2 }));
  const step = fc.oneof(
    { weight: 2, arbitrary: fc.tuple(number, fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.nat()) },
    { weight: 1, arbitrary: fc.tuple(number) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: "max" }), (steps) => {
      const table = new Stretches();
      const map = new Map<number, readonly [number, number]>();
      for (const [at, ordinal, leaf] of steps) {
        if (ordinal === undefined) {
          table.delete(at);
          map.delete(at);
        } else {
          table.set(at, ordinal, leaf!);
          map.set(at, [ordinal, leaf!]);
        }
      }
      const restored = new Stretches();
      restored.restore(...table.sections());
      for (const one of [table, restored]) {
        assert.equal(one.count, map.size);
        for (const [at] of steps) {
          const [ordinal, leaf] = map.get(at) ?? [-1, 0];
          assert.deepEqual([one.ordinalOf(at), one.leafOf(at)], [ordinal, leaf]);
        }
      }
    }),
  );
});
