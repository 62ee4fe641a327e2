/** A stolen service key must not empty the vault, and an operator who looks at many contacts needs a second one. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { ApiKey, RevealTerms } from "../../src/access/index.js";
import {
  createKey,
  doctor,
  ingest,
  revealToOperator,
  revealToService,
  signApproval,
  signProposal,
} from "../../src/index.js";
import { type Action, readOperatorKey } from "../../src/operator/index.js";
import { VAULT_LIMITS } from "../../src/vault/index.js";
import { FreshStore, ndjson } from "../fresh-store.js";

const ACCOUNTS = 1200;

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "mfa", purposes: ["security.mfa"] });
  const rows = Array.from({ length: ACCOUNTS }, (_, i) => ({
    ...{ account: `u${i}`, kind: "email", value: `p${i}@example.com`, notice: "mfa", given_at: "2024-01-01T00:00:00Z" },
  }));
  await ingest(store.solely, ndjson(rows), { source: "local", actor: "test", format: "ndjson" });
});
after(() => store.remove());

type RevealKey = ApiKey & { readonly reveals: RevealTerms };
async function newKey(terms: { perMinute?: number; perDay?: number }): Promise<RevealKey> {
  const { id } = await createKey(
    store.solely,
    { scopes: ["reveal"], purpose: "security.mfa", actor: "test", ...terms },
    () => {},
  );
  return keyNow(id);
}
const keyNow = (id: string): RevealKey => store.solely.access.keys().find((key) => key.id === id) as RevealKey;

const ask = (key: RevealKey, count: number, reason = "login") =>
  revealToService(store.solely, key, {
    asked: Array.from({ length: count }, (_, i) => ({ account: `u${i}`, kind: "email" })),
    reason,
  });

test("a request asks for 1 to 1,000 contacts, with a reason of 1 to 200 characters", async () => {
  const key = await newKey({ perMinute: 5000 });
  const { revealed } = await ask(key, VAULT_LIMITS.revealContacts);
  assert.deepEqual(
    revealed.map(({ contacts }) => contacts.map(({ value }) => value)),
    Array.from({ length: 1000 }, (_, i) => [`p${i}@example.com`]),
  );
  for (const count of [0, VAULT_LIMITS.revealContacts + 1]) {
    await assert.rejects(ask(key, count), { code: "too-many-contacts" });
  }
  await ask(key, 1, "x".repeat(VAULT_LIMITS.reasonLength));
  for (const reason of ["", "  ", "x".repeat(VAULT_LIMITS.reasonLength + 1)]) {
    await assert.rejects(ask(key, 1, reason), { code: "invalid-reason" });
  }
  assert.equal(keyNow(key.id).stopped, undefined, "what is malformed stops no key");
});

test("past its rate or its daily volume a key is stopped for good, tells nothing, and operators are told", async () => {
  for (const [terms, why] of [
    [{ perMinute: 30, perDay: 1000 }, /more than 30 contacts in a minute/],
    [{ perMinute: 1000, perDay: 30 }, /more than 30 contacts in a day/],
  ] as const) {
    const key = await newKey(terms);
    await ask(key, 20);
    await ask(key, 10);
    await assert.rejects(ask(key, 1), { code: "key-stopped" });
    assert.match(keyNow(key.id).stopped!, why);
    await assert.rejects(ask(key, 1), { code: "key-stopped" });
    for (const from of ["newest", "facts"] as const) {
      await store.reopen(from);
      assert.match(keyNow(key.id).stopped!, why);
      await assert.rejects(ask(keyNow(key.id), 1), { code: "key-stopped" });
    }
    const { findings } = await doctor(store.solely);
    assert.ok(findings.some(({ level, what }) => level === "warning" && what.includes(key.id) && why.test(what)));
  }
});

test("what a key asked for counts over a restart", async () => {
  const key = await newKey({ perMinute: 30 });
  await ask(key, 30);
  await store.reopen("facts");
  await assert.rejects(ask(keyNow(key.id), 1), { code: "key-stopped" });
});

async function signed(name: string, action: Action, atMs = Date.now()) {
  const { privateKey: key } = await readOperatorKey(store.operators, name);
  return signProposal({ key, name, storeId: store.solely.config.root, action, atMs });
}
const request = (i: number, purpose = "security.mfa"): Action => ({
  ...{ type: "contact.reveal", purpose, reason: `ticket ${i}` },
  contacts: [store.solely.contacts.pointsOf(store.solely.contacts.account(`u${i}`))[0]!],
});

test("an operator reveals with a signature of now, once, and only what was given for the purpose", async () => {
  const one = await signed("alice", request(1));
  const { revealed } = await revealToOperator(store.solely, one);
  assert.deepEqual(
    revealed.map(({ account, contacts }) => [account, contacts[0]!.value]),
    [["u1", "p1@example.com"]],
  );
  await assert.rejects(revealToOperator(store.solely, one), { code: "stale-request" }, "a second time");
  const old = await signed("alice", request(1), Date.now() - VAULT_LIMITS.requestAgeMs - 1000);
  await assert.rejects(revealToOperator(store.solely, old), { code: "stale-request" });
  const forged = await signed("alice", request(2));
  await assert.rejects(
    revealToOperator(store.solely, { ...forged, statement: forged.statement.replace("ticket 2", "ticket 3") }),
    { code: "bad-signature" },
  );
  await assert.rejects(revealToOperator(store.solely, await signed("bob", request(2, "service.account"))), {
    code: "not-given",
  });
  await assert.rejects(revealToOperator(store.solely, await signed("bob", request(2, "ads.match"))), {
    code: "unknown-compartment",
  });
});

test("the 21st reveal of an operator in an hour needs a second operator, each one of its own", async () => {
  const { solely } = store;
  for (let i = solely.reveals.count("operator:alice", 0); i < VAULT_LIMITS.operatorRevealsPerHour; i++) {
    await revealToOperator(solely, await signed("alice", request(i)));
  }
  const over = await signed("alice", request(50));
  await assert.rejects(revealToOperator(solely, over), { code: "reveal-limit" });
  await revealToOperator(solely, await signed("bob", request(50)));
  const { id } = await solely.decisions.propose(solely.log, over);
  await assert.rejects(revealToOperator(solely, await signed("alice", request(50))), { code: "reveal-limit" });
  const { privateKey: key } = await readOperatorKey(store.operators, "bob");
  const approval = signApproval({ key, name: "bob", storeId: solely.config.root, proposal: id, atMs: Date.now() });
  await solely.decisions.approve(solely.log, approval);
  await store.reopen("facts");
  await assert.rejects(revealToOperator(store.solely, await signed("alice", request(51))), { code: "reveal-limit" });
  await revealToOperator(store.solely, await signed("alice", request(50)));
  await store.reopen("newest");
  await assert.rejects(revealToOperator(store.solely, await signed("alice", request(50))), { code: "reveal-limit" });
});
