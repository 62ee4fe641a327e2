/**
 * Keys: a missing or wrong one is a clear error at start, never an empty audience; the ads key is rotated online, from
 * the old tokens alone, and a rotation that was killed goes on.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { decodeTokens } from "../../src/grant/index.js";
import { doctor, ingest, matchList, rotateAdsKey, takeEvents } from "../../src/index.js";
import type { MatchError } from "../../src/match/index.js";
import type { TokenErrorCode } from "../../src/token/index.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

/** Each run is a leaf of its own, and so a row of tokens. */
const RUNS = 24;
const CONTACTS = 20;

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["ads.match"] });
  for (let run = 0; run < RUNS; run++) await take(run);
});
after(() => store.remove());

const email = (run: number, i: number): string => `p${i}@run${run}.example`;

async function take(run: number): Promise<void> {
  const grants = Array.from({ length: CONTACTS }, (_, i) => ({
    ...{ account: `r${run}-${i}`, kind: "email", value: email(run, i), notice: "ads" },
    given_at: "2024-01-01T00:00:00Z",
  }));
  await ingest(store.solely, ndjson(grants), { source: "local", actor: "test", format: "ndjson" });
}

/** How many accounts a list of every contact of so many runs reaches. */
async function reached(runs: number): Promise<number> {
  const cells = Array.from({ length: runs * CONTACTS }, (_, i) => email(Math.floor(i / CONTACTS), i % CONTACTS));
  const { audience } = await matchList(store.solely, streamOf(`email\n${cells.join("\n")}\n`), {
    ...{ advertiser: "acme", name: "all", operation: "replace", actor: "test" },
  });
  const { audiences, gate } = store.solely;
  return audiences.members(gate.permit("ads.match"), audiences.get(audience)).size;
}

async function storedEpochs(): Promise<Set<number>> {
  const epochs = new Set<number>();
  for await (const { epoch } of store.solely.log.store.tokens(0)) epochs.add(epoch);
  return epochs;
}

async function storedTokens(): Promise<string[]> {
  const tokens: string[] = [];
  for await (const row of store.solely.log.store.tokens(0)) {
    tokens.push(Buffer.from(decodeTokens(row.body, row.keys).token).toString("hex"));
  }
  return tokens;
}

const keyFile = (name: string): string => join(store.data, "keys", `${name}.key`);

test("a key that is missing, wrong, unreadable or another's is a clear error at start", async () => {
  const { length } = await storedTokens();
  assert.equal(length, RUNS);
  await store.close();
  const cases: [string, string | undefined, TokenErrorCode][] = [
    ["ads.match.1", undefined, "missing-key"],
    ["ads.match.1", "ab".repeat(32), "wrong-key"],
    ["ads.match.1", "no key", "malformed-key"],
    ["ads.match.1", readFileSync(keyFile("identity"), "utf8"), "wrong-key"],
    ["identity", "ab".repeat(32), "wrong-key"],
    ["batch", undefined, "missing-key"],
    ["snapshot", undefined, "missing-key"],
  ];
  for (const [name, text, code] of cases) {
    const aside = join(store.folder, "aside");
    copyFileSync(keyFile(name), aside);
    if (text === undefined) await import("node:fs/promises").then(({ rm }) => rm(keyFile(name)));
    else writeFileSync(keyFile(name), text);
    await assert.rejects(store.open(), (error) => {
      assert.ok(error instanceof Error && "code" in error && "fix" in error, String(error));
      assert.equal(error.code, code, `${name}: ${error.message}`);
      assert.ok(error.message.includes(name), error.message);
      assert.ok(text === undefined || !error.message.includes(text.trim()), "and it does not tell the key");
      return true;
    });
    copyFileSync(aside, keyFile(name));
  }
  await store.open();
  assert.equal(await reached(RUNS), RUNS * CONTACTS);
});

test("a rotation online: matching, intake and withdrawal go on, and the old key is gone", async () => {
  const before = await storedTokens();
  let steps = 0;
  const during: Promise<unknown>[] = [];
  const result = await rotateAdsKey(store.solely, {
    actor: "test",
    onProgress: () => {
      steps++;
      if (steps === 3)
        during.push(
          take(RUNS),
          reached(RUNS).then((count) => assert.equal(count, RUNS * CONTACTS)),
        );
      if (steps !== 8) return;
      const event = { type: "withdraw", account: "r0-0", at: new Date().toISOString() };
      during.push(takeEvents(store.solely, ndjson([event]), { actor: "test" }));
    },
  });
  await Promise.all(during);
  assert.equal(during.length, 3);
  assert.deepEqual([result.from, result.to], [1, 2]);
  assert.ok(!existsSync(keyFile("ads.match.1")) && existsSync(keyFile("ads.match.2")));
  assert.deepEqual(await storedEpochs(), new Set([2]));
  const after = await storedTokens();
  assert.ok(before.every((token) => !after.includes(token)));
  for (const from of ["newest", "facts"] as const) {
    assert.equal(await reached(RUNS + 1), (RUNS + 1) * CONTACTS - 1, from);
    assert.ok((await doctor(await store.reopen(from))).isHealthy);
  }
});

test("a rotation that is killed leaves a store that matches, and goes on where it was", async () => {
  await store.close();
  const script = `
    import { writeSync } from "node:fs";
    const { Solely, rotateAdsKey } = await import(${JSON.stringify(new URL("../../src/index.js", import.meta.url))});
    const [data, databaseUrl] = process.argv.slice(1);
    const solely = await Solely.open({ data, databaseUrl: databaseUrl || undefined });
    await rotateAdsKey(solely, { actor: "killed", onProgress: (done) => {
      writeSync(1, done + "\\n");
      if (done === 10) process.kill(process.pid, "SIGKILL");
    } });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, store.data, store.databaseUrl ?? ""], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const signal = await new Promise((resolve) => child.once("exit", (_, by) => resolve(by)));
  assert.equal(signal, "SIGKILL");
  await store.open();
  assert.deepEqual(await storedEpochs(), new Set([2, 3]), "cut off in the middle");
  const { findings } = await doctor(store.solely);
  assert.ok(findings.some(({ what }) => /rotation .* cut off/.test(what)));
  assert.equal(await reached(RUNS + 1), (RUNS + 1) * CONTACTS - 1);
  await take(RUNS + 1);
  assert.equal(await reached(RUNS + 2), (RUNS + 2) * CONTACTS - 1);
  const result = await rotateAdsKey(store.solely, { actor: "test" });
  assert.deepEqual([result.from, result.to], [2, 3]);
  assert.deepEqual(await storedEpochs(), new Set([3]));
  assert.ok(!existsSync(keyFile("ads.match.2")));
  for (const from of ["newest", "facts"] as const) {
    assert.ok((await doctor(await store.reopen(from))).isHealthy, from);
    assert.equal(await reached(RUNS + 2), (RUNS + 2) * CONTACTS - 1, from);
  }
});

test("a rotation that fails half-way in a process that lives on leaves nothing out when it is done again", async () => {
  const failure = new Error("as if the database had gone");
  const failing = rotateAdsKey(store.solely, {
    actor: "test",
    onProgress: (done) => {
      if (done === 10) throw failure;
    },
  });
  await assert.rejects(failing, failure);
  assert.equal(await reached(RUNS + 2), (RUNS + 2) * CONTACTS - 1);
  await take(RUNS + 2);
  const result = await rotateAdsKey(store.solely, { actor: "test" });
  assert.deepEqual([result.from, result.to], [3, 4]);
  assert.deepEqual(await storedEpochs(), new Set([4]));
  assert.equal(await reached(RUNS + 3), (RUNS + 3) * CONTACTS - 1);
  assert.ok((await doctor(await store.reopen("facts"))).isHealthy);
  assert.equal(await reached(RUNS + 3), (RUNS + 3) * CONTACTS - 1);
});

test("two rotations at once: the second is refused", async () => {
  const results = await Promise.allSettled([
    rotateAdsKey(store.solely, { actor: "test" }),
    rotateAdsKey(store.solely, { actor: "test" }),
  ]);
  const refused = results.filter((result) => result.status === "rejected");
  assert.equal(refused.length, 1);
  assert.equal((refused[0]!.reason as MatchError).code, "rotation-under-way");
  assert.equal(await reached(RUNS + 3), (RUNS + 3) * CONTACTS - 1);
});
