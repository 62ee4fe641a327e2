import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { Coins, drawDiscreteGaussian, type RandomSource } from "./discrete-gaussian.js";
import { decimalFraction, type Fraction, fraction } from "./fraction.js";

/** A test that draws fails a right sampler with this probability or less. */
const FALSE_ALARM = 1e-6;
/** A standard normal is further from zero with probability 9.6e-7. */
const MOST_DEVIATIONS = 4.9;
/** So many draws must be expected in a cell for its count to be about normal; smaller cells are merged. */
const CELL = 100;
/** Fixed point of the slow model: so many bits behind the point. */
const BITS = 320n;
const UNIT = 1n << BITS;

/** Probabilities by whole number, from one end to the other. */
type Distribution = ReadonlyMap<number, number>;

/** exp(-x) in fixed point: the Taylor series of exp(-x / 2^k), squared k times. */
function expOf(numerator: bigint, denominator: bigint): bigint {
  let halvings = 0n;
  while (denominator << halvings < numerator) halvings++;
  let [sum, term] = [0n, UNIT];
  for (let i = 1n; term !== 0n; i++) {
    sum += term;
    term = (-term * numerator) / ((denominator << halvings) * i);
  }
  for (; halvings > 0n; halvings--) sum = (sum * sum) >> BITS;
  return sum;
}

/** Weights exp(-x² / 2σ²) for x = 0, 1, 2 …, each by itself from its definition, in fixed point. */
function gaussianWeights({ numerator, denominator }: Fraction): bigint[] {
  const weights: bigint[] = [];
  for (let x = 0n; ; x++) {
    const weight = expOf(x * x * denominator, 2n * numerator);
    // What is left out has a probability below 2^-64.
    if (weight < UNIT >> 64n) return weights;
    weights.push(weight);
  }
}

/** The model in the paper's first definition: a place of the cumulated weights. */
function inverseOf(weights: readonly bigint[]): () => number {
  const cumulated: bigint[] = [];
  let total = 0n;
  for (let x = 1 - weights.length; x < weights.length; x++) cumulated.push((total += weights[Math.abs(x)]!));
  return () => {
    const place = (BigInt(`0x${randomBytes(40).toString("hex")}`) * total) >> BITS;
    let [from, to] = [0, cumulated.length - 1];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (cumulated[middle]! > place) to = middle;
      else from = middle + 1;
    }
    return from + 1 - weights.length;
  };
}

function distributionOf(weights: readonly bigint[]): Distribution {
  const total = weights.reduce((sum, weight) => sum + 2n * weight, -weights[0]!);
  const scale = 1n << 60n;
  const distribution = new Map<number, number>();
  for (let x = 1 - weights.length; x < weights.length; x++) {
    distribution.set(x, Number((weights[Math.abs(x)]! * scale) / total) / Number(scale));
  }
  return distribution;
}

function countsOf(draws: number, draw: () => bigint | number): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < draws; i++) {
    const drawn = Number(draw());
    counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
  }
  return counts;
}

/** What a χ² of so many degrees is above with probability FALSE_ALARM or less (Laurent and Massart 2000, lemma 1). */
function mostChiSquare(degrees: number): number {
  const x = -Math.log(FALSE_ALARM);
  return degrees + 2 * Math.sqrt(degrees * x) + 2 * x;
}

/** Pearson's χ² of counts against exact probabilities; tails and other thin cells are merged with their neighbours. */
function assertDrawnFrom(distribution: Distribution, counts: ReadonlyMap<number, number>, what: string): void {
  const draws = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const cells: { expected: number; counted: number }[] = [];
  let cell = { expected: 0, counted: 0 };
  for (const [x, probability] of distribution) {
    cell.expected += draws * probability;
    cell.counted += counts.get(x) ?? 0;
    if (cell.expected < CELL) continue;
    cells.push(cell);
    cell = { expected: 0, counted: 0 };
  }
  const last = cells.at(-1)!;
  last.expected += cell.expected;
  last.counted += cell.counted;
  assert.ok(cells.length > 1, what);
  const counted = cells.reduce((sum, { counted }) => sum + counted, 0);
  assert.equal(counted, draws, `${what}: a draw lies where none can`);
  const chiSquare = cells.reduce((sum, { expected, counted }) => sum + (counted - expected) ** 2 / expected, 0);
  const most = mostChiSquare(cells.length - 1);
  assert.ok(chiSquare <= most, `${what}: χ² is ${chiSquare.toFixed(1)} on ${cells.length} cells, at most ${most}`);
}

/** χ² of two counts of as many draws: whether both come from one distribution. */
function assertSameSource(ours: ReadonlyMap<number, number>, model: ReadonlyMap<number, number>): void {
  const all = [...new Set([...ours.keys(), ...model.keys()])].sort((a, b) => a - b);
  let [chiSquare, cells, a, b] = [0, 0, 0, 0];
  for (const x of all) {
    a += ours.get(x) ?? 0;
    b += model.get(x) ?? 0;
    if (a + b < 2 * CELL) continue;
    chiSquare += (a - b) ** 2 / (a + b);
    [cells, a, b] = [cells + 1, 0, 0];
  }
  assert.ok(chiSquare <= mostChiSquare(cells - 1), `χ² of both is ${chiSquare.toFixed(1)} on ${cells} cells`);
}

/** Mean and variance of counts against those of the distribution, by the variance that the fourth moment gives. */
function assertMoments(distribution: Distribution, counts: ReadonlyMap<number, number>, what: string): void {
  const draws = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const moment = (power: number) => [...distribution].reduce((sum, [x, p]) => sum + x ** power * p, 0);
  const drawn = (power: number) => [...counts].reduce((sum, [x, count]) => sum + (x ** power * count) / draws, 0);
  const [second, fourth] = [moment(2), moment(4)];
  const ofMean = drawn(1) / Math.sqrt(second / draws);
  const ofSquare = (drawn(2) - second) / Math.sqrt((fourth - second ** 2) / draws);
  assert.ok(Math.abs(ofMean) < MOST_DEVIATIONS, `${what}: the mean is ${ofMean.toFixed(1)} deviations off`);
  assert.ok(Math.abs(ofSquare) < MOST_DEVIATIONS, `${what}: the variance is ${ofSquare.toFixed(1)} deviations off`);
}

const GAUSSIANS: readonly [variance: Fraction, draws: number][] = [
  [fraction(600n), 1_000_000],
  [fraction(1n, 3n), 300_000],
  [fraction(10n), 300_000],
  [decimalFraction("1497.69"), 400_000],
  [fraction(3000n), 300_000],
];
for (const [variance, draws] of GAUSSIANS) {
  const what = `σ² = ${variance.numerator}/${variance.denominator}`;
  test(`${draws} draws at ${what} are spread as the exact probabilities say, and as a plain model's`, () => {
    const weights = gaussianWeights(variance);
    const distribution = distributionOf(weights);
    const counts = countsOf(draws, () => drawDiscreteGaussian(variance));
    assertDrawnFrom(distribution, counts, what);
    assertMoments(distribution, counts, what);
    const some = 100_000;
    assertSameSource(
      countsOf(some, () => drawDiscreteGaussian(variance)),
      countsOf(some, inverseOf(weights)),
    );
  });
}

test("a variance far below one gives no noise, one of forty digits gives noise of its size", () => {
  for (let i = 0; i < 2000; i++) assert.equal(drawDiscreteGaussian(decimalFraction("0.00003")), 0n);
  const deviation = 10n ** 20n;
  const variance = fraction(deviation ** 2n * 7n + 1n, 7n);
  let squares = 0;
  const draws = 400;
  for (let i = 0; i < draws; i++) squares += (Number(drawDiscreteGaussian(variance)) / Number(deviation)) ** 2;
  const x = -Math.log(FALSE_ALARM);
  assert.ok(squares < mostChiSquare(draws) && squares > draws - 2 * Math.sqrt(draws * x), `${squares}`);
  for (const variance of [fraction(0n), fraction(-1n)]) {
    assert.throws(() => drawDiscreteGaussian(variance), RangeError);
  }
});

test("a coin of exp(-x) falls as often as exp(-x) says", () => {
  const coins = new Coins();
  for (const [numerator, denominator] of [
    [1n, 7n],
    [2n, 3n],
    [1n, 1n],
    [6n, 5n],
    [5n, 2n],
    [4n, 1n],
  ] as const) {
    const draws = 200_000;
    const probability = Math.exp(-Number(numerator) / Number(denominator));
    let heads = 0;
    for (let i = 0; i < draws; i++) if (coins.isExp(numerator, denominator)) heads++;
    const off = (heads - draws * probability) / Math.sqrt(draws * probability * (1 - probability));
    assert.ok(Math.abs(off) < MOST_DEVIATIONS, `exp(-${numerator}/${denominator}): ${off.toFixed(1)} deviations off`);
  }
  for (let i = 0; i < 2000; i++) assert.ok(coins.isExp(0n, 5n));
  for (let i = 0; i < 2000; i++) assert.ok(!coins.isExp(10_000n, 3n));
});

test("a discrete Laplace is spread as its exact probabilities say", () => {
  const coins = new Coins();
  for (const scale of [1n, 2n, 25n]) {
    const weights = Array.from({ length: 50 * Number(scale) }, (_, x) => expOf(BigInt(x), scale));
    const distribution = distributionOf(weights);
    const counts = countsOf(250_000, () => coins.laplace(scale));
    assertDrawnFrom(distribution, counts, `scale ${scale}`);
    assertMoments(distribution, counts, `scale ${scale}`);
  }
});

/** Every row of so many bytes once, in order, then from the first again. */
function everyRow(width: number): RandomSource {
  let row = 0;
  let at = 0;
  return (bytes) => {
    for (let i = 0; i < bytes.length; i++) {
      bytes[i] = row >> (8 * (width - 1 - at));
      if (++at === width) [row, at] = [(row + 1) % 256 ** width, 0];
    }
  };
}

test("of all bytes that can come, each number below a bound is made by exactly as many", () => {
  for (const [width, bound] of [
    ...[2, 3, 25, 129, 200, 256].map((bound) => [1, bound] as const),
    ...[257, 300, 32_769, 60_000, 65_536].map((bound) => [2, bound] as const),
  ]) {
    const coins = new Coins(everyRow(width));
    const bits = Math.ceil(Math.log2(bound));
    const each = 2 ** (8 * width - bits);
    // Twice through, so that rows which are rejected come in between.
    const counts = countsOf(2 * bound * each, () => coins.below(BigInt(bound)));
    assert.equal(counts.size, bound);
    assert.ok(Math.max(...counts.keys()) < bound && Math.min(...counts.keys()) === 0);
    for (const count of counts.values()) assert.equal(count, 2 * each, `below ${bound}`);
  }
});

test("numbers below a bound of many bytes are even over sixteen parts, and reach up to it", () => {
  const coins = new Coins();
  const bound = 10n ** 40n;
  const part = (drawn: bigint) => (drawn * 16n) / bound;
  const even = new Map(Array.from({ length: 16 }, (_, i) => [i, 1 / 16]));
  assertDrawnFrom(
    even,
    countsOf(50_000, () => part(coins.below(bound))),
    "below 10^40",
  );
  assert.equal(coins.below(1n), 0n);
});

test("a draw leaves no random byte where it lay, not even a draw that fails", () => {
  const given: Uint8Array[] = [];
  let calls = 0;
  const seen: RandomSource = (bytes) => {
    if (++calls > 3) throw new Error("no more randomness");
    bytes.set(randomBytes(bytes.length));
    given.push(bytes);
  };
  drawDiscreteGaussian(fraction(600n), seen);
  assert.ok(given.length > 0);
  assert.throws(() => {
    for (;;) drawDiscreteGaussian(fraction(600n), seen);
  }, /no more randomness/);
  for (const bytes of given) assert.ok(bytes.every((byte) => byte === 0));
});
