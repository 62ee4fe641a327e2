/**
 * Sealing keys: a missing or wrong one is a clear error at start; they are rotated online, and a rotation that was killed
 * in either of its passes goes on; a store of before there was a vault gets them; without values kept there are masks.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { doctor, ingest, rotateSealingKey } from "../../src/index.js";
import { COMPARTMENTS } from "../../src/vault/index.js";
import { FreshStore, ndjson } from "../fresh-store.js";

const RUNS = 30;
const CONTACTS = 20;
/** Of security.mfa. */
const COMPARTMENT = 0;

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "mfa", purposes: ["security.mfa", "security.recovery"] });
  for (let run = 0; run < RUNS; run++) await take(run);
});
after(() => store.remove());

const emailOf = (run: number, i: number): string => `p${i}@run${run}.example`;

async function take(run: number): Promise<void> {
  const grants = Array.from({ length: CONTACTS }, (_, i) => ({
    ...{ account: `r${run}-${i}`, kind: "email", value: emailOf(run, i), notice: "mfa" },
    given_at: "2024-01-01T00:00:00Z",
  }));
  await ingest(store.solely, ndjson(grants), { source: "local", actor: "test", format: "ndjson" });
}

/** Every value of so many runs comes out as it was given. */
async function assertWhole(
  runs: number,
  purpose: "security.mfa" | "security.recovery" = "security.mfa",
): Promise<void> {
  const { contacts, gate, vault } = store.solely;
  for (let run = 0; run < runs; run++) {
    const points = Array.from({ length: CONTACTS }, (_, i) => contacts.pointsOf(contacts.account(`r${run}-${i}`))[0]!);
    const opened = await vault.open(gate.permitOf(purpose, points), points);
    assert.deepEqual(
      points.map((point) => opened.get(point)?.value),
      points.map((_, i) => emailOf(run, i)),
    );
  }
}

const keyFile = (name: string): string => join(store.data, "keys", `${name}.key`);
const outdated = (by: "epoch" | "dataEpoch", epoch: number) =>
  store.solely.store.outdatedSealed({ compartment: COMPARTMENT, by, epoch, after: undefined, limit: 1000 });

test("each compartment has a key of its own, and a missing, wrong or shared one is a clear error at start", async () => {
  assert.equal(COMPARTMENTS.length, 8);
  await store.close();
  for (const [name, text, code] of [
    ["seal.mask.1", undefined, "missing-key"],
    ["seal.security.mfa.1", undefined, "missing-key"],
    ["seal.security.mfa.1", "ab".repeat(32), "wrong-key"],
    ["seal.security.mfa.1", readFileSync(keyFile("ads.match.1"), "utf8"), "wrong-key"],
    ["seal.service.account.1", "no key", "malformed-key"],
    ["tombstone", undefined, "missing-key"],
  ] as const) {
    const own = readFileSync(keyFile(name));
    if (text === undefined) rmSync(keyFile(name));
    else writeFileSync(keyFile(name), text);
    await assert.rejects(store.open(), { code }, name);
    writeFileSync(keyFile(name), own);
  }
  await store.open();
  await assertWhole(RUNS);
});

test("a rotation online: intake and opening go on, the old key is gone, and every chunk is sealed anew", async () => {
  const before = await outdated("epoch", 0);
  let steps = 0;
  const during: Promise<void>[] = [];
  const result = await rotateSealingKey(store.solely, "security.mfa", {
    actor: "test",
    onProgress: () => {
      if (steps++ === 0) during.push(take(RUNS), assertWhole(RUNS));
    },
  });
  await Promise.all(during);
  assert.equal(during.length, 2);
  assert.deepEqual([result.from, result.to, result.rewrapped, result.resealed], [1, 2, RUNS, RUNS]);
  assert.ok(!existsSync(keyFile("seal.security.mfa.1")) && existsSync(keyFile("seal.security.mfa.2")));
  assert.ok(existsSync(keyFile("seal.security.recovery.1")), "another purpose's key stays");
  assert.deepEqual([await outdated("epoch", 2), await outdated("dataEpoch", 2)], [[], []]);
  const bodies = new Set((await outdated("epoch", 0)).map(({ body }) => Buffer.from(body).toString("hex")));
  assert.ok(before.every(({ body }) => !bodies.has(Buffer.from(body).toString("hex"))));
  for (const from of ["newest", "facts"] as const) {
    await store.reopen(from);
    await assertWhole(RUNS + 1);
    await assertWhole(RUNS + 1, "security.recovery");
    assert.ok((await doctor(store.solely)).isHealthy);
  }
});

for (const [pass, calls] of [
  ["first", 1],
  ["second", 2],
] as const) {
  test(`a rotation that is killed in its ${pass} pass goes on when the store is opened`, async () => {
    const { keyHistory } = store.solely;
    const from = keyHistory.epochOf("seal.security.mfa");
    await store.close();
    // The limit of chunks at a time is beyond this store's; the kill falls right after a pass has done them.
    const script = `
      const { Solely, rotateSealingKey } = await import(${JSON.stringify(new URL("../../src/index.js", import.meta.url))});
      const [data, databaseUrl] = process.argv.slice(1);
      const solely = await Solely.open({ data, databaseUrl: databaseUrl || undefined });
      let calls = 0;
      await rotateSealingKey(solely, "security.mfa", { actor: "killed", onProgress: () => {
        if (++calls === ${calls}) process.kill(process.pid, "SIGKILL");
      } });`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, store.data, store.databaseUrl ?? ""], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const signal = await new Promise((resolve) => child.once("exit", (_, by) => resolve(by)));
    assert.equal(signal, "SIGKILL");
    await store.open();
    await assertWhole(RUNS + 1);
    await store.close();
    await store.open();
    assert.equal(store.solely.keyHistory.epochOf("seal.security.mfa"), from + 1);
    assert.equal(store.solely.keyHistory.rotationOf("seal.security.mfa"), undefined);
    assert.ok(!existsSync(keyFile(`seal.security.mfa.${from}`)));
    assert.deepEqual(await outdated("dataEpoch", from + 1), []);
    await assertWhole(RUNS + 1);
  });
}

test("two rotations of one compartment at once: the second is refused; of two compartments they go on", async () => {
  const results = await Promise.allSettled([
    rotateSealingKey(store.solely, "security.mfa", { actor: "test" }),
    rotateSealingKey(store.solely, "security.mfa", { actor: "test" }),
    rotateSealingKey(store.solely, "mask", { actor: "test" }),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  await assertWhole(RUNS + 1);
});

test("with `vault: false` there is a mask of each contact and no value, and turned on again new values are kept", async () => {
  await store.close();
  const file = join(store.data, "solely.json");
  const config = readFileSync(file, "utf8");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(config), vault: false }));
  await store.open();
  await take(100);
  const { contacts, gate, vault } = store.solely;
  const [point] = contacts.pointsOf(contacts.account("r100-0"));
  assert.deepEqual(await vault.masks([point!]), new Map([[point, "p••@r••.example"]]));
  assert.deepEqual(await vault.open(gate.permitOf("security.mfa", [point!]), [point!]), new Map());
  await store.close();
  writeFileSync(file, config);
  await store.open();
  await take(101);
  await assertWhole(RUNS + 1);
});
