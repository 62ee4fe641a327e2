/**
 * Keys: one file per key with tight permissions, made by `solely init`.
 *
 * Each holds 32 random bytes in hex, or, where a key service is told to guard it, what that made of them. A check value of each (HMAC-SHA-256 of a fixed text under the key, cut
 * to 128 bits) is kept with the facts, so that a missing or wrong key is a clear error at start. No two
 * purposes may have one key.
 */
import { createHmac, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TokenError } from "./error.js";

/** Keys that are made anew at times: that of a purpose's tokens, those that a compartment of the vault is sealed with. */
export type KeyFamily = "ads.match" | `seal.${string}`;
/**
 * `canary`: the contacts of canaries; `identity`: contact points' identities; `batch`: digests of runs; `snapshot`: files of hot state; `tombstone`: digests
 * of what was erased; `ledger`: signs checkpoints; the rest: a family and its epoch.
 */
export type KeyName = "canary" | "identity" | "batch" | "snapshot" | "tombstone" | "ledger" | `${KeyFamily}.${number}`;

export const KEY_BYTES = 32;
const WRAPPED_PREFIX = "wrapped:";
const CHECK_TEXT = "solely key check";
const CHECK_BYTES = 16;

export class KeyFolder {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  file(name: KeyName): string {
    return join(this.folder, `${name}.key`);
  }

  /** Makes a new key; an existing one is never overwritten. */
  create(name: KeyName): Uint8Array {
    const key = randomBytes(KEY_BYTES);
    this.#write(name, key.toString("hex"));
    return key;
  }

  /** Keeps a key in the form that a key service gave it; an existing one is never overwritten. */
  createWrapped(name: KeyName, wrapped: Uint8Array): void {
    this.#write(name, WRAPPED_PREFIX + Buffer.from(wrapped).toString("base64"));
  }

  #write(name: KeyName, text: string): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    writeFileSync(this.file(name), `${text}\n`, { mode: 0o600, flag: "wx", flush: true });
    chmodSync(this.file(name), 0o600);
  }

  /**
   * What a key service made of a key; undefined if the file holds the key itself.
   * @throws {TokenError} code `missing-key`
   */
  wrapped(name: KeyName): Uint8Array | undefined {
    const text = readText(this.file(name), name);
    return text.startsWith(WRAPPED_PREFIX) ? Buffer.from(text.slice(WRAPPED_PREFIX.length), "base64") : undefined;
  }

  has(name: KeyName): boolean {
    return existsSync(this.file(name));
  }

  /**
   * Reads a key and holds it against its check value.
   * @throws {TokenError} codes `missing-key`, `malformed-key`, `wrong-key`
   */
  read(name: KeyName, check?: string): Uint8Array {
    return readKeyFile(this.file(name), name, check);
  }

  /** Overwrites and removes a key that is no longer used. */
  destroy(name: KeyName): void {
    if (!this.has(name)) return;
    const { size } = statSync(this.file(name));
    writeFileSync(this.file(name), `${"0".repeat(Math.max(0, size - 1))}\n`, { flag: "r+", flush: true });
    rmSync(this.file(name));
  }

  names(): string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder).flatMap((file) => (file.endsWith(".key") ? [file.slice(0, -4)] : []));
  }

  /**
   * Stops if two of the keys are one.
   * @throws {TokenError} code `shared-key`
   */
  requireDistinct(names: readonly KeyName[]): void {
    const seen = new Map<string, KeyName>();
    for (const name of names) {
      const key = Buffer.from(this.read(name)).toString("hex");
      const other = seen.get(key);
      if (other !== undefined)
        throw new TokenError("shared-key", `${other} and ${name} have one key`, "restore the right key file");
      seen.set(key, name);
    }
  }
}

/** @throws {TokenError} codes `missing-key`, `malformed-key`, `wrong-key` */
export function readKeyFile(file: string, name: string, check?: string): Uint8Array {
  const text = readText(file, name);
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new TokenError(
      "malformed-key",
      `the key ${name} is not 64 hex digits`,
      `restore ${file} from your backup of keys`,
    );
  }
  const key = Buffer.from(text, "hex");
  if (check !== undefined) requireKey(key, name, check, file);
  return key;
}

function readText(file: string, name: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    throw new TokenError("missing-key", `the key ${name} can't be read`, `restore ${file} from your backup of keys`);
  }
}

/** @throws {TokenError} code `wrong-key` unless the key has this check value */
export function requireKey(key: Uint8Array, name: string, check: string, file: string): void {
  if (keyCheck(key) === check) return;
  throw new TokenError(
    "wrong-key",
    `the key ${name} is not the one that this store was made with`,
    `restore ${file} from your backup of keys`,
  );
}

/** The check value of a key: says nothing about the key, and is the same only for the same key. */
export function keyCheck(key: Uint8Array): string {
  return createHmac("sha256", key).update(CHECK_TEXT).digest().subarray(0, CHECK_BYTES).toString("hex");
}
