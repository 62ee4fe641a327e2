/** Commands that do something about an incident: contain it, undo that, and prove that it holds. */
import type { Command } from "commander";
import type { ProposalView } from "../command/index.js";
import { claimDigest } from "../incident/index.js";
import { define } from "./define.js";
import { CliError, EXIT } from "./error.js";
import { approveAll, type Confirming, summary, waiting, withConfirming } from "./operators.js";
import type { Session } from "./session.js";
import { propose, waitingProposals } from "./signing.js";
import { count } from "./terminal.js";

interface As {
  readonly as: string;
}
const withAs = (command: Command): Command =>
  command.requiredOption("--as <operator>", "the operator who signs, whose key SOLELY_OPERATORS holds");

export function addContainingCommands(incident: Command): void {
  define<As>(incident, {
    usage: "contain <id>",
    about: "Propose to hold grants and matches to what an incident claims; in force when another operator approves.",
    example: "solely incident contain unlock-2014 --as alice",
    options: withAs,
    work: (session, [id], { as }) => proposeFor(session, as, "incident.contain", id!),
  });
  define<As>(incident, {
    usage: "undo <id>",
    about:
      "Propose to undo a containment: permission returns, tokens with the next feed, audiences with the next list.",
    example: "solely incident undo unlock-2014 --as alice",
    options: withAs,
    work: (session, [id], { as }) => proposeFor(session, as, "incident.undo", id!),
  });
  define<As & Confirming>(incident, {
    usage: "approve <id>",
    about: "Sign what another operator proposed about an incident; it is in force when this returns.",
    example: "solely incident approve unlock-2014 --as bob",
    options: withConfirming,
    async work(session, [id], options) {
      const proposal = proposalOf(await waitingProposals(session), id!, options.as);
      const { approved, ...rest } = await approveAll(session, [proposal], options);
      session.terminal.result({ ...approved[0]!, incident: proposal.incident, ...rest }, () => [
        `in force: ${summary(proposal)}`,
        `solely incident rescan ${id} proves it`,
      ]);
    },
  });
  define(incident, {
    usage: "rescan <id>",
    about:
      "Judge every contact point of a contained incident anew, and look for it in permission, index and audiences.",
    example: "solely incident rescan unlock-2014 --json",
    async work(session, [id]) {
      const found = await session.run("rescanIncident", { incident: id! });
      if (!found.isClean) process.exitCode = EXIT.refused;
      session.terminal.result(found, () => [
        `${count(found.contactPoints)} contact points were given under what is corrected; ${count(found.denied)} may not be used`,
        `of these ${count(found.permitted)} are permitted, ${count(found.inIndex)} tokens are in the index, ` +
          `${count(found.inAudiences + found.ofMatches)} are in audiences, at position ${found.position}`,
        found.isClean ? "nothing is left in use" : "something is left in use",
      ]);
    },
  });
}

async function proposeFor(
  session: Session,
  as: string,
  type: "incident.contain" | "incident.undo",
  id: string,
): Promise<void> {
  const { claim } = await session.run("incident", { incident: id });
  waiting(session, await propose(session, as, { type, incident: id, claim: claimDigest(claim) }));
}

/** What another operator proposed about an incident, the last that was. */
function proposalOf(waitingOnes: readonly ProposalView[], id: string, as: string): ProposalView {
  const about = waitingOnes.filter(({ action }) => "incident" in action && action.incident === id);
  const found = about.findLast(({ by }) => by !== as) ?? about.at(-1);
  if (found !== undefined) return found;
  throw new CliError(
    "no-such-proposal",
    `nothing about incident ${id} waits for approval`,
    "solely proposals lists what waits",
  );
}
