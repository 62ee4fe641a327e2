/**
 * Terms on which sizes are released: the budget, when, the floor, and which accounts count. Defaults and presets are
 * explained in docs/sizes.md, with the accuracy that each gives.
 */
import { z } from "zod";
import { decimalFraction, type Fraction, fraction } from "./fraction.js";

/** What an advertiser's legal entity may spend, zCDP (Bun, Steinke 2016, arXiv 1605.02065): draws of equal cost. */
export interface Budget {
  /** rho in a calendar month, UTC. */
  readonly month: Fraction;
  /** rho in any 365 days. */
  readonly year: Fraction;
  /** Draws that a month's budget is for. */
  readonly releases: number;
}

/** As a configuration writes it. */
const budgetSchema = z.strictObject({
  month: z.number().positive(),
  releases: z.int().positive(),
  year: z.number().positive(),
});

export const BUDGETS = {
  /** 15 nodes once a week. */
  weekly: { month: 0.05, releases: 60, year: 0.6 },
  roomier: { month: 0.1, releases: 60, year: 1.2 },
  /** Many audiences, each less exact. */
  many: { month: 0.1, releases: 300, year: 1.2 },
  /** 10 nodes every day. */
  daily: { month: 0.5, releases: 300, year: 6 },
  /** 100 nodes every day. */
  agency: { month: 0.5, releases: 3000, year: 6 },
} as const;
export type BudgetName = keyof typeof BUDGETS;

export const sizesSchema = z.strictObject({
  /** Accounts, with their noise, below which nothing of an audience is told and it is not served. */
  floor: z.int().min(0).default(1000),
  /** From the last part of a new list to the first release of its size. */
  firstReleaseMinutes: z.int().min(0).max(43_200).default(60),
  /** Between two releases, from 1970 on. */
  epochHours: z.int().positive().max(744).default(168),
  budget: z.union([z.enum(Object.keys(BUDGETS) as [BudgetName, ...BudgetName[]]), budgetSchema]).default("weekly"),
  /** Attributes of accounts that advertisers' expressions may name. */
  attributes: z.array(z.string()).default([]),
  /** Accounts count from this age on, and while they were active so lately; null: whether or not that is known. */
  minAgeDays: z.number().min(0).nullable().default(null),
  activeWithinDays: z.number().positive().nullable().default(null),
  /** Accounts of one cohort (made in one burst) that count. */
  cohortCap: z.int().positive().default(10),
});

export type SizeTerms = z.output<typeof sizesSchema>;

/** The budget that terms name, exactly as its decimals say. */
export function budgetOf({ budget }: Pick<SizeTerms, "budget">): Budget {
  const { month, year, releases } = typeof budget === "string" ? BUDGETS[budget] : budget;
  return { month: decimalFraction(month), year: decimalFraction(year), releases };
}

/** Variance of the noise of one draw: releases / (2 rho). */
export const varianceOf = ({ month, releases }: Budget): Fraction =>
  fraction(BigInt(releases) * month.denominator, 2n * month.numerator);

/** rho of one draw with this variance over a count that one account changes by at most 1: 1 / (2 variance). */
export const costOf = ({ numerator, denominator }: Fraction): Fraction => fraction(denominator, 2n * numerator);

/** How many draws of a cost fit into what is left. */
export const drawsIn = (left: Fraction, cost: Fraction): number =>
  Math.max(0, Number((left.numerator * cost.denominator) / (left.denominator * cost.numerator)));
