/** Two times: when it was so in the world, and when the system learned it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decodeList, worldTimeOf } from "../../src/audience/index.js";
import { ingest, type MatchOptions, matchList } from "../../src/index.js";
import { LeafKind } from "../../src/ledger/index.js";
import { exportPerson } from "../../src/person/index.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["ads.match"] });
  const row = { account: "u1", kind: "email", value: "mary@example.com", notice: "ads" };
  const rows = [{ ...row, given_at: "2014-01-01T00:00:00Z" }];
  await ingest(store.solely, ndjson(rows), { source: "local", actor: "test", format: "ndjson" });
});
after(() => store.remove());

const match = (options: Partial<MatchOptions>) =>
  matchList(store.solely, streamOf("email\nmary@example.com\n"), {
    ...{ advertiser: "acme", name: "customers", actor: "test", ...options },
  });

test("a replayed list has its time in the world, is marked so, and keeps both over a restart", async () => {
  const began = Date.now();
  const { audience: replayed } = await match({ atMs: Date.UTC(2015, 2, 4) });
  const { audience: fresh } = await match({ name: "others" });
  const [old, now] = ["2015-03-04T00:00:00.000Z", new Date(began).toISOString()];
  for (const from of ["newest", "facts"] as const) {
    await store.reopen(from);
    const { matches } = await exportPerson(store.solely, { account: "u1", actor: "test" });
    const times = new Map(matches.map(({ audience, updatedAt, isReplayed }) => [audience, { updatedAt, isReplayed }]));
    assert.deepEqual(times.get(replayed), { updatedAt: old, isReplayed: true });
    assert.equal(times.get(fresh)?.isReplayed, false);
    assert.ok(times.get(fresh)!.updatedAt >= now);
  }
  const worldTimes: number[] = [];
  for await (const { kind, timeMs, body } of store.solely.store.facts(0)) {
    if (kind !== LeafKind.list) continue;
    assert.ok(timeMs >= began, "a leaf has the time at which it was learned");
    worldTimes.push(worldTimeOf(decodeList(body).header, timeMs));
  }
  assert.equal(worldTimes[0], Date.UTC(2015, 2, 4));
  assert.ok(worldTimes[1]! >= began);
});

test("no list is matched in the future", async () => {
  const { position } = store.solely.log;
  await assert.rejects(match({ name: "later", atMs: Date.now() + 60_000 }), { code: "time-in-future" });
  assert.equal(store.solely.log.position, position);
});
