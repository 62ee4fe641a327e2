/** What a process measures of itself, and how it is asked. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Memory of this process, bytes. */
export interface Held {
  /** What it needs. */
  readonly own: number;
  /** Of files that are mapped, what the system holds just now, and lets go of when there is need. */
  readonly files: number;
}

const LOOK_MS = 200;

export function held(): Held {
  const status = readFileSync("/proc/self/status", "utf8");
  const of = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  return { own: of("RssAnon") + of("RssShmem"), files: of("RssFile") };
}

/** Looks at the memory again and again. @returns asked for the most that it needed by itself since, bytes */
export function watchMost(): () => number {
  let most = 0;
  const look = () => (most = Math.max(most, held().own));
  setInterval(look, LOOK_MS).unref();
  return look;
}

/** How long some work took, in seconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

/**
 * Runs a script of this folder in a process of its own; the last line that it prints is its answer, in JSON.
 * @param node options of the process
 */
export async function inOwnProcess<T>(
  script: string,
  args: readonly string[],
  node: readonly string[] = [],
): Promise<T> {
  const path = fileURLToPath(new URL(`./${script}.js`, import.meta.url));
  const child = spawn(process.execPath, ["--expose-gc", ...node, path, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (bytes: Buffer) => (text += bytes.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`${script} ended with ${code}`);
  return JSON.parse(text.trimEnd().split("\n").at(-1)!) as T;
}
