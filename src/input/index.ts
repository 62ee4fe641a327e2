export {
  type BatchTaker,
  BlockReader,
  type BlockReaderOptions,
  openBatches,
  parquetBatches,
  tableBatches,
} from "./batches.js";
export { BlockMemory } from "./block-memory.js";
export { InputError, type InputErrorCode, inputErrorOf } from "./error.js";
export {
  Blocks,
  decodedBytes,
  FILE_MEMORY,
  fileBytes,
  type InputFormat,
  type InputLimits,
  type InputOptions,
  type OpenInput,
  openedInput,
  peeked,
  sniffFormat,
} from "./input.js";
export { INPUT_LIMITS } from "./limits.js";
export type { ReadingFailure } from "./reading-protocol.js";
export { readInThread } from "./reading-thread.js";
export { failureOf, type PushReader, serveReading } from "./reading-worker.js";
export {
  FIRST_OWN_REFUSAL,
  inLineOrder,
  REFUSAL,
  REJECT_HEADER,
  type Refusal,
  type RefusalBook,
  RefusalList,
  type Refusals,
  refusalBook,
  rejectLines,
} from "./refusal.js";
export { type RefusalCount, RefusalTally, type RefusedRows } from "./refusal-tally.js";
export { type RefusedRow, type RejectOptions, Rejects } from "./rejects.js";
export { type FoundRecords, fault, ignoredColumns, type RowTaker } from "./table.js";
export { parseTime, timeRefusal } from "./time.js";
