/**
 * Refused rows of lists. A row is refused for the first of its identifiers that is no good, or as a whole (its column is
 * empty then). A column is told by its number: a header's text may hold anything.
 */
import { FIRST_OWN_REFUSAL, type Refusal, refusalBook } from "../input/index.js";

export const LIST_REFUSAL = {
  noIdentifier: FIRST_OWN_REFUSAL,
  otherDigest: FIRST_OWN_REFUSAL + 1,
  notADigest: FIRST_OWN_REFUSAL + 2,
} as const;

const REFUSALS: Readonly<Record<number, Refusal>> = {
  [LIST_REFUSAL.noIdentifier]: {
    name: "no-identifier",
    reason: "all identifier columns of the row are empty",
    fix: "leave the row out, or fill in one of them",
  },
  [LIST_REFUSAL.otherDigest]: {
    name: "not-a-sha256",
    reason: "the value looks like an MD5 or SHA-1 digest; only SHA-256 is matched",
    fix: "hash the values with SHA-256, or send them raw",
  },
  [LIST_REFUSAL.notADigest]: {
    name: "not-a-digest",
    reason: "all other values of the column are digests of 64 hex digits, and its kind is not known",
    fix: "give the column a header, such as email",
  },
};

/** What the refusals of this room mean; columns are counted from 1. */
export const listRefusals = refusalBook(REFUSALS, (column) => (column === 0 ? "" : String(column)));
