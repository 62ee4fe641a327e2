/**
 * Person: what one person may see, switch and take along of what is known here.
 */
export { PersonError, type PersonErrorCode } from "./error.js";
export {
  exportPerson,
  listsOf,
  noticesOf,
  type PersonExport,
} from "./export.js";
export { PERSON_LIMITS, PersonLimits } from "./limits.js";
export { linkToPerson } from "./link.js";
export type { ContactMatch } from "./matches.js";
export { receiptOf } from "./receipts.js";
export {
  erased,
  PERSON_ACTOR,
  type PersonSwitch,
  SWITCHED,
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
