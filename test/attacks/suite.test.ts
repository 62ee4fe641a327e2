/**
 * The attack suite can fail: what measures it is right, and a system that leaks and says that little was spent is found out.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Attack } from "./attack.js";
import type { Bed } from "./bed.js";
import { allowedBy, interval } from "./interval.js";
import { Mechanism, shownOf } from "./mechanism.js";
import { openNaive } from "./naive.js";
import { seedOwnAccounts } from "./own-accounts.js";
import { families } from "./programs/index.js";
import { type Outcome, play } from "./referee.js";
import { faultsOf, scoreOf } from "./report.js";

const TRIALS = 40;

async function played(attack: Attack, over: Partial<Bed> = {}): Promise<Outcome[]> {
  const bed = await openNaive(attack.naive);
  try {
    await seedOwnAccounts(bed, { areIdle: false });
    return await play([{ attack, from: 0, to: TRIALS }], { ...bed, ...over });
  } finally {
    await bed.close();
  }
}

const attackOf = (id: string): Attack => families.flat().find((attack) => attack.id === id)!;

test("bounds of a share are those of Clopper and Pearson", () => {
  const near = (is: number, should: number) => assert.ok(Math.abs(is - should) < 1e-6, `${is}, not ${should}`);
  // Of none or all, in closed form.
  near(interval(0, 10).high, 1 - 0.001 ** (1 / 10));
  near(interval(10, 10).low, 0.001 ** (1 / 10));
  assert.deepEqual([interval(0, 10).low, interval(10, 10).high], [0, 1]);
  // Half of a thousand: the normal distribution's 3.09 standard deviations, and a little for being exact.
  const { low, high } = interval(500, 1000);
  assert.ok(low > 0.4499 && low < 0.4512 && Math.abs(low + high - 1) < 1e-9, `${low} to ${high}`);
});

test("what a budget allows is as published for a tenth, a half and six", () => {
  const shown = [0.05, 0.1, 0.5, 0.6, 6].map((rho) => Number((100 * allowedBy(rho)).toFixed(1)));
  assert.deepEqual(shown, [56.3, 58.8, 69.1, 70.8, 95.8]);
});

test("the edge of a system without noise is where what it shows changes", () => {
  const shown = (count: number) => shownOf(count < 1000 ? null : { value: Math.round(count / 100) * 100 });
  const mechanism = new Mechanism({ sigma: 0, shown });
  assert.equal(mechanism.edge(950, 1250), 999);
  assert.equal(mechanism.edge(1020, 1250), 1049);
});

test("a system that leaks while its books say that little was spent has failed", async () => {
  const score = scoreOf(await played(attackOf("T3"), { spent: async () => 1 / 1200 }));
  assert.equal(score.hits, TRIALS);
  assert.deepEqual(faultsOf({ attack: attackOf("T3"), system: score }), ["it succeeds more often than is allowed"]);
});

test("a system whose ads reach security contacts has failed, whatever its sizes tell", async () => {
  const outcomes = await played(attackOf("T15"), { spent: async () => 1e6 });
  const guessed = outcomes.map((outcome, i) => ({ ...outcome, isRight: i % 2 === 0 }));
  const [fault, ...others] = faultsOf({ attack: attackOf("T15"), system: scoreOf(guessed) });
  assert.match(fault ?? "", /^ads and victims, whom they must not reach/);
  assert.deepEqual(others, []);
});

test("an attack that must tell nothing is held to a coin, however much was spent", async () => {
  const score = scoreOf(await played(attackOf("T21"), { spent: async () => 1e6 }));
  assert.equal(score.allowed, 0.5);
  assert.equal(faultsOf({ attack: attackOf("T21"), system: score })[0], "it succeeds more often than is allowed");
});

test("an attack that a naive system withstands shows nothing, and has failed", () => {
  const attack = attackOf("T3");
  const outcomes = Array.from({ length: 10 }, (_, i) => ({ attack, isRight: i > 0, spent: null, isMisreached: false }));
  assert.deepEqual(faultsOf({ attack, naive: scoreOf(outcomes) }), ["the naive system withstood it"]);
});
