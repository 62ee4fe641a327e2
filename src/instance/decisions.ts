/**
 * What needs two operators: proposals, approvals, and what an approver is shown.
 *
 * A proposal and its approval are signed by the operators themselves, where their keys are; here they are
 * checked, made durable and take effect. Nothing here can sign.
 */
import { LeafKind } from "../ledger/index.js";
import {
  type Action,
  encodeSigned,
  notTwoPeople,
  operatorsFolder,
  type Proposal,
  type Signed,
} from "../operator/index.js";
import { type NoticeReview, type NoticeVersion, parseNotice, reviewNotice, type Source } from "../purpose/index.js";
import { controlEntry } from "./control.js";
import type { Solely } from "./solely.js";

/** A proposal as it waits for a second signature, with what its approver must see. */
export interface ProposalView {
  readonly proposal: string;
  readonly type: Action["type"];
  readonly by: string;
  readonly at: string;
  readonly action: Action;
  /** Of a notice: text, purposes, sources, and what changes against the version before. */
  readonly review?: NoticeReview;
  /** Of a run: what it would free, and the source's limit. */
  readonly run?: { readonly freed: number; readonly limit: number | null };
}

/**
 * Takes a signed proposal in, after checking that its action could take effect.
 * @throws {OperatorError | PurposeError}
 */
export async function propose(solely: Solely, signed: Signed): Promise<ProposalView> {
  const { control } = solely.state;
  let id = "";
  await solely.decide(() => {
    const checked = control.operators.checkProposal(signed);
    control.check(checked.action, undefined, Date.now());
    id = checked.id;
    return controlEntry(LeafKind.proposal, encodeSigned(signed), Date.now());
  });
  return view(solely, control.operators.proposal(id).proposal);
}

export interface Approved {
  readonly proposal: string;
  readonly type: Action["type"];
  readonly proposedBy: string;
  readonly approvedBy: string;
  /** Operators whose private keys the current user can read, when these are two or more. */
  readonly notTwoPeople: readonly string[];
}

/**
 * Takes a second operator's approval in; the action is in force when this returns.
 * @throws {OperatorError | PurposeError}
 */
export async function approve(solely: Solely, signed: Signed): Promise<Approved> {
  const { control } = solely.state;
  let approved: Omit<Approved, "notTwoPeople"> | undefined;
  await solely.decide(() => {
    const { proposal, approval } = control.operators.checkApproval(signed);
    control.check(proposal.action, approval.confirm, Date.now());
    approved = { proposal: proposal.id, type: proposal.action.type, proposedBy: proposal.by, approvedBy: approval.by };
    return controlEntry(LeafKind.approval, encodeSigned(signed), Date.now());
  });
  return { ...approved!, notTwoPeople: await keysInOneHand(solely) };
}

/** Operators whose private keys the current user can read; two or more are not two people. */
export async function keysInOneHand(solely: Solely): Promise<string[]> {
  const folder = operatorsFolder(process.env);
  const names = await notTwoPeople(folder, solely.state.control.operators.list());
  return names.length > 1 ? names : [];
}

export function proposals(solely: Solely): ProposalView[] {
  return solely.state.control.pendingProposals().map((proposal) => view(solely, proposal));
}

function view(solely: Solely, { id, action, by, at }: Proposal): ProposalView {
  const { control } = solely.state;
  const common = { proposal: id, type: action.type, by, at, action };
  if (action.type === "notice.adopt")
    return { ...common, review: reviewNotice(control.notices, parseNotice(action.notice)) };
  if (action.type === "run.free") {
    return {
      ...common,
      run: {
        freed: control.refusedRun(action.digest)?.freed ?? action.freed,
        limit: control.sources.get(action.source).freedLimit,
      },
    };
  }
  return common;
}

/** A notice as it stands. */
export interface NoticeView {
  readonly notice: string;
  readonly from: string;
  readonly to: string | null;
  readonly surface: string;
  readonly language: string;
  readonly purposes: readonly string[];
  readonly exclusive: boolean;
  readonly subject: string;
  readonly sources: readonly string[];
  readonly text: string;
}

export function notices(solely: Solely): NoticeView[] {
  return solely.state.control.notices.versions().map(noticeView);
}

/** @throws {PurposeError} code `unknown-notice` */
export function notice(solely: Solely, reference: string): NoticeView {
  return noticeView(solely.state.control.notices.find(reference));
}

function noticeView({ notice, fromMs, toMs }: NoticeVersion): NoticeView {
  const { id, version, surface, language, purposes, exclusive, subject, sources, text } = notice;
  return {
    notice: `${id}@${version}`,
    from: new Date(fromMs).toISOString(),
    to: Number.isFinite(toMs) ? new Date(toMs).toISOString() : null,
    surface,
    language,
    purposes,
    exclusive,
    subject,
    sources,
    text,
  };
}

/** Sources in force, with what each has freed in 30 days. */
export function sources(solely: Solely): (Source & { readonly freed: number })[] {
  const book = solely.state.control.sources;
  return book.list().map((source) => ({ ...source, freed: book.freed(source.name, Date.now()) }));
}
