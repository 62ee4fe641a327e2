/**
 * Counting: how many accounts a set holds, as far as they count. One account changes a count by at most one, whatever it
 * is: that is what the noise is for (that a true sensitivity above the assumed one breaks it: Casacuberta, Shoemate,
 * Vadhan, Wagaman 2022, arXiv 2207.10635).
 *
 * Accounts that somebody planted are held off by their age, their activity, and by counting no more than so many of a cohort.
 */
import type { AccountFacts } from "../grant/index.js";
import type { ReadonlyOrdinalSet } from "../set/index.js";
import type { SizeTerms } from "./terms.js";

const DAY_MS = 86_400_000;

/**
 * Accounts that count, as of an instant. A cohort that holds more than the cap counts as the cap.
 * @param accounts numbers of accounts
 */
export function countAccounts(
  accounts: ReadonlyOrdinalSet,
  { createdAtMs, lastActiveAtMs, cohort }: Pick<AccountFacts, "createdAtMs" | "lastActiveAtMs" | "cohort">,
  { minAgeDays, activeWithinDays, cohortCap }: Pick<SizeTerms, "minAgeDays" | "activeWithinDays" | "cohortCap">,
  atMs: number,
): number {
  // Unknown is 0: made too lately, and active too long ago.
  const newestMs = minAgeDays === null ? Number.POSITIVE_INFINITY : atMs - minAgeDays * DAY_MS;
  const stalestMs = activeWithinDays === null ? Number.NEGATIVE_INFINITY : atMs - activeWithinDays * DAY_MS;
  const ofCohort = new Map<number, number>();
  let count = 0;
  for (const account of accounts.toArray()) {
    const madeMs = createdAtMs[account] ?? 0;
    if (minAgeDays !== null && (madeMs === 0 || madeMs > newestMs)) continue;
    if ((lastActiveAtMs[account] ?? 0) < stalestMs) continue;
    const burst = cohort[account] ?? 0;
    if (burst !== 0) {
      const before = ofCohort.get(burst) ?? 0;
      if (before === cohortCap) continue;
      ofCohort.set(burst, before + 1);
    }
    count++;
  }
  return count;
}
