import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { drawDiscreteGaussian } from "./discrete-gaussian.js";
import { decimalFraction, fraction } from "./fraction.js";
import { boundsOf, shownSize, sizeRange } from "./shown.js";

/** Sizes of every magnitude, those about the steps of rounding more often. */
const anySize = fc.oneof(
  fc.integer({ min: -500, max: 2000 }),
  fc
    .tuple(
      fc.constantFrom(500, 1000, 10_000, 50_000, 100_000, 1_000_000, 50_000_000),
      fc.integer({ min: -200, max: 200 }),
    )
    .map(([size, off]) => size + off),
  fc.integer({ min: -500, max: 3_000_000_000 }),
);
const anyVariance = fc.constantFrom("0.00003", "0.5", "300", "600", "1500", "3000").map(decimalFraction);

test("sizes are rounded to 50 below 1,000, to two digits below 10,000, to three from there on", () => {
  const cases: [noisy: number, shown: number][] = [
    [-31, 0],
    [0, 0],
    [24, 0],
    [25, 50],
    [310, 300],
    [974, 950],
    [975, 1000],
    [1049, 1000],
    [1050, 1100],
    [1234, 1200],
    [9949, 9900],
    [9950, 10_000],
    [10_049, 10_000],
    [12_345, 12_300],
    [99_950, 100_000],
    [123_456, 123_000],
    [999_500, 1_000_000],
    [1_234_567, 1_230_000],
    [123_456_789, 123_000_000],
  ];
  for (const [noisy, shown] of cases) assert.equal(shownSize(noisy), shown, `${noisy}`);
});

test("a larger noisy value is never shown smaller, nor between lower bounds, nor in a lower range", () => {
  const order = [0, 500, 1000, 10_000, 50_000, 100_000, 300_000, 500_000, 1e6, 2e6, 3e6, 5e6, 1e7, 2e7, 3e7, 5e7].map(
    (size) => sizeRange(size),
  );
  assert.equal(new Set(order).size, 16);
  fc.assert(
    fc.property(anySize, anySize, anyVariance, (one, other, variance) => {
      const [a, b] = [Math.min(one, other), Math.max(one, other)];
      const [ofA, ofB] = [boundsOf(a, variance), boundsOf(b, variance)];
      assert.ok(shownSize(a) <= shownSize(b));
      assert.ok(ofA.lower <= ofB.lower && ofA.upper <= ofB.upper);
      assert.ok(order.indexOf(sizeRange(a)) <= order.indexOf(sizeRange(b)));
    }),
    { numRuns: 2000 },
  );
});

test("bounds hold the size that is shown and the noisy value, and what is shown stays when shown again", () => {
  fc.assert(
    fc.property(anySize, anyVariance, (noisy, variance) => {
      const shown = shownSize(noisy);
      const { lower, upper } = boundsOf(noisy, variance);
      assert.ok(lower >= 0 && lower <= shown && shown <= upper, `${lower} ${shown} ${upper}`);
      assert.ok(lower <= Math.max(0, noisy) && noisy <= upper);
      assert.equal(shownSize(shown), shown);
      assert.equal(sizeRange(noisy), sizeRange(shown));
    }),
    { numRuns: 2000 },
  );
});

test("bounds reach as far as 95 % of the noise, then outwards to the grain", () => {
  // 48, 34, 76 and 107 are the published half widths of the presets' noise.
  for (const [variance, reach] of [
    [600, 48],
    [300, 34],
    [1500, 76],
    [3000, 107],
  ] as const) {
    const { lower, upper } = boundsOf(500 + reach, fraction(BigInt(variance)));
    assert.equal(lower, 500);
    assert.equal(upper, Math.ceil((500 + 2 * reach) / 50) * 50);
    assert.equal(boundsOf(500 + reach - 1, fraction(BigInt(variance))).lower, 450);
  }
  assert.deepEqual(boundsOf(1230, decimalFraction("0.00003")), { lower: 1200, upper: 1300 });
  assert.deepEqual(boundsOf(-200, fraction(600n)), { lower: 0, upper: 0 });
  assert.deepEqual(boundsOf(1020, fraction(600n)), { lower: 950, upper: 1100 });
});

test("bounds hold the true count in at least 95 % of real draws", () => {
  const variance = fraction(600n);
  const draws = 20_000;
  let held = 0;
  for (let i = 0; i < draws; i++) {
    const { lower, upper } = boundsOf(700 + Number(drawDiscreteGaussian(variance)), variance);
    if (lower <= 700 && 700 <= upper) held++;
  }
  // Of exactly 95 %, so few would come with a probability below one in a million.
  assert.ok(held >= draws * 0.95 - 4.9 * Math.sqrt(draws * 0.95 * 0.05), `${held}`);
});

test("ranges have Google's names", () => {
  const cases: [size: number, range: string][] = [
    [-20, "LESS_THAN_FIVE_HUNDRED"],
    [474, "LESS_THAN_FIVE_HUNDRED"],
    [475, "LESS_THAN_ONE_THOUSAND"],
    [974, "LESS_THAN_ONE_THOUSAND"],
    [1000, "ONE_THOUSAND_TO_TEN_THOUSAND"],
    [9949, "ONE_THOUSAND_TO_TEN_THOUSAND"],
    [9950, "TEN_THOUSAND_TO_FIFTY_THOUSAND"],
    [70_000, "FIFTY_THOUSAND_TO_ONE_HUNDRED_THOUSAND"],
    [100_000, "ONE_HUNDRED_THOUSAND_TO_THREE_HUNDRED_THOUSAND"],
    [400_000, "THREE_HUNDRED_THOUSAND_TO_FIVE_HUNDRED_THOUSAND"],
    [700_000, "FIVE_HUNDRED_THOUSAND_TO_ONE_MILLION"],
    [1_500_000, "ONE_MILLION_TO_TWO_MILLION"],
    [2_500_000, "TWO_MILLION_TO_THREE_MILLION"],
    [4_000_000, "THREE_MILLION_TO_FIVE_MILLION"],
    [7_000_000, "FIVE_MILLION_TO_TEN_MILLION"],
    [15_000_000, "TEN_MILLION_TO_TWENTY_MILLION"],
    [25_000_000, "TWENTY_MILLION_TO_THIRTY_MILLION"],
    [49_900_000, "THIRTY_MILLION_TO_FIFTY_MILLION"],
    [50_000_000, "OVER_FIFTY_MILLION"],
    [3_000_000_000, "OVER_FIFTY_MILLION"],
  ];
  for (const [size, range] of cases) assert.equal(sizeRange(size), range, `${size}`);
});
