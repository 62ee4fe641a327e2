import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addFractions, compareFractions, decimalFraction, type Fraction, fraction, toNumber } from "./fraction.js";

const anyWhole = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
const anyFraction = fc
  .tuple(
    anyWhole,
    anyWhole.filter((denominator) => denominator !== 0n),
  )
  .map(([numerator, denominator]) => fraction(numerator, denominator));
const divides = (divisor: bigint, { numerator, denominator }: Fraction) =>
  numerator % divisor === 0n && denominator % divisor === 0n;

test("a decimal is taken exactly as it is written, a number by its shortest form", () => {
  const cases: [number | string, bigint, bigint][] = [
    [0.05, 1n, 20n],
    ["0.05", 1n, 20n],
    ["0.050", 1n, 20n],
    [0.1, 1n, 10n],
    [0.6, 3n, 5n],
    [60, 60n, 1n],
    [-2.5, -5n, 2n],
    [0, 0n, 1n],
    [5e-7, 1n, 2_000_000n],
    [1e21, 10n ** 21n, 1n],
    ["0.0000000000000000000000000000000000000003", 3n, 10n ** 40n],
  ];
  for (const [decimal, numerator, denominator] of cases) {
    assert.deepEqual(decimalFraction(decimal), { numerator, denominator }, String(decimal));
  }
  for (const text of ["", ".5", "1.", "1/2", "0x10", " 1", "1e9999", Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => decimalFraction(text), RangeError, String(text));
  }
  assert.throws(() => fraction(1n, 0n), RangeError);
});

test("any double that is finite comes back from its decimal", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e200, max: 1e200 }), (number) => {
      const { numerator, denominator } = decimalFraction(number);
      // Without an exponent, as the shortest form of a tiny number has one.
      fc.pre(denominator < 10n ** 280n);
      assert.ok(Math.abs(toNumber({ numerator, denominator }) - number) <= Math.abs(number) * 2 ** -51);
    }),
  );
});

test("sums and order of fractions are those of numerators over one common denominator, in lowest terms", () => {
  fc.assert(
    fc.property(anyFraction, anyFraction, (a, b) => {
      const [left, right] = [a.numerator * b.denominator, b.numerator * a.denominator];
      const sum = addFractions(a, b);
      assert.equal(sum.numerator * a.denominator * b.denominator, (left + right) * sum.denominator);
      assert.ok(sum.denominator > 0n);
      for (const divisor of [2n, 3n, 5n, 7n]) assert.ok(!divides(divisor, sum));
      assert.equal(compareFractions(a, b), left < right ? -1 : left > right ? 1 : 0);
      assert.deepEqual(addFractions(sum, fraction(-b.numerator, b.denominator)), a);
    }),
  );
});

test("sixty charges of a sixtieth of a month's budget are that budget, which doubles miss", () => {
  const charge = fraction(1n, 1200n);
  let spent = fraction(0n);
  let inDoubles = 0;
  for (let i = 0; i < 60; i++) {
    spent = addFractions(spent, charge);
    inDoubles += 1 / 1200;
  }
  assert.equal(compareFractions(spent, decimalFraction("0.05")), 0);
  assert.notEqual(inDoubles, 0.05);
});
