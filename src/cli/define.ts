/** How commands are declared: what each has in common, and what happens around its work. */
import { type Command, InvalidArgumentError } from "commander";
import { problemOf } from "../command/index.js";
import { parseTime } from "../input/index.js";
import { EXIT } from "./error.js";
import { Session } from "./session.js";
import { Terminal } from "./terminal.js";

/** What is typed wrong, whoever finds it. */
const USAGE_CODES = [
  ...["usage", "malformed-input", "unknown-command", "unknown-region", "unknown-scheme", "unknown-compartment"],
];

export type Options = Readonly<Record<string, unknown>> & { readonly data: string; readonly json: boolean };
export type Work<O> = (session: Session, args: string[], options: Options & O) => Promise<void>;

export interface Definition<O> {
  /** Name and arguments, as commander spells them. */
  readonly usage: string;
  readonly about: string;
  readonly example: string;
  /** Adds the command's own options. */
  readonly options?: (command: Command) => Command;
  readonly work: Work<O>;
}

/** Adds a command to a program or a group. @returns it, for commands below it */
export function define<O>(
  to: Command,
  { usage, about, example, options = (command) => command, work }: Definition<O>,
): Command {
  const command = to
    .command(usage)
    .description(about)
    .option("--data <dir>", "data folder (default: SOLELY_DATA, else ./solely-data)", defaultData())
    .option("--json", "one JSON object on stdout, nothing else there", false)
    .addHelpText("after", `\nExample:\n  ${example}`);
  options(command).action(async () => {
    const given = command.opts<Options & O>();
    const terminal = new Terminal(given.json);
    const session = new Session(given.data, terminal);
    try {
      await work(session, command.args, given);
    } catch (error) {
      const problem = problemOf(error);
      process.exitCode = USAGE_CODES.includes(problem.code) ? EXIT.usage : EXIT.refused;
      terminal.problem(problem);
      if (problem.code === "internal") process.stderr.write(`${stackOf(error)}\n`);
    } finally {
      await session.close();
    }
  });
  return command;
}

/** The stack says where, and holds no message, which might hold what a person typed. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return "  (no stack)";
  const frames = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  return [error.name, ...frames].join("\n");
}

function defaultData(): string {
  return process.env.SOLELY_DATA || "solely-data";
}

/** A group of commands. */
export function group(to: Command, name: string, about: string): Command {
  return to.command(name).description(about);
}

/** An option's value that is a whole number from `least` on. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
    throw new InvalidArgumentError(`a whole number from ${least} on.`);
  };
}

/** An option that may be given several times. */
export const collected = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** A time as RFC 3339, to the canonical form. */
export function instant(text: string): string {
  const bytes = Buffer.from(text);
  const ms = parseTime(bytes, 0, bytes.length);
  if (ms >= 0) return new Date(ms).toISOString();
  throw new InvalidArgumentError("a time is RFC 3339, such as 2026-01-31T09:30:00Z.");
}
