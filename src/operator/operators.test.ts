import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { test } from "node:test";
import type { Action } from "./action.js";
import { OperatorError, type OperatorErrorCode } from "./error.js";
import { decodeGenesis, encodeGenesis, genesisFingerprint, newGenesis } from "./genesis.js";
import { MAX_OPERATORS, MAX_PENDING_PROPOSALS, MAX_REJECTED_FACTS_KEPT } from "./limits.js";
import { Operators } from "./operators.js";
import { publicKeyText } from "./public-key.js";
import { encodeSigned, type Signed, signApproval, signProposal, statementId } from "./statement.js";

const refusedWith = (code: OperatorErrorCode) => (error: unknown) =>
  error instanceof OperatorError && error.code === code;
const neutral: Action = { type: "source.set", name: "shop", vouches: false, freedLimit: 10 };
let clockMs = Date.parse("2026-01-01T00:00:00Z");

interface Person {
  readonly name: string;
  readonly key: KeyObject;
  readonly publicKey: string;
}

function person(name: string): Person {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return { name, key: privateKey, publicKey: publicKeyText(publicKey) };
}

function begin(...people: Person[]) {
  const bytes = encodeGenesis(newGenesis(people, clockMs++));
  const operators = new Operators(genesisFingerprint(bytes));
  operators.genesis(bytes);
  const { storeId } = operators;
  const propose = ({ name, key }: Person, action: Action) =>
    signProposal({ key, name, storeId, action, atMs: clockMs++ });
  const approve = ({ name, key }: Person, proposal: Signed) =>
    signApproval({ key, name, storeId, proposal: statementId(proposal), atMs: clockMs++ });
  let position = 1;
  const decide = (one: Person, other: Person, action: Action) => {
    const proposal = propose(one, action);
    operators.propose(proposal, position++);
    return operators.approve(approve(other, proposal), position++);
  };
  return { bytes, operators, propose, approve, decide };
}

const alice = person("alice");
const bob = person("bob");
const carol = person("carol");

test("two operators decide, and one does not", () => {
  const { operators, propose, approve } = begin(alice, bob);
  const signed = propose(alice, neutral);
  const made = operators.propose(signed, 1);
  assert.deepEqual(operators.proposals(), [made]);
  assert.throws(() => operators.approve(approve(alice, signed), 2), refusedWith("same-operator"));
  assert.deepEqual(operators.proposals(), [made], "a bad approval leaves the proposal as it was");
  const { proposal, approval } = operators.approve(approve(bob, signed), 2);
  assert.deepEqual(proposal, made);
  assert.equal(approval.by, "bob");
  assert.deepEqual(operators.proposals(), []);
  assert.deepEqual(operators.proposals("approved"), [made]);
  assert.throws(() => operators.approve(approve(bob, signed), 3), refusedWith("already-decided"));
});

test("asking whether a statement holds changes nothing", () => {
  const { operators, propose, approve } = begin(alice, bob);
  const signed = propose(alice, neutral);
  assert.equal(operators.checkProposal(signed).id, statementId(signed));
  assert.deepEqual(operators.proposals(), []);
  operators.propose(signed, 1);
  const approval = approve(bob, signed);
  assert.equal(operators.checkApproval(approval).approval.by, "bob");
  assert.equal(operators.proposals().length, 1);
  operators.approve(approval, 2);
});

test("a statement with any one bit of its text or signature changed is refused", () => {
  const { operators, propose, approve } = begin(alice, bob);
  const signed = propose(alice, neutral);
  const bytes = Buffer.from(signed.statement);
  for (let i = 0; i < bytes.length; i++) {
    const statement = Buffer.from(bytes.with(i, bytes[i]! ^ 1)).toString("utf8");
    assert.throws(() => operators.propose({ ...signed, statement }, 1), OperatorError, `byte ${i}`);
  }
  const signature = Buffer.from(signed.signature, "base64");
  for (let i = 0; i < signature.length; i++) {
    const changed = Buffer.from(signature.with(i, signature[i]! ^ 1)).toString("base64");
    assert.throws(
      () => operators.propose({ ...signed, signature: changed }, 1),
      refusedWith("bad-signature"),
      `byte ${i}`,
    );
  }
  operators.propose(signed, 1);
  const approval = approve(bob, signed);
  const other = approval.statement.replace('"confirm":[]', '"confirm":["ads.match"]');
  assert.throws(() => operators.approve({ ...approval, statement: other }, 2), refusedWith("bad-signature"));
  assert.equal(operators.proposals().length, 1);
});

test("a statement for another store, by a stranger, or in another's name is refused", () => {
  const { operators, propose } = begin(alice, bob);
  const elsewhere = begin(alice, bob);
  assert.notEqual(operators.storeId, elsewhere.operators.storeId);
  assert.throws(() => operators.propose(elsewhere.propose(alice, neutral), 1), refusedWith("wrong-store"));
  assert.throws(() => operators.propose(propose(carol, neutral), 1), refusedWith("unknown-operator"));
  assert.throws(() => operators.propose(propose({ ...bob, name: "alice" }, neutral), 1), refusedWith("bad-signature"));
  assert.throws(() => operators.propose({ ...propose(alice, neutral), operator: "bob" }, 1), refusedWith("malformed"));
});

test("a statement that was taken in once is refused ever after", () => {
  const { operators, propose, approve } = begin(alice, bob);
  const signed = propose(alice, neutral);
  operators.propose(signed, 1);
  assert.throws(() => operators.propose(signed, 2), refusedWith("repeated"));
  operators.approve(approve(bob, signed), 3);
  assert.throws(() => operators.propose(signed, 4), refusedWith("repeated"));
});

test("an approval of what nobody proposed is refused", () => {
  const { operators, propose, approve } = begin(alice, bob);
  assert.throws(() => operators.approve(approve(bob, propose(alice, neutral)), 1), refusedWith("unknown-proposal"));
});

test("an added operator signs from then on, and a removed one no more", () => {
  const { operators, propose, approve, decide } = begin(alice, bob);
  decide(alice, bob, { type: "operator.add", name: "carol", publicKey: carol.publicKey });
  assert.deepEqual(
    operators.list().map(({ name }) => name),
    ["alice", "bob", "carol"],
  );
  const waiting = propose(carol, neutral);
  operators.propose(waiting, 10);
  decide(carol, bob, { type: "operator.remove", name: "alice" });
  assert.throws(() => operators.propose(propose(alice, neutral), 11), refusedWith("unknown-operator"));
  assert.throws(() => operators.approve(approve(alice, waiting), 11), refusedWith("unknown-operator"));
  operators.approve(approve(bob, waiting), 12);
});

test("what a removed or replaced operator proposed lapses, and stays so when the name comes back", () => {
  const { operators, propose, approve, decide } = begin(alice, bob, carol);
  const waiting = propose(alice, neutral);
  operators.propose(waiting, 1);
  decide(bob, carol, { type: "operator.remove", name: "alice" });
  assert.deepEqual(
    operators.proposals("lapsed").map(({ id }) => id),
    [statementId(waiting)],
  );
  const again = person("alice");
  decide(bob, carol, { type: "operator.add", name: "alice", publicKey: again.publicKey });
  assert.throws(() => operators.approve(approve(bob, waiting), 9), refusedWith("lapsed"));
  assert.throws(() => operators.propose(waiting, 9), refusedWith("bad-signature"));
  assert.throws(() => operators.propose(propose(alice, neutral), 9), refusedWith("bad-signature"));
  operators.propose(propose(again, neutral), 10);
});

test("a replaced key approves nothing any more, and the new one does", () => {
  const { operators, propose, approve, decide } = begin(alice, bob);
  const waiting = propose(alice, neutral);
  operators.propose(waiting, 1);
  const signedBefore = approve(bob, waiting);
  const renewed = person("bob");
  decide(alice, bob, { type: "operator.replace", name: "bob", publicKey: renewed.publicKey });
  assert.throws(() => operators.approve(signedBefore, 5), refusedWith("bad-signature"));
  assert.throws(() => operators.approve(approve(bob, waiting), 5), refusedWith("bad-signature"));
  operators.approve(approve(renewed, waiting), 6);
  assert.deepEqual(
    operators.terms().map(({ name, toPosition }) => [name, toPosition !== undefined]),
    [
      ["alice", false],
      ["bob", true],
      ["bob", false],
    ],
  );
});

test("a key belongs to one operator only, also after it has ended", () => {
  const { operators, propose, approve, decide } = begin(alice, bob, carol);
  const add = (publicKey: string) =>
    operators.propose(propose(alice, { type: "operator.add", name: "dave", publicKey }), 1);
  assert.throws(() => add(bob.publicKey), refusedWith("key-already-used"));
  decide(alice, bob, { type: "operator.remove", name: "carol" });
  assert.throws(() => add(carol.publicKey), refusedWith("key-already-used"));
  const replace: Action = { type: "operator.replace", name: "bob", publicKey: bob.publicKey };
  assert.throws(() => operators.propose(propose(alice, replace), 1), refusedWith("key-already-used"));
  const dave = person("dave");
  const [first, second] = ["dave", "erin"].map((name) =>
    propose(alice, { type: "operator.add", name, publicKey: dave.publicKey }),
  );
  operators.propose(first!, 2);
  operators.propose(second!, 3);
  operators.approve(approve(bob, first!), 4);
  assert.throws(() => operators.approve(approve(bob, second!), 5), refusedWith("key-already-used"));
});

test("there are never fewer than two operators, nor more than the limit", () => {
  const { operators, propose, approve, decide } = begin(alice, bob, carol);
  const removals = [bob, carol].map(({ name }) => propose(alice, { type: "operator.remove", name }));
  removals.forEach((signed, i) => {
    operators.propose(signed, i);
  });
  operators.approve(approve(carol, removals[0]!), 5);
  assert.throws(() => operators.approve(approve(carol, removals[1]!), 6), refusedWith("too-few-operators"));
  assert.equal(operators.list().length, 2);
  for (let i = operators.list().length; i < MAX_OPERATORS; i++) {
    const more = person(`more${i}`);
    decide(alice, carol, { type: "operator.add", name: more.name, publicKey: more.publicKey });
  }
  const beyond = person("beyond");
  const one: Action = { type: "operator.add", name: "beyond", publicKey: beyond.publicKey };
  assert.throws(() => operators.propose(propose(alice, one), 99), refusedWith("too-many-operators"));
});

test("one operator's waiting proposals are limited, and leave the others room", () => {
  const { operators, propose } = begin(alice, bob);
  for (let i = 0; i < MAX_PENDING_PROPOSALS; i++) operators.propose(propose(alice, neutral), i);
  assert.throws(() => operators.propose(propose(alice, neutral), 1), refusedWith("too-many-pending"));
  operators.propose(propose(bob, neutral), 1);
});

test("a genesis other than the configuration's begins nothing", () => {
  const { bytes } = begin(alice, bob);
  const forged = encodeGenesis(newGenesis([alice, carol], clockMs++));
  const operators = new Operators(genesisFingerprint(bytes));
  assert.throws(
    () => operators.propose(signProposal({ ...alice, storeId: operators.storeId, action: neutral, atMs: 0 }), 1),
    refusedWith("not-begun"),
  );
  assert.throws(() => operators.genesis(forged), refusedWith("wrong-genesis"));
  assert.equal(operators.hasBegun, false);
  assert.equal(operators.fold("genesis", forged, 0), undefined);
  assert.equal(operators.fold("genesis", bytes, 1)?.type, "genesis");
  assert.throws(() => operators.genesis(bytes), refusedWith("already-begun"));
  assert.deepEqual(
    operators.rejectedFacts.map(({ position, kind, code }) => [position, kind, code]),
    [[0, "genesis", "wrong-genesis"]],
  );
});

test("a genesis needs two operators of two names and two keys", () => {
  const attempt =
    (...people: Person[]) =>
    () =>
      newGenesis(people, 0);
  assert.throws(attempt(alice), refusedWith("too-few-operators"));
  assert.throws(attempt(alice, { ...bob, name: "alice" }), refusedWith("name-taken"));
  assert.throws(attempt(alice, { ...alice, name: "bob" }), refusedWith("key-already-used"));
  assert.throws(attempt(alice, { ...bob, publicKey: "AAAA" }), refusedWith("malformed"));
  const genesis = newGenesis([alice, bob], 0);
  assert.deepEqual(decodeGenesis(encodeGenesis(genesis)), genesis);
});

test("facts slipped in beside the signed ones are passed over with a note, and change nothing", () => {
  const { bytes, operators, propose, approve } = begin(alice, bob);
  const mallory = person("mallory");
  const add: Action = { type: "operator.add", name: "mallory", publicKey: mallory.publicKey };
  const honest = propose(alice, neutral);
  const forged = propose({ ...mallory, name: "alice" }, add);
  const oneSided = propose(alice, add);
  const facts: ["genesis" | "proposal" | "approval", Uint8Array][] = [
    ["genesis", bytes],
    ["genesis", encodeGenesis(newGenesis([mallory, person("eve")], 0))],
    ["proposal", encodeSigned(forged)],
    ["approval", encodeSigned(approve({ ...mallory, name: "bob" }, forged))],
    ["proposal", encodeSigned(oneSided)],
    ["approval", encodeSigned(approve({ ...mallory, name: "bob" }, oneSided))],
    ["approval", encodeSigned(approve(mallory, oneSided))],
    ["approval", encodeSigned(approve(alice, oneSided))],
    ["approval", encodeSigned(oneSided)],
    ["proposal", Buffer.from("junk")],
    ["proposal", new Uint8Array(0)],
    ["proposal", encodeSigned(honest)],
    ["approval", encodeSigned(approve(bob, honest))],
    ["approval", encodeSigned(approve(bob, honest))],
  ];
  const folded = new Operators(operators.storeId);
  const accepted = facts.flatMap(([kind, fact], position) =>
    folded.fold(kind, fact, position) === undefined ? [] : [position],
  );
  assert.deepEqual(accepted, [0, 4, 11, 12]);
  assert.deepEqual(folded.list(), operators.list());
  assert.deepEqual(
    folded.proposals().map(({ id }) => id),
    [statementId(oneSided)],
  );
  assert.deepEqual(
    folded.rejectedFacts.map(({ position, code }) => `${position} ${code}`),
    [
      "1 already-begun",
      "2 bad-signature",
      "3 bad-signature",
      "5 bad-signature",
      "6 unknown-operator",
      "7 same-operator",
      "8 malformed",
      "9 malformed",
      "10 malformed",
      "13 already-decided",
    ],
  );
});

test("of a flood of slipped-in facts the first reasons are kept, and the count is exact", () => {
  const { operators } = begin(alice, bob);
  for (let i = 0; i < MAX_REJECTED_FACTS_KEPT + 5; i++) operators.fold("approval", Buffer.from("junk"), i);
  assert.equal(operators.rejectedFacts.length, MAX_REJECTED_FACTS_KEPT);
  assert.equal(operators.rejectedCount, MAX_REJECTED_FACTS_KEPT + 5);
});

test("a proposal is found by the beginning of its id when that is long enough", () => {
  const { operators, propose } = begin(alice, bob);
  const { id } = operators.propose(propose(alice, neutral), 1);
  assert.equal(operators.proposal(id.slice(0, 8)).proposal.id, id);
  assert.equal(operators.proposal(id.toUpperCase()).state, "pending");
  assert.throws(() => operators.proposal(id.slice(0, 7)), refusedWith("unknown-proposal"));
  assert.throws(() => operators.proposal("0".repeat(64)), refusedWith("unknown-proposal"));
});
