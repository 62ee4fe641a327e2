/**
 * A command: one thing that is done to a store, in the one process that writes to it. Its input is checked once, here;
 * its result is plain JSON.
 */
import type { z } from "zod";
import type { Solely } from "../instance/index.js";

/** Who asks, and what passes between while a command runs. */
export interface CommandContext {
  /** Recorded in the ledger: `operator:alice`, `cli:root`, `key:ab12`. */
  readonly actor: string;
  /** Bytes that come with the command, where its input says `-` for a file. */
  readonly input?: AsyncIterable<Uint8Array> | undefined;
  /** @param share how much of the whole is done, 0 to 1; 0 while it is not known */
  onProgress?(what: string, done: number, share: number): void;
  onWarning?(warning: string): void;
}

export interface Command<Schema extends z.ZodType, Result> {
  readonly input: Schema;
  run(solely: Solely, input: z.output<Schema>, context: CommandContext): Promise<Result> | Result;
}

/** States a command; its types follow from its schema and its function. */
export function command<Schema extends z.ZodType, Result>(
  input: Schema,
  run: Command<Schema, Result>["run"],
): Command<Schema, Result> {
  return { input, run };
}

/** The file that a command reads, or the bytes that came with it. */
export function inputOf(file: string, { input }: CommandContext): string | AsyncIterable<Uint8Array> {
  if (file !== "-") return file;
  if (input !== undefined) return input;
  throw new CommandError("no-input", "the command says that its input comes with it, but none does", "send the bytes");
}

export type CommandErrorCode =
  | "unknown-command"
  | "malformed-input"
  | "no-input"
  | "no-such-proposal"
  | "not-served"
  | "no-sample";

/** What a command as it came is wrong about. */
export class CommandError extends Error {
  readonly code: CommandErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string;

  constructor(code: CommandErrorCode, message: string, fix: string) {
    super(message);
    this.name = "CommandError";
    this.code = code;
    this.fix = fix;
  }
}
