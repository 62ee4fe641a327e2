/**
 * Incident: what was claimed to be wrong upstream, whom it affected, and how it is contained.
 */
export { AffectedPeople, type AffectedPerson, affectedUses, type Use } from "./affected-people.js";
export {
  type AssessOptions,
  type AssessRooms,
  assess,
  assessPrepared,
  type PreparedAssessment,
  prepareAssessment,
} from "./assess.js";
export type { AffectedCounts, Assessment, AudienceAssessment } from "./assessment.js";
export { type Claim, claimDigest, claimSchema, correctionsOf, matchesOf, parseClaim } from "./claim.js";
export { type ContainedState, type ContainmentRooms, Containments } from "./containment.js";
export { IncidentError, type IncidentErrorCode } from "./error.js";
export { type Incident, Incidents } from "./incidents.js";
export { LastAssessment } from "./last-assessment.js";
export {
  ENTRY,
  entryBits,
  type Meant,
  meanings,
  meantAt,
  PromiseEntries,
  purposeBits,
  SPAN,
} from "./promise-spans.js";
export { type Rescan, rescan, rescanSettled } from "./rescan.js";
export { type ContainmentReview, reviewContainment } from "./review.js";
export { csv, csvLine, type PeopleOptions, writePeople, writeTables } from "./tables.js";
