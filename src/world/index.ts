/** The sample world and its truth: contacts, events, accounts and lists of nobody, made from a seed. */
export { WorldError, type WorldErrorCode } from "./error.js";
export type { ListFacts } from "./list.js";
export {
  MAX_ACCOUNTS,
  MAX_LIST_ROWS,
  MIN_ACCOUNTS,
  type WorldOptions,
  type WorldSummary,
  writeWorld,
} from "./write.js";
