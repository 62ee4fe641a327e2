export { type Action, type ActionType, actionSchema } from "./action.js";
export { canonicalJson } from "./canonical.js";
export { type ActionHandler, type ActionHandlers, Decisions, type PlannedDecision } from "./decisions.js";
export { type Enrolment, enrolmentSchema, readEnrolment } from "./enrolment.js";
export { OperatorError, type OperatorErrorCode } from "./error.js";
export { decodeGenesis, encodeGenesis, type Genesis, genesisFingerprint, newGenesis } from "./genesis.js";
export {
  createOperatorKey,
  type NewOperatorKey,
  notTwoPeople,
  type OperatorKey,
  operatorNameOfFile,
  operatorsFolder,
  readOperatorKey,
  readPublicKey,
} from "./key.js";
export {
  type Approval,
  type Decided,
  type Decision,
  type OperatorEffect,
  type OperatorFactKind,
  Operators,
  type Proposal,
  type ProposalState,
  type RejectedFact,
} from "./operators.js";
export { passkeyFingerprint } from "./passkey.js";
export { publicKeyFingerprint } from "./public-key.js";
export type { Operator, OperatorTerm, Passkey } from "./roster.js";
export type { SignatureScheme } from "./scheme.js";
export {
  type ApproveStatement,
  approvalText,
  decodeSigned,
  encodeSigned,
  type ProposeStatement,
  parseApproval,
  parseProposal,
  parseSigned,
  proposalText,
  type Signed,
  type StatementFrame,
  signApproval,
  signProposal,
  signSignIn,
  statementId,
} from "./statement.js";
