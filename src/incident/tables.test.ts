import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { FreshStore, ndjson, streamOf } from "../../test/fresh-store.js";
import { runCommand } from "../command/index.js";
import { ingest, matchList, takeEvents } from "../index.js";
import type { Assessment } from "./index.js";

const actor = "test";
const folder = mkdtempSync(join(tmpdir(), "solely-tables-"));
let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  const notice = {
    ...{ id: "unlock", surface: "unlock", version: 1, language: "en", text: "We unlock your account, and show ads." },
    ...{ purposes: ["security.unlock", "ads.match"], effective_from: "2000-01-01T00:00:00Z" },
  };
  await store.decide({ type: "notice.adopt", notice });
  const given = { kind: "email", notice: "unlock", given_at: "2015-01-01T00:00:00Z" };
  const people = ["zoe", "ann", 'b"ob', "eve"].map((account, i) => ({ ...given, account, value: `p${i}@example.com` }));
  await ingest(store.solely, ndjson(people), { source: "local", actor, format: "ndjson" });
  const values = people.map(({ value }) => value).join("\n");
  await matchList(store.solely, streamOf(`email\n${values}\n`), {
    ...{ advertiser: "acme", name: "=list,1", actor, atMs: Date.UTC(2016, 0, 1) },
  });
  const at = new Date().toISOString();
  await takeEvents(store.solely, ndjson([{ type: "erase", account: "ann", at }]), { actor, format: "ndjson" });
  await store.solely.incidents.open(
    store.solely,
    {
      ...{ id: "wrong", title: "Wrong", purpose: "ads.match" },
      claims: [
        {
          ...{ surface: "unlock", given_from: "2014-01-01T00:00:00Z", given_to: "2020-01-01T00:00:00Z" },
          corrected: { purposes: ["security.unlock"], exclusive: true },
        },
      ],
    },
    actor,
  );
});
after(async () => {
  await store.remove();
  rmSync(folder, { recursive: true, force: true });
});

test("who was affected is written by the bytes of their names, and an erased one stays counted", async () => {
  const input = { incident: "wrong", people: join(folder, "people.csv"), tables: join(folder, "tables") };
  const { position } = store.solely.log;
  const told = (await runCommand(store.solely, "incidentAssess", input, { actor })) as Assessment;
  assert.deepEqual([told.people, told.byPurpose, told.byDay], [4, { "security.unlock": 4 }, { "2016-01-01": 4 }]);
  assert.equal(store.solely.log.position, position + 1, "naming them leaves a trace");
  const lines = readFileSync(input.people, "utf8").trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => line.split(",")[0]),
    ["account", '"b""ob"', "erased", "eve", "zoe"],
  );
  const last = lines.slice(1).map((line) => line.split(",")[4]!);
  assert.ok(last.includes(told.lastAt!) && last.every((at) => at <= told.lastAt!), "both of one instant");
  const audiences = readFileSync(join(input.tables, "audiences.csv"), "utf8").trimEnd().split("\n");
  assert.equal(audiences.length, 2);
  assert.match(audiences[1]!, /acme,"=list,1",4,4,2016-01-01T00:00:00.000Z/);
  assert.equal(readFileSync(join(input.tables, "by-day.csv"), "utf8"), "day,people\n2016-01-01,4\n");
  await runCommand(store.solely, "incidentAssess", { incident: "wrong", people: join(folder, "p.parquet") }, { actor });
});
