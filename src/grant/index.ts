/**
 * Grant: contact points, what was given and taken back of them, and what is permitted now.
 */
export { type AccountFacts, encodeAccounts, withoutErased } from "./account-facts.js";
export { AccountTable } from "./account-table.js";
export type { Arrival } from "./arrivals.js";
export { type AccountColumns, ATTRIBUTE, type ContactColumns, type EventColumns } from "./batch.js";
export {
  decodeTokens,
  type EncodedFacts,
  encodeEvents,
  encodeGrants,
  encodeTokens,
  type GrantHeader,
  type GrantLeaf,
  grantLeaf,
  type StoredTokens,
} from "./contact-facts.js";
export type { Change, Contacts } from "./contacts.js";
export {
  type CorrectionFacts,
  type CorrectionHeader,
  correctionFacts,
  decodeCorrection,
  encodeCorrection,
} from "./correction-facts.js";
export { type CorrectionStep, type Corrections, isCovered } from "./corrections.js";
export { type DecidingRule, Decision } from "./decision.js";
export { type Gone, remainingTokenKeys, remainsOf, type Subjects, subjects } from "./destruction.js";
export { type Erased, encodeErasures, planErasures } from "./erasure.js";
export { GrantError, type GrantErrorCode } from "./error.js";
export { joinEvents, nameOf, planEvents, selectEvents, uncoveredEvents } from "./event-plan.js";
export { ALL_PROMOTIONAL, coversAds, EVENT_TYPES, type EventType } from "./events.js";
export { type ExplainedEntry, type ExplainedPoint, type ExplainRooms, type Explanation, explain } from "./explain.js";
export { type FactRow, readFactRow } from "./fact-rows.js";
export type { Feeds } from "./feeds.js";
export { type CompactionFact, GrantFold } from "./grant-fold.js";
export {
  type GrantPlan,
  type GrantRows,
  type NewTokens,
  noteKnown,
  planGrants,
  settleTokens,
  type TokenRequest,
  tokenRequest,
} from "./grants.js";
export { WHAT } from "./history.js";
export { IDENTITY_BYTES, Identities, identityOf } from "./identity.js";
export {
  accountEntries,
  grantLeaves,
  type HistoryEntry,
  isOwnGrant,
  pointEntries,
  type StandingGrant,
  standingGrants,
} from "./permission.js";
export { FLAG, NO_GRANT } from "./point-table.js";
export { type CountedPurposes, type PurposeCount, PurposeCounts } from "./purpose-counts.js";
export { type FedRun, RecentFeeds } from "./recent-feeds.js";
export { batchFactsOf, countArrivals } from "./stored-facts.js";
export { identityDigests, nameDigests } from "./tombstones.js";
