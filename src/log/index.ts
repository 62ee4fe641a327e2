/**
 * Log: the facts in order, the folds that live by them, and the one writer.
 */
export { LogError, type LogErrorCode } from "./error.js";
export {
  bytesOf,
  columnSections,
  type Fold,
  foldFacts,
  jsonSection,
  type Kept,
  readJson,
  type Section,
} from "./fold.js";
export { type LeafMaker, LeafThread } from "./leaf-thread.js";
export { serveLeaves } from "./leaf-worker.js";
export { type EntryOptions, Log, type LogOptions, payloadOf, recordEntry, recordFacts } from "./log.js";
export { positionAt } from "./position.js";
export type { Sealed, Writer } from "./writer.js";
