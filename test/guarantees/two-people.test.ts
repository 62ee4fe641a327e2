/**
 * Two people: nothing is loosened by what fewer than two operators signed, however it got into the database.
 *
 * Whoever can write SQL writes facts past every check of ours here: approvals by the proposer, by nobody, by a
 * stranger's key, for another store, by passkeys that are another's or were asked elsewhere, and signed texts that were
 * altered afterwards. After each opening the notices in
 * force are those that two operators signed.
 */
import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { after, before, test } from "node:test";
import pg from "pg";
import { doctor, ingest } from "../../src/index.js";
import { factRoot, LeafKind, SALT_BYTES } from "../../src/ledger/index.js";
import { LogError, recordEntry } from "../../src/log/index.js";
import {
  type Action,
  approvalText,
  encodeGenesis,
  encodeSigned,
  newGenesis,
  proposalText,
  readOperatorKey,
  type Signed,
  signApproval,
  signProposal,
  statementId,
} from "../../src/operator/index.js";
import { startPostgres } from "../../src/store/postgres.js";
import { makePasskey, type Otherwise, signedByPasskey, type TestPasskey } from "../authenticator.js";
import { FreshStore, ndjson } from "../fresh-store.js";

let store: FreshStore;
let alice: KeyObject;
let bob: KeyObject;
let mallory: { key: KeyObject; publicKey: string };
before(async () => {
  store = await FreshStore.make();
  const keys = await Promise.all(["alice", "bob"].map((name) => readOperatorKey(store.operators, name)));
  [alice, bob] = keys.map(({ privateKey }) => privateKey) as [KeyObject, KeyObject];
  const pair = generateKeyPairSync("ed25519");
  const publicKey = pair.publicKey.export({ type: "spki", format: "der" }).toString("base64");
  mallory = { key: pair.privateKey, publicKey };
});
after(() => store.remove());

const notice = (id: string) => ({
  ...{ id, surface: id, version: 1, language: "en", text: "We show you ads.", purposes: ["ads.match"] },
  effective_from: "2000-01-01T00:00:00Z",
});
const adopt = (id: string): Action => ({ type: "notice.adopt", notice: notice(id) });
const frame = (name: string, storeId = store.solely.config.root) => ({ name, storeId, atMs: Date.now() });
const propose = (name: string, key: KeyObject, action: Action, storeId?: string) =>
  signProposal({ ...frame(name, storeId), key, action });
const approve = (name: string, key: KeyObject, proposal: Signed, storeId?: string) =>
  signApproval({ ...frame(name, storeId), key, proposal: statementId(proposal), confirm: ["ads.match"] });

/** Writes facts into the database, past every check; then opens the store from the facts. */
async function slipIn(...facts: readonly (readonly ["proposal" | "approval", Signed])[]): Promise<void> {
  await store.solely.log.snapshot();
  await store.close();
  await store.slipIn(facts.map(([kind, signed]) => recordEntry(LeafKind[kind], encodeSigned(signed), Date.now())));
  await store.reopen("facts");
}

const inForce = (id: string): boolean => store.solely.notices.latest(id) !== undefined;

test("what two operators signed is in force, also when it got there by SQL", async () => {
  const proposal = propose("alice", alice, adopt("signed-by-two"));
  await slipIn(["proposal", proposal], ["approval", approve("bob", bob, proposal)]);
  assert.ok(inForce("signed-by-two"));
});

test("an approval that is not a second operator's counts for nothing", async () => {
  const { rejectedCount } = store.solely.decisions.operators;
  const proposal = propose("alice", alice, adopt("slipped"));
  const other = propose("alice", alice, adopt("another"));
  await slipIn(
    ["proposal", proposal],
    ["approval", approve("alice", alice, proposal)],
    ["approval", approve("bob", alice, proposal)],
    ["approval", approve("bob", mallory.key, proposal)],
    ["approval", approve("mallory", mallory.key, proposal)],
    ["approval", approve("bob", bob, proposal, "0".repeat(64))],
    ["approval", { ...approve("bob", bob, proposal), operator: "alice" }],
    // Bob signed something; the signature is put under something else.
    ["proposal", other],
    ["approval", { ...approve("bob", bob, proposal), statement: approve("bob", bob, other).statement }],
  );
  assert.ok(!inForce("slipped") && !inForce("another"));
  assert.equal(store.solely.decisions.operators.rejectedCount, rejectedCount + 7);
  const { findings } = await doctor(store.solely);
  assert.ok(findings.some(({ level, what }) => level === "warning" && /did not hold/.test(what)));
  const grant = {
    account: "u1",
    kind: "email",
    value: "a@example.com",
    notice: "slipped",
    given_at: "2024-01-01T00:00:00Z",
  };
  const options = { source: "local", actor: "test", format: "ndjson" } as const;
  assert.equal((await ingest(store.solely, ndjson([grant]), options)).refused, 1);
});

test("nor is a passkey's approval that no page of the host asked of the second operator, for this", async () => {
  const { root } = store.solely.config;
  const [alices, bobs, ended, mallorys] = [makePasskey(), makePasskey("EdDSA"), makePasskey(), makePasskey()];
  const enrolment = (name: string, { credential, publicKey, host }: TestPasskey): Action => ({
    ...{ type: "operator.passkey", name, credential, publicKey, host },
  });
  await store.decide(enrolment("alice", alices));
  for (const passkey of [bobs, ended]) await store.decide(enrolment("bob", passkey));
  await store.decide({ type: "operator.passkey-end", name: "bob", credential: ended.credential });
  const asAlice = (action: Action) => signedByPasskey(alices, "alice", proposalText({ ...frame("alice"), action }));
  const asBob = (passkey: TestPasskey, proposal: Signed, otherwise?: Otherwise, storeId = root) => {
    const text = approvalText({ ...frame("bob", storeId), proposal: statementId(proposal), confirm: ["ads.match"] });
    return signedByPasskey(passkey, "bob", text, otherwise);
  };
  const [proposal, other] = [asAlice(adopt("slipped-passkey")), asAlice(adopt("another-passkey"))];
  const mallorysForBob = propose("alice", alice, enrolment("bob", mallorys));
  const { rejectedCount } = store.solely.decisions.operators;
  await slipIn(
    ["proposal", proposal],
    ["proposal", other],
    ["proposal", mallorysForBob],
    ["approval", approve("mallory", mallory.key, mallorysForBob)],
    ["approval", asBob(mallorys, mallorysForBob)],
    ["approval", asBob(mallorys, proposal)],
    ["approval", asBob({ ...mallorys, credential: bobs.credential }, proposal)],
    ["approval", asBob(alices, proposal)],
    ["approval", asBob(ended, proposal)],
    ["approval", asBob(bobs, proposal, { host: "evil.example" })],
    ["approval", asBob(bobs, proposal, { clientData: { origin: "https://evil.example" } })],
    ["approval", asBob(bobs, proposal, { flags: 0x01 })],
    ["approval", asBob(bobs, proposal, {}, "0".repeat(64))],
    ["approval", { ...asBob(bobs, proposal), signature: asBob(bobs, other).signature }],
    ["approval", { ...asBob(bobs, proposal), scheme: "ed25519" }],
  );
  assert.ok(!inForce("slipped-passkey") && !inForce("another-passkey"));
  assert.equal(store.solely.decisions.operators.rejectedCount, rejectedCount + 12);
  assert.deepEqual(
    store.solely.decisions.operators.passkeys().map(({ credential }) => credential),
    [alices.credential, bobs.credential],
  );
  await slipIn(["approval", asBob(bobs, proposal)]);
  assert.ok(inForce("slipped-passkey"), "what both signed with their passkeys is in force");
});

test("nor does a stranger become an operator, by a decision or by another beginning", async () => {
  const add: Action = { type: "operator.add", name: "mallory", publicKey: mallory.publicKey };
  const proposal = propose("alice", alice, add);
  await slipIn(["proposal", proposal], ["approval", approve("mallory", mallory.key, proposal)]);
  const names = store.solely.decisions.operators.list().map(({ name }) => name);
  assert.deepEqual(names, ["alice", "bob"]);

  const genesis = encodeGenesis(
    newGenesis(
      [
        { name: "mallory", publicKey: mallory.publicKey },
        { name: "eve", publicKey: (await readOperatorKey(store.operators, "bob")).publicKey },
      ],
      Date.now(),
    ),
  );
  const { facts } = recordEntry(LeafKind.genesis, genesis, Date.now());
  const restore = await replaceBody(0, Buffer.from(facts[0]!.body));
  await assert.rejects(store.reopen("facts"), "a store whose beginning is not the configured one does not open");
  await restore();
  await store.open();
});

test("a signed notice whose text is altered in the database, its leaf with it, is in force no more", async () => {
  const position = store.solely.log.position;
  await store.decide(adopt("altered"));
  assert.ok(inForce("altered"));
  const body = await bodyOf(position);
  const altered = Buffer.from(body.toString("latin1").replace("We show you ads.", "We show you ad5."), "latin1");
  assert.notDeepEqual(altered, body);
  await store.solely.log.snapshot();
  await replaceBody(position, altered);
  await assert.rejects(store.open(), isAltered, "the leaf says that it is another");
  const payload = altered.subarray(SALT_BYTES);
  const root = factRoot(altered.subarray(0, SALT_BYTES), payload, payload.length, 1);
  await sql((client) =>
    client.query("UPDATE solely.leaf SET body = overlay(body PLACING $2 FROM 11) WHERE position = $1", [
      position,
      Buffer.from(root),
    ]),
  );
  await assert.rejects(store.open(), { code: "altered" }, "the signed checkpoint says that the leaf is another");
  await sql((client) => client.query("DELETE FROM solely.checkpoint"));
  await store.open();
  assert.ok(!inForce("altered"));
  assert.ok(inForce("signed-by-two"), "the others stand");
});

test("a decision that is taken away, slipped in beside one, or put to another time is found at the start", async () => {
  await store.decide({ type: "source.set", name: "app", vouches: false, freedLimit: 0 });
  const last = store.solely.log.position - 1;
  await store.close();
  const tampering = [
    "DELETE FROM solely.fact WHERE position = $1",
    "UPDATE solely.fact SET time = time + 86400000 WHERE position = $1",
    "INSERT INTO solely.fact SELECT position, 1, kind, time, body FROM solely.fact WHERE position = $1",
    "INSERT INTO solely.fact SELECT 0, 1, kind, time, body FROM solely.fact WHERE position = $1",
  ];
  for (const statement of tampering) {
    const kept = await sql((client) => client.query("SELECT * FROM solely.fact WHERE position = $1", [last]));
    await sql((client) => client.query(statement, [last]));
    await assert.rejects(store.open(), isAltered, statement);
    await sql(async (client) => {
      await client.query("DELETE FROM solely.fact WHERE position = $1 OR (position = 0 AND part = 1)", [last]);
      const { position, part, kind, time, body } = kept.rows[0];
      await client.query("INSERT INTO solely.fact VALUES ($1, $2, $3, $4, $5)", [position, part, kind, time, body]);
    });
  }
  await store.open();
  assert.equal(store.solely.sources.get("app").freedLimit, 0);
});

const isAltered = (error: unknown): boolean => error instanceof LogError && error.code === "altered";

async function sql<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(store.databaseUrl ?? (await startPostgres(store.data)).connection);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function bodyOf(position: number): Promise<Buffer> {
  return sql(async (client) => {
    const { rows } = await client.query("SELECT body FROM solely.fact WHERE position = $1", [position]);
    return rows[0].body as Buffer;
  });
}

/** Changes a fact by SQL, with the store closed; gives a way back. */
async function replaceBody(position: number, body: Buffer): Promise<() => Promise<void>> {
  const before = await bodyOf(position);
  await store.close();
  const update = (to: Buffer) =>
    sql((client) => client.query("UPDATE solely.fact SET body = $2 WHERE position = $1", [position, to]));
  await update(body);
  return async () => void (await update(before));
}
