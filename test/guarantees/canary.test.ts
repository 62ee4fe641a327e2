/**
 * Canaries: a contact given for security that is matched or served, and one given for ads that is not matched, trip an
 * alarm on the very day; checks go on for good.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { checkCanariesIfDue } from "../../src/incident/index.js";
import { ingest, matchList, takeEvents } from "../../src/index.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

const DAY_MS = 86_400_000;
const PHONE = "+12025550123";
const EMAIL = "canary@example.com";
const given = { account: "staff", given_at: "2024-01-01T00:00:00Z" };

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["ads.match"] });
  await store.adopt({ id: "mfa", purposes: ["security.mfa"] });
  await feed([
    { ...given, kind: "phone", value: PHONE, notice: "mfa" },
    { ...given, kind: "email", value: EMAIL, notice: "ads" },
  ]);
});
after(() => store.remove());

const feed = (rows: readonly unknown[]) =>
  ingest(store.solely, ndjson(rows), { source: "local", format: "ndjson", actor: "test" });

test("a canary's contacts are what is said of them, and leave no plain trace", async () => {
  const contacts = [
    { kind: "phone", value: PHONE, for: "security" },
    { kind: "email", value: EMAIL, for: "ads" },
  ] as const;
  const wrong = [{ ...contacts[0], for: "ads" as const }];
  const { canaries } = store.solely;
  await assert.rejects(canaries.register(store.solely, { account: "staff", contacts: wrong, actor: "test" }), {
    code: "malformed-canary",
  });
  await canaries.register(store.solely, { account: "staff", contacts, actor: "test" });
  assert.deepEqual([...canaries.accounts], [store.solely.contacts.account("staff")]);
  for await (const { body } of store.solely.log.store.facts(0))
    assert.ok(!Buffer.from(body).includes("canary@example") && !Buffer.from(body).includes(PHONE));
});

test("a fault that begins on day 22 of 60 is found on that day, and every day after", async () => {
  const found: number[] = [];
  const from = Date.now();
  for (let day = 1; day <= 60; day++) {
    if (day === 22) {
      // The accident: the security phone comes again under a notice for ads.
      await feed([{ ...given, kind: "phone", value: PHONE, notice: "ads", given_at: "2024-02-01T00:00:00Z" }]);
    }
    if (day === 40) await store.reopen("facts");
    const check = await checkCanariesIfDue(store.solely, from + day * DAY_MS);
    assert.ok(check !== undefined, `checked on day ${day}`);
    assert.equal(await checkCanariesIfDue(store.solely, from + day * DAY_MS + 1), undefined, "once a day");
    if (check.alarms.length > 0) found.push(day);
    for (const alarm of check.alarms) assert.equal(alarm.alarm, "canary-matched");
  }
  assert.deepEqual(
    found,
    Array.from({ length: 39 }, (_, i) => 22 + i),
  );
});

test("a contact given for ads that is not matched is an alarm too; it halts matching, as configured, until two resume it", async () => {
  const withdrawal = { type: "withdraw", account: "staff", kind: "email", value: EMAIL, at: "2024-03-01T00:00:00Z" };
  await takeEvents(store.solely, ndjson([withdrawal]), { actor: "test" });
  Object.assign(store.solely.config, { canaryHalts: true });
  const check = await checkCanariesIfDue(store.solely, Date.now() + 100 * DAY_MS);
  assert.deepEqual(check?.alarms.map(({ alarm }) => alarm).sort(), ["canary-matched", "canary-unmatched"]);
  assert.equal(check?.isHalted, true);
  const list = () =>
    matchList(store.solely, streamOf(`email\n${EMAIL}\n`), {
      ...{ advertiser: "acme", name: "l", operation: "replace", actor: "test" },
    });
  await assert.rejects(list(), { code: "matching-halted" });
  await store.reopen("newest");
  await assert.rejects(list(), { code: "matching-halted" });
  await store.decide({ type: "matching.resume", halt: store.solely.canaries.halt! });
  assert.equal((await list()).rows, 1);
});
