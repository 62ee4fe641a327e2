/**
 * Backup and restore of a store: the database in one file, with the configuration; never a key.
 *
 * The keys are kept apart, for who has both has everything, and so that what was erased can be made unreadable in old
 * backups by letting go of old keys (docs/vault.md). A restored store gets its configuration last: until then it opens
 * nowhere.
 */
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { readKept, type Standing, signerOfStore, standingOf, tellStanding } from "../checkpoint/index.js";
import { LeafKind, leafHash, TreeEdge } from "../ledger/index.js";
import type { Log } from "../log/index.js";
import { Store } from "../store/index.js";
import { KeyFolder } from "../token/index.js";
import { type Config, checkpointPath, configFile, isInitialised, parseConfig, writeConfig } from "./config.js";
import { InstanceError } from "./error.js";

export interface BackupResult {
  readonly out: string;
  /** Ledger position that it holds. */
  readonly position: number;
  readonly bytes: number;
}

/** Writes a backup of a running store to an absolute path; that somebody has one is a leaf of the ledger before. */
export async function backup(
  { log, store, config }: { readonly log: Log; readonly store: Store; readonly config: Config },
  { out, actor }: { readonly out: string; readonly actor: string },
): Promise<BackupResult> {
  await log.record(LeafKind.export, () => Buffer.from(JSON.stringify({ type: "backup", actor })));
  return { out, ...(await store.backup(out, { config, madeAt: new Date().toISOString() })) };
}

export interface RestoreOptions {
  /** The backup's file. */
  readonly file: string;
  /** A data folder to be made; it may hold the keys already. */
  readonly data: string;
  readonly databaseUrl?: string | undefined;
  /** Where its newest checkpoint is kept; default: where the store's was that the backup is of. */
  readonly checkpoint?: string | undefined;
}

export interface RestoreResult {
  readonly data: string;
  readonly position: number;
  /** When the backup was made, RFC 3339. */
  readonly madeAt: string;
  /** Whether the keys are there that the store needs. */
  readonly hasKeys: boolean;
  /** How it stands to the checkpoint that is kept; null when the keys are missing that tell. */
  readonly standing: Standing["is"] | null;
  /** The same in words. */
  readonly told: string;
}

const UNFINISHED = ".new";

/**
 * Makes a store of a backup, in an empty database.
 * @throws {InstanceError} codes `already-initialised`, `malformed-config`, `in-use`
 * @throws {StoreError} codes `malformed`, `schema-newer`, `position-conflict`
 */
export async function restore({ file, data, databaseUrl, checkpoint }: RestoreOptions): Promise<RestoreResult> {
  if (isInitialised(data)) {
    throw new InstanceError(
      "already-initialised",
      `${data} is a Solely data folder already`,
      "restore into another one",
    );
  }
  const { config, madeAt } = (await Store.backupHead(file)) as { config?: unknown; madeAt?: unknown };
  const inBackup = parseConfig(file, config);
  const kept = checkpointPath(data, checkpoint ?? inBackup.checkpoint);
  const parsed = { ...inBackup, checkpoint: kept };
  // The embedded database makes it as its user needs it.
  if (databaseUrl !== undefined) await mkdir(data, { recursive: true, mode: 0o700 });
  const store = await Store.open({ dataDir: data, databaseUrl });
  try {
    if (!(await store.acquireWriter({ pid: process.pid }))) {
      throw new InstanceError("in-use", "another process writes to this database", "wait until it is done");
    }
    const position = await store.restore(file);
    const unfinished = configFile(data) + UNFINISHED;
    await rm(unfinished, { force: true });
    writeConfig(unfinished, parsed);
    await rename(unfinished, configFile(data));
    const keys = new KeyFolder(join(data, "keys"));
    const standing = await standingOfRestored(store, kept, position, keys, parsed.root);
    const told = standing === undefined ? "its keys are missing" : tellStanding(standing);
    return {
      data,
      position,
      madeAt: String(madeAt),
      hasKeys: existsSync(keys.folder),
      standing: standing?.is ?? null,
      told,
    };
  } finally {
    await store.close();
  }
}

/** How the restored leaves stand to what is kept; undefined while the key is missing that tells. */
async function standingOfRestored(
  store: Store,
  kept: string,
  size: number,
  keys: KeyFolder,
  storeId: string,
): Promise<Standing | undefined> {
  if (!keys.names().includes("ledger")) return undefined;
  const { verifier } = signerOfStore({ storeId, seed: keys.read("ledger") });
  const rootAt = async (first: number) => {
    const edge = new TreeEdge();
    for await (const { body } of store.leaves(0, first)) edge.add(leafHash(body));
    return edge.root();
  };
  return standingOf(await readKept(kept), { verifier, size, rootAt });
}
