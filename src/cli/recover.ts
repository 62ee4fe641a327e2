/** The command that puts a store that is behind its kept checkpoint to use again. */
import type { Command } from "commander";
import type { RecoveryView } from "../command/index.js";
import { define } from "./define.js";
import { EXIT } from "./error.js";
import { waiting } from "./operators.js";
import { propose } from "./signing.js";
import { counted } from "./terminal.js";

export function addRecoverCommand(program: Command): void {
  define<{ as?: string }>(program, {
    usage: "recover",
    about:
      "Show how the store stands to the checkpoint that is kept outside its data; with --as, propose to accept the store as it is. Another operator approves.",
    example: "solely recover --as alice",
    options: (command) => command.option("--as <operator>", "the operator who signs, whose key SOLELY_OPERATORS holds"),
    async work(session, _, { as }) {
      const view = await session.run("recovery", {});
      if (as !== undefined && view.action !== null) {
        for (const line of told(view)) session.terminal.say(line);
        waiting(session, await propose(session, as, view.action));
        return;
      }
      session.terminal.result(view, () => told(view));
      if (!view.isCurrent) process.exitCode = EXIT.refused;
    },
  });
}

function told({ isCurrent, told: what, file, kept, here }: RecoveryView): string[] {
  const lines = [
    `${isCurrent ? "current" : "NOT CURRENT"}: ${what}`,
    `here: ${counted(here.position, "leaf", "leaves")} (${here.root.slice(0, 16)}), learned up to ${here.learnedUpTo}`,
    ...(kept === null
      ? []
      : [
          `kept: ${counted(kept.size, "leaf", "leaves")} (${kept.root.slice(0, 16)}), at ${kept.keptAt ?? "an unknown time"}`,
        ]),
  ];
  if (file !== null) lines.push(`in ${file}`);
  if (isCurrent) return lines;
  return [
    ...lines,
    `first feed again whatever the platform sent since ${here.learnedUpTo}: contacts, events and accounts (twice is once); lists wait`,
    "then: solely recover --as NAME, and another operator: solely approve ID --as NAME",
  ];
}
