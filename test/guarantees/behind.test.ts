/**
 * A store that is behind the checkpoint kept outside its data, or beside it, or without one, takes everything in and lets
 * nothing be used, until two operators have recovered it.
 */
import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { after, afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
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
import { LeafKind, openCheckpoint } from "../../src/ledger/index.js";
import { recordEntry } from "../../src/log/index.js";
import { type Action, encodeSigned, readOperatorKey, signApproval, signProposal } from "../../src/operator/index.js";
import { exportPerson } from "../../src/person/index.js";
import { Store } from "../../src/store/index.js";
import { startPostgres } from "../../src/store/postgres.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

/** A look each second, and the database's and the disk's time. */
const SOON_MS = 5000;

let store: FreshStore;
const others: Solely[] = [];
beforeEach(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["ads.match", "service.account"] });
  await give(store.solely, "u1", "u2", "u3");
  await list(store.solely);
});
afterEach(async () => {
  for (const other of others.splice(0)) await other.close();
  await store.remove();
});
after(() => sleep(0));

const keptFile = () => `${store.data}.checkpoint`;
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

async function soon(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + SOON_MS;
  while (!isSo()) {
    assert.ok(performance.now() < deadline, `not within ${SOON_MS} ms: ${what}`);
    await sleep(20);
  }
}

/** Leaves of the kept checkpoint. */
const keptSize = (solely: Solely): number =>
  openCheckpoint(readFileSync(keptFile(), "utf8"), solely.checkpoints.verifier).checkpoint.size;

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

async function sql(text: string): Promise<void> {
  const client = new pg.Client((await startPostgres(store.data)).connection);
  await client.connect();
  await client.query(text).finally(() => client.end());
}

const asideFiles = () =>
  readdirSync(dirname(keptFile())).filter((name) => name.startsWith(`${basename(keptFile())}.given-up-`));

test("a fresh store is current, and its newest checkpoint is kept within a second", async () => {
  const { solely } = store;
  assertOpen(solely);
  await withdraw(solely, "u2");
  const began = performance.now();
  await soon("every leaf is kept", () => keptSize(solely) === solely.log.position);
  assert.ok(performance.now() - began < 1000);
  await store.close();
  const whole = readFileSync(keptFile());
  assertOpen(await store.open());
  assert.deepEqual(readFileSync(keptFile()), whole, "a start without leaves writes nothing");
});

test("a restored backup serves nothing until it was told again what came after, and two operators accept it", async () => {
  const file = join(store.folder, "a.backup");
  await backup(store.solely, { out: file, actor: "test" });
  await withdraw(store.solely, "u2");
  await store.close();
  const before = readFileSync(keptFile());
  const { solely, standing } = await restoreAs("restored", file);
  assert.deepEqual([standing, solely.kept.status().standing.is], ["behind", "behind"]);
  await assertShut(solely);
  const told = await takeEvents(solely, ndjson([{ type: "erase", account: "u3", at: "2025-01-01T00:00:00Z" }]), {
    actor: "test",
  });
  assert.equal(told.erased[0]?.audiences.length, 1, "an erasure still says which audiences are left");
  await withdraw(solely, "u2");
  assert.deepEqual(readFileSync(keptFile()), before, "what is kept stays until it is given up");
  await recover(solely);
  assertOpen(solely);
  assert.equal(eligibility(solely, "u1").audiences.length, 1);
  assert.equal(eligibility(solely, "u2").audiences.length, 0, "a withdrawal that was told again holds");
  assert.equal((await doctor(solely)).isHealthy, true);
  const [aside] = asideFiles();
  assert.deepEqual(readFileSync(join(store.folder, aside!)), before, "what was given up is evidence");
  await soon("the new checkpoint is kept", () => keptSize(solely) === solely.log.position);
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
});

test("of two stores that go on from one state the second to be kept is stopped, at once and for good", async () => {
  const file = join(store.folder, "a.backup");
  await backup(store.solely, { out: file, actor: "test" });
  await soon("the first is kept", () => keptSize(store.solely) === store.solely.log.position);
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

test("what is kept may be missing, torn, of another store or forged: then nothing is served", async () => {
  const other = await FreshStore.make();
  await other.close();
  const foreign = readFileSync(`${other.data}.checkpoint`);
  await other.remove();
  await store.close();
  const whole = readFileSync(keptFile());
  const forged = Buffer.from(whole.toString("utf8").replace(/\n\d+\n/, "\n1\n"));
  for (const [is, bytes] of [
    ["missing", undefined],
    ["unreadable", whole.subarray(0, 60)],
    ["unreadable", Buffer.alloc(0)],
    ["foreign", foreign],
    ["foreign", forged],
  ] as const) {
    rmSync(keptFile(), { force: true });
    if (bytes !== undefined) writeFileSync(keptFile(), bytes);
    const solely = await store.open();
    assert.equal(solely.kept.status().standing.is, is);
    assert.throws(() => eligibility(solely, "u1"), { code: "behind-checkpoint" });
    await store.close();
    assert.equal(existsSync(keptFile()), bytes !== undefined, "nothing is kept by who may be behind");
  }
  writeFileSync(keptFile(), whole);
  assertOpen(await store.open());
});

test("an older checkpoint of this very store, as after a kill, does no harm, and is replaced", async () => {
  const older = readFileSync(keptFile());
  await withdraw(store.solely, "u2");
  await store.close();
  writeFileSync(keptFile(), older);
  const solely = await store.open();
  assertOpen(solely);
  assert.equal(keptSize(solely), solely.log.position);
});

test("while the file can't be written everything goes on, the doctor says so, and it is kept as soon as it can be", async () => {
  await store.close();
  const folder = join(store.folder, "elsewhere");
  const config = join(store.data, "solely.json");
  cpSync(keptFile(), join(folder, "kept.checkpoint"), { recursive: true });
  const settings = { ...JSON.parse(readFileSync(config, "utf8")), checkpoint: join(folder, "kept.checkpoint") };
  writeFileSync(config, JSON.stringify(settings));
  const solely = await store.open();
  assertOpen(solely);
  renameSync(folder, `${folder}.gone`);
  await withdraw(solely, "u2");
  await soon("it is noticed", () => solely.kept.status().failure !== undefined);
  assertOpen(solely);
  assert.equal((await doctor(solely)).isHealthy, false);
  renameSync(`${folder}.gone`, folder);
  await soon("it is kept again", () => solely.kept.status().failure === undefined);
  assert.equal((await doctor(solely)).isHealthy, true);
});

test("a store from before the setting serves, with a warning; given the setting it is recovered once, and once only", async () => {
  await store.close();
  const config = join(store.data, "solely.json");
  const { checkpoint: _, ...older } = JSON.parse(readFileSync(config, "utf8"));
  const set = (settings: unknown) => writeFileSync(config, JSON.stringify(settings));
  set(older);
  let solely = await store.open();
  assertOpen(solely);
  const { findings } = await doctor(solely);
  assert.ok(findings.some(({ level, what }) => level === "warning" && what.includes("solely recover")));
  await store.close();
  const moved = join(store.folder, "moved.checkpoint");
  set({ ...older, checkpoint: moved });
  solely = await store.open();
  assert.equal((await recovery(solely)).standing, "missing");
  await recover(solely);
  assertOpen(solely);
  assert.equal((await recovery(solely)).action, null);
  await store.close();
  rmSync(moved);
  solely = await store.open();
  assert.throws(() => eligibility(solely, "u1"), { code: "behind-checkpoint" }, "one approval is for one time");
});

test("an approval counts for the very checkpoint that it gives up, and for a ledger that begins as it says", async () => {
  const file = join(store.folder, "a.backup");
  await backup(store.solely, { out: file, actor: "test" });
  await withdraw(store.solely, "u2");
  await store.close();
  const { solely } = await restoreAs("restored", file);
  const { action } = await recovery(solely);
  const root = action!.root.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
  const wrong = await proposeBy(solely, "alice", { ...action!, root });
  const signed = await approvalBy(solely, "bob", wrong.proposal);
  await runCommand(solely, "approve", { signed }, { actor: "test" });
  assert.equal(solely.kept.isCurrent, false);
  const other = { digest: "0".repeat(64), size: null };
  await assert.rejects(proposeBy(solely, "alice", { ...action!, givenUp: other }), { code: "other-checkpoint" });
  await recover(solely);
  assertOpen(solely);
  await assert.rejects(proposeBy(solely, "alice", action!), { code: "nothing-to-recover" });
});

test("who can write to the database but has one operator's key alone can't recover it", async () => {
  const file = join(store.folder, "a.backup");
  await backup(store.solely, { out: file, actor: "test" });
  await withdraw(store.solely, "u2");
  await store.close();
  const { solely } = await restoreAs("restored", file);
  const { action } = await recovery(solely);
  const { proposal } = await proposeBy(solely, "alice", action!);
  const own = encodeSigned(await approvalBy(solely, "alice", proposal));
  const done = Buffer.from(JSON.stringify({ type: "recovery", actor: "operator:bob", approval: solely.log.position }));
  const { data } = solely;
  await solely.close();
  const raw = await Store.open({ dataDir: data });
  assert.ok(await raw.acquireWriter({ pid: process.pid }));
  const atMs = Date.now();
  await raw.append(await raw.length(), [
    recordEntry(LeafKind.approval, own, atMs),
    recordEntry(LeafKind.recovery, done, atMs),
  ]);
  await raw.close();
  const reopened = await openAt(data);
  assert.equal(reopened.kept.isCurrent, false);
  assert.throws(() => eligibility(reopened, "u1"), { code: "behind-checkpoint" });
});
