export { apiKeys, createKey, type KeyOptions, type NewKey, revokeKey } from "./api-keys.js";
export { type Config, isInitialised, readConfig } from "./config.js";
export { type Advertiser, type ApiKey, SCOPES, type Scope } from "./control.js";
export {
  type Approved,
  approve,
  keysInOneHand,
  type NoticeView,
  notice,
  notices,
  type ProposalView,
  proposals,
  propose,
  sources,
} from "./decisions.js";
export { type Diagnosis, doctor, type Finding } from "./doctor.js";
export { InstanceError, type InstanceErrorCode } from "./error.js";
export { type TakeOptions, type TakeResult, takeAccounts, takeEvents } from "./events.js";
export { type ExplainedEntry, type ExplainedPoint, type Explanation, explain } from "./explain.js";
export { type IngestOptions, type IngestResult, ingest } from "./ingest.js";
export { type InitOptions, type InitResult, init } from "./init.js";
export { addAdvertiser, type MatchOptions, type MatchResult, match } from "./lists.js";
export { type RotationResult, rotate } from "./rotation.js";
export {
  type AudienceChange,
  changesSince,
  type Eligibility,
  type ExportResult,
  eligibility,
  exportAudience,
  exportCsv,
  exportParquet,
  exportToFile,
  listAudiences,
  servedAccounts,
  showAudience,
} from "./serving.js";
export { type OpenOptions, Solely } from "./solely.js";
