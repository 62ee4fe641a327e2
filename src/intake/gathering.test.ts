import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventColumns } from "../grant/index.js";
import { EventGathering } from "./gathering.js";

/** A batch of withdrawals of accounts. */
function batchOf(...accounts: string[]): EventColumns {
  const names = accounts.map((name) => Buffer.from(name));
  let end = 0;
  return {
    rows: accounts.length,
    type: new Uint8Array(accounts.length),
    accountBytes: new Uint8Array(Buffer.concat(names)),
    accountEnds: Uint32Array.from(names, (name) => (end += name.length)),
    hasContact: Uint8Array.from(accounts, () => 1),
    kind: new Uint8Array(accounts.length),
    identity: Uint8Array.from({ length: accounts.length * 16 }, (_, i) => accounts[i >> 4]!.charCodeAt(0)),
    purpose: new Uint8Array(accounts.length),
    at: Float64Array.from(accounts, (name) => name.length),
  };
}

const accountsOf = ({ accountBytes, accountEnds, identity, at }: EventColumns): string[] =>
  Array.from(accountEnds, (end, row) => {
    const name = Buffer.from(accountBytes.subarray(row === 0 ? 0 : accountEnds[row - 1], end)).toString();
    assert.equal(identity[row * 16 + 15], name.charCodeAt(0));
    assert.equal(at[row], name.length);
    return name;
  });

test("what comes while a leaf is under way becomes one leaf, each actor's apart, and nobody is told before", async () => {
  const gathering = new EventGathering();
  const committed: string[] = [];
  const told: string[] = [];
  const under: (() => void)[] = [];
  const add = (actor: string, ...accounts: string[]) =>
    gathering
      .add(batchOf(...accounts), actor, async (batch) => {
        committed.push(`${actor}: ${accountsOf(batch).join(" ")}`);
        await new Promise<void>((resolve) => under.push(resolve));
      })
      .then(() => told.push(...accounts));
  const all = [add("a", "u1"), add("a", "v22", "w3"), add("b", "x4"), add("a", "y555")];
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([committed, told], [["a: u1", "b: x4"], []]);
  while (told.length < 5) {
    for (const durable of under.splice(0)) durable();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(all);
  assert.deepEqual(committed, ["a: u1", "b: x4", "a: v22 w3 y555"]);
});

test("a failure is told to all that were gathered, and to nobody else", async () => {
  const gathering = new EventGathering();
  let leaf = 0;
  const add = () =>
    gathering.add(batchOf("u"), "a", async () => {
      if (++leaf === 2) throw new Error("the disk is full");
    });
  const outcomes = await Promise.allSettled([add(), add(), add()]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["fulfilled", "rejected", "rejected"],
  );
  await add();
  assert.equal(leaf, 3);
});
