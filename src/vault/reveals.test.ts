import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
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
  for (let i = 1; i <= 5; i++) learn(reveals, { asked: 1 }, 20_000 + DAY_MS + i);
  assert.equal(reveals.asked("key:a", 0), 5, "what is older than a day is let go of");
  assert.equal(reveals.asked("key:a", 20_000 + DAY_MS + 3), 2);
  learn(reveals, { asked: 10 }, 5);
  assert.equal(reveals.asked("key:a", 20_000 + DAY_MS), 15, "a clock that went back lets nobody ask for more");
});

test("whatever is asked for, the sums are those of a plain list, before and after a snapshot", () => {
  const use = fc.tuple(fc.nat({ max: 3 * 3_600_000 }), fc.integer({ min: 1, max: 50 }));
  fc.assert(
    fc.property(fc.array(use, { maxLength: 60 }), fc.nat({ max: DAY_MS }), (uses, windowMs) => {
      const [live, restored] = [new Reveals(), new Reveals()];
      const plain: { atMs: number; asked: number }[] = [];
      let nowMs = Date.now() - 2 * DAY_MS;
      for (const [stepMs, asked] of uses) {
        nowMs += stepMs;
        learn(live, { asked }, nowMs);
        plain.push({ atMs: nowMs, asked });
      }
      const expected = plain.filter(({ atMs }) => atMs > nowMs - windowMs).reduce((sum, one) => sum + one.asked, 0);
      assert.equal(live.asked("key:a", nowMs - windowMs), expected);
      const sections = live.kept.save() as { name: string; bytes: Uint8Array }[];
      restored.kept.restore(new Map(sections.map(({ name, bytes }) => [name, bytes])));
      const since = Math.max(nowMs - windowMs, Date.now() - DAY_MS + 1000);
      assert.equal(restored.asked("key:a", since), live.asked("key:a", since));
    }),
  );
});
