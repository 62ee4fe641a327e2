/**
 * The vault: a contact comes out only for what it was given for, to whom it may, and each time leaves a trace.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { ApiKey, RevealTerms } from "../../src/access/index.js";
import { createKey, explain, ingest, revealToService, takeEvents } from "../../src/index.js";
import { LeafKind } from "../../src/ledger/index.js";
import { payloadOf } from "../../src/log/index.js";
import { FreshStore, ndjson } from "../fresh-store.js";

const GIVEN = "2024-01-01T00:00:00Z";

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "mfa", purposes: ["security.mfa"], exclusive: true });
  await store.adopt({ id: "signup", purposes: ["service.account", "ads.match"] });
  await store.adopt({ id: "news", purposes: ["marketing.message"] });
  await store.adopt({ id: "friends", purposes: ["security.mfa"], subject: "other" });
  await take(
    { account: "u1", kind: "phone", value: "+1 202 555 0142", notice: "mfa" },
    { account: "u1", kind: "email", value: "Ann@Example.com", notice: "signup" },
    { account: "u2", kind: "phone", value: "+12025550143", notice: "signup" },
    { account: "u3", kind: "phone", value: "+12025550144", notice: "mfa", given_by: "u1" },
    { account: "u4", kind: "phone", value: "+12025550145", notice: "friends" },
    { account: "u5", kind: "email", value: "eve@example.com", notice: "news" },
  );
});
after(() => store.remove());

async function take(...rows: Record<string, unknown>[]): Promise<void> {
  const grants = rows.map((row) => ({ given_at: GIVEN, ...row }));
  const result = await ingest(store.solely, ndjson(grants), { source: "local", actor: "test", format: "ndjson" });
  assert.equal(result.refused, 0);
}

async function keyFor(purpose: string, terms: { perMinute?: number; perDay?: number } = {}) {
  const { id } = await createKey(store.solely, { scopes: ["reveal"], purpose, ...terms, actor: "test" }, () => {});
  return store.solely.access.keys().find((key) => key.id === id) as ApiKey & { reveals: RevealTerms };
}

/** The values that a service gets for one contact, or why it gets none. */
async function revealed(purpose: string, account: string, kind: string): Promise<string[] | string> {
  const result = await revealToService(store.solely, await keyFor(purpose), {
    asked: [{ account, kind }],
    reason: "test",
  });
  const [one] = result.revealed;
  return one!.refused ?? one!.contacts.map(({ value }) => value);
}

test("the sender of second factors gets the number that was given for it, and nobody else does", async () => {
  assert.deepEqual(await revealed("security.mfa", "u1", "phone"), ["+12025550142"]);
  for (const purpose of ["security.recovery", "service.account", "marketing.message"]) {
    assert.equal(await revealed(purpose, "u1", "phone"), "not-given", purpose);
  }
  assert.equal(await revealed("security.mfa", "u2", "phone"), "not-given", "given for the account, not as a factor");
  assert.deepEqual(await revealed("service.account", "u2", "phone"), ["+12025550143"]);
  assert.equal(await revealed("security.mfa", "u1", "email"), "not-given");
  assert.equal(await revealed("security.mfa", "nobody", "phone"), "not-given");
});

test("what another account gave, or somebody's address book, is never revealed", async () => {
  assert.equal(await revealed("security.mfa", "u3", "phone"), "not-given");
  assert.equal(await revealed("security.mfa", "u4", "phone"), "not-given");
});

test("nothing can be revealed for ads or sharing, and nothing is sealed for them", async () => {
  for (const purpose of ["ads.match", "ads.measure", "share.partner", "no.such"]) {
    await assert.rejects(keyFor(purpose), { code: "invalid-scopes" });
  }
  const sealed = await store.solely.store.findSealed(
    [6, 7, 8, 9].flatMap((compartment) =>
      Array.from({ length: store.solely.log.position }, (_, position) => ({ position, compartment, number: 2 ** 31 })),
    ),
  );
  assert.deepEqual(
    sealed.filter((row) => row !== undefined).map((row) => row.compartment),
    [6],
    "one value for marketing.message alone",
  );
});

test("a withdrawal takes a marketing contact away at once, and a security contact only if it names that purpose", async () => {
  assert.deepEqual(await revealed("marketing.message", "u5", "email"), ["eve@example.com"]);
  await events({ type: "withdraw", account: "u5" }, { type: "withdraw", account: "u1" });
  assert.equal(await revealed("marketing.message", "u5", "email"), "not-given");
  assert.deepEqual(await revealed("security.mfa", "u1", "phone"), ["+12025550142"]);
  await events({ type: "withdraw", account: "u1", purpose: "security.mfa" });
  assert.equal(await revealed("security.mfa", "u1", "phone"), "not-given");
  await take({
    account: "u1",
    kind: "phone",
    value: "+1 (202) 555-0142",
    notice: "mfa",
    given_at: new Date().toISOString(),
  });
  assert.deepEqual(await revealed("security.mfa", "u1", "phone"), ["+12025550142"]);
});

async function events(...rows: Record<string, unknown>[]): Promise<void> {
  const result = await takeEvents(store.solely, ndjson(rows), { actor: "test" });
  assert.equal(result.refused, 0);
}

test("a reveal is a leaf with actor, purpose, reason and bare numbers, durable before the value is told", async () => {
  const key = await keyFor("service.account");
  const result = await revealToService(store.solely, key, {
    asked: [
      { account: "u2", kind: "phone" },
      { account: "u5", kind: "email" },
    ],
    reason: "delivery of order 7",
  });
  for await (const { kind, body } of store.solely.store.facts(result.position, { to: result.position + 1 })) {
    assert.equal(kind, LeafKind.reveal);
    const fact = JSON.parse(Buffer.from(payloadOf(body)).toString("utf8"));
    const [point] = store.solely.contacts.pointsOf(store.solely.contacts.account("u2"));
    assert.deepEqual(fact, {
      ...{ type: "reveal", actor: `key:${key.id}`, purpose: "service.account", reason: "delivery of order 7" },
      ...{ contacts: [point], asked: 2 },
    });
  }
});

test("everywhere else a contact is its mask", async () => {
  const explained = await explain(store.solely, { account: "u1" });
  assert.deepEqual(explained.contactPoints.map(({ mask }) => mask).sort(), ["+1 ••• ••42", "a••@e••.com"]);
  assert.doesNotMatch(JSON.stringify(explained), /5550142|ann@/i);
});
