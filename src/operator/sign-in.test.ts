import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { test } from "node:test";
import { makePasskey, signedByPasskey } from "../../test/authenticator.js";
import { OperatorError, type OperatorErrorCode } from "./error.js";
import { encodeGenesis, genesisFingerprint, newGenesis } from "./genesis.js";
import { Operators } from "./operators.js";
import { publicKeyText } from "./public-key.js";
import { SignIns } from "./sign-in.js";
import { signApproval, signProposal, signSignIn, statementId } from "./statement.js";

const refusedWith = (code: OperatorErrorCode) => (error: unknown) =>
  error instanceof OperatorError && error.code === code;
const MINUTE_MS = 60_000;
const beganMs = Date.parse("2026-01-01T00:00:00Z");
const nowMs = beganMs + 60 * MINUTE_MS;

function begin() {
  const [alice, bob] = [generateKeyPairSync("ed25519"), generateKeyPairSync("ed25519")];
  const people = [
    { name: "alice", publicKey: publicKeyText(alice.publicKey) },
    { name: "bob", publicKey: publicKeyText(bob.publicKey) },
  ];
  const genesis = encodeGenesis(newGenesis(people, beganMs));
  const operators = new Operators(genesisFingerprint(genesis));
  operators.genesis(genesis);
  const signIns = new SignIns(operators, beganMs);
  const { storeId } = operators;
  const word = (key: KeyObject = alice.privateKey, name = "alice", atMs = nowMs, store = storeId) =>
    signSignIn({ key, name, storeId: store, atMs });
  return { operators, signIns, storeId, word, alice: alice.privateKey, bob: bob.privateKey };
}

test("an operator's word lets that operator in once, and within five minutes", () => {
  const { signIns, word } = begin();
  const signed = word();
  assert.equal(signIns.use(signed, nowMs).name, "alice");
  assert.throws(() => signIns.use(signed, nowMs), refusedWith("repeated"));
  assert.throws(() => signIns.use(signed, nowMs + 5 * MINUTE_MS), refusedWith("repeated"));
  assert.throws(() => signIns.use(signed, nowMs + 5 * MINUTE_MS + 1), refusedWith("stale"));
  assert.equal(signIns.use(word(), nowMs + 5 * MINUTE_MS).name, "alice");
  assert.throws(() => signIns.use(word(), nowMs + 5 * MINUTE_MS + 1), refusedWith("stale"));
  assert.throws(() => signIns.use(word(), nowMs - 31_000), refusedWith("stale"), "from the future");
});

test("a word from before the process began lets nobody in, since it may have been used", () => {
  const { operators, word } = begin();
  const restarted = new SignIns(operators, nowMs + 1);
  assert.throws(() => restarted.use(word(), nowMs + 2), refusedWith("stale"));
});

test("nobody else's word, no other statement and no passkey lets an operator in; nor does a word decide anything", () => {
  const { operators, signIns, storeId, word, alice, bob } = begin();
  const refused = (signed: ReturnType<typeof word>, code: OperatorErrorCode) =>
    assert.throws(() => signIns.use(signed, nowMs), refusedWith(code));
  refused(word(bob), "bad-signature");
  refused(word(alice, "carol"), "unknown-operator");
  refused(word(alice, "alice", nowMs, "0".repeat(64)), "wrong-store");
  refused({ ...word(), operator: "bob" }, "malformed");
  refused({ ...word(), signature: word().signature }, "bad-signature");
  const frame = { storeId, atMs: nowMs };
  const action = { type: "source.set", name: "shop", vouches: false, freedLimit: 10 } as const;
  const proposal = signProposal({ ...frame, key: alice, name: "alice", action });
  refused(proposal, "malformed");
  refused(signApproval({ ...frame, key: bob, name: "bob", proposal: statementId(proposal) }), "malformed");
  assert.throws(() => operators.propose(word(), 1), refusedWith("malformed"));
  assert.throws(() => operators.approve(word(), 1), refusedWith("malformed"));
  const passkey = makePasskey();
  const { credential, publicKey, host } = passkey;
  const enrolled = { type: "operator.passkey", name: "alice", credential, publicKey, host } as const;
  const enrolling = signProposal({ ...frame, key: alice, name: "alice", action: enrolled });
  operators.propose(enrolling, 1);
  operators.approve(signApproval({ ...frame, key: bob, name: "bob", proposal: statementId(enrolling) }), 2);
  refused(signedByPasskey(passkey, "alice", word().statement), "bad-signature");
});
