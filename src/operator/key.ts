/**
 * Operators' key files: PKCS#8 PEM `NAME.pem`, readable by its owner alone, and SPKI PEM `NAME.pub` to pass on.
 *
 * They live in a folder of the person, never in the data folder: whoever holds the data must not thereby
 * hold a signature. A private key that others can read still works, with a warning.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { realpathSync } from "node:fs";
import { mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { operatorNameSchema } from "./action.js";
import { OperatorError } from "./error.js";
import { MAX_KEY_FILE_BYTES, MAX_KEY_FILES } from "./limits.js";
import { publicKeyText } from "./public-key.js";

const PRIVATE_SUFFIX = ".pem";
const PUBLIC_SUFFIX = ".pub";

export interface OperatorKey {
  readonly name: string;
  readonly privateKey: KeyObject;
  /** SPKI, base64. */
  readonly publicKey: string;
  /** What a person should mend. */
  readonly warnings: readonly string[];
}

/**
 * Where operators' keys live: `SOLELY_OPERATORS`, else `solely/operators` in the user's config folder.
 * @throws {OperatorError} code `key-in-data-folder`, when `dataDir` is given and the folder lies in it
 */
export function operatorsFolder(env: Readonly<Record<string, string | undefined>>, dataDir?: string): string {
  const folder = resolve(env.SOLELY_OPERATORS || join(configFolder(env), "solely", "operators"));
  if (dataDir !== undefined && isInside(folder, dataDir)) {
    throw new OperatorError(
      "key-in-data-folder",
      `operators' keys can't live in the data folder: ${folder}`,
      "set SOLELY_OPERATORS to a folder outside it",
    );
  }
  return folder;
}

function configFolder(env: Readonly<Record<string, string | undefined>>): string {
  // A relative XDG_CONFIG_HOME is to be ignored (XDG Base Directory Specification).
  const xdg = env.XDG_CONFIG_HOME;
  return xdg !== undefined && isAbsolute(xdg) ? xdg : join(env.HOME || homedir(), ".config");
}

function isInside(folder: string, dataDir: string): boolean {
  const path = relative(realPath(dataDir), realPath(folder));
  return path === "" || (path !== ".." && !path.startsWith(`..${sep}`) && !isAbsolute(path));
}

/** With links resolved as far as the path exists. */
function realPath(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(realPath(parent), basename(absolute));
  }
}

/** A key just made: what to pass on, and where its files are. */
export interface NewOperatorKey {
  readonly name: string;
  readonly publicKey: string;
  readonly privateFile: string;
  readonly publicFile: string;
}

/**
 * Makes a key pair; never replaces one that is there.
 * @throws {OperatorError} codes `bad-name`, `key-exists`, `key-unreadable`
 */
export async function createOperatorKey(folder: string, name: string): Promise<NewOperatorKey> {
  const privateFile = join(folder, checkName(name) + PRIVATE_SUFFIX);
  const publicFile = join(folder, name + PUBLIC_SUFFIX);
  const pair = generateKeyPairSync("ed25519");
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeNew(privateFile, pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(), 0o600);
  } catch (error) {
    throw fileError(error, privateFile);
  }
  try {
    await writeNew(publicFile, pair.publicKey.export({ type: "spki", format: "pem" }).toString(), 0o644);
    await syncFolder(folder);
  } catch (error) {
    await rm(privateFile, { force: true });
    throw fileError(error, publicFile);
  }
  return { name, publicKey: publicKeyText(pair.publicKey), privateFile, publicFile };
}

async function writeNew(file: string, text: string, mode: number): Promise<void> {
  const handle = await open(file, "wx", mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * An operator's own key, to sign with.
 * @throws {OperatorError} codes `bad-name`, `key-missing`, `key-unreadable`, `malformed-key`
 */
export async function readOperatorKey(folder: string, name: string): Promise<OperatorKey> {
  const file = join(folder, checkName(name) + PRIVATE_SUFFIX);
  const privateKey = await readPrivateKey(file);
  const warnings: string[] = [];
  const { mode } = await stat(file);
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    warnings.push(`${file} is open to others (mode ${(mode & 0o777).toString(8).padStart(4, "0")}): chmod 600 it`);
  }
  return { name, privateKey, publicKey: publicKeyText(createPublicKey(privateKey)), warnings };
}

async function readPrivateKey(file: string): Promise<KeyObject> {
  const pem = await readKeyFile(file);
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new OperatorError("malformed-key", `${file} is not a PKCS#8 private key without a passphrase`);
  }
  if (key.asymmetricKeyType === "ed25519") return key;
  throw new OperatorError("malformed-key", `${file} is not an Ed25519 key`);
}

/**
 * A public key that somebody passed on, as SPKI in base64.
 * @throws {OperatorError} codes `key-missing`, `key-unreadable`, `malformed-key`
 */
export async function readPublicKey(file: string): Promise<string> {
  const pem = await readKeyFile(file);
  // The runtime would take a private key as well, and derive; but then one was passed on.
  if (/PRIVATE KEY/.test(pem)) {
    throw new OperatorError(
      "malformed-key",
      `${file} is a private key`,
      `pass on the ${PUBLIC_SUFFIX} file, and never this one`,
    );
  }
  try {
    if (!pem.includes("-----BEGIN PUBLIC KEY-----")) throw new Error("no SPKI PEM");
    const key = createPublicKey(pem);
    return publicKeyText(key);
  } catch {
    throw new OperatorError("malformed-key", `${file} is not an Ed25519 public key (SPKI PEM)`);
  }
}

/**
 * The operator that a key file is named after.
 * @throws {OperatorError} code `bad-name`
 */
export function operatorNameOfFile(file: string): string {
  const name = basename(file);
  return checkName(name.endsWith(PUBLIC_SUFFIX) ? name.slice(0, -PUBLIC_SUFFIX.length) : name);
}

/**
 * Which of these operators' private keys the current user can read in the folder, by name, sorted; found by
 * key, not by file name. Two or more: whoever signs here is not two people.
 */
export async function notTwoPeople(
  folder: string,
  operators: readonly { readonly name: string; readonly publicKey: string }[],
): Promise<string[]> {
  let files: string[];
  try {
    files = (await readdir(folder)).filter((file) => file.endsWith(PRIVATE_SUFFIX)).slice(0, MAX_KEY_FILES);
  } catch {
    return [];
  }
  const readable = new Set<string>();
  for (const file of files) {
    const key = await readPrivateKey(join(folder, file)).catch(() => undefined);
    if (key !== undefined) readable.add(publicKeyText(createPublicKey(key)));
  }
  return operators
    .filter(({ publicKey }) => readable.has(publicKey))
    .map(({ name }) => name)
    .sort();
}

/**
 * The text of a file that holds a key, a short one.
 * @throws {OperatorError} codes `key-missing`, `key-unreadable`, `malformed-key`
 */
export async function readKeyFile(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_KEY_FILE_BYTES) throw new OperatorError("malformed-key", `${file} is too large to be a key`);
    return await readFile(file, "utf8");
  } catch (error) {
    throw fileError(error, file);
  }
}

function fileError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || error instanceof OperatorError) return error;
  if (error.code === "ENOENT") {
    return new OperatorError("key-missing", `no key file ${file}`, "check the operator's name and SOLELY_OPERATORS");
  }
  if (error.code === "EEXIST") {
    return new OperatorError(
      "key-exists",
      `${file} is there already`,
      "choose another name, or move the file away if nobody needs it",
    );
  }
  return new OperatorError(
    "key-unreadable",
    `${file}: ${String(error.code)}`,
    "check the permissions of the file and its folder",
  );
}

function checkName(name: string): string {
  const parsed = operatorNameSchema.safeParse(name);
  if (parsed.success) return name;
  throw new OperatorError("bad-name", parsed.error.issues[0]!.message);
}
