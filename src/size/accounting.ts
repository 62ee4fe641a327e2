/**
 * What a budget means to one person: zCDP (Bun and Steinke 2016, https://arxiv.org/abs/1605.02065) in words that others use.
 *
 * One release of a count that one account changes by 1, with a discrete Gaussian of variance σ², costs ρ = 1 / 2σ²; costs add
 * up, also when later questions depend on earlier answers. These are figures to be shown: budgets are kept as fractions.
 */

/** Steps that narrow a bracket of 80 down to less than doubles tell apart. */
const STEPS = 200;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * An ε such that ρ-zCDP implies (ε, δ)-differential privacy, by the conversion of Canonne, Kamath and Steinke 2020
 * (https://arxiv.org/abs/2004.00010, proposition 12; the authors' `cdp2adp.py` has the same). Any order α above 1 gives an ε that
 * holds; the least of them is found, as ε has one valley over α.
 */
export function epsilonOf(rho: number, delta: number): number {
  if (!(rho >= 0) || !(delta > 0)) throw new RangeError(`no ε for ρ = ${rho} and δ = ${delta}`);
  if (rho === 0 || delta >= 1) return 0;
  // By the logarithm of α - 1, golden section.
  const at = (place: number): number => {
    const above = Math.exp(place);
    const alpha = 1 + above;
    return rho * alpha - Math.log1p(1 / above) - (Math.log(delta) + Math.log1p(above)) / above;
  };
  let [from, to] = [-40, 40];
  for (let i = 0; i < STEPS; i++) {
    const step = (to - from) * GOLDEN;
    if (at(to - step) < at(from + step)) to = from + step;
    else from = to - step;
  }
  return Math.max(0, at((from + to) / 2));
}

/**
 * How often somebody is right at best who spends ρ on asking whether one person is in, having thought both as likely before:
 * Φ(√(2ρ) / 2). The best test of two Gaussians of equal variance σ² = 1 / 2ρ, one apart (Neyman and Pearson; Dong, Roth and Su
 * 2022, https://arxiv.org/abs/1905.02383); a discrete Gaussian with σ of some persons, or a sum of many draws, differs by less than is shown.
 */
export function guessedRight(rho: number): number {
  if (!(rho >= 0)) throw new RangeError(`no guess for ρ = ${rho}`);
  return standardNormal(Math.sqrt(2 * rho) / 2);
}

/** Φ(x) for x from zero on, by the series of Marsaglia, "Evaluating the Normal Distribution", 2004. */
function standardNormal(x: number): number {
  // Beyond, a double can't tell it from 1.
  if (x > 9) return 1;
  let [sum, term] = [0, x];
  for (let i = 3; sum + term !== sum; i += 2) {
    sum += term;
    term *= (x * x) / i;
  }
  return Math.min(1, 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI));
}
