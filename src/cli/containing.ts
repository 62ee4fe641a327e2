/** Commands that do something about an incident: contain it, undo that, and prove that it holds. */
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import type { ProposalView } from "../command/index.js";
import { claimDigest } from "../incident/index.js";
import { LANGUAGES, LETTERS } from "../letter/index.js";
import { define } from "./define.js";
import { CliError, EXIT } from "./error.js";
import { textIn } from "./files.js";
import { approveAll, type Confirming, summary, waiting, withConfirming } from "./operators.js";
import type { Session } from "./session.js";
import { propose, signedAction, waitingProposals } from "./signing.js";
import { count, counted } from "./terminal.js";

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
        ...(proposal.action.type === "incident.contain" ? [`solely incident rescan ${id} proves it`] : []),
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
        `given under what is corrected: ${counted(found.contactPoints, "contact point")}; may not be used: ${count(found.denied)}`,
        `of these permitted: ${count(found.permitted)}; in the index: ${counted(found.inIndex, "token")}; ` +
          `in audiences: ${count(found.inAudiences + found.ofMatches)}; at position ${found.position}`,
        found.isClean ? "nothing is left in use" : "something is left in use",
      ]);
    },
  });
  define<TellOptions>(incident, {
    usage: "tell <id>",
    about:
      "A letter for each affected person, as Markdown and text, and a list of where each may go; nothing is sent from here.",
    example: "solely incident tell unlock-2014 --out letters --language en",
    options: (command) =>
      command
        .requiredOption("--out <dir>", "a folder that is new or empty")
        .addOption(new Option("--language <language>", "of the letters").choices(LANGUAGES).default("en"))
        .option("--template <file>", "your own template; solely incident template shows one to begin with")
        .option(
          "--only-channel",
          "a contact given for security may be written to where there is no other; signed",
          false,
        )
        .option("--as <operator>", "who signs that, with --only-channel"),
    async work(session, [id], { out, language, template, onlyChannel, as }) {
      if (onlyChannel && as === undefined)
        throw new CliError("usage", "--only-channel needs --as", "name the operator whose word it is");
      const { claim } = await session.run("incident", { incident: id! });
      const signed = onlyChannel
        ? await signedAction(session, as!, { type: "incident.tell", incident: id!, claim: claimDigest(claim) })
        : undefined;
      const text = template === undefined ? undefined : await textIn(template);
      const input = { incident: id!, out: resolve(out), language, template: text, onlyChannel: signed };
      const told = await session.run("incidentTell", input, { as });
      session.terminal.result(told, () => [
        `${counted(told.people, "person", "people")} in ${out}, ${count(told.addressed)} with an address`,
        ...Object.entries(told.withoutAddress)
          .filter(([, people]) => people > 0)
          .map(([why, people]) => `without one: ${count(people)} (${why})`),
        `recorded at position ${told.position}`,
      ]);
    },
  });
  define<{ language: (typeof LANGUAGES)[number] }>(incident, {
    usage: "template",
    about: "The template of letters that comes with Solely, to be edited.",
    example: "solely incident template --language de",
    options: (command) =>
      command.addOption(new Option("--language <language>", "of the letters").choices(LANGUAGES).default("en")),
    async work(session, _, { language }) {
      session.terminal.result({ language, template: LETTERS[language] }, () => [LETTERS[language].trimEnd()]);
    },
  });
}

interface TellOptions {
  readonly out: string;
  readonly language: (typeof LANGUAGES)[number];
  readonly template?: string;
  readonly onlyChannel: boolean;
  readonly as?: string;
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
    "solely proposals lists what waits; what waited while it was decided about otherwise has lapsed, and is proposed again",
  );
}
