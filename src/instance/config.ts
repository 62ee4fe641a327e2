/**
 * The configuration of a store: `solely.json` in the data folder.
 *
 * It holds the fingerprint of the first operators, from which every later one is reached by decisions that
 * two signed; it is kept outside the database, so that whoever can write SQL can't change it.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { z } from "zod";
import { sizesSchema } from "../size/index.js";
import { InstanceError } from "./error.js";

const configSchema = z.strictObject({
  solely: z.literal(1),
  /** SHA-256 of the genesis, hex. */
  root: z.string().regex(/^[0-9a-f]{64}$/),
  /** Hours after which an export must not be used any more. */
  exportHours: z.number().positive().max(8760).default(24),
  /** Where the newest signed checkpoint is kept outside the data folder: an absolute path. */
  checkpoint: z.string().refine(isAbsolute, "not an absolute path").optional(),
  /** Whether the vault keeps values, sealed; else it keeps masks alone. */
  vault: z.boolean().default(true),
  /** Who guards the vault's keys at rest: programs that get a key on stdin and answer it wrapped, and the other way. */
  keyService: z.strictObject({ wrap: z.array(z.string()).min(1), unwrap: z.array(z.string()).min(1) }).optional(),
  /** What letters to people whom an incident affected say of the platform. */
  letters: z
    .strictObject({
      platform: z.string().min(1).max(200),
      /** Whom people may ask. */
      ask: z.string().min(1).max(2000),
      /** Whether people are told whose lists they were on. */
      tellsLists: z.boolean().default(false),
    })
    .optional(),
  /** On which terms sizes of audiences are released. */
  sizes: sizesSchema.prefault({}),
  /** Hours between two checks of canaries. */
  canaryHours: z.number().positive().max(168).default(24),
  /** Whether a canary that trips halts matching and serving until two operators resume it. */
  canaryHalts: z.boolean().default(false),
  /** The console: where browsers find it. */
  console: z
    .strictObject({
      /** Such as `https://match.example.com`; passkeys are bound to its host. Default: `http://localhost:PORT`. */
      origin: z.url({ protocol: /^https?$/ }).optional(),
      /** Addresses, or nets (CIDR), of proxies whose `X-Forwarded-For` says where a request comes from. */
      trustedProxies: z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).default([]),
    })
    .prefault({}),
  /** Whether all that is in it was made up, to be looked around in; its pages say so. */
  sample: z.boolean().default(false),
  /** Hours after which what was erased has left the bytes on disk. */
  compactionHours: z.number().positive().max(720).default(24),
});

export type Config = z.infer<typeof configSchema>;

export const configFile = (data: string): string => join(data, "solely.json");

/** Where a store keeps its checkpoint unless it is said: beside the data folder. */
export const defaultCheckpoint = (data: string): string => `${resolve(data)}.checkpoint`;

/**
 * A path at which a store's checkpoint may be kept.
 * @throws {InstanceError} code `checkpoint-inside`
 */
export function checkpointPath(data: string, file = defaultCheckpoint(data)): string {
  const path = resolve(file);
  if (!isInside(path, data)) return path;
  throw new InstanceError(
    "checkpoint-inside",
    "the checkpoint is to be kept outside the data folder",
    "name a file elsewhere, best on another disk",
  );
}

/** Whether a path lies in a folder. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

export function isInitialised(data: string): boolean {
  return existsSync(configFile(data));
}

/** @throws {InstanceError} codes `not-initialised`, `malformed-config` */
export function readConfig(data: string): Config {
  if (isInitialised(data)) return readConfigFile(configFile(data));
  throw new InstanceError(
    "not-initialised",
    `${data} is no Solely data folder`,
    "solely init --operator alice --operator bob --data DIR makes one",
  );
}

/** @throws {InstanceError} code `malformed-config` */
export function readConfigFile(file: string): Config {
  let text: string;
  let value: unknown;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw malformed(file, "can't be read");
  }
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed(file, "is not JSON");
  }
  return parseConfig(file, value);
}

/**
 * @param file where it came from
 * @throws {InstanceError} code `malformed-config`
 */
export function parseConfig(file: string, value: unknown): Config {
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw malformed(file, `${issue.path.join(".") || "form"}: ${issue.message}`);
}

const malformed = (file: string, what: string): InstanceError =>
  new InstanceError("malformed-config", `${file}: ${what}`, "restore it from your backup");

/** Writes a new configuration; never over one that is there. */
export function writeConfig(file: string, config: z.input<typeof configSchema>): void {
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600, flag: "wx", flush: true });
}
