/**
 * The audit of a store that need not open: from its database, its configuration and the ledger's key alone.
 */
import { join } from "node:path";
import { originOf } from "../checkpoint/index.js";
import { type Audit, audit } from "../evidence/index.js";
import { formatVerifier, SIGNATURE_TYPE, signerOf } from "../ledger/index.js";
import { foldFacts } from "../log/index.js";
import { Store } from "../store/index.js";
import { KeyFolder } from "../token/index.js";
import { readConfig } from "./config.js";
import { makeFolds } from "./folds.js";

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
    const { grants, all } = makeFolds(root);
    // Folded as far as it goes: behind what can't be folded, numbers of newcomers are not known.
    let known = Number.POSITIVE_INFINITY;
    await foldFacts(store, all, {
      ...{ from: 0, length: await store.length() },
      onProgress: (position) => {
        known = position;
      },
    }).then(
      () => {
        known = Number.POSITIVE_INFINITY;
      },
      () => {
        if (known === Number.POSITIVE_INFINITY) known = -1;
      },
    );
    const firstOf = (position: number): number | undefined =>
      position <= known ? (grants.contacts.arrivals.at(position)?.first ?? 0) : undefined;
    return await audit(store, { verifier: formatVerifier(verifier), firstOf, onProgress });
  } finally {
    await store.close();
  }
}
