/** Commands of operators: who they are, what sources there are, and whatever waits for a second signature. */
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import type { Approved, ProposalView } from "../command/index.js";
import {
  type Action,
  createOperatorKey,
  operatorNameOfFile,
  operatorsFolder,
  passkeyFingerprint,
  readEnrolment,
  readPublicKey,
} from "../operator/index.js";
import { PURPOSES, type Purpose, parsePurpose } from "../purpose/index.js";
import { collected, define, group, wholeNumber } from "./define.js";
import { CliError, EXIT } from "./error.js";
import type { Session } from "./session.js";
import { approve, propose, signIn, waitingProposals, warnIfNotTwoPeople } from "./signing.js";
import { count, counted, sideBySide, table } from "./terminal.js";

interface As {
  readonly as: string;
}
const withAs = (command: Command): Command =>
  command.requiredOption("--as <operator>", "the operator who signs, whose key SOLELY_OPERATORS holds");

export function addOperatorCommands(program: Command): void {
  const operator = group(program, "operator", "who may decide");
  define<As & { key?: string }>(operator, {
    usage: "add <name>",
    about: "Propose a further operator; makes a key pair for the name here, unless a public key is given.",
    example: "solely operator add carol --key carol.pub --as alice",
    options: (command) => withAs(command).option("--key <file.pub>", "public key that was made elsewhere"),
    work: async (session, [name], { as, key }) =>
      waiting(
        session,
        await propose(session, as, { type: "operator.add", ...(await newOperator(session, name!, key)) }),
      ),
  });
  define<As>(operator, {
    usage: "remove <name>",
    about: "Propose that an operator is one no more.",
    example: "solely operator remove carol --as alice",
    options: withAs,
    work: async (session, [name], { as }) =>
      waiting(session, await propose(session, as, { type: "operator.remove", name: name! })),
  });
  define<As & { key: string }>(operator, {
    usage: "replace <name>",
    about: "Propose a new key for an operator.",
    example: "solely operator replace carol --key carol-2026.pub --as alice",
    options: (command) => withAs(command).requiredOption("--key <file.pub>", "the new public key"),
    work: async (session, [name], { as, key }) => {
      const action: Action = { type: "operator.replace", name: name!, publicKey: await readPublicKey(key) };
      waiting(session, await propose(session, as, action));
    },
  });
  define<As>(operator, {
    usage: "passkey <file>",
    about: "Propose a passkey for an operator, as the console's page saved it where it was made.",
    example: "solely operator passkey bob.passkey --as alice",
    options: withAs,
    work: async (session, [file], { as }) =>
      waiting(
        session,
        await propose(session, as, { type: "operator.passkey", ...(await readEnrolment(resolve(file!))) }),
      ),
  });
  define<As>(operator, {
    usage: "end-passkey <name> <fingerprint>",
    about: "Propose that a passkey of an operator ends, by the beginning of its key's fingerprint.",
    example: "solely operator end-passkey bob 9f86d081 --as alice",
    options: withAs,
    work: async (session, [name, fingerprint], { as }) => {
      const credential = await credentialOf(session, name!, fingerprint!);
      waiting(session, await propose(session, as, { type: "operator.passkey-end", name: name!, credential }));
    },
  });
  define<As>(operator, {
    usage: "sign-in",
    about:
      "Sign in to the console of the running server with a key file: prints a link that opens once, within five minutes.",
    example: "solely operator sign-in --as alice",
    options: withAs,
    async work(session, _, { as }) {
      const link = await signIn(session, as);
      session.terminal.result(link, () => [
        link.url,
        `opens once, within ${link.minutes} minutes; it is for ${as} alone`,
      ]);
    },
  });
  define(operator, {
    usage: "list",
    about: "Every operator's key that ever signed here.",
    example: "solely operator list --json",
    async work(session) {
      const operators = await session.run("operators", {});
      session.terminal.result({ operators }, () =>
        table(
          ["operator", "in force", "kind", "key"],
          operators.map(({ name, toPosition, passkey, fingerprint }) => [
            name,
            toPosition === null ? "yes" : "no",
            passkey === null ? "file" : `passkey, ${passkey.host}`,
            fingerprint,
          ]),
          "no operators",
        ),
      );
    },
  });

  const source = group(program, "source", "who may feed contacts");
  define<As & { vouches: boolean; freedLimit: number | "none" }>(source, {
    usage: "add <name>",
    about: "Propose a source, or other terms for one that exists.",
    example: "solely source add app --vouches --freed-limit 1000 --as alice",
    options: (command) =>
      withAs(command)
        .option("--vouches", "its contacts count as verified", false)
        .option(
          "--freed-limit <n>",
          "security contacts that its runs may newly permit in 30 days, or none",
          (text) => (text === "none" ? "none" : wholeNumber(0)(text)),
          0,
        ),
    async work(session, [name], { as, vouches, freedLimit }) {
      const limit = freedLimit === "none" ? null : freedLimit;
      waiting(session, await propose(session, as, { type: "source.set", name: name!, vouches, freedLimit: limit }));
    },
  });
  define(source, {
    usage: "list",
    about: "Sources in force, and what their runs freed in 30 days.",
    example: "solely source list",
    async work(session) {
      const sources = await session.run("sources", {});
      session.terminal.result({ sources }, () =>
        table(
          ["source", "vouches", "freed limit", "freed in 30 days"],
          sources.map(({ name, vouches, freedLimit, freed }) => [
            name,
            vouches ? "yes" : "no",
            freedLimit === null ? "none" : count(freedLimit),
            count(freed),
          ]),
          "no sources",
        ),
      );
    },
  });
  define<As>(source, {
    usage: "free <name> <digest>",
    about: "Propose to let one run of a source past its limit, by the run's digest; then the same bytes are fed again.",
    example: "solely source free app 3fa0…c2 --as alice",
    options: withAs,
    async work(session, [name, digest], { as }) {
      const run = await session.run("refusedRun", { source: name!, digest: digest! });
      if (run === null) {
        throw new CliError(
          "usage",
          `no run of ${name} was refused with this digest`,
          "ingest names it when it refuses",
        );
      }
      const action: Action = { type: "run.free", source: name!, digest: run.digest, freed: run.freed };
      waiting(session, await propose(session, as, action));
    },
  });

  define(program, {
    usage: "proposals",
    about: "Whatever waits for a second signature.",
    example: "solely proposals",
    async work(session) {
      const proposals = await waitingProposals(session);
      session.terminal.result({ proposals }, () =>
        table(
          ["proposal", "by", "at", "what"],
          proposals.map((view) => [view.proposal.slice(0, 12), view.by, view.at, summary(view)]),
          "nothing waits for a second signature",
        ),
      );
    },
  });
  define<As & Confirming>(program, {
    usage: "approve <proposal>",
    about: "Sign what another operator proposed; it is in force then.",
    example: "solely approve 3fa04b1c --as bob",
    options: withConfirming,
    async work(session, [id], options) {
      const named = (await waitingProposals(session)).filter((view) => view.proposal.startsWith(id!.toLowerCase()));
      const [proposal] = named;
      if (proposal === undefined || named.length > 1 || id!.length < 8) {
        await requireNotOvertaken(session, id!);
        const what = named.length > 1 ? `${named.length} proposals that wait begin` : "no proposal that waits begins";
        throw new CliError(
          "no-such-proposal",
          `${what} with ${id!.slice(0, 64)}`,
          "solely proposals --json lists them whole; give at least 8 digits",
        );
      }
      const { approved, ...rest } = await approveAll(session, [proposal], options);
      session.terminal.result({ ...approved[0]!, ...rest }, () => [`approved: ${summary(proposal)}`]);
    },
  });
}

/** The passkey in force whose key's fingerprint begins so. */
async function credentialOf(session: Session, name: string, fingerprint: string): Promise<string> {
  const keys = await session.run("operators", {});
  const found = keys.flatMap((key) =>
    key.name === name && key.toPosition === null && key.fingerprint.startsWith(fingerprint.toLowerCase())
      ? (key.passkey?.credential ?? [])
      : [],
  );
  if (found.length === 1 && fingerprint.length >= 8) return found[0]!;
  throw new CliError(
    "refused",
    `${found.length > 1 ? "several passkeys" : "no passkey"} of ${name} in force can be meant`,
    "solely operator list shows their fingerprints; give at least 8 digits",
  );
}

async function newOperator(session: Session, name: string, key: string | undefined) {
  if (key !== undefined) return { name, publicKey: await readPublicKey(resolve(key)) };
  const made = await createOperatorKey(operatorsFolder(process.env, session.data), name);
  session.terminal.say(`made a key for ${name}: ${made.privateFile}`);
  return { name: operatorNameOfFile(made.publicFile), publicKey: made.publicKey };
}

/** @throws {CliError} code `lapsed` when a later decision has overtaken the proposal whose id begins so */
async function requireNotOvertaken(session: Session, id: string): Promise<void> {
  const lapsed = (await session.run("decided", { limit: 1000 })).find(
    ({ proposal, overtakenBy }) => overtakenBy !== null && id.length >= 8 && proposal.startsWith(id.toLowerCase()),
  );
  if (lapsed === undefined) return;
  const { type, by, approvedBy, position } = lapsed.overtakenBy!;
  throw new CliError(
    "lapsed",
    `the proposal lapsed by a later decision: ${type}, which ${by} proposed and ${approvedBy} approved at position ${position}`,
    "look how it stands since then; if it is still wanted, propose it again",
  );
}

/** What was proposed has no effect yet, and the exit code says so. */
export function waiting({ terminal }: Session, view: ProposalView): void {
  process.exitCode = EXIT.refused;
  terminal.result({ ...view, waiting: true }, () => []);
  const fix = `another operator: solely approve ${view.proposal.slice(0, 12)} --as NAME`;
  terminal.reason(`waiting for a second signature: ${summary(view)}`, fix);
}

export interface Confirming {
  readonly confirm?: readonly string[];
  readonly yes: boolean;
}

export const withConfirming = (command: Command): Command =>
  withAs(command)
    .option("--confirm <purpose>", "an ads purpose that the text does not mention; may be repeated", collected)
    .option("--yes", "do not ask on a terminal", false);

/** Shows each proposal, asks if there is somebody to ask, signs. */
export async function approveAll(
  session: Session,
  proposals: readonly ProposalView[],
  { as, confirm = [], yes }: As & Confirming,
): Promise<{ approved: Approved[]; notTwoPeople: readonly string[] }> {
  for (const purpose of confirm) parsePurpose(purpose);
  for (const proposal of proposals) for (const line of shown(proposal)) session.terminal.say(line);
  const names = await warnIfNotTwoPeople(session);
  if (!yes && !session.terminal.isJson && process.stdin.isTTY && process.stdout.isTTY) await askToSign(as);
  const approved: Approved[] = [];
  for (const proposal of proposals) approved.push(await approve(session, as, proposal, confirm));
  return { approved, notTwoPeople: names };
}

async function askToSign(as: string): Promise<void> {
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await asking.question(`Sign this as ${as}? [y/N] `).finally(() => asking.close());
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new CliError("not-confirmed", "not signed", "answer y to sign");
}

/** One line about a proposal. */
export function summary({ action }: ProposalView): string {
  switch (action.type) {
    case "notice.adopt":
      return `notice ${String(action.notice.id)}@${String(action.notice.version)}`;
    case "notice.retire":
      return `retire notice ${action.id} from ${action.from}`;
    case "source.set": {
      const limit = action.freedLimit === null ? "no limit" : `limit ${count(action.freedLimit)}`;
      return `source ${action.name}, ${action.vouches ? "vouching" : "not vouching"}, ${limit}`;
    }
    case "run.free":
      return `let a run of ${action.source} free ${counted(action.freed, "contact point")} (${action.digest.slice(0, 12)})`;
    case "contact.reveal":
      return `reveal ${counted(action.contacts.length, "contact")} for ${action.purpose}: ${action.reason}`;
    case "incident.contain":
      return `contain incident ${action.incident}`;
    case "incident.tell":
      return `letters of incident ${action.incident} may go to a security contact where it is the only channel`;
    case "incident.undo":
      return `undo the containment of incident ${action.incident}`;
    case "store.recover": {
      const { position, root, givenUp } = action;
      const accepted = `accept the ledger of ${counted(position, "leaf", "leaves")} (${root.slice(0, 16)})`;
      const size = givenUp?.size ?? null;
      const what = size === null ? "what is kept" : `the kept checkpoint of ${counted(size, "leaf", "leaves")}`;
      return givenUp === null
        ? `${accepted}, with no checkpoint kept of it`
        : `${accepted}, and give up ${what} (${givenUp.digest.slice(0, 16)})`;
    }
    case "matching.resume":
      return `resume matching, which a canary halted at position ${action.halt}`;
    case "operator.add":
      return `add operator ${action.name}`;
    case "operator.remove":
      return `remove operator ${action.name}`;
    case "operator.replace":
      return `replace the key of operator ${action.name}`;
    case "operator.passkey":
      return `a passkey for operator ${action.name}, made at ${action.host} (${passkeyFingerprint(action).slice(0, 16)})`;
    case "operator.passkey-end":
      return `end a passkey of operator ${action.name} (${action.credential.slice(0, 16)})`;
  }
}

/** What an approver must see. */
function shown(view: ProposalView): string[] {
  const head = [`${summary(view)}`, `  proposed by ${view.by} at ${view.at}, ${view.proposal.slice(0, 12)}`];
  if (view.run !== undefined) {
    const limit = view.run.limit === null ? "none" : count(view.run.limit);
    return [
      ...head,
      `  would newly permit ${counted(view.run.freed, "security contact")}; the source's limit is ${limit}`,
      "",
    ];
  }
  if (view.incident !== undefined) return [...head, ...shownContainment(view.action.type, view.incident), ""];
  if (view.review === undefined) return [...head, ""];
  const { notice, changes, toConfirm } = view.review;
  const terms = [
    "PURPOSES",
    ...notice.purposes.map((purpose) => `${purpose}: ${PURPOSES[purpose as Purpose].meaning}`),
    "",
    `SOURCES  ${notice.sources.join(", ")}`,
    `SURFACE  ${notice.surface}`,
    `FROM     ${notice.effective_from}`,
    ...(notice.exclusive ? ["EXCLUSIVE: for nothing else"] : []),
    ...(notice.subject === "other" ? ["OTHER PEOPLE'S CONTACTS: permits nothing"] : []),
  ];
  return [
    ...head,
    "",
    ...sideBySide([`TEXT (${notice.language})`, ...notice.text.split("\n")], terms),
    "",
    ...(changes.length > 0 ? ["CHANGES against the version before"] : []),
    ...changes.flatMap(({ field, before, after }) => [`  ${field}`, `    - ${before}`, `    + ${after}`]),
    ...toConfirm.map(
      (purpose) => `The text never mentions advertising; --confirm ${purpose} if people understood it so.`,
    ),
    "",
  ];
}

/** What an incident claims, and what containing it or undoing that does. */
function shownContainment(type: Action["type"], review: NonNullable<ProposalView["incident"]>): string[] {
  const { claim, contactPoints, accounts, audiences, members } = review;
  const what =
    type === "incident.contain"
      ? `takes permission from ${counted(contactPoints, "contact point")}; ${counted(audiences, "audience loses", "audiences lose")} ${counted(members, "member")}`
      : `gives permission back to ${counted(contactPoints, "contact point")}; tokens and audiences return with the next feed and list`;
  return [
    `  ${claim.title}`,
    ...claim.claims.map((one) => `  claimed: ${JSON.stringify(one)}`),
    `  ${what}; ${counted(accounts, "account")} in all`,
  ];
}
