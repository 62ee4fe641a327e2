export { AccountFacts, encodeAccounts } from "./account-facts.js";
export { type AccountBatch, type AccountsInputOptions, readAccounts } from "./accounts.js";
export {
  decodeEvents,
  decodeGrants,
  decodeTokens,
  type EventFacts,
  encodeEvents,
  encodeGrants,
  encodeTokens,
  foldEvents,
  foldGrants,
  type GrantFacts,
  type GrantHeader,
} from "./contact-facts.js";
export {
  ALL_PROMOTIONAL,
  type Change,
  Contacts,
  coversAds,
  EVENT_TYPES,
  type EventType,
  MAX_SPELLINGS,
  type Standing,
} from "./contacts.js";
export { type ContactsInputOptions, readContacts } from "./contacts-input.js";
export { IntakeError, type IntakeErrorCode } from "./error.js";
export { planEvents } from "./event-plan.js";
export { type EventBatch, readEvents } from "./events.js";
export { type GrantPlan, type NewTokens, planGrants, settleTokens, tokenRequest } from "./grants.js";
export { grown } from "./growing.js";
export { WHAT } from "./history.js";
export { identityOf } from "./identity.js";
export type { InputFormat } from "./input.js";
export { NO_GRANT } from "./point-table.js";
export { REFUSAL_COLUMNS, type Refusals, refusalOf, rejectLines } from "./refusal.js";
export type { ContactBatch } from "./rows.js";
