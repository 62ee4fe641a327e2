#!/usr/bin/env node
/** The command line: one program, its commands by what they are about. */
import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { addAlarmCommands } from "./alarms.js";
import { addAuditCommands } from "./auditing.js";
import { EXIT } from "./error.js";
import { addIncidentCommands } from "./incidents.js";
import { addIntakeCommands } from "./intake.js";
import { addKeepingCommands } from "./keeping.js";
import { addLedgerCommands } from "./ledger.js";
import { addListCommands } from "./lists.js";
import { addNoticeCommands } from "./notices.js";
import { addOperatorCommands } from "./operators.js";
import { addRecoverCommand } from "./recover.js";
import { addVaultCommands } from "./vault.js";

// Who reads only the beginning of what is said (`| head`) does not end what is being done.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") return;
  process.stderr.write(`error: what is to be said can't be written (${error.code})\n`);
  process.exitCode = EXIT.refused;
});

const { version } = createRequire(import.meta.url)("../../../package.json") as { version: string };

const program = new Command("solely")
  .description("Customer matching that uses each contact solely for what it was given for.")
  .version(version)
  .showHelpAfterError("(--help shows how it is used)")
  .exitOverride()
  // What stands behind a command's name is that command's, though one above it has an option of that name, too.
  .enablePositionalOptions()
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
addRecoverCommand(program);
addLedgerCommands(program);
addIncidentCommands(program);
addAlarmCommands(program);
addAuditCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error.exitCode !== 0 && process.argv.includes("--json")) {
    const problem = { code: "usage", message: error.message.replace(/^error: /, "") };
    process.stdout.write(`${JSON.stringify({ error: problem })}\n`);
  }
}
