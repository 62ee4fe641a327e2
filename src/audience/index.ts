/**
 * Audience: lists through the one gate, and the sets that they matched.
 */
export { type Audience, Audiences, type AudienceView, viewAudience } from "./audiences.js";
export { AudienceError, type AudienceErrorCode } from "./error.js";
export { GateResults } from "./gate-results.js";
export {
  decodeList,
  type ListFacts,
  type ListHeader,
  type ListOperation,
  listFacts,
  worldTimeOf,
} from "./list-facts.js";
export { type MatchOptions, type MatchResult, type MatchRooms, matchList } from "./match-list.js";
export { type Membership, Memberships, type PastAudience, type PastMembers } from "./memberships.js";
