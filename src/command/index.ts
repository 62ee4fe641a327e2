/**
 * Command: everything that can be asked of the process that writes, as one table. The command line runs them here, or
 * has a running server run them.
 */
import type { z } from "zod";
import type { Solely } from "../instance/index.js";
import * as alarming from "./alarming.js";
import { type Command, type CommandContext, CommandError } from "./command.js";
import * as containing from "./containing.js";
import * as deciding from "./deciding.js";
import * as entering from "./entering.js";
import * as feeding from "./feeding.js";
import * as glancing from "./glancing.js";
import * as incidents from "./incidents.js";
import * as keeping from "./keeping.js";
import * as matching from "./matching.js";
import * as proving from "./proving.js";
import * as reporting from "./reporting.js";
import * as reviewing from "./reviewing.js";
import * as shadowing from "./shadowing.js";
import * as vaulting from "./vaulting.js";

export { type CommandContext, CommandError, type CommandErrorCode } from "./command.js";
export type { Approved, NoticeView, OperatorView, ProposalView, SourceView } from "./deciding.js";
export type { WayIn } from "./entering.js";
export type { HeldRunView, IntakeView } from "./feeding.js";
export type { GlanceView } from "./glancing.js";
export type { IncidentView } from "./incidents.js";
export type { RecoveryView } from "./keeping.js";
export { INTERNAL, type Problem, problemOf, RemoteProblem } from "./problem.js";
export type { DecidedView, NoticeCheck } from "./reviewing.js";
export type { RefusalsView, RunView } from "./run-view.js";

export const commands = {
  ...alarming,
  ...containing,
  ...deciding,
  ...entering,
  ...feeding,
  ...glancing,
  ...incidents,
  ...keeping,
  ...matching,
  ...proving,
  ...reporting,
  ...reviewing,
  ...shadowing,
  ...vaulting,
};

export type CommandName = keyof typeof commands;
/** What a command takes, before defaults. */
export type CommandInput<N extends CommandName> = z.input<(typeof commands)[N]["input"]>;
export type CommandResult<N extends CommandName> = Awaited<ReturnType<(typeof commands)[N]["run"]>>;

/**
 * Runs a command by its name, after checking its input.
 * @throws {CommandError} codes `unknown-command`, `malformed-input`; and whatever the command throws
 */
export async function runCommand(
  solely: Solely,
  name: string,
  input: unknown,
  context: CommandContext,
): Promise<unknown> {
  const found: Command<z.ZodType, unknown> | undefined = Object.hasOwn(commands, name)
    ? commands[name as CommandName]
    : undefined;
  if (found === undefined) {
    throw new CommandError("unknown-command", "there is no such command", "use the server's own version of solely");
  }
  const parsed = found.input.safeParse(input);
  if (parsed.success) return found.run(solely, parsed.data, context);
  const issue = parsed.error.issues[0]!;
  throw new CommandError("malformed-input", `${issue.path.join(".") || "input"}: ${issue.message}`, "see --help");
}
