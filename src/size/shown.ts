/**
 * How a released size is shown: rounded, between bounds, as a range. All is made of the noisy value that is stored and of its
 * variance, which is public, so none of it tells more about anyone, and none of it costs budget.
 *
 * Ranges have the names of Google Ads' `UserListSizeRange`
 * (https://developers.google.com/google-ads/api/reference/rpc/latest/UserListSizeRangeEnum.UserListSizeRange); bounds are what
 * Meta's `approximate_count_lower_bound` and `approximate_count_upper_bound` stand for.
 */
import { type Fraction, toNumber } from "./fraction.js";

/** A range and the size that it ends before. */
const RANGES = [
  ["LESS_THAN_FIVE_HUNDRED", 500],
  ["LESS_THAN_ONE_THOUSAND", 1000],
  ["ONE_THOUSAND_TO_TEN_THOUSAND", 10_000],
  ["TEN_THOUSAND_TO_FIFTY_THOUSAND", 50_000],
  ["FIFTY_THOUSAND_TO_ONE_HUNDRED_THOUSAND", 100_000],
  ["ONE_HUNDRED_THOUSAND_TO_THREE_HUNDRED_THOUSAND", 300_000],
  ["THREE_HUNDRED_THOUSAND_TO_FIVE_HUNDRED_THOUSAND", 500_000],
  ["FIVE_HUNDRED_THOUSAND_TO_ONE_MILLION", 1_000_000],
  ["ONE_MILLION_TO_TWO_MILLION", 2_000_000],
  ["TWO_MILLION_TO_THREE_MILLION", 3_000_000],
  ["THREE_MILLION_TO_FIVE_MILLION", 5_000_000],
  ["FIVE_MILLION_TO_TEN_MILLION", 10_000_000],
  ["TEN_MILLION_TO_TWENTY_MILLION", 20_000_000],
  ["TWENTY_MILLION_TO_THIRTY_MILLION", 30_000_000],
  ["THIRTY_MILLION_TO_FIFTY_MILLION", 50_000_000],
  ["OVER_FIFTY_MILLION", Number.POSITIVE_INFINITY],
] as const;

export type SizeRange = (typeof RANGES)[number][0];

export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/** Share of the noise that bounds hold. */
const WITHIN = 0.95;

/** A size for looks, never below zero: to 50 below 1,000, two significant digits below 10,000, three from there on. */
export function shownSize(noisy: number): number {
  const size = Math.max(0, noisy);
  const grain = grainOf(size);
  return Math.round(size / grain) * grain;
}

/** Bounds that hold the true count with a probability of 95 %, never below zero, rounded outwards as sizes are. */
export function boundsOf(noisy: number, variance: Fraction): Bounds {
  const reach = reachOf(toNumber(variance));
  const [lower, upper] = [Math.max(0, noisy - reach), Math.max(0, noisy + reach)];
  return {
    lower: Math.floor(lower / grainOf(lower)) * grainOf(lower),
    upper: Math.ceil(upper / grainOf(upper)) * grainOf(upper),
  };
}

/** The range that the size which is shown lies in. */
export function sizeRange(noisy: number): SizeRange {
  const size = shownSize(noisy);
  return RANGES.find(([, end]) => size < end)![0];
}

function grainOf(size: number): number {
  if (size < 1000) return 50;
  const digits = Math.floor(size).toString().length;
  return 10 ** (digits - (size < 10_000 ? 2 : 3));
}

/** Of the variances that were asked for; there is one a budget. */
const reaches = new Map<number, number>();

/** The least distance from zero that a discrete Gaussian keeps within with a probability of 95 %. */
function reachOf(variance: number): number {
  const known = reaches.get(variance);
  if (known !== undefined) return known;
  const weight = (x: number) => Math.exp((-x * x) / (2 * variance));
  let total = 1;
  for (let x = 1; weight(x) > Number.EPSILON; x++) total += 2 * weight(x);
  let [reach, held] = [0, 1];
  while (held < WITHIN * total) held += 2 * weight(++reach);
  reaches.set(variance, reach);
  return reach;
}
