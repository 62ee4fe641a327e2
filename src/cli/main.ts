#!/usr/bin/env node
/** The command line: one program, its commands by what they are about. */
import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { EXIT } from "./error.js";
import { addIntakeCommands } from "./intake.js";
import { addKeepingCommands } from "./keeping.js";
import { addListCommands } from "./lists.js";
import { addNoticeCommands } from "./notices.js";
import { addOperatorCommands } from "./operators.js";
import { addVaultCommands } from "./vault.js";

const { version } = createRequire(import.meta.url)("../../../package.json") as { version: string };

const program = new Command("solely")
  .description("Customer matching that uses each contact solely for what it was given for.")
  .version(version)
  .showHelpAfterError("(--help shows how it is used)")
  .exitOverride()
  .addHelpText(
    "after",
    "\nThrough a running server, if there is one. Exit codes: 0 done, 1 refused, waiting or failed, 2 wrong usage.",
  );
addKeepingCommands(program);
addOperatorCommands(program);
addNoticeCommands(program);
addIntakeCommands(program);
addListCommands(program);
addVaultCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
}
