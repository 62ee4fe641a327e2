/**
 * Making a store: data folder, keys, first operators, the source `local`.
 *
 * Its configuration is written beside, and takes its name last: a try that was cut off is taken up by the next one, or
 * leaves nothing that would be in its way but operators' keys.
 */
import { access, constants, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { firstCheckpoint, keepFirst } from "../checkpoint/index.js";
import { LeafKind } from "../ledger/index.js";
import { payloadOf, recordEntry } from "../log/index.js";
import {
  createOperatorKey,
  decodeGenesis,
  encodeGenesis,
  genesisFingerprint,
  newGenesis,
  operatorNameOfFile,
  operatorsFolder,
  readPublicKey,
} from "../operator/index.js";
import { Store } from "../store/index.js";
import { createKeys, firstKeyNames, KeyFolder } from "../token/index.js";
import { COMPARTMENTS, keyFamily } from "../vault/index.js";
import { type Config, checkpointPath, configFile, isInitialised, readConfigFile, writeConfig } from "./config.js";
import { InstanceError } from "./error.js";

export interface InitOptions {
  readonly data: string;
  readonly databaseUrl?: string | undefined;
  /** Names of operators whose keys are made here. */
  readonly operators?: readonly string[];
  /** Public key files of operators whose keys were made elsewhere. */
  readonly operatorKeys?: readonly string[];
  /** Where the newest checkpoint is kept; default: beside the data folder. */
  readonly checkpoint?: string | undefined;
  readonly actor: string;
}

export interface InitResult {
  readonly data: string;
  /** Fingerprint of the first operators; the store's id. */
  readonly store: string;
  readonly operators: readonly string[];
  /** Where private keys were made, if any. */
  readonly operatorsFolder: string | null;
  /** Where the newest checkpoint is kept. */
  readonly checkpoint: string | null;
}

const UNFINISHED = ".new";

/**
 * Makes a store.
 * @throws {InstanceError} codes `already-initialised`, `in-use`, `repeated-operator`, `checkpoint-inside`,
 * `checkpoint-unwritable`
 * @throws {OperatorError} when there are not two operators, or a key can't be made or read
 */
export async function init(options: InitOptions): Promise<InitResult> {
  const { data, databaseUrl } = options;
  const named = options.operators ?? [];
  if (new Set(named).size < named.length) {
    throw new InstanceError("repeated-operator", "an operator is named twice", "name each once");
  }
  if (isInitialised(data)) throw alreadyThere(`${data} is a Solely data folder already`);
  const checkpoint = checkpointPath(data, options.checkpoint);
  const store = await Store.open({ dataDir: data, databaseUrl });
  try {
    await requireWritable(dirname(checkpoint));
    if (!(await store.acquireWriter({ pid: process.pid }))) {
      throw new InstanceError("in-use", "another process writes to this database", "wait until it is done");
    }
    return (await store.length()) === 0 ? await begin(store, options, checkpoint) : await takeUp(store, options);
  } finally {
    await store.close();
  }
}

async function begin(
  store: Store,
  { data, operators = [], operatorKeys = [], actor }: InitOptions,
  checkpoint: string,
): Promise<InitResult> {
  const folder = operatorsFolder(process.env, data);
  const first: { name: string; publicKey: string }[] = [];
  for (const file of operatorKeys) first.push({ name: operatorNameOfFile(file), publicKey: await readPublicKey(file) });
  // Tried with what will be their names, before the first key is made.
  if (operators.length + first.length < 2) newGenesis(first, Date.now());
  for (const name of operators) first.push({ name, publicKey: (await createOperatorKey(folder, name)).publicKey });
  const genesis = encodeGenesis(newGenesis(first, Date.now()));
  const root = genesisFingerprint(genesis);
  const keys = new KeyFolder(join(data, "keys"));
  for (const name of keys.names()) await rm(join(keys.folder, `${name}.key`));
  const setup = createKeys(keys, firstKeyNames(COMPARTMENTS.map(keyFamily)), actor);
  const unfinished = configFile(data) + UNFINISHED;
  await rm(unfinished, { force: true });
  writeConfig(unfinished, { solely: 1, root, checkpoint });
  const timeMs = Date.now();
  const entries = [recordEntry(LeafKind.genesis, genesis, timeMs), recordEntry(LeafKind.setup, setup, timeMs)];
  const leaves = entries.map(({ leaf }) => leaf);
  // Before the store is there: one whose checkpoint is missing counts as behind.
  await keepFirst(checkpoint, firstCheckpoint(leaves, { storeId: root, seed: keys.read("ledger") }));
  await store.append(0, entries);
  await rename(unfinished, configFile(data));
  const names = first.map(({ name }) => name);
  return { data, store: root, operators: names, operatorsFolder: operators.length > 0 ? folder : null, checkpoint };
}

/** Ends a try that was cut off after its store was made. */
async function takeUp(store: Store, { data }: InitOptions): Promise<InitResult> {
  const there = alreadyThere("the database holds a store already");
  const unfinished = configFile(data) + UNFINISHED;
  let config: Config;
  try {
    config = readConfigFile(unfinished);
  } catch {
    throw there;
  }
  const { root, checkpoint = null } = config;
  for await (const { kind, body } of store.facts(0, { to: 1 })) {
    const genesis = payloadOf(body);
    if (kind !== LeafKind.genesis || genesisFingerprint(genesis) !== root) throw there;
    await rename(unfinished, configFile(data));
    const names = decodeGenesis(genesis).operators.map(({ name }) => name);
    return { data, store: root, operators: names, operatorsFolder: operatorsFolder(process.env, data), checkpoint };
  }
  throw there;
}

async function requireWritable(folder: string): Promise<void> {
  await access(folder, constants.W_OK).catch(() => {
    throw new InstanceError(
      "checkpoint-unwritable",
      `the checkpoint can't be kept in ${folder}`,
      "make the folder, or name another file with --checkpoint",
    );
  });
}

function alreadyThere(message: string): InstanceError {
  const fix = "use another folder and an empty database, or restore this store's solely.json and keys";
  return new InstanceError("already-initialised", message, fix);
}
