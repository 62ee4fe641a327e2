/**
 * Making a store: data folder, keys, first operators, the source `local`.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { LeafKind } from "../ledger/index.js";
import {
  createOperatorKey,
  encodeGenesis,
  genesisFingerprint,
  newGenesis,
  operatorNameOfFile,
  operatorsFolder,
  readPublicKey,
} from "../operator/index.js";
import { Store } from "../store/index.js";
import { KeyFolder, type KeyName, keyCheck } from "../token/index.js";
import { isInitialised, writeConfig } from "./config.js";
import { controlEntry, jsonEntry } from "./control.js";
import { InstanceError } from "./error.js";

export interface InitOptions {
  readonly data: string;
  readonly databaseUrl?: string | undefined;
  /** Names of operators whose keys are made here. */
  readonly operators?: readonly string[];
  /** Public key files of operators whose keys were made elsewhere. */
  readonly operatorKeys?: readonly string[];
  readonly actor: string;
}

export interface InitResult {
  readonly data: string;
  /** Fingerprint of the first operators; the store's id. */
  readonly store: string;
  readonly operators: readonly string[];
  /** Where private keys were made, if any. */
  readonly operatorsFolder: string | null;
}

const KEY_NAMES: readonly KeyName[] = ["identity", "batch", "snapshot", "ads.match.1"];

/**
 * Makes a store. On failure nothing stays that would stop a second try, but operators' keys that were made.
 * @throws {InstanceError} codes `already-initialised`
 * @throws {OperatorError} when there are not two operators, or a key can't be read
 */
export async function init({
  data,
  databaseUrl,
  operators = [],
  operatorKeys = [],
  actor,
}: InitOptions): Promise<InitResult> {
  if (isInitialised(data)) throw new InstanceError("already-initialised", `${data} is a Solely data folder already`);
  await mkdir(data, { recursive: true, mode: 0o700 });
  const folder = operatorsFolder(process.env, data);
  const first: { name: string; publicKey: string }[] = [];
  for (const file of operatorKeys) first.push({ name: operatorNameOfFile(file), publicKey: await readPublicKey(file) });
  for (const name of operators) first.push({ name, publicKey: (await createOperatorKey(folder, name)).publicKey });
  const genesis = encodeGenesis(newGenesis(first, Date.now()));
  const root = genesisFingerprint(genesis);
  const keys = new KeyFolder(join(data, "keys"));
  const keyChecks: Record<string, string> = {};
  for (const name of KEY_NAMES) {
    await rm(keys.file(name), { force: true });
    keyChecks[name] = keyCheck(keys.create(name));
  }
  const store = await Store.open({ dataDir: data, databaseUrl });
  try {
    if (!(await store.acquireWriter({ pid: process.pid })))
      throw new InstanceError("in-use", "another process writes to this database");
    if ((await store.length()) > 0) {
      throw new InstanceError(
        "already-initialised",
        "the database holds a store already",
        "restore its solely.json and keys, or use an empty database",
      );
    }
    const atMs = Date.now();
    await store.append(0, [
      controlEntry(LeafKind.genesis, genesis, atMs),
      jsonEntry({ type: "setup", actor, keyChecks }, atMs),
    ]);
    writeConfig(data, { solely: 1, root });
  } finally {
    await store.close();
  }
  return {
    data,
    store: root,
    operators: first.map(({ name }) => name),
    operatorsFolder: operators.length > 0 ? folder : null,
  };
}
