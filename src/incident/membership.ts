/** A membership of an audience in the past, and the audience. */
import type { ListHeader } from "../audience/index.js";
import type { OrdinalSet } from "../set/index.js";

export type PastAudience = Pick<ListHeader, "audience" | "list" | "advertiser" | "name">;

/** Ordinals that came into an audience by one match, and were taken out together. */
export interface Membership {
  readonly match: string;
  /** Inclusive. */
  readonly fromMs: number;
  /** Exclusive; Infinity while nothing took them out. */
  readonly toMs: number;
  readonly ordinals: OrdinalSet;
  /** Those of them whose first grant is later than `fromMs`. */
  readonly early: OrdinalSet | undefined;
}
