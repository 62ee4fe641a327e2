/**
 * Containment: what an incident claims counts at once when two operators have signed, everywhere, and not before; nobody
 * else can bring it about or leave it out; and undone it gives back permission, but nobody to an audience.
 *
 * Histories at random, with incidents between them, are in `last-promise.test.ts`.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import pg from "pg";
import { decodeCorrection, encodeCorrection, explain } from "../../src/grant/index.js";
import { assess, rescan } from "../../src/incident/index.js";
import { changesSince, doctor, eligibility, ingest, matchList } from "../../src/index.js";
import { encodeLeaf, LeafKind } from "../../src/ledger/index.js";
import { type Action, readOperatorKey, signApproval, signProposal } from "../../src/operator/index.js";
import { startPostgres } from "../../src/store/postgres.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({
    id: "signup",
    purposes: ["service.account", "marketing.message", "ads.match"],
    surface: "sign-up",
  });
  await store.adopt({ id: "unlock", purposes: ["service.account"], surface: "unlock" });
  await feed();
  await list("customers", "create");
});
after(() => store.remove());

const email = (account: string): string => `${account}@example.com`;
/** Two of these were given by the form that is claimed to have been the unlock form, one before its time. */
const grants = [
  { account: "early", given_at: "2014-01-01T00:00:00Z" },
  { account: "wrong-1", given_at: "2015-01-01T00:00:00Z" },
  { account: "wrong-2", given_at: "2016-01-01T00:00:00Z" },
  { account: "right", given_at: "2020-01-01T00:00:00Z" },
];
const accounts = grants.map(({ account }) => account);

async function feed() {
  const rows = grants.map((grant) => ({ ...grant, kind: "email", value: email(grant.account), notice: "signup" }));
  return ingest(store.solely, ndjson(rows), { source: "local", actor: "test", format: "ndjson" });
}
async function list(name: string, operation: "create" | "append" | "replace") {
  const cells = ["email", ...accounts.map(email)].join("\n");
  const options = { advertiser: "acme", name, operation, actor: "test" };
  const made = await matchList(store.solely, streamOf(`${cells}\n`), options);
  await store.release();
  return made;
}
const served = (name: string): string[] => {
  const { audiences } = store.solely;
  const { id } = audiences.find("acme", name)!;
  return accounts.filter((account) => eligibility(store.solely, account).audiences.includes(id));
};
const permitted = (): string[] =>
  accounts.filter((account) => {
    const { contacts } = store.solely;
    return contacts.pointsOf(contacts.account(account)).some((point) => contacts.isPermitted(point));
  });
/** Accounts of the ordinals that have a token in the matcher's index. */
async function indexed(): Promise<string[]> {
  const { matcher, contacts } = store.solely;
  const ordinals = (await matcher.ordinals()).flatMap((piece) => [...piece]);
  return ordinals.map((ordinal) => contacts.accountName(contacts.points.account[ordinal]!)).sort();
}

const claimed = (id: string, claims: readonly object[]) => ({
  id,
  title: "Unlock as sign-up",
  purpose: "ads.match",
  claims,
});
const unlock = claimed("unlock-2014", [
  {
    ...{ surface: "sign-up", given_from: "2015-01-01T00:00:00Z", given_to: "2019-01-01T00:00:00Z" },
    corrected: { purposes: ["security.unlock"], exclusive: true },
  },
]);

/** Opens an incident; the action that contains it. */
async function opened(claim: { readonly id: string }): Promise<Extract<Action, { type: "incident.contain" }>> {
  const { id, digest } = await store.solely.incidents.open(store.solely, claim, "operator:alice");
  return { type: "incident.contain", incident: id, claim: digest };
}
const undo = (action: Awaited<ReturnType<typeof opened>>): Action => ({ ...action, type: "incident.undo" });

async function keyOf(name: string) {
  const { privateKey: key } = await readOperatorKey(store.operators, name);
  return { key, name, storeId: store.solely.config.root, atMs: Date.now() };
}
const proposed = async (as: string, action: Action) =>
  store.solely.decisions.propose(store.solely.log, signProposal({ ...(await keyOf(as)), action }));
const approved = async (as: string, proposal: string) =>
  store.solely.decisions.approve(store.solely.log, signApproval({ ...(await keyOf(as)), proposal }));

let contain: Awaited<ReturnType<typeof opened>>;
let exportedAt = 0;
let contained = 0;

test("an incident that is opened, or proposed to be contained by one operator, changes nothing", async () => {
  contain = await opened(unlock);
  const { id } = await proposed("alice", contain);
  await assert.rejects(approved("alice", id), { code: "same-operator" });
  assert.deepEqual(permitted(), accounts);
  assert.deepEqual(served("customers"), accounts);
  await assert.rejects(rescan(store.solely, contain.incident), { code: "not-contained" });

  exportedAt = store.solely.log.position;
  await approved("bob", id);
  contained = store.solely.log.position - 1;
});

test("once two have signed it counts everywhere: permission, tokens, audiences, and who follows these is told", async () => {
  const left = ["early", "right"];
  assert.deepEqual(permitted(), left);
  assert.deepEqual(await indexed(), left);
  assert.deepEqual(served("customers"), left);
  const { changes } = changesSince(store.solely, exportedAt);
  assert.deepEqual(changes.map(({ account, eligible }) => [account, eligible]).sort(), [
    ["wrong-1", false],
    ["wrong-2", false],
  ]);
  const { isClean, contactPoints, denied } = await rescan(store.solely, contain.incident);
  assert.deepEqual({ isClean, contactPoints, denied }, { isClean: true, contactPoints: 2, denied: 2 });
  const { contactPoints: explained } = await explain(store.solely, { account: "wrong-1" });
  const last = explained[0]!.history.at(-1)!;
  assert.deepEqual([last.entry, last.incident, last.changed], ["correction", "unlock-2014", "no longer permitted"]);
  assert.equal(last.actor, "operator:bob");
  assert.match(explained[0]!.why, /incident unlock-2014/);
  const { contacts, gate } = store.solely;
  const points = accounts.flatMap((account) => contacts.pointsOf(contacts.account(account)));
  assert.equal(gate.permitOf("marketing.message", points).ordinals.size, 2, "what else is promotional goes with it");
  assert.equal(gate.permitOf("service.account", points).ordinals.size, 4, "what is not stays");
});

test("what the feed brings again stays out, and so does a list's", async () => {
  assert.equal((await feed()).duplicates, grants.length);
  await list("again", "create");
  assert.deepEqual(served("again"), ["early", "right"]);
  assert.deepEqual(await indexed(), ["early", "right"]);
});

test("an index that was tampered with is found by the re-scan and by doctor", async () => {
  const { solely } = store;
  const [wrong] = solely.contacts.pointsOf(solely.contacts.account("wrong-1"));
  const digest = createHash("sha256").update(email("wrong-1")).digest().subarray(0, 16);
  const ask = {
    digests: new Uint8Array(digest),
    kinds: Uint8Array.of(0),
    ordinals: Uint32Array.of(wrong!),
    schemes: Uint8Array.of(1),
  };
  const { tokens } = await solely.matcher.tokenise(ask);
  await solely.matcher.insert({ tokens, ordinals: ask.ordinals, marks: ask.schemes, kinds: ask.kinds });
  const { isClean, inIndex } = await rescan(solely, contain.incident);
  assert.deepEqual([isClean, inIndex], [false, 1]);
  const { findings } = await doctor(solely);
  assert.ok(
    findings.some(({ level, what }) => level === "error" && /incident unlock-2014: contained, and yet/.test(what)),
  );
  await solely.matcher.drop(ask.ordinals, Uint16Array.of(0xffff));
  assert.ok((await doctor(solely)).isHealthy);
});

test("a claim can't loosen: what a notice did not permit, no correction of it permits", async () => {
  const rows = [
    { account: "locked", kind: "email", value: email("locked"), notice: "unlock", given_at: "2016-01-01T00:00:00Z" },
  ];
  await ingest(store.solely, ndjson(rows), { source: "local", actor: "test", format: "ndjson" });
  const wider = await opened(
    claimed("wider", [
      {
        ...{ notice: "unlock@1", given_from: "2000-01-01T00:00:00Z", given_to: "2026-01-01T00:00:00Z" },
        corrected: { purposes: ["ads.match"], exclusive: false },
      },
    ]),
  );
  await store.decide(wider);
  const { contacts } = store.solely;
  assert.ok(!contacts.isPermitted(contacts.pointsOf(contacts.account("locked"))[0]!));
  await store.decide(undo(wider));
});

test("whom two incidents claim counts in the one that was contained first, for as long as it is", async () => {
  const people = async ({ incident }: typeof contain) => (await assess(store.solely, { incident })).people;
  assert.equal(await people(contain), 2);
  const [claim] = unlock.claims;
  const wider = await opened(claimed("wider-2014", [{ ...claim, given_from: "2013-01-01T00:00:00Z" }]));
  assert.equal(await people(wider), 1, "early");
  await store.decide(wider);
  assert.deepEqual([await people(contain), await people(wider)], [2, 1]);
  await store.decide(undo(contain));
  assert.deepEqual([await people(contain), await people(wider)], [0, 3]);
  await store.decide(contain);
  assert.deepEqual([await people(contain), await people(wider)], [0, 3]);
  await store.decide(undo(wider));
  await feed();
  await list("customers", "append");
  assert.deepEqual(served("customers"), ["early", "right"]);
});

test("undone, permission is back; tokens come with the next feed, members with the next list", async () => {
  await store.decide(undo(contain));
  assert.deepEqual(permitted(), accounts);
  assert.deepEqual(await indexed(), ["early", "right"]);
  assert.deepEqual(served("customers"), ["early", "right"]);
  await store.reopen("facts");
  assert.deepEqual(await indexed(), ["early", "right"], "a restart brings no token back");
  await feed();
  assert.deepEqual(await indexed(), accounts.toSorted());
  assert.deepEqual(served("customers"), ["early", "right"], "an audience never comes back to life by itself");
  await list("customers", "append");
  assert.deepEqual(served("customers"), accounts);
  await assert.rejects(store.decide(undo(contain)), { code: "not-contained" });
});

test("a spelling whose token has left stays out when the containment is undone, until it is fed again", async () => {
  const spellings = [
    { value: "Two+a@example.com", given_at: "2015-06-01T00:00:00Z" },
    { value: "two+b@example.com", given_at: "2020-06-01T00:00:00Z" },
  ].map((spelling) => ({ account: "two", kind: "email", notice: "signup", ...spelling }));
  const options = { source: "local", actor: "test", format: "ndjson" } as const;
  const tokens = () => store.solely.matcher.size();
  await ingest(store.solely, ndjson(spellings), options);
  const all = await tokens();
  const again = await opened({ ...unlock, id: "spellings" });
  await store.decide(again);
  const { contacts } = store.solely;
  assert.ok(contacts.isPermitted(contacts.pointsOf(contacts.account("two"))[0]!));
  const less = await tokens();
  await store.decide(undo(again));
  assert.equal(await tokens(), less);
  assert.ok((await doctor(store.solely)).isHealthy);
  await store.reopen("facts");
  assert.equal(await tokens(), less);
  await feed();
  await ingest(store.solely, ndjson(spellings), options);
  assert.equal(await tokens(), all);
  assert.ok((await doctor(store.solely)).isHealthy);
  await list("customers", "append");
});

test("what is contained leaves what is served at once, also who was taken out of the list and is served until it is released", async () => {
  const broker = { advertiser: "acme", name: "taken back", actor: "test" };
  const { match } = await list(broker.name, "create");
  await matchList(store.solely, streamOf(`email\n${email("right")}\n`), { ...broker, operation: "remove" });
  assert.deepEqual(served(broker.name), accounts, "what a list changes waits for the next release");
  const wrong = await opened(claimed("taken-back", [{ matches: [match], reason: "the broker's list was another's" }]));
  await store.decide(wrong);
  assert.deepEqual(served(broker.name), []);
  assert.ok((await rescan(store.solely, "taken-back")).isClean);
  await store.reopen("facts");
  assert.deepEqual(served(broker.name), []);
});

test("a match that was wrong: who came in by it leaves, in that audience alone, until another list finds them", async () => {
  const { match } = await list("broker", "create");
  const wrong = await opened(claimed("broker", [{ matches: [match], reason: "the broker's list was another's" }]));
  await store.decide(wrong);
  assert.deepEqual(served("broker"), []);
  assert.deepEqual(served("customers"), accounts);
  assert.deepEqual(permitted(), accounts);
  assert.ok((await rescan(store.solely, "broker")).isClean);
  const again = { advertiser: "acme", name: "broker", actor: "test", operation: "append" } as const;
  await matchList(store.solely, streamOf(`email\n${accounts.map(email).join("\n")}\n`), again);
  assert.deepEqual(served("broker"), [], "nor does another list before it is released");
  await store.release();
  assert.deepEqual(served("broker"), accounts);
  assert.ok((await rescan(store.solely, "broker")).isClean);
  await store.reopen("facts");
  assert.deepEqual(served("broker"), accounts);
});

test("what was signed is the claim: under another one the same signatures count for nothing", async () => {
  const { match } = await list("other", "create");
  const other = await opened(claimed("other", [{ matches: [match], reason: "none" }]));
  await assert.rejects(proposed("alice", { ...other, claim: "0".repeat(64) }), { code: "claim-changed" });
});

test("a claim about a match, a notice or a surface that there never was opens nothing, and says what it is", async () => {
  const { match } = await list("real", "create");
  const [given_from, given_to] = ["2015-01-01T00:00:00Z", "2019-01-01T00:00:00Z"];
  const of = { given_from, given_to, corrected: { purposes: ["security.unlock"], exclusive: true } };
  const ids = Array.from({ length: 11 }, (_, i) => `m${i.toString(16).padStart(16, "0")}`);
  const refused = async (claims: readonly object[], message: RegExp) => {
    const rejects = { code: "malformed-claim", message, fix: /solely (audience show|notice list)/ };
    await assert.rejects(opened(claimed("nothing", claims)), rejects);
    assert.throws(() => store.solely.incidents.get("nothing"), { code: "unknown-incident" });
  };
  await refused(
    [unlock.claims[0]!, { matches: [match, ids[1]!, ids[0]!], reason: "none" }],
    /^claim: claims\.1\.matches: there is no match m0000000000000001, m0000000000000000$/,
  );
  await refused([{ matches: ids, reason: "none" }], /m0000000000000009, nor 1 more$/);
  await refused([{ notice: "sign-up@1", ...of }], /^claim: claims\.0\.notice: no notice sign-up@1 is or was in force$/);
  await refused([{ surface: "signup", ...of }], /^claim: claims\.0\.surface: no notice at the surface signup /);
  await opened(claimed("nothing", [{ matches: [match], reason: "none" }]));
});

test("a correction that was slipped in counts for nothing: nobody decided it, or it says more than was decided", async () => {
  const body = await bodyAt(contained);
  const { header } = decodeCorrection(body);
  const before = permitted();
  await slipIn({ ...header, type: "contain" });
  assert.deepEqual(permitted(), before);
  assert.equal(store.solely.containments.undecided.length, 1);
  await store.reopen("newest");
  const { findings, isHealthy } = await doctor(store.solely);
  assert.ok(isHealthy, JSON.stringify(findings));
  assert.ok(findings.some(({ level, what }) => level === "warning" && /did not sign/.test(what)));
});

test("a decision whose correction was taken away, or altered, is found at start", async () => {
  const again = await opened({ ...unlock, id: "again" });
  await store.decide(again);
  const position = store.solely.log.position - 1;
  const body = await bodyAt(position);
  await store.close();
  const other = encodeCorrection({
    header: { ...decodeCorrection(body).header, corrections: [] },
    removed: [],
  });
  await alter("UPDATE solely.fact SET body = $1 WHERE position = $2", [Buffer.from(other.body), position]);
  await assert.rejects(store.reopen("facts"), { code: "correction-missing" });
  await alter("UPDATE solely.fact SET body = $1 WHERE position = $2", [body, position]);
  await store.reopen("newest");
});

async function bodyAt(position: number): Promise<Buffer> {
  for await (const { body } of store.solely.log.store.facts(position, { to: position + 1 })) return Buffer.from(body);
  throw new Error("no such fact");
}

/** Writes a correction into the database, past every check; then opens the store from the facts. */
async function slipIn(header: Parameters<typeof encodeCorrection>[0]["header"]): Promise<void> {
  await store.solely.log.snapshot();
  await store.close();
  const { root, body } = encodeCorrection({ header, removed: [] });
  const [kind, timeMs] = [LeafKind.correction, Date.now()];
  await store.slipIn([{ leaf: encodeLeaf({ kind, timeMs, root }), timeMs, facts: [{ kind, body }], tokens: [] }]);
  await store.reopen("facts");
}

async function alter(statement: string, values: readonly unknown[]): Promise<void> {
  const client = new pg.Client(store.databaseUrl ?? (await startPostgres(store.data)).connection);
  await client.connect();
  try {
    await client.query(statement, [...values]);
  } finally {
    await client.end();
  }
}
