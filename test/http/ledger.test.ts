/** The ledger as it is served: a stranger checks it without a key, an auditor reads its entries, nobody else does. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { logSource, verifyLog } from "../../src/checkpoint/index.js";
import { contact, lines, ServedStore } from "./served-store.js";

let served: ServedStore;
before(async () => {
  served = await ServedStore.make();
  const key = await served.key("contacts", { source: "local" });
  for (let i = 0; i < 5; i++) {
    await served.ask("POST /v1/contacts", { key, body: lines([contact(`u${i}`, `u${i}@example.com`)]) });
  }
  await served.solely.checkpoints.signNow();
});
after(() => served.remove());

test("anybody checks the tree, and only an auditor reads entries", async () => {
  const { size } = served.solely.checkpoints;
  const open = await verifyLog(logSource(`${served.server.url}/tlog`), {});
  assert.deepEqual([open.isWhole, open.size, open.leaves], [true, size, 0]);
  const audit = await served.key("audit");
  const audited = await verifyLog(logSource(`${served.server.url}/tlog`, audit), {});
  assert.deepEqual([audited.isWhole, audited.leaves], [true, size]);
  const serve = await served.key("serve");
  assert.equal((await served.ask(`GET /tlog/tile/entries/000.p/${size}`, { key: serve })).status, 403);
});

test("proofs by API", async () => {
  // A checkpoint may come at any time: the keys that were made are leaves.
  await served.solely.checkpoints.signNow();
  const { size } = served.solely.checkpoints;
  const inclusion = await served.ask("GET /v1/ledger/inclusion?position=2", {});
  assert.equal(inclusion.json.size, size);
  assert.ok((inclusion.json.path as string[]).length > 0);
  const consistency = await served.ask(`GET /v1/ledger/consistency?from=3&size=${size}`, {});
  assert.equal(consistency.status, 200);
  assert.equal((await served.ask("GET /v1/ledger/inclusion?position=999999", {})).status, 400);
  assert.equal((await served.ask("GET /tlog/tile/0/999", {})).status, 404);
  assert.equal((await served.ask("GET /tlog/tile/0/0", {})).status, 404);
});
