/** Commands about alarms and canaries. */
import type { Command } from "commander";
import { define, group, wholeNumber } from "./define.js";
import { CliError, EXIT } from "./error.js";
import { textIn } from "./files.js";
import { waiting } from "./operators.js";
import { propose } from "./signing.js";
import { counted, table } from "./terminal.js";

export function addAlarmCommands(program: Command): void {
  define<{ all: boolean }>(program, {
    usage: "alarms",
    about: "What must not be and was seen; those that nobody has noted, or all.",
    example: "solely alarms --all",
    options: (command) => command.option("--all", "noted ones too", false),
    async work(session, _, { all }) {
      const alarms = await session.run("alarms", { all });
      session.terminal.result({ alarms }, () =>
        table(
          ["alarm", "at", "what", "noted by"],
          alarms.map(({ alarm, at, what, seenBy }) => [String(alarm), at, what, seenBy ?? ""]),
          "no alarms",
        ),
      );
    },
  });
  const alarm = group(program, "alarm", "what is done about an alarm");
  define<{ as: string }>(alarm, {
    usage: "seen <alarm>",
    about: "Note that an operator knows of an alarm; it changes nothing else.",
    example: "solely alarm seen 42 --as alice",
    options: (command) => command.requiredOption("--as <operator>", "who knows of it"),
    async work(session, [id], { as }) {
      const seen = await session.run("alarmSeen", { alarm: wholeNumber(0)(id!), by: as });
      session.terminal.result(seen, () => [`noted by ${as}: ${seen.what}`]);
    },
  });

  const canary = group(program, "canary", "accounts of the platform's own people that watch the matching");
  define<{ account: string; contacts: string }>(canary, {
    usage: "register",
    about:
      "Watch an account that your own people made; its contacts come in a file of JSON lines: kind, value, for (security or ads).",
    example: "solely canary register --account staff-7 --contacts canary.ndjson",
    options: (command) =>
      command
        .requiredOption("--account <account>", "whose it is")
        .requiredOption("--contacts <file>", "its contacts; kept sealed, so remove the file"),
    async work(session, _, { account, contacts: file }) {
      const made = await session.run("canaryRegister", { account, contacts: await contactsIn(file) });
      session.terminal.result(made, () => [
        `canary ${made.id}: ${counted(made.contacts.length, "contact is watched", "contacts are watched")}`,
      ]);
    },
  });
  define(canary, {
    usage: "list",
    about: "Canaries, when they were last checked, and whether matching is halted.",
    example: "solely canary list",
    async work(session) {
      const view = await session.run("canaries", {});
      session.terminal.result(view, () => [
        ...(view.halt === null ? [] : [`MATCHING IS HALTED since position ${view.halt}`]),
        `last checked: ${view.lastCheckAt ?? "never"}`,
        ...view.canaries.map(
          ({ id, contacts }) => `${id}: ${contacts.map((one) => `#${one.number} ${one.for}`).join(", ")}`,
        ),
      ]);
    },
  });
  define(canary, {
    usage: "check",
    about:
      "Check all canaries now: lists that carry them go to the gate and through a running server, in every scheme, raw and hashed.",
    example: "solely canary check",
    async work(session) {
      const check = await session.run("canaryCheck", {});
      session.terminal.result(check, () => [
        check.canaries === 0
          ? "no canary is registered: nothing was looked at"
          : `${counted(check.canaries, "canary", "canaries")}, ${counted(check.ways.length, "list")}: ${check.alarms.length === 0 ? "as it should be" : counted(check.alarms.length, "ALARM")}`,
        ...(check.failed.length === 0 ? [] : [`DID NOT COME THROUGH: ${check.failed.join(", ")}`]),
      ]);
      if (check.alarms.length + check.failed.length > 0) process.exitCode = EXIT.refused;
    },
  });
  define<{ as: string }>(canary, {
    usage: "resume",
    about: "Propose that matching goes on, which a canary halted; another operator approves.",
    example: "solely canary resume --as alice",
    options: (command) =>
      command.requiredOption("--as <operator>", "the operator who signs, whose key SOLELY_OPERATORS holds"),
    async work(session, _, { as }) {
      const { halt } = await session.run("canaries", {});
      if (halt === null) throw new CliError("refused", "matching is not halted", "there is nothing to resume");
      waiting(session, await propose(session, as, { type: "matching.resume", halt }));
    },
  });
}

async function contactsIn(file: string) {
  const lines = (await textIn(file)).split("\n").filter((line) => line.trim() !== "");
  const fix = "one object a line: kind, value, for";
  if (lines.length === 0) throw new CliError("usage", "the file of contacts is empty", fix);
  try {
    return lines.map((line) => JSON.parse(line));
  } catch {
    // Not the cause: it quotes the line.
    throw new CliError("usage", "the file of contacts can't be read as JSON lines", fix);
  }
}
