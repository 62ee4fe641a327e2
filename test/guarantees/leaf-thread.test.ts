/**
 * Leaves are made in a thread of their own while later batches are planned: whatever happens to one of them, what was
 * acknowledged is there, the rest shows nowhere, and the same feed brings it.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { doctor, ingest } from "../../src/index.js";
import type { MadeLeaf, PlannedLeaf } from "../../src/intake/leaf.js";
import { FreshStore, streamOf } from "../fresh-store.js";

const ROWS = 12_000;
const HEADER = "account,kind,value,notice,given_at,remark\n";
/** So long that a batch of 8 MiB has some thousand rows: enough for a thread, and few enough for a test. */
const REMARK = "x".repeat(3000);

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["ads.match", "service.message"] });
});
after(() => store.remove());

/** Contacts of accounts of one name. */
async function* contacts(name: string): AsyncGenerator<Uint8Array> {
  yield* streamOf(HEADER);
  for (let i = 0; i < ROWS; i++) {
    yield Buffer.from(`${name}${i},email,${name}${i}@example.com,ads,2024-01-01T00:00:00Z,${REMARK}\n`);
  }
}

const known = (name: string): number => {
  const { contacts } = store.solely;
  let count = 0;
  for (let i = 0; i < ROWS; i++) if (contacts.findAccount(`${name}${i}`) !== undefined) count++;
  return count;
};

/** Masks that the vault has of the contacts of accounts of one name. */
async function masked(name: string): Promise<number> {
  const { contacts, vault } = store.solely;
  const points = Array.from({ length: ROWS }, (_, i) => contacts.findAccount(`${name}${i}`)).flatMap((account) =>
    account === undefined ? [] : contacts.pointsOf(account),
  );
  return (await vault.masks(points)).size;
}

type Make = (planned: PlannedLeaf) => MadeLeaf | Promise<MadeLeaf>;

/** Feeds contacts, the making of whose leaves something comes between. */
function feed(name: string, make: (count: number, ours: Make, planned: PlannedLeaf) => ReturnType<Make>) {
  const { solely } = store;
  let count = 0;
  const leaves = { make: (planned: PlannedLeaf) => make(++count, (one) => solely.leaves.make(one), planned) };
  const rooms = Object.create(solely, { leaves: { value: leaves } });
  return ingest(rooms, contacts(name), { source: "local", actor: "test", format: "csv" });
}

/** What holds after a run that failed: whole batches from the first on are there, and the same feed brings the rest. */
async function assertGoesOn(name: string, position: number): Promise<void> {
  const there = known(name);
  const { log } = store.solely;
  const took = log.position - position;
  assert.ok(there < ROWS);
  assert.equal(there > 0, took > 0);
  assert.equal(await masked(name), there);
  assert.equal(await store.solely.matcher.size(), store.solely.contacts.permitted.size);
  await feed(name, (_, make, planned) => make(planned));
  assert.deepEqual([known(name), await masked(name)], [ROWS, ROWS]);
  await store.reopen("facts");
  assert.deepEqual([known(name), await masked(name)], [ROWS, ROWS]);
  const { isHealthy } = await doctor(store.solely);
  assert.ok(isHealthy);
}

test("a batch whose leaf can't be made is taken back with those that were planned after it", async () => {
  const { position } = store.solely.log;
  let reject = (_: unknown) => {};
  const promise = new Promise<MadeLeaf>((_, failed) => (reject = failed));
  let asked = 0;
  const failing = feed("failing", (count, make, planned) => {
    asked = count;
    if (count === 4) reject(new RangeError("no leaf"));
    return count === 2 ? promise : make(planned);
  });
  await assert.rejects(failing, RangeError);
  assert.ok(asked >= 4, "others were planned meanwhile");
  assert.equal(store.solely.log.position, position + 1, "the one before it stands");
  await assertGoesOn("failing", position);
});

test("a thread that ends with batches in its hands takes none of the store with it", async () => {
  const { position } = store.solely.log;
  const ending = feed("ending", (count, make, planned) => {
    const made = make(planned);
    if (count === 3) void store.solely.leaves.close();
    return made;
  });
  await assert.rejects(ending, { code: "leaf-failed" });
  await assertGoesOn("ending", position);
});

test("who plans a batch keeps neither its plain values nor the keys that they are sealed under", async () => {
  let [rows, given] = [0, 0];
  await feed("given", (_, make, planned) => {
    const { grants, values, order } = planned;
    assert.ok(Buffer.from(values.valueBytes).includes("@example.com"));
    const { count } = grants.rows;
    const made = make(planned);
    rows += count;
    if (!(made instanceof Promise)) return made; // the last one, which is small
    for (const gone of [
      values.valueBytes,
      values.maskBytes,
      order.mask.key,
      ...order.purposes.map(({ key }) => key.key),
    ]) {
      assert.equal(gone.length, 0);
    }
    given += count;
    return made;
  });
  assert.equal(rows, ROWS);
  assert.ok(given > 0);
});
