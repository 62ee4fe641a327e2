import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { FreshStore } from "../../test/fresh-store.js";
import { isConsistent, leafHash, openCheckpoint, rootByInclusion, rootOf, TreeReader } from "../ledger/index.js";
import { startPostgres } from "../store/postgres.js";

let fresh: FreshStore;
before(async () => {
  fresh = await FreshStore.make();
});
after(() => fresh.remove());

const leavesOf = async (): Promise<Uint8Array[]> => {
  const leaves: Uint8Array[] = [];
  for await (const { body } of fresh.solely.store.leaves(0)) leaves.push(body);
  return leaves;
};

/** The root over leaf hashes, all in memory. */
const plainRoot = (leaves: readonly Uint8Array[]): Uint8Array => rootOf(Buffer.concat(leaves.map(leafHash)));
const isSame = (a: Uint8Array, b: Uint8Array): void => assert.equal(Buffer.compare(a, b), 0);

/** A quarter of a second on a machine that has nothing else to do. */
const SOON_MS = 30_000;

async function addLeaves(count: number): Promise<void> {
  const { log } = fresh.solely;
  await Promise.all(
    Array.from({ length: count }, (_, i) => log.record(69, () => Buffer.from(JSON.stringify({ type: "test", i })))),
  );
}

test("a checkpoint covers every leaf by itself, and is what the plain tree says", async () => {
  await addLeaves(700);
  const { checkpoints, log } = fresh.solely;
  const deadline = performance.now() + SOON_MS;
  while (checkpoints.size < log.position && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(checkpoints.size, log.position);
  const { checkpoint } = openCheckpoint(checkpoints.newest.note, checkpoints.verifier);
  isSame(checkpoint.root, plainRoot(await leavesOf()));
});

test("proofs of any size hold, across a restart and tiles that were not stored", async () => {
  const check = async () => {
    const { checkpoints } = fresh.solely;
    const leaves = await leavesOf();
    const root = plainRoot(leaves);
    isSame(await checkpoints.rootAt(leaves.length), root);
    for (const position of [0, 255, 256, 511, leaves.length - 1]) {
      const path = await checkpoints.inclusion(position, leaves.length);
      isSame(rootByInclusion(leafHash(leaves[position]!), position, leaves.length, path), root);
    }
    for (const size of [1, 255, 256, 257, 512, leaves.length]) {
      const older = { size, root: plainRoot(leaves.slice(0, size)) };
      const path = await checkpoints.consistency(size, leaves.length);
      assert.ok(isConsistent(older, { size: leaves.length, root }, path), `from ${size}`);
    }
  };
  await check();
  await fresh.reopen("newest");
  await check();
  // As after a kill between a commit and the checkpoint that follows it.
  await addLeaves(300);
  await check();
  await fresh.reopen("facts");
  await check();
});

test("leaves that were taken out of the database, or tiles that were changed, stop the start", async () => {
  await fresh.solely.checkpoints.signNow();
  await fresh.close();
  const flip = "UPDATE solely.tile SET body = set_byte(body, 77, get_byte(body, 77) # 1) WHERE level = 0 AND index = 1";
  await sql(flip);
  await assert.rejects(fresh.open(), { code: "altered" });
  await sql(flip);
  const [leaf] = await sql(
    "DELETE FROM solely.leaf WHERE position = (SELECT max(position) FROM solely.leaf) RETURNING position, body",
  );
  const [fact] = await sql("DELETE FROM solely.fact WHERE position = $1 RETURNING *", [leaf!.position]);
  await assert.rejects(fresh.open(), { code: "altered" });
  await sql("INSERT INTO solely.leaf VALUES ($1, $2)", [leaf!.position, leaf!.body]);
  const { position, part, kind, time, body } = fact!;
  await sql("INSERT INTO solely.fact VALUES ($1, $2, $3, $4, $5)", [position, part, kind, time, body]);
  await fresh.open();
});

/** One statement in the store's database, on a connection of its own: a closed store stops its server. */
async function sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(fresh.databaseUrl ?? (await startPostgres(fresh.data)).connection);
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

test("a tile of any width that the tree has is given, and none that it has not", async () => {
  const { checkpoints } = fresh.solely;
  const size = checkpoints.size;
  const reader = new TreeReader(size, (place) => checkpoints.tile(place));
  isSame(await reader.root(), checkpoints.newest.checkpoint.root);
  assert.equal((await checkpoints.tile({ level: 0, index: 0, width: 3 })).length, 96);
  await assert.rejects(checkpoints.tile({ level: 0, index: 9999, width: 256 }), { code: "no-such-tile" });
  await assert.rejects(checkpoints.tile({ level: 5, index: 0, width: 1 }), { code: "no-such-tile" });
  await assert.rejects(checkpoints.inclusion(0, size + 1_000_000), { code: "beyond-checkpoint" });
});
