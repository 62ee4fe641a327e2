/**
 * No draw is made twice and no charge is lost: when the process is killed in the middle of it, when another process has
 * taken the store over, and when the store was put back to an earlier state that knows nothing of what was drawn since.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { runCommand } from "../../src/command/index.js";
import { backup, restore, Solely } from "../../src/index.js";
import { LeafKind } from "../../src/ledger/index.js";
import { payloadOf } from "../../src/log/index.js";
import type { Action } from "../../src/operator/index.js";
import { releaseDue } from "../../src/size/index.js";
import { soon } from "../fresh-store.js";
import { EPOCH_MS, HOUR_MS, SizedStore } from "../sized-store.js";

const KILLS = 8;
const WORKER = fileURLToPath(new URL("./releasing-worker.js", import.meta.url));

let sized: SizedStore;
afterEach(() => sized.remove());

interface Drawn {
  readonly audience: string;
  readonly at: string;
  readonly draws: readonly unknown[];
}

async function drawnBy({ store, log }: Solely): Promise<Drawn[]> {
  const drawn: Drawn[] = [];
  for await (const { body } of store.facts(0, { to: log.position, kinds: [LeafKind.release] })) {
    drawn.push(JSON.parse(Buffer.from(payloadOf(body)).toString("utf8")));
  }
  return drawn;
}

/** Each audience once an epoch at most, and what they cost is what the facts say, within every month's cap. */
function assertOnceEach(solely: Solely, drawn: readonly Drawn[]): void {
  const epochs = drawn.map(({ audience, at }) => `${audience} ${Math.floor(Date.parse(at) / EPOCH_MS)}`);
  assert.equal(new Set(epochs).size, epochs.length);
  const months = new Map<string, number>();
  for (const { at, draws } of drawn) months.set(at.slice(0, 7), (months.get(at.slice(0, 7)) ?? 0) + draws.length);
  const spent = solely.releases.durable.spending.save();
  const [, days] = spent.find(([entity]) => entity === "acme")!;
  const yearAgoMs = solely.releases.durable.lastAtMs - 365 * 24 * HOUR_MS;
  for (const [month, draws] of months) {
    assert.ok(draws <= 60, `${draws} draws in ${month}`);
    // What is older than any cap asks for is not kept.
    if (Date.parse(`${month}-01T00:00:00Z`) < yearAgoMs) continue;
    const charged = days.filter(([day]) => new Date(day * 24 * HOUR_MS).toISOString().slice(0, 7) === month);
    const sum = charged.reduce((all, [, [numerator, denominator]]) => all + Number(numerator) / Number(denominator), 0);
    assert.equal(Math.round(1200 * sum), draws, `what ${month} cost`);
  }
}

test(`after each of ${KILLS} kills in the middle of releasing, every draw that is kept is paid for, and made once`, async () => {
  sized = await SizedStore.make(30, { firstReleaseMinutes: 0 });
  const { store } = sized;
  for (let i = 0; i < 20; i++) await sized.list(`list ${i}`, [0, 30]);
  await store.close();
  let said = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [WORKER, store.data, store.databaseUrl ?? ""], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    for await (const line of createInterface({ input: child.stdout })) {
      if (line !== "opened") said++;
      else void sleep(20 + Math.random() * 200).then(() => child.kill("SIGKILL"));
    }
    await ended;
  }
  const solely = await store.open();
  const drawn = await drawnBy(solely);
  assert.ok(said > KILLS && drawn.length > 60, `${drawn.length} releases in ${said} runs`);
  assertOnceEach(solely, drawn);
});

test("a process that another one has taken over from releases nothing, and the other draws once", async () => {
  sized = await SizedStore.make(30);
  const { store } = sized;
  await sized.list("list", [0, 30]);
  const stale = store.solely;
  await store.cutConnections();
  const other = await Solely.open({ data: store.data, databaseUrl: store.databaseUrl });
  try {
    const dueMs = Date.now() + 2 * HOUR_MS;
    const [first, second] = await Promise.allSettled([releaseDue(other, dueMs), releaseDue(stale, dueMs)]);
    assert.deepEqual([first.status, second.status], ["fulfilled", "rejected"]);
    await assert.rejects(releaseDue(stale, dueMs), { code: "lost-lock" });
    const drawn = await drawnBy(other);
    assert.equal(drawn.length, 1);
    assertOnceEach(other, drawn);
  } finally {
    await other.close();
  }
});

const onServer = process.env.SOLELY_TEST_DATABASE !== undefined;
const ownDatabase = { skip: onServer && "a backup is restored into an embedded database here" };

test(
  "a store that was put back draws nothing for a time that it may have drawn for, and its months are spent",
  ownDatabase,
  async () => {
    sized = await SizedStore.make(1200, { firstReleaseMinutes: 0 });
    const { store } = sized;
    const released = await sized.list("list", [0, 1200]);
    await sized.pass(60_000);
    const pending = await sized.list("later", [0, 1200]);
    const file = join(store.folder, "a.backup");
    await backup(store.solely, { out: file, actor: "test" });
    // What the earlier state will know nothing of.
    assert.equal(await sized.pass(60_000), 1);
    await store.close();
    const keys = join(store.folder, "keys");
    renameSync(join(store.data, "keys"), keys);
    rmSync(store.data, { recursive: true });
    cpSync(keys, join(store.data, "keys"), { recursive: true });
    await restore({ file, data: store.data });
    await store.open();
    await assert.rejects(releaseDue(sized.solely, Date.now() + 60_000), { code: "behind-checkpoint" });
    assert.equal((await drawnBy(sized.solely)).length, 1, "nor is anything written");
    const view = await runCommand(sized.solely, "recovery", {}, { actor: "test" });
    const { action } = view as { action: Action };
    await store.decide(action);
    await soon("it is recovered", () => sized.solely.kept.isCurrent);
    await sized.solely.log.writer.exclusiveSettled(() => {});
    const recoveredMs = Date.now();
    for (const isReopened of [false, true]) {
      if (isReopened) await store.reopen("facts");
      sized.nowMs = recoveredMs;
      assert.deepEqual([sized.budget().draw.left, sized.budget().month.spent], [0, 0.05]);
    }
    const date = new Date(recoveredMs);
    const monthMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    const epochMs = (Math.floor(recoveredMs / EPOCH_MS) + 1) * EPOCH_MS;
    const openMs = Math.max(monthMs, epochMs);
    for (let nowMs = recoveredMs; nowMs < openMs; nowMs += 5 * HOUR_MS) {
      assert.equal((await releaseDue(sized.solely, nowMs)).released, 0, new Date(nowMs).toISOString());
    }
    sized.nowMs = openMs;
    assert.equal(await sized.pass(HOUR_MS), 2);
    for (const audience of [released, pending]) assert.equal(sized.view(audience).status, "ready");
  },
);
