/**
 * Incident: what was claimed to be wrong upstream, whom it affected, and what is done about it.
 */
export { type AssessOptions, type AssessRooms, assess } from "./assess.js";
export type { AffectedCounts, Assessment, AudienceAssessment } from "./assessment.js";
export { Canaries, type Canary, type CanaryContact } from "./canary.js";
export { type CanaryCheck, checkCanaries, checkCanariesIfDue } from "./canary-check.js";
export { CANARY_ADVERTISER, type CanaryEntrance, type CanaryList, csvOf } from "./canary-way.js";
export { type Claim, claimDigest, correctionsOf, matchesOf, parseClaim } from "./claim.js";
export { type ContainedState, type ContainmentRooms, Containments } from "./containment.js";
export { IncidentError, type IncidentErrorCode } from "./error.js";
export { type Incident, Incidents } from "./incidents.js";
export { LastAssessment } from "./last-assessment.js";
export { LANGUAGES, LETTERS } from "./letter-templates.js";
export { type IncidentReport, makeReport, type ReportedAudience, reported, reportSchema } from "./report.js";
export { factsTemplate, PHASES, type Phase, parseFacts } from "./report-facts.js";
export { reportPage } from "./report-page.js";
export { type Rescan, rescan, rescanSettled } from "./rescan.js";
export { type ContainmentReview, reviewContainment } from "./review.js";
export { type PeopleOptions, writePeople, writeTables } from "./tables.js";
export { type LetterSettings, type TellOptions, type TellRooms, type Told, tell } from "./tell.js";
