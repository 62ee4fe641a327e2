/**
 * Session: one call of the command line on one data folder. Commands run through the server that runs on it, if one
 * does, else here, in a store that is opened for this call.
 */
import { userInfo } from "node:os";
import { resolve } from "node:path";
import { type CommandInput, type CommandName, type CommandResult, runCommand } from "../command/index.js";
import { findServer, isAnswering, type RunningServer, runRemotely } from "../http/index.js";
import { Solely } from "../instance/index.js";
import type { Terminal } from "./terminal.js";

export class Session {
  readonly data: string;
  readonly terminal: Terminal;
  readonly databaseUrl = process.env.DATABASE_URL || undefined;
  #place: Promise<RunningServer | Solely> | undefined;

  constructor(data: string, terminal: Terminal) {
    this.data = resolve(data);
    this.terminal = terminal;
  }

  /** @param options `as` the operator who does it; `bytes` the input that the command names `-` */
  async run<N extends CommandName>(
    name: N,
    input: CommandInput<N>,
    { as, bytes }: { as?: string | undefined; bytes?: AsyncIterable<Uint8Array> | undefined } = {},
  ): Promise<CommandResult<N>> {
    const actor = as === undefined ? `cli:${userInfo().username}` : `operator:${as}`;
    const listener = {
      onProgress: (what: string, done: number, share: number) => this.terminal.progress(what, done, share),
      onWarning: (warning: string) => this.terminal.warn(warning),
    };
    this.#place ??= this.#find();
    const place = await this.#place;
    try {
      const result =
        place instanceof Solely
          ? await runCommand(place, name, input, { actor, input: bytes, ...listener })
          : await runRemotely(place, name, { actor, input }, bytes, listener);
      return result as CommandResult<N>;
    } finally {
      this.terminal.endProgress();
    }
  }

  async #find(): Promise<RunningServer | Solely> {
    const server = findServer(this.data);
    if (server !== undefined && (await isAnswering(server))) return server;
    return this.open();
  }

  /** Opens the store in this process. */
  open(): Promise<Solely> {
    const { data, databaseUrl, terminal } = this;
    return Solely.open({
      data,
      databaseUrl,
      onProgress: (what, done, total) => terminal.progress(`${what} read`, done, done / total),
    });
  }

  async close(): Promise<void> {
    const place = await this.#place?.catch(() => undefined);
    if (place instanceof Solely) await place.close();
    // What is left on stdin is for nobody, and would keep the process waiting for its end.
    if (isStdinRead) process.stdin.destroy();
  }
}

let isStdinRead = false;

/** The bytes on stdin. */
export async function* stdinBytes(): AsyncGenerator<Uint8Array> {
  isStdinRead = true;
  for await (const block of process.stdin) yield block as Uint8Array;
}

/** One value on stdin, without the line's end. */
export async function stdinValue(): Promise<string> {
  const blocks: Uint8Array[] = [];
  for await (const block of stdinBytes()) blocks.push(block);
  return Buffer.concat(blocks)
    .toString("utf8")
    .replace(/\r?\n$/, "");
}
