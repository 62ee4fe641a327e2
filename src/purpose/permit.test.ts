import assert from "node:assert/strict";
import { test } from "node:test";
import { OrdinalSet, type ReadonlyOrdinalSet } from "../set/index.js";
import { PurposeError, type PurposeErrorCode } from "./error.js";
import { type Permit, PurposeGate, requirePermit } from "./permit.js";
import { type Purpose, purposeNames } from "./purposes.js";

const refusedWith = (code: PurposeErrorCode) => (error: unknown) =>
  error instanceof PurposeError && error.code === code;

function gateOf(...purposes: Purpose[]) {
  const sets = new Map(purposes.map((purpose) => [purpose, OrdinalSet.from(Uint32Array.of(1, 2, 3))]));
  const clock = { position: 10 };
  return { gate: new PurposeGate(sets, () => clock.position), sets, clock };
}

test("a permit that the gate made runs for its purpose", () => {
  const { gate } = gateOf("ads.match");
  const permit = gate.permit("ads.match");
  requirePermit(permit, "ads.match");
  requirePermit(gate.permit("ads.match"), "ads.match");
  assert.equal(permit.purpose, "ads.match");
  assert.deepEqual([...permit.ordinals], [1, 2, 3]);
});

test("an object made to look like a permit does not run", () => {
  const { gate } = gateOf("ads.match");
  const real = gate.permit("ads.match");
  const forged: Record<string, Permit<"ads.match">> = {
    literal: { purpose: "ads.match", ordinals: OrdinalSet.from(Uint32Array.of(4)), asOf: 10 },
    copy: { ...real },
    heir: Object.create(real),
    proxy: new Proxy(real, {}),
    frozen: Object.freeze(Object.assign(Object.create(Object.getPrototypeOf(real)), real)),
  };
  for (const [name, permit] of Object.entries(forged)) {
    assert.equal(permit.purpose, "ads.match", name);
    assert.throws(() => requirePermit(permit, "ads.match"), refusedWith("forged-permit"), name);
  }
  requirePermit(real, "ads.match");
});

test("a permit can't be changed into one for another purpose, other ordinals or another time", () => {
  const { gate } = gateOf("ads.match");
  const permit = gate.permit("ads.match");
  assert.equal(Reflect.set(permit, "purpose", "ads.measure"), false);
  assert.equal(Reflect.set(permit, "ordinals", OrdinalSet.empty()), false);
  assert.equal(Reflect.set(permit, "asOf", 99), false);
  assert.equal(Reflect.defineProperty(permit, "asOf", { value: 99 }), false);
  assert.equal(permit.asOf, 10);
});

test("a permit for one purpose is none for any other", () => {
  const { gate } = gateOf(...purposeNames);
  for (const has of purposeNames) {
    const permit = gate.permit(has);
    for (const needs of purposeNames) {
      const run = () => requirePermit<Purpose>(permit, needs);
      if (has === needs) run();
      else assert.throws(run, refusedWith("wrong-purpose"), `${has} for ${needs}`);
    }
  }
});

test("a permit is a live view: what is withdrawn after it was made is gone from it", () => {
  const { gate, sets } = gateOf("ads.match");
  const { ordinals }: { ordinals: ReadonlyOrdinalSet } = gate.permit("ads.match");
  sets.get("ads.match")!.removeAll(Uint32Array.of(2));
  assert.deepEqual([...ordinals], [1, 3]);
  assert.equal(OrdinalSet.from(Uint32Array.of(2, 3)).andSize(ordinals), 1);
  sets.get("ads.match")!.addAll(Uint32Array.of(9));
  assert.equal(ordinals.has(9), true);
});

test("a permit says the ledger position that it was made at, and later ones a later one", () => {
  const { gate, clock } = gateOf("ads.match");
  const first = gate.permit("ads.match");
  clock.position = 11;
  const second = gate.permit("ads.match");
  assert.deepEqual([first.asOf, second.asOf], [10, 11]);
  requirePermit(first, "ads.match");
});

test("for a purpose without an index nothing is permitted, and the gate says so", () => {
  const { gate } = gateOf("ads.match");
  for (const purpose of purposeNames.filter((name) => name !== "ads.match")) {
    assert.throws(() => gate.permit(purpose), refusedWith("unknown-purpose"), purpose);
  }
});
