/**
 * A world with mistakes upstream: what an assessment counts is, contact point by contact point, whom the world says that the
 * mistake affected; and once it is contained, lists reach who the world says they may.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parse } from "yaml";
import { assess, prepareAssessment, rescan, writePeople } from "../src/incident/index.js";
import { matchList } from "../src/index.js";
import { WorldStore } from "./world-store.js";

const [EARLIER, LARGE] = ["login-alerts-2018", "security-screens-2021"] as const;
const FIRST_LIST = "x-emails";
const DAY_MS = 86_400_000;
let world: WorldStore;
before(async () => {
  world = await WorldStore.make({ accounts: 4000, seed: 3, incidents: true });
});
after(() => world.remove());

interface Affected {
  readonly account: string;
  readonly purpose: string;
}

/** Whom the world says that a mistake affected, through these lists: a contact point each. */
function truth(incident: string, lists: readonly string[]): Affected[] {
  const rows = readFileSync(join(world.folder, "truth/incidents", `${incident}.csv`), "utf8")
    .trimEnd()
    .split("\n");
  return rows.slice(1).flatMap((row) => {
    const [account = "", , purpose = "", named = ""] = row.split(",");
    return named.split(" ").some((list) => lists.includes(list)) ? [{ account, purpose }] : [];
  });
}

async function open(incident: string): Promise<string> {
  const { solely } = world.store;
  const claim = parse(readFileSync(join(world.folder, "incidents", `${incident}.yaml`), "utf8"));
  return (await solely.incidents.open(solely, claim, "operator:alice")).digest;
}

/** Matches lists, as of one day after the other. */
async function match(lists: readonly string[]): Promise<void> {
  const firstMs = Date.now() - (lists.length + 1) * DAY_MS;
  for (const [i, name] of lists.entries()) {
    const { file, scheme, region } = world.lists.find((list) => list.name === name)!;
    await matchList(world.store.solely, join(world.folder, "lists", file), {
      ...{ advertiser: `advertiser-${i % 3}`, name, scheme, region, actor: "test" },
      ...(i % 2 === 0 ? {} : { atMs: firstMs + i * DAY_MS }),
    });
  }
}

/** @param late how many were matched that are now known, by another incident, not to have been permitted */
async function isAsTheWorldSays(incident: string, lists: readonly string[], late = 0): Promise<void> {
  const { solely, folder } = world.store;
  const expected = truth(incident, lists);
  const { people, contactPoints, byPurpose, lateFacts } = await assess(solely, { incident });
  const accounts = [...new Set(expected.map(({ account }) => account))];
  assert.deepEqual([people, contactPoints], [accounts.length, expected.length], incident);
  assert.deepEqual(lateFacts, { people: late, contactPoints: late }, "all that people did was before any list came");
  for (const [purpose, number] of Object.entries(byPurpose)) {
    const given = expected.flatMap((one) => (one.purpose === purpose ? [one.account] : []));
    assert.equal(number, new Set(given).size, purpose);
  }
  const out = join(folder, `${incident}.csv`);
  await writePeople(solely, await prepareAssessment(solely, { incident }), { out, actor: "test" });
  const written = readFileSync(out, "utf8").trimEnd().split("\n").slice(1);
  assert.deepEqual(
    written.map((row) => row.split(",")[0]),
    expected.map(({ account }) => account).sort(),
  );
}

test("the earlier mistake affects whom the world says, and contained it reaches nobody", async () => {
  const { store } = world;
  await match([FIRST_LIST]);
  const claim = await open(EARLIER);
  assert.ok(truth(EARLIER, [FIRST_LIST]).length > 0);
  await isAsTheWorldSays(EARLIER, [FIRST_LIST]);
  await store.decide({ type: "incident.contain", incident: EARLIER, claim });
  await isAsTheWorldSays(EARLIER, [FIRST_LIST]);
  assert.ok((await rescan(store.solely, EARLIER)).isClean);
});

test("the large one affects whom the world says, and lists reach who the world says they may", async () => {
  const { store, lists } = world;
  const names = lists.map(({ name }) => name);
  await match(names.filter((name) => name !== FIRST_LIST));
  for (const { id, name } of store.solely.audiences.list())
    assert.deepEqual(world.members(id), world.truth(name), name);
  const claim = await open(LARGE);
  assert.ok(truth(LARGE, names).length > 20);
  const late = truth(EARLIER, [FIRST_LIST]).length;
  await isAsTheWorldSays(LARGE, names, late);
  await store.decide({ type: "incident.contain", incident: LARGE, claim });
  await isAsTheWorldSays(LARGE, names, late);
  assert.ok((await rescan(store.solely, LARGE)).isClean);
});
