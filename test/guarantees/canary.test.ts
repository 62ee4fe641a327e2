/**
 * Canaries: a contact given for security that is matched or served, and one given for ads that is not matched, trip an
 * alarm on the very day; checks go on for good.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CANARY_ADVERTISER, type CanaryList, checkCanaries, checkCanariesIfDue } from "../../src/canary/index.js";
import { schemes } from "../../src/contact/index.js";
import { startServer } from "../../src/http/index.js";
import { ingest, matchList, takeEvents } from "../../src/index.js";
import { OrdinalSet } from "../../src/set/index.js";
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

test("a running server's ways carry them too, and a fault of one way alone is found, and named", async () => {
  const { solely } = store;
  const server = await startServer(solely, { port: 0 });
  const [security, ads] = solely.canaries.list()[0]!.contacts.map(({ number }) => solely.contacts.ordinalOf(number));
  const check = () => checkCanaries(solely, { actor: "test" });
  try {
    const { ways, failed, alarms } = await check();
    const named = ["gate", "HTTP body", "HTTP form", "HTTP digests", "HTTP parts"].flatMap((way) =>
      ["raw", "hashed"].flatMap((form) => schemes.map((scheme) => `${way} ${scheme} ${form}`)),
    );
    assert.deepEqual(ways.toSorted(), named.sort());
    assert.deepEqual([alarms, failed], [[], []]);
    assert.deepEqual(solely.access.keys(), [], "its key is nobody's, and leaves nothing");
    for (const [fault, ordinals, kind] of [
      ["lets all through", [security!, ads!], "canary-matched"],
      ["lets nothing through", [], "canary-unmatched"],
    ] as const) {
      const send = async ({ name }: CanaryList) =>
        solely.gateResults.tell(CANARY_ADVERTISER, name, OrdinalSet.from(Uint32Array.from(ordinals)));
      const entrance = { open: () => ({ ways: [{ name: fault, send }], close: () => {} }) };
      solely.canaryEntrances.add(entrance);
      const { alarms: found } = await check();
      solely.canaryEntrances.delete(entrance);
      assert.deepEqual(
        found.map(({ alarm }) => alarm),
        [kind],
      );
      const of = "ways" in found[0]! ? found[0].ways : [];
      assert.ok(of.length > 0 && of.every((way) => way.startsWith(fault)), of.join());
    }
    const broken = { open: () => ({ ways: [{ name: "broken", send: async () => assert.fail() }], close: () => {} }) };
    const leaking = async ({ name }: CanaryList) =>
      solely.gateResults.tell(CANARY_ADVERTISER, name, OrdinalSet.from(Uint32Array.of(security!, ads!)));
    const other = { open: () => ({ ways: [{ name: "leaking", send: leaking }], close: () => {} }) };
    for (const entrance of [broken, other]) solely.canaryEntrances.add(entrance);
    const torn = await check();
    for (const entrance of [broken, other]) solely.canaryEntrances.delete(entrance);
    assert.equal(torn.failed.length, 2 * schemes.length, "a way that fails is told");
    assert.deepEqual(solely.canaries.failed, torn.failed);
    assert.deepEqual(
      torn.alarms.map(({ alarm }) => alarm),
      ["canary-matched"],
      "and takes no alarm from the others",
    );
    assert.ok(solely.canaries.lastCheckMs > 0);
  } finally {
    await server.close();
  }
  assert.equal(solely.canaryEntrances.size, 0);
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
