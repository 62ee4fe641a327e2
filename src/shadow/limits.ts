/** Limits of what another system's file may hold, each tested from both sides. */
export const SHADOW_LIMITS = {
  /** Name of an advertiser or a list, or a list's id. */
  nameBytes: 1024,
  /** Distinct lists of one file. */
  lists: 200_000,
} as const;
