/**
 * Signing: an operator's statements are made here, where the operator's key is; the store only ever gets what is signed.
 */
import type { ProposalView } from "../command/index.js";
import { claimDigest } from "../incident/index.js";
import {
  type Action,
  notTwoPeople,
  operatorsFolder,
  parseProposal,
  readOperatorKey,
  type Signed,
  signApproval,
  signProposal,
  signSignIn,
  statementId,
} from "../operator/index.js";
import { parseNotice, unmentionedPurposes } from "../purpose/index.js";
import { CliError } from "./error.js";
import type { Session } from "./session.js";

/** Signs an action as a proposal and hands it in. */
export async function propose(session: Session, as: string, action: Action): Promise<ProposalView> {
  return handIn(session, as, await signedAction(session, as, action));
}

/** An action, signed as a proposal. */
export async function signedAction(session: Session, as: string, action: Action): Promise<Signed> {
  const { privateKey: key, warnings } = await readOperatorKey(operatorsFolder(process.env, session.data), as);
  for (const warning of warnings) session.terminal.warn(warning);
  const { store } = await session.run("signingFrame", {});
  return signProposal({ key, name: as, storeId: store, action, atMs: Date.now() });
}

/** Has the running server make a link that lets an operator into the console, once. */
export async function signIn(session: Session, as: string) {
  const { privateKey: key, warnings } = await readOperatorKey(operatorsFolder(process.env, session.data), as);
  for (const warning of warnings) session.terminal.warn(warning);
  const { store } = await session.run("signingFrame", {});
  const signed = signSignIn({ key, name: as, storeId: store, atMs: Date.now() });
  return session.run("operatorSignIn", { signed }, { as });
}

/** Hands a signed proposal in. */
export const handIn = (session: Session, as: string, signed: Signed): Promise<ProposalView> =>
  session.run("propose", { signed }, { as });

/** Signs an approval of a proposal that was shown, and hands it in. */
export async function approve(session: Session, as: string, proposal: ProposalView, confirm: readonly string[]) {
  const { privateKey: key, warnings } = await readOperatorKey(operatorsFolder(process.env, session.data), as);
  for (const warning of warnings) session.terminal.warn(warning);
  const { store } = await session.run("signingFrame", {});
  const signed = signApproval({
    key,
    name: as,
    storeId: store,
    proposal: proposal.proposal,
    confirm,
    atMs: Date.now(),
  });
  return session.run("approve", { signed }, { as });
}

/**
 * The proposals that wait, each with what its own signed bytes say: what is shown is what is approved. Only what the
 * bytes can't know is the store's word: what a notice changes against the version before, and a source's limit.
 * @throws {CliError} code `altered`
 */
export async function waitingProposals(session: Session): Promise<ProposalView[]> {
  return (await session.run("proposals", {})).map(asSigned);
}

function asSigned(view: ProposalView): ProposalView {
  const { proposal, position, signed, review, run, incident } = view;
  const { action, by, at } = parseProposal(signed);
  if (statementId(signed) !== proposal || !sameJson(action, view.action)) {
    throw new CliError(
      "altered",
      `proposal ${proposal.slice(0, 8)} is not what was signed`,
      "somebody changed it on the way: look into the store before you sign anything",
    );
  }
  const common = { proposal, type: action.type, by, at, action, position, signed };
  if (action.type === "notice.adopt" && review !== undefined) {
    const notice = parseNotice(action.notice);
    return { ...common, review: { ...review, notice, toConfirm: unmentionedPurposes(notice) } };
  }
  if ("claim" in action && incident !== undefined) {
    if (claimDigest(incident.claim) !== action.claim) {
      throw new CliError(
        "altered",
        `the claim of incident ${action.incident} is not what was signed`,
        "somebody changed it on the way: look into the store before you sign anything",
      );
    }
    return { ...common, incident };
  }
  if (action.type === "run.free") return { ...common, run: { freed: action.freed, limit: run?.limit ?? null } };
  return common;
}

const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Says so when this user can read the private keys of several operators. */
export async function warnIfNotTwoPeople(session: Session): Promise<readonly string[]> {
  const { operators } = await session.run("signingFrame", {});
  const names = await notTwoPeople(operatorsFolder(process.env), operators);
  if (names.length < 2) return [];
  session.terminal.warn(`not two people: this user can read the private keys of ${names.join(" and ")}`);
  return names;
}
