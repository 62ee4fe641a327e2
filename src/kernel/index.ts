export { type ByteStrings, CONTACT, type ContactTerms, ContactTurn, TURN_CONTACTS } from "./contact-turn.js";
export { KernelError, type KernelErrorCode } from "./error.js";
export { MAX_SHORT_FACT_BYTES, merkleEntries, merkleNodes } from "./merkle.js";
export { type RecordLimits, RecordScan, recordTables, SLICE_BYTES, scanText, TEXT_BYTES } from "./records.js";
export { ROW, RowNames, RowTurn, TURN_ROWS } from "./row-turn.js";
export { CsvScanner, type CsvScannerOptions, detectDelimiter, SCAN_PROBLEM, unescapeField } from "./scan.js";
export { DIGEST_BYTES, sha256Batch } from "./sha256.js";
export { enlarge, type SharedMemory, sharedMemory, type TokenKernels, tokenKernels } from "./token-kernels.js";
export {
  CELL,
  DIGEST_DIGITS,
  KEPT_BYTES,
  TURN_CELLS,
  Turn,
  TWO_BYTE_CHARACTERS,
  tellLowerCase,
  tellPhonePlan,
  VALUE_FORM,
  type ValueForm,
} from "./turn.js";
export { loadKernels } from "./wasm.js";
