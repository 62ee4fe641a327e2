/**
 * Intake: contacts, events and accounts in, from files and streams; each batch becomes one leaf.
 */

export { accountRefusal } from "./account-name.js";
export { type AccountBatch, readAccounts } from "./accounts.js";
export { readContacts } from "./contacts-input.js";
export { IntakeError, type IntakeErrorCode } from "./error.js";
export { type EventBatch, readEvents } from "./events.js";
export { EventGathering } from "./gathering.js";
export { type IngestOptions, type IngestResult, ingest, sealedChange } from "./ingest.js";
export { CONTACT_LEAVES } from "./leaf.js";
export { INTAKE_LIMITS } from "./limits.js";
export { NoticeReferences } from "./notice-references.js";
export { INTAKE_REFUSAL, intakeRefusals, REFUSAL_COLUMNS } from "./refusal.js";
export type { IntakeRooms } from "./rooms.js";
export type { ContactBatch } from "./rows.js";
export { type RefusedRun, type RunResult, Runs } from "./runs.js";
export { type EventsResult, type TakeOptions, type TakeResult, takeAccounts, takeEvents } from "./take.js";
