/**
 * The audit of a store that need not open: from its database, its configuration and the ledger's key alone.
 */
import { join } from "node:path";
import { originOf } from "../checkpoint/index.js";
import { type Audit, audit } from "../evidence/index.js";
import { formatVerifier, SIGNATURE_TYPE, signerOf } from "../ledger/index.js";
import { Store } from "../store/index.js";
import { KeyFolder } from "../token/index.js";
import { readConfig } from "./config.js";

export interface ClosedAuditOptions {
  readonly data: string;
  readonly databaseUrl?: string | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Only reads; another process may have the store open.
 * @throws {InstanceError} code `not-initialised`
 * @throws {TokenError} when the ledger's key is missing
 * @throws {StoreError} when the database can't be used
 */
export async function auditClosed({ data, databaseUrl, onProgress }: ClosedAuditOptions): Promise<Audit> {
  const { root } = readConfig(data);
  const seed = new KeyFolder(join(data, "keys")).read("ledger");
  const { verifier } = signerOf(originOf(root), SIGNATURE_TYPE.ed25519, seed);
  const store = await Store.open({ dataDir: data, databaseUrl });
  try {
    return await audit(store, { verifier: formatVerifier(verifier), onProgress });
  } finally {
    await store.close();
  }
}
