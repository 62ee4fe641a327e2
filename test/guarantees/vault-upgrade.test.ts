/** A store from before there was a vault: it gets the table and the keys when it is opened, and keeps what it had. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import pg from "pg";
import { doctor, ingest } from "../../src/index.js";
import { LeafKind } from "../../src/ledger/index.js";
import { payloadOf, recordEntry } from "../../src/log/index.js";
import { FreshStore, ndjson } from "../fresh-store.js";

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["ads.match", "service.account"] });
  await take("old");
});
after(() => store.remove());

async function take(account: string): Promise<void> {
  const row = { account, kind: "email", value: `${account}@example.com`, notice: "ads" };
  const grants = [{ ...row, given_at: "2024-01-01T00:00:00Z" }];
  await ingest(store.solely, ndjson(grants), { source: "local", actor: "test", format: "ndjson" });
}

/** The database below a store that is open. */
function connection(): pg.ClientConfig {
  if (store.databaseUrl !== undefined) return { connectionString: store.databaseUrl };
  const postgres = join(store.data, "postgres");
  const host = readFileSync(join(postgres, "cluster", "postmaster.pid"), "utf8").split("\n")[4]!;
  const password = readFileSync(join(postgres, "password"), "utf8").trim();
  return { host, port: 5432, user: "solely", password, database: "postgres" };
}

/** Makes the store what the version before the vault left: four keys, no table of chunks, no checkpoint. */
async function takeVaultAway(): Promise<void> {
  const { store: tables } = store.solely;
  const client = new pg.Client(connection());
  await client.connect();
  for await (const { position, kind, timeMs, body } of tables.facts(0, { only: "control" })) {
    if (kind !== LeafKind.setup) continue;
    const fact = JSON.parse(Buffer.from(payloadOf(body)).toString("utf8"));
    const names = ["identity", "batch", "snapshot", "ads.match.1"];
    fact.checks = Object.fromEntries(names.map((name) => [name, fact.checks[name]]));
    const { leaf, facts } = recordEntry(kind, Buffer.from(JSON.stringify(fact)), timeMs);
    await client.query("UPDATE solely.leaf SET body = $2 WHERE position = $1", [position, Buffer.from(leaf)]);
    await client.query("UPDATE solely.fact SET body = $2 WHERE position = $1", [position, Buffer.from(facts[0]!.body)]);
  }
  await client.query("DROP TABLE solely.sealed, solely.tile, solely.checkpoint, solely.erased_fact");
  await client.query("UPDATE solely.solely_schema SET version = 1");
  await client.end();
  await store.close();
  rmSync(join(store.data, "snapshots"), { recursive: true });
  const keys = join(store.data, "keys");
  for (const file of readdirSync(keys)) if (/^(seal|tombstone|ledger)/.test(file)) rmSync(join(keys, file));
  const config = join(store.data, "solely.json");
  const { checkpoint, ...older } = JSON.parse(readFileSync(config, "utf8"));
  rmSync(checkpoint);
  writeFileSync(config, JSON.stringify(older));
}

test("an older store is opened with a vault: missing keys are made once, and what is given from now on is sealed", async () => {
  await takeVaultAway();
  await store.open();
  const names = store.solely.keys.names().sort();
  assert.equal(names.length, 14);
  await take("new");
  for (const from of ["newest", "facts"] as const) {
    const { contacts, vault } = await store.reopen(from);
    const masks = async (account: string) => [
      ...(await vault.masks(contacts.pointsOf(contacts.account(account)))).values(),
    ];
    assert.deepEqual(await masks("new"), ["n••@e••.com"]);
    assert.deepEqual(await masks("old"), [], "it came before there was a vault");
    const { isHealthy, findings } = await doctor(store.solely);
    assert.ok(isHealthy, JSON.stringify(findings));
    assert.deepEqual(store.solely.keys.names().sort(), names);
  }
});
