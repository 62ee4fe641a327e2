import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { alternatives, mayBegin, PREFIXES } from "./digit-prefixes.js";

const atom = fc.constantFrom("0", "7", "\\d", "[1-3]", "[05-79]", "(?:1|20)", "(8[01]?|9)", "44");
const counted = fc
  .tuple(atom, fc.constantFrom("", "", "", "?", "{2}", "{0,1}", "{1,3}", "{2,}"))
  .map((parts) => parts.join(""));
const sequence = fc.array(counted, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(""));
const pattern = fc.array(sequence, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("|"));
const number = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 3, maxLength: 10 });

test("no number matches at its beginning that was said not to", () => {
  fc.assert(
    fc.property(pattern, fc.array(number, { minLength: 1, maxLength: 50 }), (given, numbers) => {
      const flags = mayBegin(given);
      const matching = new RegExp(`^(?:${given})`);
      for (const digits of numbers) {
        if (matching.test(digits)) assert.equal(flags[Number(digits.slice(0, 3))], 1, `${given} ${digits}`);
      }
      const union = new Uint8Array(PREFIXES);
      for (const way of alternatives(given)) for (let i = 0; i < PREFIXES; i++) union[i]! |= way.mayBegin[i]!;
      assert.deepEqual(union, flags);
    }),
    { numRuns: 2000 },
  );
});

test("what is said is no wider than the first three digits of simple patterns", () => {
  const count = (given: string) => mayBegin(given).reduce((sum, flag) => sum + flag, 0);
  assert.equal(count("0"), 100);
  assert.equal(count("06"), 10);
  assert.equal(count("[2-9]\\d{9}|3\\d{6}"), 800);
  assert.equal(count("(1(?:[12]\\d|79)\\d\\d)|0"), 100 + 20 + 1);
  assert.equal(count("1?"), 1000);
});

test("a pattern that can't be read may begin with anything", () => {
  for (const given of ["(?=1)2", "1+", "[^1]", "1|(2", "1)", "a", "\\D"]) {
    assert.ok(
      mayBegin(given).every((flag) => flag === 1),
      given,
    );
  }
});

test("alternatives keep their order and say which are nothing but digits", () => {
  assert.deepEqual(
    alternatives("(183[12])|0|80?").map((way) => way.literal),
    [undefined, "0", undefined],
  );
});
