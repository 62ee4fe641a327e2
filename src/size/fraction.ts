/**
 * Exact rationals. What is charged to a budget and the variance of noise are numbers of this kind, so that sums of charges
 * come out exactly and no rounding of doubles reaches the noise.
 */

/** In lowest terms; the denominator is above zero. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** @throws {RangeError} when the denominator is zero */
export function fraction(numerator: bigint, denominator = 1n): Fraction {
  if (denominator === 0n) throw new RangeError("a fraction over zero");
  const divisor = commonDivisor(numerator, denominator) * (denominator < 0n ? -1n : 1n);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

/**
 * A decimal exactly as it is written. A number is taken by its shortest decimal form, so that 0.05 is 1/20.
 *
 * @example decimalFraction(0.05) // 1/20
 * @throws {RangeError} when it is no decimal, or has an exponent of more than three digits
 */
export function decimalFraction(decimal: number | string): Fraction {
  const [, sign, whole, part = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i.exec(String(decimal)) ?? [];
  if (whole === undefined) throw new RangeError(`not a decimal: ${decimal}`);
  const digits = BigInt(`${whole}${part}`) * (sign === "-" ? -1n : 1n);
  const power = BigInt(exponent) - BigInt(part.length);
  return power < 0n ? fraction(digits, 10n ** -power) : fraction(digits * 10n ** power);
}

export function addFractions(a: Fraction, b: Fraction): Fraction {
  return fraction(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

/** Below zero when `a` is the smaller, above when it is the larger, zero when both are equal. */
export function compareFractions(a: Fraction, b: Fraction): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** As JSON keeps it: numerator and denominator. */
export type FractionParts = readonly [string, string];

export const partsOf = ({ numerator, denominator }: Fraction): FractionParts => [
  String(numerator),
  String(denominator),
];

export const fractionOf = ([numerator, denominator]: FractionParts): Fraction =>
  fraction(BigInt(numerator), BigInt(denominator));

export const largerFraction = (a: Fraction, b: Fraction): Fraction => (compareFractions(a, b) < 0 ? b : a);

/** A double beside it, for figures that are shown; both parts must have less than 300 digits. */
export function toNumber({ numerator, denominator }: Fraction): number {
  return Number(numerator) / Number(denominator);
}

function commonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
