/**
 * A running server, as other processes of this machine find it: where it answers and the key for commands, in a file of
 * the data folder that its owner alone can read.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const runningSchema = z.object({ pid: z.int(), url: z.url(), key: z.string().min(1) });
export type RunningServer = z.infer<typeof runningSchema>;

export const DEFAULT_PORT = 7400;

const fileOf = (data: string): string => join(data, "run", "server.json");

/** The server that says it runs on this data folder, if any; it may be gone. */
export function findServer(data: string): RunningServer | undefined {
  try {
    return runningSchema.parse(JSON.parse(readFileSync(fileOf(data), "utf8")));
  } catch {
    return undefined;
  }
}

/** A fresh key for one run of the server. */
export const newChannelKey = (): string => randomBytes(32).toString("base64url");

export async function announceServer(data: string, server: RunningServer): Promise<void> {
  const file = fileOf(data);
  await mkdir(join(data, "run"), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, JSON.stringify(server), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

export async function withdrawServer(data: string): Promise<void> {
  await rm(fileOf(data), { force: true });
}
