export { KernelError, type KernelErrorCode } from "./error.js";
export { DIGEST_DIGITS, DigestLines, KEPT_BYTES } from "./hex.js";
export { MAX_SHORT_FACT_BYTES, merkleEntries, merkleNodes } from "./merkle.js";
export {
  CsvScanner,
  type CsvScannerOptions,
  detectDelimiter,
  SCAN_PROBLEM,
  unescapeField,
} from "./scan.js";
export { DIGEST_BYTES, sha256Batch } from "./sha256.js";
export { enlarge, type SharedMemory, sharedMemory, type TokenKernels, tokenKernels } from "./token-kernels.js";
