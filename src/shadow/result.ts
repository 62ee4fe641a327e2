/**
 * What a comparison comes to: reach there and here, and what decides about those who are matched on one side alone.
 */
import type { RefusedRow } from "../input/index.js";

/** Why who was matched there is not here. */
export const LOST_RULES = [
  /** No such account here, or it was erased. */
  "unknown-account",
  /** The account is known; the contact that matched there, or any that it may have been, was never given here. */
  "unknown-contact",
  "never-for-ads",
  "promised-otherwise",
  "withdrawn",
  "erased",
  "disowned",
  "unverified",
  "given-by-another",
  /** Nothing is in the way of the contact; the list did not bring it in here. */
  "permitted-but-not-matched",
] as const;
export type LostRule = (typeof LOST_RULES)[number];

/** People by the grant that decides about one of their contacts; one may be under several. */
export interface ByGrant {
  /** Purposes that the grant's notice names, as it is held to be. */
  readonly byPurpose: Readonly<Record<string, number>>;
  readonly bySurface: Readonly<Record<string, number>>;
  /** By `id@version`. */
  readonly byNotice: Readonly<Record<string, number>>;
}

/** Distinct people; `byPurpose` and its like are of those who are there alone. */
export interface ComparedCounts extends ByGrant {
  readonly there: number;
  readonly here: number;
  readonly both: number;
  readonly onlyThere: number;
  readonly onlyHere: number;
  /** Of those who are there alone. */
  readonly byRule: Readonly<Partial<Record<LostRule, number>>>;
  /** Of those who are there alone, people of whom it is not known which of several contacts matched. */
  readonly open: number;
  /** The grants that let those in who are here alone. */
  readonly gained: ByGrant;
}

/** A list that both have. */
export interface ComparedList extends ComparedCounts {
  readonly list: string;
  readonly audience: string;
  readonly advertiser: string;
  readonly name: string;
}

export interface UnpairedThere {
  readonly advertiser: string;
  /** As the file names it. */
  readonly list: string;
  readonly rows: number;
  readonly people: number;
}

export interface UnpairedHere {
  readonly audience: string;
  readonly list: string;
  readonly advertiser: string;
  readonly name: string;
  readonly people: number;
}

export const SHADOW_FORMAT = "solely-shadow/1";

/** The whole counts over all lists that both have: each person once. */
export interface Comparison extends ComparedCounts {
  readonly format: typeof SHADOW_FORMAT;
  readonly madeAt: string;
  /** Ledger position that it was made at. */
  readonly position: number;
  /** Rows of the file, those refused included. */
  readonly rows: number;
  readonly refused: number;
  readonly rejectFile: string | null;
  /** The first refused rows, as many as were asked for. */
  readonly refusedRows: readonly RefusedRow[];
  /** Those who lose most first. */
  readonly lists: readonly ComparedList[];
  readonly unpairedThere: readonly UnpairedThere[];
  readonly unpairedHere: readonly UnpairedHere[];
}
