/**
 * A full disk: a clear refusal, nothing acknowledged is lost and nothing half-done shows, and it goes on when there is
 * room again. On a small file system of its own, which only root can make.
 */
import assert from "node:assert/strict";
import { closeSync, ftruncateSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { doctor, eligibility, ingest, matchList, takeEvents } from "../../src/index.js";
import { Paging } from "../../src/paging/index.js";
import { StoreError } from "../../src/store/index.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";
import { mountSmallDisk, unmountSmallDisk } from "../small-disk.js";

const DISK_KIB = 320 * 1024;

/** Fills the disk up to a rest. */
function fill(folder: string, restBytes: number): () => void {
  const path = join(folder, "ballast");
  const file = openSync(path, "w");
  const { bavail, bsize } = statfsSync(folder);
  const block = Buffer.alloc(1024 * 1024, 1);
  for (let left = bavail * bsize - restBytes; left > 0; left -= block.length)
    writeSync(file, block, 0, Math.min(left, block.length));
  return () => {
    ftruncateSync(file);
    closeSync(file);
    rmSync(path);
  };
}

const grants = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    ...{ account: `u${from + i}`, kind: "email", value: `p${from + i}@example.com`, notice: "ads" },
    given_at: "2024-01-01T00:00:00Z",
  }));

const isDiskFull = (error: unknown): boolean => {
  assert.ok(error instanceof StoreError, String(error));
  assert.equal(error.code, "disk-full");
  assert.match(error.fix ?? "", /room/);
  return true;
};

test("a full disk refuses clearly, loses nothing, and it goes on when there is room", async (t) => {
  if (process.env.SOLELY_TEST_DATABASE !== undefined) return t.skip("the disk is the server's");
  const disk = mountSmallDisk(DISK_KIB);
  if ("skipped" in disk) return t.skip(disk.skipped);
  const before = process.env.TMPDIR;
  process.env.TMPDIR = disk.folder;
  t.after(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    unmountSmallDisk(disk.folder);
  });
  const store = await FreshStore.make();
  try {
    await store.adopt({ id: "ads", purposes: ["ads.match"] });
    const options = { source: "local", actor: "test", format: "ndjson" } as const;
    await ingest(store.solely, ndjson(grants(0, 1000)), options);
    const { audience } = await matchList(store.solely, streamOf("email\np1@example.com\np2@example.com\n"), {
      ...{ advertiser: "acme", name: "list", actor: "test" },
    });
    await store.release();
    const empty = fill(disk.folder, 2 * 1024 * 1024);
    let acknowledged = 1000;
    await assert.rejects(async () => {
      // Each run is acknowledged on its own; sooner or later there is no room for one.
      for (;;) {
        await ingest(store.solely, ndjson(grants(acknowledged, 20_000)), options);
        acknowledged += 20_000;
      }
    }, isDiskFull);
    const { solely } = store;
    assert.equal(solely.contacts.points.numbered, acknowledged, "what was refused does not show");
    assert.deepEqual(eligibility(solely, "u1").audiences, [audience], "reading goes on");
    empty();
    const withdrawal = { type: "withdraw", account: "u1", at: new Date().toISOString() };
    await takeEvents(solely, ndjson([withdrawal]), { actor: "test" });
    assert.deepEqual(eligibility(solely, "u1").audiences, []);
    await ingest(solely, ndjson(grants(acknowledged, 20_000)), options);
    const again = await store.reopen("facts");
    assert.equal(again.contacts.points.numbered, acknowledged + 20_000);
    assert.deepEqual(eligibility(again, "u2").audiences, [audience]);
    assert.deepEqual(eligibility(again, "u1").audiences, []);
    assert.ok((await doctor(again)).isHealthy);
  } finally {
    await store.remove();
  }
});

test("a large column for which the disk has no room stays in memory, whole, and says why", (t) => {
  const disk = mountSmallDisk(24 * 1024);
  if ("skipped" in disk) return t.skip(disk.skipped);
  t.after(() => unmountSmallDisk(disk.folder));
  const paging = new Paging({ folder: disk.folder, fromBytes: 1 });
  const value = (at: number) => Math.imul(at, 0x9e3779b1) >>> 0;
  let column = Uint32Array.from({ length: 10 * 2 ** 20 }, (_, at) => value(at));
  paging.settle(column, column.length);
  assert.match(paging.failure ?? "", /ENOSPC/);
  // What had room is in the file, and goes along when it grows.
  column = paging.grown(column, column.length + 1);
  column[10 * 2 ** 20] = value(10 * 2 ** 20);
  paging.settle(column, 10 * 2 ** 20 + 1);
  for (let at = 0; at <= 10 * 2 ** 20; at++) if (column[at] !== value(at)) assert.fail(`another value at ${at}`);
});
