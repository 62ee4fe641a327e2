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
import { LeafKind } from "../ledger/index.js";
import type { Log } from "../log/index.js";
import { Store } from "../store/index.js";
import { type Config, configFile, isInitialised, parseConfig, writeConfig } from "./config.js";
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
}

export interface RestoreResult {
  readonly data: string;
  readonly position: number;
  /** When the backup was made, RFC 3339. */
  readonly madeAt: string;
  /** Whether the keys are there that the store needs. */
  readonly hasKeys: boolean;
}

const UNFINISHED = ".new";

/**
 * Makes a store of a backup, in an empty database.
 * @throws {InstanceError} codes `already-initialised`, `malformed-config`, `in-use`
 * @throws {StoreError} codes `malformed`, `schema-newer`, `position-conflict`
 */
export async function restore({ file, data, databaseUrl }: RestoreOptions): Promise<RestoreResult> {
  if (isInitialised(data)) {
    throw new InstanceError(
      "already-initialised",
      `${data} is a Solely data folder already`,
      "restore into another one",
    );
  }
  const { config, madeAt } = (await Store.backupHead(file)) as { config?: unknown; madeAt?: unknown };
  const parsed = parseConfig(file, config);
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
    return { data, position, madeAt: String(madeAt), hasKeys: existsSync(join(data, "keys")) };
  } finally {
    await store.close();
  }
}
