/**
 * The configuration of a store: `solely.json` in the data folder.
 *
 * It holds the fingerprint of the first operators, from which every later one is reached by decisions that
 * two signed; it is kept outside the database, so that whoever can write SQL can't change it.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { InstanceError } from "./error.js";

const configSchema = z.strictObject({
  solely: z.literal(1),
  /** SHA-256 of the genesis, hex. */
  root: z.string().regex(/^[0-9a-f]{64}$/),
  /** Hours after which an export must not be used any more. */
  exportHours: z.number().positive().max(8760).default(24),
});

export type Config = z.infer<typeof configSchema>;

const configFile = (data: string): string => join(data, "solely.json");

export function isInitialised(data: string): boolean {
  return existsSync(configFile(data));
}

/** @throws {InstanceError} code `not-initialised` */
export function readConfig(data: string): Config {
  if (!isInitialised(data)) {
    throw new InstanceError(
      "not-initialised",
      `${data} is no Solely data folder`,
      "solely init --operator alice --operator bob --data DIR makes one",
    );
  }
  const parsed = configSchema.safeParse(JSON.parse(readFileSync(configFile(data), "utf8")));
  if (parsed.success) return parsed.data;
  throw new InstanceError(
    "not-initialised",
    `${configFile(data)} is malformed: ${parsed.error.issues[0]?.message}`,
    "restore it from your backup",
  );
}

export function writeConfig(data: string, config: z.input<typeof configSchema>): void {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  writeFileSync(configFile(data), `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600, flag: "wx", flush: true });
}
