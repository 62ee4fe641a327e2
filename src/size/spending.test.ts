/** What is charged by day adds up as a plain list of charges does, and the filter holds month and year whatever is asked when. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addFractions, compareFractions, fraction, toNumber } from "./fraction.js";
import { type LostSpan, leftOf, nextMonthMs, Spending } from "./spending.js";
import { budgetOf, costOf, drawsIn, varianceOf } from "./terms.js";

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 15);
const budget = budgetOf({ budget: { month: 0.05, releases: 60, year: 0.12 } });
const cost = costOf(varianceOf(budget));
const monthOf = (ms: number) => new Date(ms).toISOString().slice(0, 7);

/** Asks again and again over two years, and charges whatever the filter lets through. */
function spendAll(steps: readonly (readonly [days: number, draws: number])[], lost: readonly LostSpan[]) {
  const spending = new Spending();
  const charged: { atMs: number; draws: number }[] = [];
  let atMs = START_MS;
  for (const [days, draws] of steps) {
    atMs += days * DAY_MS;
    const left = drawsIn(leftOf(spending.spent("acme", atMs, lost, budget.month), budget), cost);
    const taken = Math.min(draws, left);
    if (taken === 0) continue;
    spending.charge("acme", atMs, fraction(BigInt(taken) * cost.numerator, cost.denominator));
    charged.push({ atMs, draws: taken });
  }
  return { spending, charged, atMs };
}

const steps = fc.array(fc.tuple(fc.double({ min: 0, max: 40, noNaN: true }), fc.integer({ min: 1, max: 90 })), {
  maxLength: 40,
});

test("no month and no 365 days see more than their cap, however it is asked", () => {
  fc.assert(
    fc.property(steps, (asked) => {
      const { charged } = spendAll(asked, []);
      const months = new Map<string, number>();
      for (const { atMs, draws } of charged) {
        months.set(monthOf(atMs), (months.get(monthOf(atMs)) ?? 0) + draws);
        const year = charged.filter((other) => other.atMs <= atMs && other.atMs > atMs - 364 * DAY_MS);
        assert.ok(year.reduce((sum, other) => sum + other.draws, 0) <= 144, "0.12 a year is 144 draws");
      }
      for (const draws of months.values()) assert.ok(draws <= 60);
    }),
  );
});

test("what is left is spent: the filter refuses nothing that both caps have room for", () => {
  const spending = new Spending();
  for (let draw = 0; draw < 60; draw++) {
    assert.ok(drawsIn(leftOf(spending.spent("acme", START_MS, [], budget.month), budget), cost) === 60 - draw);
    spending.charge("acme", START_MS, cost);
  }
  assert.equal(
    compareFractions(spending.spent("acme", START_MS, [], budget.month).month, budget.month),
    0,
    "to the last draw",
  );
  assert.equal(
    drawsIn(leftOf(spending.spent("other", START_MS, [], budget.month), budget), cost),
    60,
    "another entity's is its own",
  );
  assert.equal(drawsIn(leftOf(spending.spent("acme", nextMonthMs(START_MS), [], budget.month), budget), cost), 60);
});

test("months whose charges are lost count as spent wholly, and others as they are", () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 90 }), (asked, day, days) => {
      const fromMs = START_MS + day * DAY_MS;
      const lost = [{ fromMs, toMs: fromMs + days * DAY_MS }];
      const { spending, charged, atMs } = spendAll(asked, lost);
      const isLost = (ms: number) => monthOf(ms) >= monthOf(lost[0]!.fromMs) && monthOf(ms) <= monthOf(lost[0]!.toMs);
      assert.ok(
        charged.every((one) => !isLost(one.atMs)),
        "nothing is charged in a month that is spent",
      );
      const { month } = spending.spent("acme", atMs, lost, budget.month);
      if (isLost(atMs)) assert.equal(toNumber(month), 0.05);
    }),
  );
});

test("a month that is lost costs what is known of it, where that is more than a whole month is", () => {
  const spending = new Spending();
  const known = fraction(1n, 2n);
  spending.charge("acme", START_MS, known);
  const lost = [{ fromMs: START_MS, toMs: START_MS }];
  for (const whole of [budget.month, known, fraction(3n)]) {
    const { month, year } = spending.spent("acme", START_MS + DAY_MS, lost, whole);
    assert.deepEqual([month, year], compareFractions(whole, known) > 0 ? [whole, whole] : [known, known]);
  }
});

test("a kept state is the same state", () => {
  fc.assert(
    fc.property(steps, (asked) => {
      const { spending, atMs } = spendAll(asked, []);
      const again = new Spending();
      again.restore(JSON.parse(JSON.stringify(spending.save())));
      assert.deepEqual(again.spent("acme", atMs, [], budget.month), spending.spent("acme", atMs, [], budget.month));
      assert.deepEqual(again.entities(), spending.entities());
    }),
  );
});

test("sixty draws of the default cost are its month exactly", () => {
  const weekly = budgetOf({ budget: "weekly" });
  let sum = fraction(0n);
  for (let draw = 0; draw < 60; draw++) sum = addFractions(sum, costOf(varianceOf(weekly)));
  assert.deepEqual(sum, weekly.month);
  assert.deepEqual(varianceOf(weekly), fraction(600n));
});
