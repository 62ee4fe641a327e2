import assert from "node:assert/strict";
import { test } from "node:test";
import { epsilonOf, guessedRight } from "./accounting.js";

/** Probabilities of the discrete Gaussian, from -reach to reach. */
function discreteGaussian(variance: number, reach: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * variance)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function convolved(a: Float64Array, b: Float64Array): Float64Array {
  const sums = new Float64Array(a.length + b.length - 1);
  for (let i = 0; i < a.length; i++) for (let j = 0; j < b.length; j++) sums[i + j]! += a[i]! * b[j]!;
  return sums;
}

/** Probabilities of the sum of so many draws, without more of its ends than matters. */
function sumOf(draws: number, variance: number): Float64Array {
  const one = discreteGaussian(variance, Math.ceil(9 * Math.sqrt(variance)) + 9);
  const most = 2 * (Math.ceil(9 * Math.sqrt(draws * variance)) + 9) + 1;
  let sums = one;
  for (let i = 1; i < draws; i++) {
    const next = convolved(sums, one);
    const cut = Math.max(0, (next.length - most) >> 1);
    sums = next.subarray(cut, next.length - cut);
  }
  return sums;
}

/**
 * The exact δ at an ε of so many draws, each of the count or of one more. The loss of answers x is Σ (1 - 2x) / 2σ², so their sum
 * has all of it; the other way round is the same by symmetry.
 */
function exactDelta(epsilon: number, draws: number, variance: number): number {
  const sums = sumOf(draws, variance);
  const middle = (sums.length - 1) / 2;
  let delta = 0;
  for (let i = 0; i < sums.length; i++) {
    const loss = (draws - 2 * (i - middle)) / (2 * variance);
    if (loss > epsilon) delta -= sums[i]! * Math.expm1(epsilon - loss);
  }
  return delta;
}

test("ε is the one that the authors' conversion gives", () => {
  assert.equal(epsilonOf(0.025, 1e-6).toFixed(4), "1.0141");
  const table: [rho: number, at6: string, at9: string][] = [
    [0.05, "1.47", "1.88"],
    [0.1, "2.14", "2.72"],
    [0.5, "5.22", "6.47"],
    [0.6, "5.79", "7.16"],
    [1.2, "8.64", "10.6"],
    [6, "23.1", "27.3"],
  ];
  for (const [rho, at6, at9] of table) {
    assert.deepEqual(
      [epsilonOf(rho, 1e-6).toPrecision(3), epsilonOf(rho, 1e-9).toPrecision(3)],
      [at6, at9],
      `ρ = ${rho}`,
    );
  }
  assert.equal(epsilonOf(0, 1e-6), 0);
  assert.equal(epsilonOf(0.05, 1), 0);
  assert.equal(epsilonOf(1e-12, 0.5), 0);
});

test("ε by every order α of a fine grid is not below the one that is found", () => {
  for (const rho of [1e-6, 1 / 1200, 0.05, 0.6, 6, 300]) {
    for (const delta of [1e-3, 1e-6, 1e-9, 1e-15]) {
      const found = epsilonOf(rho, delta);
      let least = Number.POSITIVE_INFINITY;
      for (let place = -12; place < 24; place += 0.001) {
        const alpha = 1 + Math.exp(place);
        const epsilon = alpha * rho + Math.log1p(-1 / alpha) - Math.log(delta * alpha) / (alpha - 1);
        least = Math.min(least, Math.max(0, epsilon));
      }
      assert.ok(found <= least * (1 + 1e-12), `ρ = ${rho}, δ = ${delta}: ${found} is above ${least}`);
      assert.ok(found >= least * (1 - 1e-5), `ρ = ${rho}, δ = ${delta}: ${found} is far below ${least}`);
    }
  }
});

test("the exact loss of real releases stays within δ at that ε, and would not at four fifths of it", () => {
  for (const [draws, variance] of [
    [1, 600],
    [1, 10],
    [1, 1],
    [60, 600],
    [60, 300],
    [12, 10],
    [300, 300],
  ] as const) {
    const rho = draws / (2 * variance);
    for (const delta of [1e-6, 1e-9]) {
      const epsilon = epsilonOf(rho, delta);
      const what = `${draws} draws of variance ${variance}, δ = ${delta}`;
      const exact = exactDelta(epsilon, draws, variance);
      assert.ok(exact <= delta, `${what}: ${exact}`);
      assert.ok(exactDelta(0.8 * epsilon, draws, variance) > delta, what);
    }
  }
});

test("who spends a budget on one person guesses right as often as two Gaussians can be told apart", () => {
  const table: [rho: number, percent: string][] = [
    [1 / 600, "51.2"],
    [0.05, "56.3"],
    [0.1, "58.8"],
    [0.5, "69.1"],
    [0.6, "70.8"],
    [1.2, "78.1"],
    [6, "95.8"],
  ];
  for (const [rho, percent] of table) assert.equal((100 * guessedRight(rho)).toFixed(1), percent, `ρ = ${rho}`);
  assert.equal(guessedRight(0), 0.5);
  assert.ok(guessedRight(50) < 1 && guessedRight(50) > 0.999999);
  assert.equal(guessedRight(1000), 1);
});

test("the best guess from the sum of a month's real releases is right as often as that", () => {
  const sums = sumOf(60, 600);
  // Right is whoever says "in" from the middle between both worlds on: the sum's place is 60 apart.
  let right = 0;
  const middle = (sums.length - 1) / 2;
  for (let i = 0; i < sums.length; i++) {
    const off = i - middle;
    right += sums[i]! * (off < 30 ? 1 : off === 30 ? 0.5 : 0);
  }
  assert.ok(Math.abs(right - guessedRight(0.05)) < 1e-4, `${right}`);
});
