import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NumberMap } from "./number-map.js";

test("it holds what a Map holds", () => {
  const key = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.nat()), { maxLength: 400 }), fc.array(key), (entries, asked) => {
      const [map, model] = [new NumberMap(), new Map<number, number>()];
      for (const [key, value] of entries) {
        map.set(key, value);
        model.set(key, value);
      }
      assert.equal(map.size, model.size);
      assert.deepEqual([...map.keys].sort(), [...model.keys()].sort());
      for (const key of [...model.keys(), ...asked]) assert.equal(map.get(key), model.get(key) ?? -1);
    }),
  );
});
