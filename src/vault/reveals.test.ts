import assert from "node:assert/strict";
import { test } from "node:test";
import { LeafKind } from "../ledger/index.js";
import type { Decision } from "../operator/index.js";
import { VAULT_LIMITS } from "./limits.js";
import { DAY_MS, type RevealAction, type RevealFact, Reveals } from "./reveals.js";

const action: RevealAction = { type: "contact.reveal", contacts: [7], purpose: "security.mfa", reason: "ticket" };
const decision = (id: string, by: string) => ({ proposal: { id, by } }) as Decision;

function learn(reveals: Reveals, fact: Partial<RevealFact>, timeMs: number): void {
  const whole = {
    type: "reveal",
    actor: "key:a",
    purpose: "security.mfa",
    reason: "r",
    contacts: [],
    asked: 1,
    ...fact,
  };
  const body = Buffer.concat([new Uint8Array(16), Buffer.from(JSON.stringify(whole))]);
  reveals.apply({ position: 0, part: 0, kind: LeafKind.reveal, timeMs, body, keys: new Uint8Array(0) });
}

test("an approval lets the same reveal of the same operator through, once, and not for longer than an hour", () => {
  const reveals = new Reveals();
  const atMs = 1_000_000;
  reveals.approve(action, decision("one", "alice"), atMs);
  const last = atMs + VAULT_LIMITS.approvalAgeMs - 1;
  assert.equal(reveals.approval("alice", action, last), "one");
  assert.equal(reveals.approval("alice", action, last + 1), undefined);
  assert.equal(reveals.approval("bob", action, last), undefined);
  assert.equal(reveals.approval("alice", { ...action, contacts: [8] }, last), undefined);
  assert.equal(reveals.approval("alice", { ...action, purpose: "security.recovery" }, last), undefined);
  learn(reveals, { actor: "operator:alice", approval: "one" }, atMs);
  assert.equal(reveals.approval("alice", action, last), undefined);
});

test("what was asked for is counted by actor, within the window and not before it", () => {
  const reveals = new Reveals();
  learn(reveals, { asked: 3 }, 10_000);
  learn(reveals, { asked: 4 }, 20_000);
  learn(reveals, { actor: "key:b", asked: 100 }, 20_000);
  assert.equal(reveals.asked("key:a", 9_999), 7);
  assert.equal(reveals.asked("key:a", 10_000), 4);
  assert.equal(reveals.count("key:a", 9_999), 2);
  learn(reveals, { asked: 1 }, 10_000 + DAY_MS);
  assert.equal(reveals.asked("key:a", 0), 5, "what is older than a day is let go of");
});
