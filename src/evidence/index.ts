/**
 * Evidence: what is stored held against the ledger, single facts shown to others, and the evidence of an
 * incident.
 */
export { type Audit, type AuditOptions, audit } from "./audit.js";
export { type Bundle, type BundleOptions, type BundleRooms, writeEvidence } from "./bundle.js";
export { type CheckedLeaf, checkLeaf, type Finding, type StoredTable } from "./check-leaf.js";
export { EvidenceError, type EvidenceErrorCode } from "./error.js";
export {
  type FactProof,
  formatFactProof,
  parseFactProof,
  type VerifiedFacts,
  type VerifyFactOptions,
  verifyFactProof,
} from "./fact-proof.js";
export { factsOf, hasKeys, type StoredFacts } from "./facts-of.js";
export { type ProofRequest, type ProofRooms, proveFacts } from "./prove-facts.js";
export { formatReceipt, verifyReceipt } from "./receipt.js";
export { type EvidenceFinding, type VerifiedEvidence, verifyEvidence } from "./verify.mjs";
