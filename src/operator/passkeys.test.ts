/** Passkeys among an operator's keys: who may sign with them, from when, until when. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { makePasskey, type Otherwise, signedByPasskey, type TestPasskey } from "../../test/authenticator.js";
import type { Action } from "./action.js";
import { OperatorError, type OperatorErrorCode } from "./error.js";
import { encodeGenesis, genesisFingerprint, newGenesis } from "./genesis.js";
import { MAX_PASSKEYS_PER_OPERATOR } from "./limits.js";
import { Operators } from "./operators.js";
import { passkeySpki } from "./passkey.js";
import { publicKeyText } from "./public-key.js";
import {
  approvalText,
  encodeSigned,
  proposalText,
  type Signed,
  signApproval,
  signProposal,
  statementId,
} from "./statement.js";

const refusedWith = (code: OperatorErrorCode) => (error: unknown) =>
  error instanceof OperatorError && error.code === code;
const neutral: Action = { type: "source.set", name: "shop", vouches: false, freedLimit: 10 };
const atMs = Date.parse("2026-01-01T00:00:00Z");
const NAMES = ["alice", "bob", "carol"] as const;
type Name = (typeof NAMES)[number];

function begin() {
  const pairs = new Map(NAMES.map((name) => [name, generateKeyPairSync("ed25519")]));
  const people = NAMES.map((name) => ({ name, publicKey: publicKeyText(pairs.get(name)!.publicKey) }));
  const genesis = encodeGenesis(newGenesis(people, atMs));
  const operators = new Operators(genesisFingerprint(genesis));
  const facts: { kind: "genesis" | "proposal" | "approval"; bytes: Uint8Array }[] = [
    { kind: "genesis", bytes: genesis },
  ];
  operators.genesis(genesis);
  const frame = (name: Name) => ({ name, storeId: operators.storeId, atMs });
  const keyOf = (name: Name) => pairs.get(name)!.privateKey;
  const propose = (name: Name, action: Action) => signProposal({ ...frame(name), key: keyOf(name), action });
  const approve = (name: Name, proposal: Signed) =>
    signApproval({ ...frame(name), key: keyOf(name), proposal: statementId(proposal) });
  const proposeBy = (passkey: TestPasskey, name: Name, action: Action, otherwise?: Otherwise) =>
    signedByPasskey(passkey, name, proposalText({ ...frame(name), action }), otherwise);
  const approveBy = (passkey: TestPasskey, name: Name, proposal: Signed, otherwise?: Otherwise) =>
    signedByPasskey(passkey, name, approvalText({ ...frame(name), proposal: statementId(proposal) }), otherwise);
  const takeIn = (kind: "proposal" | "approval", signed: Signed) => {
    if (kind === "proposal") operators.propose(signed, facts.length);
    else operators.approve(signed, facts.length);
    facts.push({ kind, bytes: encodeSigned(signed) });
  };
  const decide = (one: Name, other: Name, action: Action) => {
    const proposal = propose(one, action);
    takeIn("proposal", proposal);
    takeIn("approval", approve(other, proposal));
  };
  const enrol = (name: Name, passkey = makePasskey()) => {
    decide(name === "alice" ? "bob" : "alice", "carol", enrolment(name, passkey));
    return passkey;
  };
  return { operators, facts, people, propose, approve, proposeBy, approveBy, takeIn, decide, enrol };
}

const enrolment = (name: string, { credential, publicKey, host }: TestPasskey): Action => ({
  ...{ type: "operator.passkey", name, credential, publicKey, host },
});

test("passkeys sign from their approval on, beside key files, and every fold finds the same", () => {
  for (const algorithm of ["ES256", "EdDSA"] as const) {
    const { operators, facts, propose, approve, proposeBy, approveBy, takeIn, enrol } = begin();
    const alices = makePasskey(algorithm);
    assert.throws(() => operators.propose(proposeBy(alices, "alice", neutral), 1), refusedWith("bad-signature"));
    enrol("alice", alices);
    const bobs = enrol("bob", makePasskey(algorithm));
    const proposal = proposeBy(alices, "alice", neutral);
    takeIn("proposal", proposal);
    takeIn("approval", approveBy(bobs, "bob", proposal));
    const byFile = propose("bob", neutral);
    takeIn("proposal", byFile);
    takeIn("approval", approveBy(alices, "alice", byFile));
    const byPasskey = proposeBy(bobs, "bob", neutral);
    takeIn("proposal", byPasskey);
    takeIn("approval", approve("carol", byPasskey));
    assert.equal(operators.proposals("approved").length, 5);
    assert.equal(operators.proposal(statementId(proposal)).proposal.publicKey, passkeySpki(alices.publicKey));

    const again = new Operators(operators.storeId);
    facts.forEach(({ kind, bytes }, position) => void again.fold(kind, bytes, position));
    assert.equal(again.rejectedCount, 0);
    assert.deepEqual(again.terms(), operators.terms());
    assert.deepEqual(again.passkeys(), operators.passkeys());
    assert.deepEqual(operators.passkey(bobs.credential)?.name, "bob");
    assert.equal(operators.passkey("nobody's"), undefined);
  }
});

test("a passkey signs for its operator alone, and only what was before it", () => {
  const { operators, proposeBy, approveBy, takeIn, propose, enrol } = begin();
  const alices = enrol("alice");
  const bobs = enrol("bob");
  const refused = (signed: Signed, code: OperatorErrorCode = "bad-signature") =>
    assert.throws(() => operators.propose(signed, 99), refusedWith(code));
  refused(proposeBy(alices, "bob", neutral));
  refused({ ...proposeBy(alices, "alice", neutral), operator: "bob" }, "malformed");
  refused(proposeBy({ ...bobs, credential: alices.credential }, "alice", neutral));
  refused(proposeBy({ ...alices, credential: bobs.credential }, "alice", neutral));
  refused(proposeBy(alices, "alice", neutral, { host: "evil.example" }));
  refused(proposeBy(alices, "alice", neutral, { clientData: { origin: "https://evil.example" } }));
  refused(proposeBy(alices, "alice", neutral, { flags: 0x01 }));
  refused({ ...proposeBy(alices, "alice", neutral), scheme: "ed25519" });
  refused({ ...propose("alice", neutral), scheme: "webauthn" });
  const [one, other] = [proposeBy(alices, "alice", neutral), proposeBy(alices, "alice", neutral)];
  refused({ ...one, signature: other.signature });
  takeIn("proposal", one);
  refused(one, "repeated");
  const own = approveBy(alices, "alice", one);
  assert.throws(() => operators.approve(own, 99), refusedWith("same-operator"));
  takeIn("proposal", other);
  const approval = approveBy(bobs, "bob", one);
  const replayed = { ...approveBy(bobs, "bob", other), signature: approval.signature };
  assert.throws(() => operators.approve(replayed, 99), refusedWith("bad-signature"));
  takeIn("approval", approval);
  assert.deepEqual(
    operators.proposals().map(({ id }) => id),
    [statementId(other)],
  );
});

test("a passkey that has ended signs nothing, and what it proposed lapses; its operator's other keys go on", () => {
  const { operators, proposeBy, approveBy, takeIn, propose, decide, enrol } = begin();
  const [first, second] = [enrol("alice"), enrol("alice")];
  const [byFirst, bySecond, byFile] = [
    proposeBy(first, "alice", neutral),
    proposeBy(second, "alice", neutral),
    propose("alice", neutral),
  ];
  for (const signed of [byFirst, bySecond, byFile]) takeIn("proposal", signed);
  const waiting = propose("bob", neutral);
  takeIn("proposal", waiting);
  decide("bob", "carol", { type: "operator.passkey-end", name: "alice", credential: first.credential });
  assert.deepEqual(
    operators.proposals("lapsed").map(({ id }) => id),
    [statementId(byFirst)],
  );
  assert.throws(() => operators.approve(approveBy(first, "alice", waiting), 99), refusedWith("bad-signature"));
  assert.throws(() => operators.propose(enrolledAgain("carol"), 99), refusedWith("key-already-used"));
  assert.throws(() => operators.propose(enrolledAgain("alice"), 99), refusedWith("key-already-used"));
  takeIn("approval", approveBy(second, "alice", waiting));
  const ended = operators.terms().find(({ passkey }) => passkey?.credential === first.credential);
  assert.ok(ended?.toPosition !== undefined && ended.fromPosition < ended.toPosition);

  function enrolledAgain(name: string): Signed {
    return propose("bob", enrolment(name, first));
  }
});

test("with an operator's key file every passkey ends, when it is replaced or the operator removed", () => {
  for (const type of ["operator.replace", "operator.remove"] as const) {
    const { operators, proposeBy, approveBy, takeIn, propose, decide, enrol } = begin();
    const [first, second] = [enrol("alice"), enrol("alice")];
    const bobs = enrol("bob");
    const lapsing: Signed[] = [proposeBy(first, "alice", neutral), propose("alice", neutral)];
    for (const signed of lapsing) takeIn("proposal", signed);
    const waiting = propose("carol", neutral);
    takeIn("proposal", waiting);
    const publicKey = publicKeyText(generateKeyPairSync("ed25519").publicKey);
    decide("bob", "carol", type === "operator.remove" ? { type, name: "alice" } : { type, name: "alice", publicKey });
    assert.deepEqual(
      operators.passkeys().map(({ credential }) => credential),
      [bobs.credential],
    );
    assert.deepEqual(
      operators.proposals("lapsed").map(({ id }) => id),
      lapsing.map(statementId),
    );
    const code = type === "operator.remove" ? "unknown-operator" : "bad-signature";
    for (const passkey of [first, second]) {
      assert.throws(() => operators.approve(approveBy(passkey, "alice", waiting), 99), refusedWith(code));
    }
    takeIn("approval", approveBy(bobs, "bob", waiting));
  }
});

test("a passkey is one operator's only, also by its key in another form or its id under another key", () => {
  const { operators, people, propose, takeIn, approve, enrol } = begin();
  const bobs = enrol("bob", makePasskey("EdDSA"));
  const asked = (action: Action, code: OperatorErrorCode) =>
    assert.throws(() => operators.propose(propose("alice", action), 99), refusedWith(code));
  asked(enrolment("carol", bobs), "key-already-used");
  asked(enrolment("carol", { ...bobs, credential: makePasskey().credential }), "key-already-used");
  asked(enrolment("carol", { ...makePasskey(), credential: bobs.credential }), "key-already-used");
  asked({ type: "operator.add", name: "dave", publicKey: passkeySpki(bobs.publicKey) }, "key-already-used");
  const key = Buffer.from(people[0]!.publicKey, "base64").subarray(-32).toString("hex");
  const alicesKey = Buffer.from(`a4010103272006215820${key}`, "hex").toString("base64url");
  asked(enrolment("bob", { ...makePasskey(), publicKey: alicesKey }), "key-already-used");
  asked(enrolment("dave", makePasskey()), "unknown-operator");
  asked({ type: "operator.passkey-end", name: "alice", credential: bobs.credential }, "unknown-passkey");
  asked({ type: "operator.passkey-end", name: "bob", credential: makePasskey().credential }, "unknown-passkey");
  const passkey = makePasskey();
  const [first, second] = [propose("alice", enrolment("bob", passkey)), propose("alice", enrolment("carol", passkey))];
  takeIn("proposal", first);
  takeIn("proposal", second);
  takeIn("approval", approve("carol", first));
  assert.throws(() => operators.approve(approve("bob", second), 99), refusedWith("key-already-used"));
});

test("an operator has so many passkeys and no more, until one ends", () => {
  const { operators, propose, decide, enrol } = begin();
  const passkeys = Array.from({ length: MAX_PASSKEYS_PER_OPERATOR }, () => enrol("alice"));
  const further = () => propose("bob", enrolment("alice", makePasskey()));
  assert.throws(() => operators.propose(further(), 99), refusedWith("too-many-passkeys"));
  enrol("bob");
  decide("bob", "carol", { type: "operator.passkey-end", name: "alice", credential: passkeys[3]!.credential });
  operators.propose(further(), 99);
});
