/** Limits of contacts, events and accounts that come in, each tested from both sides. */
export const INTAKE_LIMITS = {
  /** An account's name, in UTF-8. */
  accountBytes: 256,
  /** A reference to a notice: an id of 64, an at sign, a version. */
  noticeBytes: 80,
  cohortBytes: 256,
  cohorts: 65_535,
} as const;
