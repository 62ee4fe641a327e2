/**
 * Accuracy of released sizes: what an advertiser is shown against what is true, by preset and size, from real draws of the noise.
 *
 *     npm run bench:accuracy               20,000 draws of each
 *     npm run bench:accuracy -- --json     one JSON object on stdout
 *     npm run bench:accuracy -- --short    2,000 draws of each
 *     npm run bench:accuracy -- --plot     draws docs/sizes-accuracy.svg too
 *
 * True sizes are drawn within 10 % of the one that is named, evenly. Exits 1 when the default preset misses its targets.
 */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { epsilonOf, guessedRight } from "../../src/size/accounting.js";
import { drawDiscreteGaussian } from "../../src/size/discrete-gaussian.js";
import { type Fraction, toNumber } from "../../src/size/fraction.js";
import { shownSize } from "../../src/size/shown.js";
import { BUDGETS, type BudgetName, budgetOf, varianceOf } from "../../src/size/terms.js";
import { aligned, count, machine } from "../figures.js";
import { type Band, plotAccuracy } from "./plot.js";

interface Preset {
  readonly preset: BudgetName;
  /** A month's budget. */
  readonly rho: number;
  /** Releases that it pays for. */
  readonly releases: number;
}
/** Relative errors: half of all draws are within the median, 95 % within `most`. */
interface Errors {
  readonly median: number;
  readonly most: number;
}
interface SizeResult {
  readonly size: number;
  readonly noise: Errors;
  readonly shown: Errors;
}

const PRESETS: readonly Preset[] = (Object.keys(BUDGETS) as BudgetName[]).map((preset) => ({
  preset,
  rho: BUDGETS[preset].month,
  releases: BUDGETS[preset].releases,
}));
const SIZES = [100, 1000, 1200, 10_000, 100_000, 1_000_000];
const SPREAD = 0.1;
/** Most that the default preset's median error may be after rounding, by size. */
const TARGETS = new Map([
  [1200, 0.03],
  [100_000, 0.003],
]);
/** The widest first, so that both are seen. */
const PLOTTED: readonly BudgetName[] = ["agency", "weekly"];
const PLOTTED_SIZES = Array.from({ length: 81 }, (_, i) => Math.round(10 ** (2 + i / 20)));

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
    plot: { type: "boolean", default: false },
  },
});
const draws = flags.short ? 2000 : 20_000;

/** What comes of one draw: the size, its noisy value and what is shown, as shares of the true size beyond it. */
function drawnErrors(size: number, variance: Fraction): { readonly noise: number; readonly shown: number } {
  const spread = Math.round(size * SPREAD);
  const truly = randomInt(size - spread, size + spread + 1);
  const noisy = truly + Number(drawDiscreteGaussian(variance));
  return { noise: noisy / truly - 1, shown: shownSize(noisy) / truly - 1 };
}

/** The value that a share of the numbers is not above. */
function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1]!;
}

function errorsOf(errors: readonly number[]): Errors {
  const sizes = errors.map(Math.abs);
  return { median: quantile(sizes, 0.5), most: quantile(sizes, 0.95) };
}

function measured(preset: Preset) {
  const variance = varianceOf(budgetOf({ budget: preset.preset }));
  const { rho } = preset;
  const sizes: readonly SizeResult[] = SIZES.map((size) => {
    const drawn = Array.from({ length: draws }, () => drawnErrors(size, variance));
    return {
      size,
      noise: errorsOf(drawn.map(({ noise }) => noise)),
      shown: errorsOf(drawn.map(({ shown }) => shown)),
    };
  });
  return {
    ...{ preset: preset.preset, rho, releases: preset.releases, deviation: Math.sqrt(toNumber(variance)) },
    ...{ epsilonAt1e6: epsilonOf(rho, 1e-6), epsilonAt1e9: epsilonOf(rho, 1e-9), guess: guessedRight(rho), sizes },
  };
}

/** Where 95 % of what is shown lies, by true size. */
function bandOf(preset: Preset): Band[] {
  const variance = varianceOf(budgetOf({ budget: preset.preset }));
  return PLOTTED_SIZES.map((size) => {
    const errors = Array.from({ length: draws / 4 }, () => drawnErrors(size, variance).shown);
    return { preset: preset.preset, size, lower: quantile(errors, 0.025), upper: quantile(errors, 0.975) };
  });
}

/** A share in percent, to two digits. */
const percent = (share: number): string => Number((100 * share).toPrecision(2)).toString();

const machineBefore = machine();
const presets = PRESETS.map(measured);
const missed = presets[0]!.sizes.filter(({ size, shown }) => shown.median >= (TARGETS.get(size) ?? 1));
if (flags.json) process.stdout.write(`${JSON.stringify({ machine: machineBefore, draws, presets })}\n`);
else {
  const head = ["preset", "ρ", "releases", "σ", "ε at 1e-6", "ε at 1e-9", "guess %", ...SIZES.map(count)];
  const rows = presets.map(({ preset, rho, releases, deviation, epsilonAt1e6, epsilonAt1e9, guess, sizes }) => [
    ...[preset, `${rho}`, `${releases}`, deviation.toFixed(1)],
    ...[epsilonAt1e6.toPrecision(3), epsilonAt1e9.toPrecision(3), (100 * guess).toFixed(1)],
    ...sizes.map(({ noise, shown }) => `${percent(noise.median)} / ${percent(shown.median)} (${percent(shown.most)})`),
  ]);
  const legend = `errors in %: median of the noise / median after rounding (95 % are within); ${count(draws)} draws of each`;
  process.stdout.write(`${aligned([head, ...rows])}\n\n${legend}\n${machineBefore}\n`);
}
if (flags.plot) await plotAccuracy(PLOTTED.flatMap((name) => bandOf(PRESETS.find(({ preset }) => preset === name)!)));
for (const { size, shown } of missed) {
  process.stderr.write(`weekly: the median error at ${count(size)} is ${percent(shown.median)} %, above its target\n`);
  process.exitCode = 1;
}
