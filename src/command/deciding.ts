/**
 * Commands about what two operators decide: proposals, approvals, and what an approver must see; notices, sources and
 * operators as they stand. Statements come signed; nothing here can sign.
 */
import { z } from "zod";
import { type ContainmentReview, IncidentError, reviewContainment } from "../incident/index.js";
import type { Solely } from "../instance/index.js";
import { decodeLeaf } from "../ledger/index.js";
import {
  type Action,
  type ActionType,
  type Proposal,
  parseSigned,
  publicKeyFingerprint,
  type Signed,
} from "../operator/index.js";
import { type NoticeReview, type NoticeVersion, parseNotice, reviewNotice } from "../purpose/index.js";
import { CommandError, command } from "./command.js";

/** A proposal as it waits for a second signature, with what its approver must see. */
export interface ProposalView {
  readonly proposal: string;
  readonly type: ActionType;
  readonly by: string;
  readonly at: string;
  readonly action: Action;
  /** Of its leaf in the ledger. */
  readonly position: number;
  /** The exact bytes that were signed, for whoever is to approve them. */
  readonly signed: Signed;
  /** Of a notice: text, purposes, sources, and what changes against the version before. */
  readonly review?: NoticeReview;
  /** Of a run: what it would free, and the source's limit. */
  readonly run?: { readonly freed: number; readonly limit: number | null };
  /** Of an incident: its claim, and what would change; nothing where it could not take effect any more. */
  readonly incident?: ContainmentReview;
}

async function viewProposal(solely: Solely, { id, action, by, at, position, signed }: Proposal): Promise<ProposalView> {
  const { notices, sources, runs } = solely;
  const common = { proposal: id, type: action.type, by, at, action, position, signed };
  if (action.type === "notice.adopt") return { ...common, review: reviewNotice(notices, parseNotice(action.notice)) };
  if (action.type === "run.free") {
    const freed = runs.refused(action.digest)?.freed ?? action.freed;
    return { ...common, run: { freed, limit: sources.get(action.source).freedLimit } };
  }
  if (action.type === "incident.contain" || action.type === "incident.undo") {
    try {
      return { ...common, incident: await reviewContainment(solely, action) };
    } catch (error) {
      if (!(error instanceof IncidentError)) throw error;
    }
  }
  return common;
}

const signed = z.unknown().transform((value) => parseSigned(value));

/** Takes a signed proposal in. */
export const propose = command(z.strictObject({ signed }), async (solely, input) =>
  viewProposal(solely, await solely.decisions.propose(solely.log, input.signed)),
);

export interface Approved {
  readonly proposal: string;
  readonly type: ActionType;
  readonly proposedBy: string;
  readonly approvedBy: string;
  /** Of the approval's leaf in the ledger. */
  readonly position: number;
}

/** Takes a second operator's signed approval in; the action is in force when this returns. */
export const approve = command(z.strictObject({ signed }), async (solely, input): Promise<Approved> => {
  const { proposal, approval } = await solely.decisions.approve(solely.log, input.signed);
  if (proposal.action.type === "store.recover") await solely.kept.look();
  const { position } = approval;
  return {
    proposal: proposal.id,
    type: proposal.action.type,
    proposedBy: proposal.by,
    approvedBy: approval.by,
    position,
  };
});

/** Whatever waits for a second signature. */
export const proposals = command(z.strictObject({}), async (solely) => {
  const views: ProposalView[] = [];
  for (const proposal of solely.decisions.operators.proposals()) views.push(await viewProposal(solely, proposal));
  return views;
});

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

function viewNotice({ notice, fromMs, toMs }: NoticeVersion): NoticeView {
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

export const notices = command(z.strictObject({}), (solely) => solely.notices.versions().map(viewNotice));

export const notice = command(z.strictObject({ notice: z.string() }), (solely, input) =>
  viewNotice(solely.notices.find(input.notice)),
);

export interface SourceView {
  readonly name: string;
  readonly vouches: boolean;
  readonly freedLimit: number | null;
  /** Contact points that its runs freed in 30 days. */
  readonly freed: number;
}

export const sources = command(z.strictObject({}), (solely): SourceView[] =>
  solely.sources.list().map((source) => ({ ...source, freed: solely.sources.freed(source.name, Date.now()) })),
);

/** A run that was refused because it would free too much, by its digest or the beginning of it. */
export const refusedRun = command(z.strictObject({ source: z.string(), digest: z.string() }), (solely, input) => {
  solely.sources.get(input.source);
  return solely.runs.refusedBy(input.source, input.digest) ?? null;
});

export interface OperatorView {
  readonly name: string;
  readonly fingerprint: string;
  /** Null: the operator's key file. */
  readonly passkey: { readonly credential: string; readonly host: string } | null;
  readonly fromPosition: number;
  readonly from: string;
  readonly toPosition: number | null;
  readonly to: string | null;
}

/** Every key that ever signed here. */
export const operators = command(z.strictObject({}), async (solely) => {
  const views: OperatorView[] = [];
  for (const { name, publicKey, passkey, fromPosition, toPosition } of solely.decisions.operators.terms()) {
    views.push({
      name,
      fingerprint: publicKeyFingerprint(publicKey),
      passkey: passkey ?? null,
      fromPosition,
      from: await timeOf(solely, fromPosition),
      toPosition: toPosition ?? null,
      to: toPosition === undefined ? null : await timeOf(solely, toPosition),
    });
  }
  return views;
});

/** When the leaf at a position was learned. */
async function timeOf({ log }: Solely, position: number): Promise<string> {
  const leaf = await log.store.leaf(position);
  if (leaf === undefined) throw new Error(`no leaf at ${position}`);
  return new Date(decodeLeaf(leaf).timeMs).toISOString();
}

const SIGN_IN_MINUTES = 5;

/**
 * Lets an operator into the console who signed with their key file that they want in: a link that opens once. The session
 * ends when that key does.
 */
export const operatorSignIn = command(z.strictObject({ signed }), ({ decisions, links }, input) => {
  const { origin } = links;
  if (origin === undefined) {
    throw new CommandError("not-served", "no server runs on this store, so there is no console", "solely serve");
  }
  const { name, publicKey } = decisions.signIns.use(input.signed);
  const holds = () => decisions.operators.list().some((other) => other.name === name && other.publicKey === publicKey);
  const token = links.make({ is: "operator", name }, SIGN_IN_MINUTES, holds);
  return { name, url: `${origin}/#enter=${token}`, minutes: SIGN_IN_MINUTES };
});

/** What a signer has to know: the store's id, and who the operators in force are, with which keys. */
export const signingFrame = command(z.strictObject({}), ({ config, decisions: { operators } }) => ({
  store: config.root,
  operators: operators.list().map(({ name, publicKey }) => ({ name, publicKey })),
  passkeys: operators.passkeys().map(({ name, credential, host }) => ({ name, credential, host })),
}));
