/**
 * Solely as a library: open a store, take contacts in, match lists, serve audiences.
 *
 * @example
 * const solely = await Solely.open({ data: "./solely-data" });
 * await ingest(solely, "contacts.csv", { source: "local", actor: "job" });
 * const { audience } = await matchList(solely, "list.csv", { advertiser: "acme", name: "customers", actor: "job" });
 * await exportToFile(solely, { audience, out: "audience.csv", actor: "job", expiryHours: 24 });
 * await solely.close();
 */
export { addAdvertiser, createKey, revokeKey } from "./access/index.js";
export { combineAudiences, deleteAudience, type MatchOptions, type MatchResult, matchList } from "./audience/index.js";
export { explain } from "./grant/index.js";
export {
  backup,
  compact,
  type Diagnosis,
  doctor,
  type InitOptions,
  type InitResult,
  init,
  type OpenOptions,
  restore,
  Solely,
} from "./instance/index.js";
export {
  type IngestOptions,
  type IngestResult,
  ingest,
  type TakeResult,
  takeAccounts,
  takeEvents,
} from "./intake/index.js";
export { rotateAdsKey } from "./match/index.js";
export { signApproval, signProposal } from "./operator/index.js";
export { changesSince, eligibility, exportToFile } from "./serve/index.js";
export { viewAudience, viewBudget } from "./size/index.js";
export { revealToOperator, revealToService, rotateSealingKey } from "./vault/index.js";
