/**
 * One writer: a process whose connections were cut uses nothing until it is sure that nobody else has written; once
 * somebody has, it never does again, acknowledges nothing, and leaves no snapshot of what it held.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eligibility, ingest, matchList, Solely, takeEvents } from "../../src/index.js";
import { StoreError } from "../../src/store/index.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["ads.match"] });
  const rows = ["u1", "u2", "u3"].map((account) => ({
    ...{ account, kind: "email", value: `${account}@example.com`, notice: "ads", given_at: "2024-01-01T00:00:00Z" },
  }));
  await ingest(store.solely, ndjson(rows), { source: "local", actor: "test", format: "ndjson" });
  const list = ["email", ...rows.map(({ value }) => value)].join("\n");
  await matchList(store.solely, streamOf(list), { advertiser: "acme", name: "list", actor: "test" });
  await store.release();
});
after(() => store.remove());

const audiences = (solely: Solely, account: string): number => eligibility(solely, account).audiences.length;
const withdraw = (solely: Solely, account: string) =>
  takeEvents(solely, ndjson([{ type: "withdraw", account, at: "2025-01-01T00:00:00Z" }]), { actor: "test" });
const isLostLock = (error: unknown) => error instanceof StoreError && error.code === "lost-lock";

test("who lost the lock serves nothing until it has it back", async () => {
  await store.cutConnections();
  assert.throws(() => audiences(store.solely, "u1"), isLostLock);
  for (let waits = 0; waits < 100 && !store.solely.store.isWriter; waits++) await sleep(50);
  await store.solely.log.writer.exclusiveSettled(() => {});
  assert.equal(audiences(store.solely, "u1"), 1);
});

test("who was cut off while another wrote acknowledges, serves and keeps nothing any more", async () => {
  const stale = store.solely;
  await store.cutConnections();
  const other = await Solely.open({ data: store.data, databaseUrl: store.databaseUrl });
  await withdraw(other, "u1");
  assert.throws(() => audiences(stale, "u1"), isLostLock);
  await assert.rejects(withdraw(stale, "u2"), isLostLock);
  await withdraw(other, "u3");
  await other.close();
  await assert.rejects(withdraw(stale, "u2"), isLostLock);
  await assert.rejects(withdraw(stale, "u2"), isLostLock);
  assert.throws(() => audiences(stale, "u2"), isLostLock);
  await store.close();
  const solely = await store.open();
  assert.deepEqual(
    ["u1", "u2", "u3"].map((account) => audiences(solely, account)),
    [0, 1, 0],
  );
});
