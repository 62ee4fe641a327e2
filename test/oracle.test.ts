/** The sample world's truth, as its generator tells it, held against SQL over the same files. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type WorldSummary, writeWorld } from "../src/world/index.js";
import { membersByOracle, Oracle } from "./oracle.js";

const ACCOUNTS = 20_000;
let folder: string;
let summary: WorldSummary;
let oracle: Oracle;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "solely-world-"));
  summary = await writeWorld({ accounts: ACCOUNTS, seed: 20_190_917, out: folder });
  oracle = await Oracle.open(folder);
});
after(async () => {
  oracle.close();
  await rm(folder, { recursive: true });
});

const truth = async (list: string): Promise<string[]> =>
  (await readFile(join(folder, "truth", `${list}.csv`), "utf8")).trimEnd().split("\n").slice(1);

test("SQL over the files finds the same members as the generator, for every list", async () => {
  assert.ok(oracle.lists.length >= 8);
  for (const { name } of oracle.lists) {
    const expected = await truth(name);
    // Nobody is to be reached by contacts given for security, but who gave the same value for ads too.
    const isRight = name === "security-contacts" ? expected.length < 10 : expected.length > 100;
    assert.ok(isRight, `${name} reaches ${expected.length} accounts`);
    assert.deepEqual(await oracle.members(name), expected, name);
    assert.equal(summary.lists[name]?.members, expected.length);
  }
});

test("SQL counts the same contact points and permissions as the generator", async () => {
  const { rows, contactPoints, permitted } = summary;
  assert.deepEqual(await oracle.counts(), { rows, contactPoints, permitted });
});

test("the oracle opened for one list alone gives the same members", async () => {
  assert.deepEqual(await membersByOracle(folder, "x-hashed"), await truth("x-hashed"));
});
