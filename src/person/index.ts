/**
 * Person: what one person may see and take along of what is known here.
 */
export {
  exportPerson,
  type PersonContact,
  type PersonExport,
  type PersonMatch,
  type PersonNotice,
  type PersonRooms,
} from "./export.js";
