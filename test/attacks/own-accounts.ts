/**
 * Accounts that attackers made themselves, to pad lists with: all trials share them. Some were made long ago and look like
 * anybody's, half of them with an attribute that the others lack; more were planted in one burst.
 */
import type { Bed, Contact } from "./bed.js";

/** Enough to pad any list with, and to have two lists of different accounts. */
const OWN = 2700;
/** Enough to have a list of. */
const OTHERS = 1300;
export const PLANTED = 1100;
/** A day at which all who are no newcomers were on the platform. */
export const LONG_AGO = new Date("2020-01-01T00:00:00Z");

export const ownEmail = (number: number): string => `own-${number}@attacker.example`;
export const otherEmail = (number: number): string => `other-${number}@attacker.example`;
export const plantedEmail = (number: number): string => `planted-${number}@attacker.example`;

/** Puts them on the platform; where they are idle, those that look like anybody's have not been online for years. */
export async function seedOwnAccounts(bed: Bed, { areIdle }: { readonly areIdle: boolean }): Promise<void> {
  const own = accountsOf("own", OWN, ownEmail);
  const others = accountsOf("other", OTHERS, otherEmail);
  const planted = accountsOf("planted", PLANTED, plantedEmail);
  await bed.feed([...own, ...others, ...planted]);
  const now = new Date();
  const lastActiveAt = areIdle ? LONG_AGO : now;
  await bed.describe([
    ...own.map(({ account }) => ({ account, createdAt: LONG_AGO, lastActiveAt, likesSports: true })),
    ...others.map(({ account }) => ({ account, createdAt: LONG_AGO, lastActiveAt, likesSports: false })),
    ...planted.map(({ account }) => ({ account, createdAt: now, lastActiveAt: now, cohort: "burst" })),
  ]);
}

function accountsOf(what: string, count: number, email: (number: number) => string): Contact[] {
  return Array.from({ length: count }, (_, i) => {
    return { account: `${what}-${i}`, kind: "email", value: email(i), source: "profile" };
  });
}
