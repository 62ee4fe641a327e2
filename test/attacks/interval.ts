/**
 * Statistics of guesses: exact intervals of a share (Clopper, Pearson 1934) and what a budget allows.
 */

/** How sure a bound of an interval is: the true share lies beyond it with at most this probability. */
const DOUBT = 0.001;
/** Of bisection: more than a double can tell apart. */
const STEPS = 60;

/** Bounds of the true share, each right with 99.9 %. */
export function interval(hits: number, of: number): { readonly low: number; readonly high: number } {
  return {
    low: hits === 0 ? 0 : crossing((share) => atLeast(hits, of, share) > DOUBT),
    high: hits === of ? 1 : crossing((share) => 1 - atLeast(hits + 1, of, share) <= DOUBT),
  };
}

/** Where a claim that is false at 0 and true at 1 becomes true. */
function crossing(claim: (share: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (claim(middle)) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}

/** Probability of at least so many hits. */
function atLeast(hits: number, of: number, share: number): number {
  let sum = 0;
  let logChoose = logBinomial(of, hits);
  for (let k = hits; k <= of; k++) {
    sum += Math.exp(logChoose + k * Math.log(share) + (of - k) * Math.log1p(-share));
    logChoose += Math.log((of - k) / (k + 1));
  }
  return Math.min(1, sum);
}

function logBinomial(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}

/**
 * How often an attacker that spends rho on one person guesses right at best: two normal distributions whose means are
 * sqrt(2 rho) standard deviations apart (Bun, Steinke 2016; Dong, Roth, Su 2019).
 */
export const allowedBy = (rho: number): number => normal(Math.sqrt(2 * rho) / 2);

/** The normal distribution's function, to 1e-7 (Abramowitz, Stegun 26.2.17). */
function normal(x: number): number {
  if (x < 0) return 1 - normal(-x);
  const t = 1 / (1 + 0.2316419 * x);
  const terms = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const sum = terms.reduceRight((rest, term) => (rest + term) * t, 0);
  return 1 - (Math.exp(-(x * x) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}
