import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RankedBits } from "./ranked-bits.js";

test("ranked bits hold what was added, and a number's rank is how many lower ones are there", () => {
  const anyNumbers = fc.nat({ max: 200 }).chain((limit) =>
    fc.record({
      limit: fc.constant(limit),
      numbers: limit === 0 ? fc.constant([]) : fc.array(fc.nat({ max: limit - 1 })),
    }),
  );
  fc.assert(
    fc.property(anyNumbers, ({ limit, numbers }) => {
      const bits = new RankedBits(limit);
      for (const number of numbers) bits.add(number);
      const held = new Set(numbers);
      assert.equal(bits.count, held.size);
      for (let number = 0; number < limit; number++) {
        assert.equal(bits.has(number), held.has(number));
        assert.equal(bits.rank(number), [...held].filter((one) => one < number).length);
      }
    }),
  );
});
