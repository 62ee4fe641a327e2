/**
 * Audience: lists through the one gate, and the sets that they matched.
 */
export { type Audience, Audiences, LIST_TICK_MS } from "./audiences.js";
export { type CombineOptions, combineAudiences, type DefineRooms, deleteAudience, membersEntry } from "./define.js";
export { AudienceError, type AudienceErrorCode } from "./error.js";
export {
  accountSet,
  drawsOf,
  type Evaluated,
  type ExpressionRooms,
  evaluate,
  servedOfAny,
  wholeIn,
} from "./expression.js";
export { GateResults } from "./gate-results.js";
export {
  decodeList,
  type Expression,
  type ListFacts,
  type ListHeader,
  type ListOperation,
  listFacts,
  operandsOf,
  worldTimeOf,
} from "./list-facts.js";
export { type MatchOptions, type MatchResult, type MatchRooms, matchList } from "./match-list.js";
export { type Membership, Memberships, type PastAudience, type PastMatch, type PastMembers } from "./memberships.js";
