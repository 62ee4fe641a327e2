/** Commands about notices. */
import type { Command } from "commander";
import { parseAllDocuments } from "yaml";
import type { ProposalView } from "../command/index.js";
import { type Notice, PurposeError, parseNotice } from "../purpose/index.js";
import { define, group, instant } from "./define.js";
import { CliError } from "./error.js";
import { textIn } from "./files.js";
import { approveAll, type Confirming, waiting, withConfirming } from "./operators.js";
import { propose, waitingProposals } from "./signing.js";
import { table } from "./terminal.js";

interface As {
  readonly as: string;
}
const withAs = (command: Command): Command =>
  command.requiredOption("--as <operator>", "the operator who signs, whose key SOLELY_OPERATORS holds");

export function addNoticeCommands(program: Command): void {
  const notice = group(program, "notice", "the texts that people were shown, and what contacts were given for");
  define<As>(notice, {
    usage: "propose <file...>",
    about: "Propose notices: YAML, one document each. They are in force when another operator approves.",
    example: "solely notice propose notices.yaml --as alice",
    options: withAs,
    async work(session, files, { as }) {
      // All are read before the first is signed.
      const notices = (await Promise.all(files.map(noticesIn))).flat();
      const proposals: ProposalView[] = [];
      for (const one of notices) proposals.push(await propose(session, as, { type: "notice.adopt", notice: one }));
      session.terminal.result({ proposals }, () => [
        ...proposals.map(({ proposal, review }) => {
          const { id, version } = review!.notice;
          return `proposed ${id}@${version} (${proposal.slice(0, 12)})`;
        }),
        `another operator: solely notice approve ${[...new Set(notices.map(({ id }) => id))].join(" ")} --as NAME`,
      ]);
    },
  });
  define<As & Confirming>(notice, {
    usage: "approve <id...>",
    about: "Sign notices that another operator proposed, by id or id@version.",
    example: "solely notice approve signup two-factor --as bob",
    options: withConfirming,
    async work(session, ids, options) {
      const waitingOnes = await waitingProposals(session);
      const proposals = ids.flatMap((id) => proposalsOf(waitingOnes, id));
      const { approved, notTwoPeople } = await approveAll(session, proposals, options);
      session.terminal.result({ approved, notTwoPeople }, () =>
        proposals.map(({ review }) => `in force: ${review!.notice.id}@${review!.notice.version}`),
      );
    },
  });
  define(notice, {
    usage: "list",
    about: "Every notice version that was approved.",
    example: "solely notice list --json",
    async work(session) {
      const notices = await session.run("notices", {});
      session.terminal.result({ notices }, () =>
        table(
          ["notice", "from", "to", "purposes"],
          notices.map(({ notice, from, to, purposes, exclusive }) => [
            notice,
            from,
            to ?? "",
            purposes.join(", ") + (exclusive ? " (exclusive)" : ""),
          ]),
          "no notices; solely notice propose FILE --as NAME proposes some",
        ),
      );
    },
  });
  define(notice, {
    usage: "show <id>",
    about: "One notice version, by id@version; by id the latest.",
    example: "solely notice show signup@2",
    async work(session, [id]) {
      const found = await session.run("notice", { notice: id! });
      session.terminal.result(found, () => [
        ...Object.entries(found)
          .filter(([field]) => field !== "text")
          .map(
            ([field, value]) => `${field.padEnd(10)} ${Array.isArray(value) ? value.join(", ") : String(value ?? "")}`,
          ),
        "",
        found.text,
      ]);
    },
  });
  define<As & { from?: string }>(notice, {
    usage: "retire <id>",
    about: "Propose that a notice counts no more for what is given from a time on.",
    example: "solely notice retire signup@1 --from 2027-01-01T00:00:00Z --as alice",
    options: (command) => withAs(command).option("--from <time>", "RFC 3339; default: when it is approved", instant),
    async work(session, [id], { as, from = new Date().toISOString() }) {
      waiting(session, await propose(session, as, { type: "notice.retire", id: id!, from }));
    },
  });
}

/** The notices of a YAML file, each checked; what is wrong is told with file and document. */
async function noticesIn(file: string): Promise<Notice[]> {
  const documents = parseAllDocuments(await textIn(file));
  const notices = (Array.isArray(documents) ? documents : []).map((document, i) => {
    const where = `${file}, document ${i + 1}`;
    const [error] = document.errors;
    if (error !== undefined) {
      throw new PurposeError("malformed-notice", `${where}: ${error.message.split("\n")[0]}`, "a notice is YAML");
    }
    try {
      return parseNotice(document.toJS());
    } catch (error) {
      if (!(error instanceof PurposeError)) throw error;
      throw new PurposeError(error.code, `${where}: ${error.message}`, error.fix ?? "docs/notices.md has the form");
    }
  });
  if (notices.length > 0) return notices;
  throw new PurposeError("malformed-notice", `${file} holds no notice`, "docs/notices.md has the form");
}

function proposalsOf(waiting: readonly ProposalView[], id: string): ProposalView[] {
  const found = waiting.filter(({ review }) => {
    const notice = review?.notice;
    return notice !== undefined && (id === notice.id || id === `${notice.id}@${notice.version}`);
  });
  if (found.length > 0) return found;
  throw new CliError("no-such-proposal", `no notice ${id} waits for approval`, "solely proposals lists what waits");
}
