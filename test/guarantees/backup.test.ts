/** A backup holds a store as of one instant and no key; restored, it is that store, on whatever database. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { backup, doctor, ingest, restore, Solely, takeEvents } from "../../src/index.js";
import { FreshStore, ndjson } from "../fresh-store.js";

let store: FreshStore;
let file: string;
before(async () => {
  store = await FreshStore.make();
  file = join(store.folder, "store.backup");
  await store.adopt({ id: "mfa", purposes: ["security.mfa"] });
  await store.adopt({ id: "ads", purposes: ["ads.match", "service.account"] });
  const rows = Array.from({ length: 900 }, (_, i) => ({
    ...{ account: `u${i}`, kind: "email", value: `p${i}@example.com`, notice: i % 2 === 0 ? "ads" : "mfa" },
    given_at: "2024-01-01T00:00:00Z",
  }));
  await ingest(store.solely, ndjson(rows), { source: "local", actor: "test", format: "ndjson" });
  const event = { type: "erase", account: "u7", at: "2024-06-01T00:00:00Z" };
  await takeEvents(store.solely, ndjson([event]), { actor: "test" });
});
after(() => store.remove());

const masksOf = async (solely: Solely, account: string) => {
  const points = solely.contacts.pointsOf(solely.contacts.account(account));
  return [...(await solely.vault.masks(points)).values()];
};

test("a backup is made while the store goes on, whole and for its owner alone, and holds no key", async () => {
  const writing = backup(store.solely, { out: file, actor: "test" });
  const late = {
    account: "late",
    kind: "email",
    value: "late@example.com",
    notice: "ads",
    given_at: "2024-01-01T00:00:00Z",
  };
  await ingest(store.solely, ndjson([late]), { source: "local", actor: "test", format: "ndjson" });
  const { position, bytes } = await writing;
  const content = readFileSync(file);
  assert.equal(content.length, bytes);
  assert.ok(position >= store.solely.log.position - 1 && position <= store.solely.log.position);
  for (const name of store.solely.keys.names()) {
    const key = readFileSync(store.solely.keys.file(name as "identity"), "utf8").trim();
    assert.ok(!content.includes(key) && !content.includes(Buffer.from(key, "hex")), name);
  }
  assert.ok(!content.includes("p8@example.com"));
});

test("a backup that can't be written where it was asked for is told as that, and leaves nothing", async () => {
  const folder = join(store.folder, "folder");
  mkdirSync(folder);
  for (const out of [join(folder, "none", "b.backup"), folder])
    await assert.rejects(backup(store.solely, { out, actor: "test" }), { code: "unwritable-file" }, out);
  assert.deepEqual(
    readdirSync(store.folder).filter((name) => name.endsWith(".new")),
    [],
  );
});

test("restored with its keys it is the same store: contacts, permission, values, what was erased", async () => {
  const made = await backup(store.solely, { out: file, actor: "test" });
  const data = join(store.folder, "restored");
  cpSync(join(store.data, "keys"), join(data, "keys"), { recursive: true });
  const restored = await restore({ file, data });
  assert.deepEqual([restored.position, restored.hasKeys], [made.position, true]);
  const solely = await Solely.open({ data });
  try {
    assert.equal(solely.contacts.points.numbered, store.solely.contacts.points.numbered);
    assert.ok(solely.contacts.permitted.equals(store.solely.contacts.permitted));
    assert.deepEqual(await masksOf(solely, "u8"), ["p••@e••.com"]);
    assert.equal(solely.contacts.findAccount("u7"), undefined);
    const { isHealthy, findings } = await doctor(solely);
    assert.ok(isHealthy, JSON.stringify(findings));
  } finally {
    await solely.close();
  }
  await assert.rejects(restore({ file, data }), { code: "already-initialised" });
});

test("without its keys a restored store opens nowhere", async () => {
  const data = join(store.folder, "keyless");
  assert.equal((await restore({ file, data })).hasKeys, false);
  await assert.rejects(Solely.open({ data }), { code: "missing-key" });
});

test("a backup that is torn, flipped or none is refused, and nothing of it is kept", async () => {
  const whole = readFileSync(file);
  const spoilt = {
    torn: whole.subarray(0, whole.length - 40),
    short: whole.subarray(0, 30),
    longer: Buffer.concat([whole, Buffer.of(0)]),
    none: Buffer.from("not a backup at all, but longer than its head would be"),
    flipped: Buffer.from(whole),
    unreadable: Buffer.from(whole),
  };
  spoilt.flipped[whole.length - 20_000]! ^= 1;
  // The database itself can't read these rows, before their sum is looked at.
  spoilt.unreadable[whole.indexOf("PGCOPY")]! ^= 1;
  const data = join(store.folder, "spoilt");
  for (const [what, bytes] of Object.entries(spoilt)) {
    const bad = join(store.folder, "bad.backup");
    writeFileSync(bad, bytes);
    const refused = { code: "malformed", message: /^this is no whole backup: / };
    await assert.rejects(restore({ file: bad, data }), refused, what);
    await assert.rejects(Solely.open({ data }), { code: "not-initialised" }, what);
  }
  cpSync(join(store.data, "keys"), join(data, "keys"), { recursive: true });
  await restore({ file, data });
  await (await Solely.open({ data })).close();
  rmSync(data, { recursive: true });
});
