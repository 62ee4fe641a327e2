/** The whole product at a million contacts, against an oracle that shares nothing with it: the same members, list by list. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { doctor } from "../src/index.js";
import { Oracle } from "./oracle.js";
import { WorldStore } from "./world-store.js";

const ACCOUNTS = 402_000;

let world: WorldStore;
let oracle: Oracle;
before(async () => {
  world = await WorldStore.make({ accounts: ACCOUNTS, seed: 1_000_000 });
  oracle = await Oracle.open(world.folder);
});
after(async () => {
  oracle?.close();
  await world?.remove();
});

test("it is a million contacts, and as many are permitted as the oracle says", async () => {
  const counts = await oracle.counts();
  assert.ok(counts.contactPoints > 990_000, String(counts.contactPoints));
  const { contacts } = world.store.solely;
  assert.equal(contacts.points.numbered, counts.contactPoints);
  assert.equal(contacts.permitted.size, counts.permitted);
});

test("each list reaches exactly whom the oracle's SQL says, before and after a start from the facts", async () => {
  const audiences = new Map<string, string>();
  for (const list of world.lists) {
    const audience = await world.match(list);
    audiences.set(list.name, audience);
    assert.deepEqual(world.members(audience), await oracle.members(list.name), list.name);
  }
  const served = new Map([...audiences].map(([name, audience]) => [name, world.members(audience)]));
  await world.store.reopen("facts");
  for (const [name, audience] of audiences) assert.deepEqual(world.members(audience), served.get(name), name);
  assert.ok((await doctor(world.store.solely)).isHealthy);
});
