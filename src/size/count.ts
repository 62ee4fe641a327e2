/**
 * Counting: how many accounts a set holds, as far as they count. One account changes a count by at most one, whatever it
 * is: that is what the noise is for (that a true sensitivity above the assumed one breaks it: Casacuberta, Shoemate,
 * Vadhan, Wagaman 2022, arXiv 2207.10635).
 *
 * Accounts that somebody planted are held off by their age, their activity, and by counting no more than so many of a cohort.
 */
import { setImmediate as othersTurn } from "node:timers/promises";
import type { AccountFacts } from "../grant/index.js";
import type { ReadonlyOrdinalSet } from "../set/index.js";
import type { SizeTerms } from "./terms.js";

const DAY_MS = 86_400_000;

/** Accounts that are looked at before others get their turn. */
const SLICE_ACCOUNTS = 1 << 19;

/**
 * Accounts that count, as of an instant. A cohort that holds more than the cap counts as the cap. Millions take half a
 * second, in which other work goes on.
 * @param accounts numbers of accounts
 */
export async function countAccounts(
  accounts: ReadonlyOrdinalSet,
  facts: Pick<AccountFacts, "createdAtMs" | "lastActiveAtMs" | "cohort">,
  { minAgeDays, activeWithinDays, cohortCap }: Pick<SizeTerms, "minAgeDays" | "activeWithinDays" | "cohortCap">,
  atMs: number,
): Promise<number> {
  // Unknown is 0: made too lately, and active too long ago.
  const newestMs = minAgeDays === null ? Number.POSITIVE_INFINITY : atMs - minAgeDays * DAY_MS;
  const stalestMs = activeWithinDays === null ? Number.NEGATIVE_INFINITY : atMs - activeWithinDays * DAY_MS;
  const ofCohort = new Map<number, number>();
  let count = 0;
  const countSlice = (slice: Uint32Array): void => {
    const { createdAtMs, lastActiveAtMs, cohort } = facts;
    for (let i = 0; i < slice.length; i++) {
      const account = slice[i]!;
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
  };
  const all = accounts.toArray();
  for (let from = 0; from < all.length; from += SLICE_ACCOUNTS) {
    countSlice(all.subarray(from, from + SLICE_ACCOUNTS));
    await othersTurn();
  }
  return count;
}
