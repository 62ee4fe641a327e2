/**
 * The checkpoint that is kept outside the data: written within a second, believed only when it is this store's, and missed
 * when it is gone.
 */
import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { runCommand } from "../../src/command/index.js";
import { doctor, eligibility, ingest, type Solely, takeEvents } from "../../src/index.js";
import type { Action } from "../../src/operator/index.js";
import { FreshStore, ndjson, soon } from "../fresh-store.js";

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["ads.match"] });
  const row = { account: "u1", kind: "email", value: "u1@example.com", notice: "ads" };
  const rows = [{ ...row, given_at: "2024-01-01T00:00:00Z" }];
  await ingest(store.solely, ndjson(rows), { source: "local", actor: "test", format: "ndjson" });
});
after(() => store.remove());

const withdraw = (solely: Solely, account: string) =>
  takeEvents(solely, ndjson([{ type: "withdraw", account, at: "2024-06-01T00:00:00Z" }]), { actor: "test" });

const assertOpen = (solely: Solely) => {
  assert.equal(solely.kept.isCurrent, true, solely.kept.told);
  assert.ok(solely.gate.permit("ads.match"));
};

const configFile = () => join(store.data, "solely.json");
const readSettings = () => JSON.parse(readFileSync(configFile(), "utf8"));
const writeSettings = (settings: unknown) => writeFileSync(configFile(), JSON.stringify(settings));

test("a fresh store is current, and its newest checkpoint is kept by itself", async () => {
  const { solely } = store;
  assertOpen(solely);
  await withdraw(solely, "u2");
  await soon("every leaf is kept", () => store.keptSize(solely) === solely.log.position);
  await store.close();
  const whole = readFileSync(store.keptFile);
  assertOpen(await store.open());
  assert.deepEqual(readFileSync(store.keptFile), whole, "a start without leaves writes nothing");
});

test("what is kept may be missing, torn, of another store or forged: then nothing is served", async () => {
  const other = await FreshStore.make();
  await other.close();
  const foreign = readFileSync(`${other.data}.checkpoint`);
  await other.remove();
  await store.close();
  const whole = readFileSync(store.keptFile);
  const forged = Buffer.from(whole.toString("utf8").replace(/\n\d+\n/, "\n1\n"));
  for (const [is, bytes] of [
    ["missing", undefined],
    ["unreadable", whole.subarray(0, 60)],
    ["unreadable", Buffer.alloc(0)],
    ["foreign", foreign],
    ["foreign", forged],
  ] as const) {
    rmSync(store.keptFile, { force: true });
    if (bytes !== undefined) writeFileSync(store.keptFile, bytes);
    const solely = await store.open();
    assert.equal(solely.kept.status().standing.is, is);
    assert.throws(() => eligibility(solely, "u1"), { code: "behind-checkpoint" });
    await store.close();
    assert.equal(existsSync(store.keptFile), bytes !== undefined, "nothing is kept by who may be behind");
  }
  writeFileSync(store.keptFile, whole);
  assertOpen(await store.open());
});

test("an older checkpoint of this very store, as after a kill, does no harm, and is replaced", async () => {
  const older = readFileSync(store.keptFile);
  await withdraw(store.solely, "u2");
  await store.close();
  writeFileSync(store.keptFile, older);
  const solely = await store.open();
  assertOpen(solely);
  assert.equal(store.keptSize(solely), solely.log.position);
});

test("while the file can't be written everything goes on, the doctor says so, and it is kept as soon as it can be", async () => {
  await store.close();
  const folder = join(store.folder, "elsewhere");
  cpSync(store.keptFile, join(folder, "kept.checkpoint"), { recursive: true });
  writeSettings({ ...readSettings(), checkpoint: join(folder, "kept.checkpoint") });
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
  const { checkpoint: _, ...older } = readSettings();
  writeSettings(older);
  let solely = await store.open();
  assertOpen(solely);
  const { findings } = await doctor(solely);
  assert.ok(findings.some(({ level, what }) => level === "warning" && what.includes("solely recover")));
  await store.close();
  const moved = join(store.folder, "moved.checkpoint");
  writeSettings({ ...older, checkpoint: moved });
  solely = await store.open();
  type View = { standing: string; action: Action | null };
  const recovery = () => runCommand(solely, "recovery", {}, { actor: "test" }) as Promise<View>;
  const { standing, action } = await recovery();
  assert.equal(standing, "missing");
  await store.decide(action!);
  await solely.kept.look();
  assertOpen(solely);
  assert.equal((await recovery()).action, null);
  await store.close();
  rmSync(moved);
  solely = await store.open();
  assert.throws(() => eligibility(solely, "u1"), { code: "behind-checkpoint" }, "one approval is for one time");
});
