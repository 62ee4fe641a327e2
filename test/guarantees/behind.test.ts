/**
 * A store that is behind the checkpoint kept outside its data, or beside it, or without one, takes everything in and lets
 * nothing be used, until two operators have recovered it.
 */
import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import pg from "pg";
import { runCommand } from "../../src/command/index.js";
import {
  backup,
  changesSince,
  doctor,
  eligibility,
  exportToFile,
  ingest,
  matchList,
  restore,
  Solely,
  takeEvents,
} from "../../src/index.js";
import { LeafKind } from "../../src/ledger/index.js";
import { recordEntry } from "../../src/log/index.js";
import { type Action, encodeSigned, readOperatorKey, signApproval, signProposal } from "../../src/operator/index.js";
import { exportPerson } from "../../src/person/index.js";
import { startPostgres } from "../../src/store/postgres.js";
import { FreshStore, ndjson, soon, streamOf } from "../fresh-store.js";

let store: FreshStore;
const others: Solely[] = [];
beforeEach(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["ads.match", "service.account"] });
  await give(store.solely, "u1", "u2", "u3");
  await list(store.solely);
  await store.release();
});
afterEach(async () => {
  for (const other of others.splice(0)) await other.close();
  await store.remove();
});

const give = (solely: Solely, ...accounts: string[]) =>
  ingest(
    solely,
    ndjson(
      accounts.map((account) => ({
        ...{ account, kind: "email", value: `${account}@example.com`, notice: "ads", given_at: "2024-01-01T00:00:00Z" },
      })),
    ),
    { source: "local", actor: "test", format: "ndjson" },
  );
const withdraw = (solely: Solely, account: string) =>
  takeEvents(solely, ndjson([{ type: "withdraw", account, at: "2024-06-01T00:00:00Z" }]), { actor: "test" });
const list = (solely: Solely) =>
  matchList(solely, streamOf("email\nu1@example.com\nu2@example.com\nu3@example.com\n"), {
    ...{ advertiser: "acme", name: `list ${solely.log.position}`, actor: "test" },
  });

async function openAt(data: string): Promise<Solely> {
  const solely = await Solely.open({ data });
  others.push(solely);
  return solely;
}

/** Another store of a backup, with the keys of the first. */
async function restoreAs(name: string, file: string): Promise<{ solely: Solely; standing: string | null }> {
  const data = join(store.folder, name);
  cpSync(join(store.data, "keys"), join(data, "keys"), { recursive: true });
  const { standing } = await restore({ file, data });
  return { solely: await openAt(data), standing };
}

/** Nothing can be used, by any way; everything can be told. */
async function assertShut(solely: Solely): Promise<void> {
  const isShut = { code: "behind-checkpoint" };
  const { id } = solely.audiences.list()[0]!;
  await assert.rejects(list(solely), isShut);
  await assert.rejects(
    exportToFile(solely, { audience: id, out: join(store.folder, "x.csv"), actor: "test", expiryHours: 1 }),
    isShut,
  );
  assert.throws(() => eligibility(solely, "u1"), isShut);
  assert.throws(() => changesSince(solely, solely.log.position), isShut);
  await assert.rejects(exportPerson(solely, { account: "u1", actor: "test" }), isShut);
  assert.throws(() => solely.gate.permitOf("service.account", [0]), isShut);
  assert.equal((await give(solely, "late")).accepted, 1);
  assert.equal((await withdraw(solely, "late")).accepted, 1);
  const { isHealthy } = await doctor(solely);
  assert.equal(isHealthy, false);
}

const assertOpen = (solely: Solely) => {
  assert.equal(solely.kept.isCurrent, true, solely.kept.told);
  assert.ok(solely.gate.permit("ads.match"));
};

type View = { action: Extract<Action, { type: "store.recover" }> | null; standing: string };
const recovery = (solely: Solely) => runCommand(solely, "recovery", {}, { actor: "test" }) as Promise<View>;

async function proposeBy(solely: Solely, name: string, action: Action) {
  const { privateKey: key } = await readOperatorKey(store.operators, name);
  const signed = signProposal({ key, name, storeId: solely.config.root, atMs: Date.now(), action });
  return (await runCommand(solely, "propose", { signed }, { actor: "test" })) as { proposal: string };
}

async function approvalBy(solely: Solely, name: string, proposal: string) {
  const { privateKey: key } = await readOperatorKey(store.operators, name);
  return signApproval({ key, name, storeId: solely.config.root, atMs: Date.now(), proposal });
}

/** Alice and bob accept the store as it is. */
async function recover(solely: Solely): Promise<void> {
  const { action } = await recovery(solely);
  const { proposal } = await proposeBy(solely, "alice", action!);
  const isAlone = approvalBy(solely, "alice", proposal).then((signed) =>
    runCommand(solely, "approve", { signed }, { actor: "test" }),
  );
  await assert.rejects(isAlone, { code: "same-operator" });
  assert.equal(solely.kept.isCurrent, false);
  const signed = await approvalBy(solely, "bob", proposal);
  await runCommand(solely, "approve", { signed }, { actor: "test" });
}

/** An approval counts for the very checkpoint that it gives up, and for a ledger that begins as it says. */
async function assertOnlyWhatIsThere(solely: Solely): Promise<void> {
  const { action } = await recovery(solely);
  const root = action!.root.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
  const { proposal } = await proposeBy(solely, "alice", { ...action!, root });
  const signed = await approvalBy(solely, "bob", proposal);
  await runCommand(solely, "approve", { signed }, { actor: "test" });
  assert.equal(solely.kept.isCurrent, false);
  const other = { digest: "0".repeat(64), size: null };
  await assert.rejects(proposeBy(solely, "alice", { ...action!, givenUp: other }), { code: "other-checkpoint" });
}

/** Decisions as somebody writes them who has the database, in a ledger that looks right. */
const writeFacts = (...facts: readonly (readonly [LeafKind, Uint8Array])[]): Promise<void> =>
  store.slipIn(facts.map(([kind, payload]) => recordEntry(kind, payload, Date.now())));

async function sql(text: string): Promise<void> {
  const client = new pg.Client(store.databaseUrl ?? (await startPostgres(store.data)).connection);
  await client.connect();
  await client.query(text).finally(() => client.end());
}

const asideFiles = () =>
  readdirSync(dirname(store.keptFile)).filter((name) => name.startsWith(`${basename(store.keptFile)}.given-up-`));

test("a restored backup serves nothing until it was told again what came after, and two operators accept it", async () => {
  const file = join(store.folder, "a.backup");
  await backup(store.solely, { out: file, actor: "test" });
  await withdraw(store.solely, "u2");
  await store.close();
  const before = readFileSync(store.keptFile);
  const { solely, standing } = await restoreAs("restored", file);
  assert.deepEqual([standing, solely.kept.status().standing.is], ["behind", "behind"]);
  await assertShut(solely);
  const told = await takeEvents(solely, ndjson([{ type: "erase", account: "u3", at: "2025-01-01T00:00:00Z" }]), {
    actor: "test",
  });
  assert.equal(told.erased[0]?.audiences.length, 1, "an erasure still says which audiences are left");
  await withdraw(solely, "u2");
  assert.deepEqual(readFileSync(store.keptFile), before, "what is kept stays until it is given up");
  const { action } = await recovery(solely);
  await assertOnlyWhatIsThere(solely);
  await recover(solely);
  assertOpen(solely);
  await assert.rejects(proposeBy(solely, "alice", action!), { code: "nothing-to-recover" });
  assert.equal(eligibility(solely, "u1").audiences.length, 1);
  assert.equal(eligibility(solely, "u2").audiences.length, 0, "a withdrawal that was told again holds");
  assert.equal((await doctor(solely)).isHealthy, true);
  const [aside] = asideFiles();
  assert.deepEqual(readFileSync(join(store.folder, aside!)), before, "what was given up is evidence");
  await soon("the new checkpoint is kept", () => store.keptSize(solely) === solely.log.position);
  await solely.close();
  assertOpen(await openAt(solely.data));
  // The store that was given up is no way back.
  const old = await store.open();
  assert.notEqual(old.kept.status().standing.is, "current");
  await assertShut(old);
});

test("the last leaves taken out by SQL, with their facts, tiles, checkpoint and snapshots, are missed", async () => {
  const { solely } = store;
  const { position } = solely.log;
  await withdraw(solely, "u2");
  await give(solely, "u4");
  await store.close();
  for (const table of ["leaf", "fact", "fact_key", "token", "token_key", "sealed"])
    await sql(`DELETE FROM solely.${table} WHERE position >= ${position}`);
  await sql("DELETE FROM solely.tile");
  await sql("DELETE FROM solely.checkpoint");
  rmSync(join(store.data, "snapshots"), { recursive: true });
  const reopened = await store.open();
  assert.equal(reopened.kept.status().standing.is, "behind");
  await assertShut(reopened);
  // Nor can who did it make up the signatures; with the second operator's true one it is recovered at the next start.
  const { action } = await recovery(reopened);
  const { proposal } = await proposeBy(reopened, "alice", action!);
  const [alone, real] = [await approvalBy(reopened, "alice", proposal), await approvalBy(reopened, "bob", proposal)];
  const done = { type: "recovery", actor: "operator:bob", approval: reopened.log.position };
  await store.close();
  await writeFacts(
    [LeafKind.approval, encodeSigned(alone)],
    [LeafKind.approval, encodeSigned({ ...alone, operator: "bob" })],
    [LeafKind.recovery, Buffer.from(JSON.stringify(done))],
  );
  const forged = await store.open();
  assert.equal(forged.kept.isCurrent, false);
  assert.throws(() => eligibility(forged, "u1"), { code: "behind-checkpoint" });
  await store.close();
  await writeFacts([LeafKind.approval, encodeSigned(real)]);
  assertOpen(await store.open());
});

test("of two stores that go on from one state the second to be kept is stopped, at once and for good", async () => {
  const file = join(store.folder, "a.backup");
  await backup(store.solely, { out: file, actor: "test" });
  await soon("the first is kept", () => store.keptSize(store.solely) === store.solely.log.position);
  await store.close();
  const first = await restoreAs("first", file);
  const second = await restoreAs("second", file);
  assert.deepEqual([first.standing, second.standing], ["current", "current"]);
  assertOpen(first.solely);
  assertOpen(second.solely);
  await withdraw(first.solely, "u1");
  await soon("the second sees that another goes on", () => !second.solely.kept.isCurrent);
  for (const _ of [1, 2, 3]) await withdraw(second.solely, "u3");
  await second.solely.close();
  const reopened = await openAt(second.solely.data);
  assert.equal(reopened.kept.status().standing.is, "forked");
  await assertShut(reopened);
  assertOpen(first.solely);
});
