/**
 * Overtaken: what was proposed and waits lapses when a decision changes what it was proposed about, so that nobody
 * approves today what was meant for yesterday; and what was decided before that was so still counts.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LeafKind } from "../../src/ledger/index.js";
import { tell } from "../../src/letter/index.js";
import {
  type Action,
  encodeSigned,
  type Proposal,
  readOperatorKey,
  signApproval,
  signProposal,
} from "../../src/operator/index.js";
import { FreshStore } from "../fresh-store.js";

let store: FreshStore;
let contain: Extract<Action, { type: "incident.contain" }>;
let undo: Action;
before(async () => {
  store = await FreshStore.make();
  store.configure({ letters: { platform: "Chirper", ask: "privacy@example.com" } });
  await store.reopen("newest");
  await store.adopt({ id: "signup", purposes: ["ads.match"] });
  contain = await opened("unlock-2014");
  undo = { ...contain, type: "incident.undo" };
});
after(() => store.remove());

async function opened(id: string): Promise<typeof contain> {
  const given = { given_from: "2015-01-01T00:00:00Z", given_to: "2019-01-01T00:00:00Z" };
  const claims = [{ notice: "signup", ...given, corrected: { purposes: ["security.unlock"], exclusive: true } }];
  const claim = { id, title: "Unlock as sign-up", purpose: "ads.match", claims };
  const { digest } = await store.solely.incidents.open(store.solely, claim, "operator:alice");
  return { type: "incident.contain", incident: id, claim: digest };
}
async function frameOf(name: string) {
  const { privateKey: key } = await readOperatorKey(store.operators, name);
  return { key, name, storeId: store.solely.config.root, atMs: Date.now() };
}
const signedBy = async (name: string, action: Action) => signProposal({ ...(await frameOf(name)), action });
const proposed = async (name: string, action: Action): Promise<Proposal> =>
  store.solely.decisions.propose(store.solely.log, await signedBy(name, action));
const approvalOf = async (name: string, { id }: Proposal) => signApproval({ ...(await frameOf(name)), proposal: id });
const approved = async (name: string, proposal: Proposal) =>
  store.solely.decisions.approve(store.solely.log, await approvalOf(name, proposal));
const waiting = () => store.solely.decisions.operators.proposals().map(({ id }) => id);
const stands = (incident: string) => store.solely.containments.state(incident)?.isContained;

/** Bob proposes the same as alice, whose proposal comes into force and is then undone by another decision. */
async function overtakes(action: Action, next: Action): Promise<void> {
  const [first, second] = [await proposed("alice", action), await proposed("bob", action)];
  const { approval } = await approved("bob", first);
  assert.deepEqual(waiting(), []);
  await store.decide(next);
  const before = stands(contain.incident);
  const message = new RegExp(`${action.type}, which alice proposed and bob approved at position ${approval.position}$`);
  await assert.rejects(approved("alice", second), { code: "lapsed", message, fix: /propose it again/ });
  assert.equal(stands(contain.incident), before);
  const told = store.solely.decisions.operators.decided().find(({ proposal }) => proposal.id === second.id);
  assert.deepEqual([told?.approval, told?.overtakenBy?.approval.position], [undefined, approval.position]);
}

test("a proposal to contain that is older than an undo can't be approved any more, and waits no more", async () => {
  await overtakes(contain, undo);
  assert.equal(stands(contain.incident), false);
});

test("nor can a proposal to undo that is older than a containment", async () => {
  await store.decide(contain);
  await overtakes(undo, contain);
  assert.equal(stands(contain.incident), true);
});

test("what is proposed anew counts, and what was decided about another incident comes between nothing", async () => {
  const other = await opened("other");
  const proposal = await proposed("bob", undo);
  await store.decide(other);
  assert.deepEqual(waiting(), [proposal.id]);
  await approved("alice", proposal);
  assert.equal(stands(contain.incident), false);
  await store.decide({ ...other, type: "incident.undo" });
});

test("an operator's word about letters is of how the incident stood when it was signed", async () => {
  const { incident, claim } = contain;
  const word: Action = { type: "incident.tell", incident, claim };
  const old = await signedBy("bob", word);
  await new Promise((resolve) => setTimeout(resolve, 2));
  await store.decide(contain);
  const letters = (name: string, onlyChannel: typeof old) =>
    tell(store.solely, { incident, out: `${store.folder}/${name}`, language: "en", actor: "bob", onlyChannel });
  await assert.rejects(letters("old", old), { code: "stale-word" });
  assert.equal((await letters("new", await signedBy("bob", word))).people, 0);
});

test("so do a source's terms lapse by newer ones, and a notice's end, where it names no version, by a newer one", async () => {
  const source: Action = { type: "source.set", name: "app", vouches: false, freedLimit: 0 };
  const terms = await proposed("bob", { ...source, freedLimit: null });
  const from = new Date(Date.now() + 60_000).toISOString();
  const end = await proposed("bob", { type: "notice.retire", id: "signup", from });
  const endOfFirst = await proposed("bob", { type: "notice.retire", id: "signup@1", from });
  await store.decide(source);
  await assert.rejects(approved("alice", terms), { code: "lapsed" });
  await store.adopt({ id: "signup", version: 2, purposes: ["ads.match"] });
  await assert.rejects(approved("alice", end), { code: "lapsed" });
  await approved("alice", endOfFirst);
  const { notices, sources } = store.solely;
  assert.deepEqual([notices.find("signup@2").toMs, sources.get("app").freedLimit], [Number.POSITIVE_INFINITY, 0]);
  assert.equal(notices.find("signup@1").toMs, Date.parse(from));
});

test("an overtaken proposal that was approved before any lapsed so counts in every fold as it did", async () => {
  await store.decide(undo);
  const [first, second] = [await proposed("alice", contain), await proposed("bob", contain)];
  await approved("bob", first);
  await store.decide(undo);
  const { log, grants, audiences, matcher, containments } = store.solely;
  const signed = await approvalOf("alice", second);
  // As the release before did: no question whether anything came between.
  const approval = { by: "alice", publicKey: "", confirm: [], at: "", signed };
  const position = await log.record(
    LeafKind.approval,
    () => encodeSigned(signed),
    (at, timeMs) => containments.plan({ log, grants, audiences, matcher }, { proposal: second, approval }, at, timeMs),
  );
  for (const from of ["newest", "facts"] as const) {
    assert.deepEqual(store.solely.containments.state(contain.incident)?.position, position);
    assert.equal(stands(contain.incident), true);
    assert.deepEqual(store.solely.decisions.withoutEffect, []);
    await store.reopen(from);
  }
  assert.equal(store.solely.decisions.operators.rejectedCount, 0);
});
