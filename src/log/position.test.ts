/** Two times: leaf times never fall, whatever the clock does, and an instant stands for a position. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, mock, test } from "node:test";
import { decodeLeaf, LeafKind } from "../ledger/index.js";
import { Store } from "../store/index.js";
import { Log, positionAt } from "./index.js";

const home = mkdtempSync(join(tmpdir(), "solely-position-"));
const options = { folds: [], folder: join(home, "snapshots"), key: randomBytes(32) };
const START = Date.UTC(2026, 0, 1);
let store: Store;
before(async () => {
  store = await Store.open({ dataDir: join(home, "data") });
  await store.acquireWriter({ pid: process.pid });
});
after(async () => {
  mock.timers.reset();
  await store.close();
  rmSync(home, { recursive: true, force: true });
});

const record = (log: Log) => log.record(LeafKind.run, () => Buffer.from("x"));
const iso = (second: number) => new Date(START + second * 1000).toISOString();

async function leafSeconds(): Promise<number[]> {
  const seconds: number[] = [];
  for await (const { body } of store.leaves(0)) seconds.push((decodeLeaf(body).timeMs - START) / 1000);
  return seconds;
}

test("leaf times never fall when the clock goes back, nor over a restart", async () => {
  mock.timers.enable({ apis: ["Date"], now: START });
  let log = await Log.open({ store, ...options });
  for (const [i, clock] of [0, 10, 5, 3, 20, 15, 12, 30].entries()) {
    mock.timers.setTime(START + clock * 1000);
    if (i === 5) log = await Log.open({ store, ...options });
    await record(log);
  }
  assert.deepEqual(await leafSeconds(), [0, 10, 10, 10, 20, 20, 20, 30]);
});

test("an instant stands for the leaves that were learned by then, a position for itself", async () => {
  const log = await Log.open({ store, ...options });
  const times = await leafSeconds();
  mock.timers.setTime(START + 40_000);
  for (const second of [-1, 0, 9.999, 10, 19.999, 20, 29, 30, 31, 40]) {
    const learned = times.filter((at) => at <= second).length;
    assert.equal(await positionAt(log, iso(second)), learned, `second ${second}`);
  }
  assert.equal(await positionAt(log, "2026-01-01T01:00:10+01:00"), 4);
  for (const position of [0, 5, 8]) assert.equal(await positionAt(log, String(position)), position);
  for (const unknown of ["9", iso(41)]) await assert.rejects(positionAt(log, unknown), { code: "not-yet-known" });
  for (const bad of ["", "-1", "1.5", "yesterday", "2026-01-01", "2026-02-30T00:00:00Z"]) {
    await assert.rejects(positionAt(log, bad), { code: "malformed-instant" }, bad);
  }
});
