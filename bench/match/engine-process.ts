/** An engine in a process of its own (serve.ts), so that its memory is returned when it ends, and its end ends nothing else. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { freemem, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { ENGINES, type EngineName } from "./engines.js";
import type { Answer, List } from "./population.js";

/** One match. */
export interface Ask {
  readonly list: List;
  /** One of the engine's ways; its first where none is named. */
  readonly way?: string;
  /** The list's bytes are read before, and not timed. */
  readonly fromMemory?: boolean;
}

/** What it says when its table is built. */
export interface Opened {
  readonly name: string;
  readonly ways: readonly string[];
  readonly buildSeconds: number;
  /** Memory of its process. */
  readonly rssBytes: number;
}
export interface Matched {
  readonly seconds: number;
  readonly answer: Answer;
}
export interface Failed {
  readonly failed: string;
}
export interface Skipped {
  readonly skipped: string;
}

export interface EngineProcess extends Opened {
  /** @throws {Error} when it failed, or ended */
  match(ask: Ask): Promise<Matched>;
  close(): Promise<void>;
}

/** Share of the memory that is free which an engine may take. */
const SHARE = 0.9;
const CLOSE_MS = 60_000;

/** Starts an engine and has it build its table; or says why it can't. */
export async function startEngine(
  engine: EngineName,
  contacts: number,
  scratch: string,
): Promise<EngineProcess | Skipped> {
  const needed = ENGINES[engine].bytesPerContact * contacts;
  const free = freemem() * SHARE;
  const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
  if (needed > free) return { skipped: `it needs ${gib(needed)} GiB, and ${gib(free)} are free` };
  const script = fileURLToPath(new URL("./serve.js", import.meta.url));
  const child = fork(script, [engine, String(contacts), scratch], {
    execArgv: [`--max-old-space-size=${Math.round((totalmem() * SHARE) / 2 ** 20)}`],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ended: Promise<Failed> = once(child, "exit").then(([code, signal]) => ({
    failed: `its process ended with ${signal ?? code}`,
  }));
  const said = <T>(): Promise<T | Failed> =>
    Promise.race([once(child, "message").then(([message]): T => message), ended]);
  const close = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill("SIGKILL"), CLOSE_MS);
    await ended;
    clearTimeout(timer);
  };
  const opened = await said<Opened | Skipped>();
  if ("failed" in opened) return { skipped: opened.failed };
  if ("skipped" in opened) {
    await close();
    return opened;
  }
  return {
    ...opened,
    match: async (ask) => {
      child.send(ask);
      const answer = await said<Matched>();
      if ("failed" in answer) throw new Error(answer.failed);
      return answer;
    },
    close,
  };
}
