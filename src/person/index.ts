/**
 * Person: what one person may see, switch and take along of what is known here.
 */
export { PersonError, type PersonErrorCode } from "./error.js";
export {
  exportPerson,
  listsOf,
  noticesOf,
  type PersonContact,
  type PersonExport,
  type PersonMatch,
  type PersonNotice,
  type PersonRooms,
} from "./export.js";
export { PERSON_LIMITS, PersonLimits } from "./limits.js";
export type { ContactMatch, PersonShowings } from "./matches.js";
export { receiptOf } from "./receipts.js";
export {
  erased,
  type Offer,
  PERSON_ACTOR,
  PERSON_SOURCE,
  type PersonSwitch,
  SWITCHED,
  type Switched,
  type SwitchOn,
  switchOff,
  switchOn,
} from "./switches.js";
export type { PersonIncident } from "./told-incidents.js";
export {
  type Given,
  type PersonView,
  type ViewedChange,
  type ViewedContact,
  type ViewedNotice,
  viewPerson,
} from "./view.js";
