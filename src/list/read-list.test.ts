/** Lists from files and streams, in the caller's thread and in a worker: the same batches, the same errors, none left behind. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { setTimeout as passed } from "node:timers/promises";
import { inspect } from "node:util";
import type { Worker } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { INPUT_LIMITS, InputError } from "../input/index.js";
import { type DigestBatch, ListError, type ReadListOptions, readList } from "./index.js";

const THREADS = ["caller", "worker"] as const;

async function read(input: string | AsyncIterable<Uint8Array>, options: Partial<ReadListOptions> = {}) {
  const batches: DigestBatch[] = [];
  const reading = readList(input, { scheme: "plain", ...options });
  for (let next = await reading.next(); ; next = await reading.next()) {
    if (next.done === true) return { batches, summary: next.value };
    // Good until the next is asked for.
    const { digest, kinds } = next.value;
    batches.push({ ...next.value, digest: digest.slice(), kinds: kinds.slice() });
  }
}

async function* blocks(bytes: string | Uint8Array, size = 100_000): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(bytes);
  for (let at = 0; at < all.length; at += size) yield new Uint8Array(all.subarray(at, at + size));
}

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "solely-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const started: Worker[] = [];
process.on("worker", (worker) => void started.push(worker));
/** No worker is left but the reading threads, which wait for the next list. */
function assertNoneLeft(): void {
  assert.ok(started.filter(({ threadId }) => threadId !== -1).length <= availableParallelism());
}
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const failsAs = (code: string) => (error: unknown) =>
  (error instanceof ListError || error instanceof InputError) && error.code === code;

/** Rows of many shapes: raw and digests, quotes, several lines, good, bad and empty ones. */
function manyRows(rows: number): string {
  const lines = ["\uFEFFE-Mail;Phone;Note"];
  for (let i = 0; i < rows; i++) {
    const email = i % 3 === 0 ? sha256(`mary${i}@example.com`) : i % 7 === 0 ? `"a@""b;@c"` : ` Mary${i}@example.com`;
    const phone = i % 5 === 0 ? `030 ${100_000 + i}` : i % 11 === 0 ? "none" : "";
    const note = i % 997 === 0 ? `"${"x;\n".repeat(1000)}"` : i % 4001 === 0 ? '"x"y' : "";
    lines.push(i % 13 === 0 ? `;;${note}` : `${email};${phone};${note}`);
  }
  return lines.join("\r\n");
}

const digestLines = (rows: number) => Array.from({ length: rows }, (_, i) => `${sha256(String(i))}\n`).join("");

test("file and stream, plain and gzip, worker and caller's thread give the same batches", async (t) => {
  const folder = folderFor(t);
  const options = { region: "DE", scheme: "meta", limits: { refusalsKept: 5000 } } as const;
  const digests = Buffer.from(digestLines(160_000));
  for (const [name, text] of [
    ["rows", Buffer.from(manyRows(50_000))],
    ["digests", Buffer.concat([digests, Buffer.from("bad\r\n"), digests.subarray(0, 65_000)])],
  ] as const) {
    const path = join(folder, name);
    const zipped = gzipSync(text, { level: 1 });
    writeFileSync(path, text);
    writeFileSync(`${path}.gz`, zipped);
    const expected = await read(path, { ...options, thread: "caller" });
    const { rows, usable, refused } = expected.summary;
    assert.ok(usable > 0.8 * rows && refused > 0 && (name === "rows" || expected.batches.length > 2), name);
    const others: [string, string | AsyncIterable<Uint8Array>, (typeof THREADS)[number] | undefined][] = [
      ["file, worker", path, "worker"],
      ["gzip, by size", `${path}.gz`, undefined],
      ["stream, caller", blocks(text, 77_777), "caller"],
      ["stream, worker", Readable.from(blocks(text, 1_234_567)), "worker"],
      ["gzip stream, caller", blocks(zipped, 10_000), "caller"],
    ];
    for (const [way, input, thread] of others) {
      assert.deepEqual(await read(input, { ...options, thread }), expected, `${name}: ${way}`);
    }
  }
  assertNoneLeft();
});

test("a list of less than 1 MiB starts no thread, and longer ones share as many as there are cores", async () => {
  const list = (bytes: number) => read(blocks(`email\n${"mary@example.com\n".repeat(60_000)}`.padEnd(bytes, "\n")));
  const threadsOf = async (reading: () => Promise<unknown>) => {
    const before = started.length;
    await reading();
    return started.length - before;
  };
  assert.equal(await threadsOf(() => list(1024 * 1024 - 1)), 0);
  const many = await Promise.all(Array.from({ length: 2 * availableParallelism() }, () => list(1024 * 1024)));
  for (const { summary } of many) assert.equal(summary.usable, 60_000);
  assert.equal(started.filter(({ threadId }) => threadId !== -1).length, availableParallelism());
  assert.equal(await threadsOf(() => list(1024 * 1024)), 0);
});

test("a worker that fails while it waits is not taken again", async () => {
  const text = `email\n${"mary@example.com\n".repeat(100)}`;
  for (let i = 0; i < 2; i++) {
    assert.equal((await read(blocks(text), { thread: "worker" })).summary.usable, 100);
    await Promise.all(started.map((worker) => worker.terminate()));
  }
});

/** A stream that tells whether it was closed. */
function watched(bytes: string) {
  const state = { isClosed: false };
  const stream = (async function* () {
    try {
      yield* blocks(bytes);
    } finally {
      state.isClosed = true;
    }
  })();
  return { stream, state };
}

test("who stops early leaves no worker behind, and the stream is closed", async () => {
  const text = `email\n${"mary@example.com\n".repeat(300_000)}`;
  const stops: ((input: AsyncIterable<Uint8Array>, options: ReadListOptions) => Promise<void>)[] = [
    async (input, options) => {
      for await (const batch of readList(input, options)) if (batch.count > 0) break;
    },
    async (input, options) => {
      const failed = (async () => {
        for await (const { count } of readList(input, options)) if (count > 0) throw new Error("enough");
      })();
      await assert.rejects(failed, /enough/);
    },
  ];
  for (const thread of THREADS) {
    for (const stop of stops) {
      const { stream, state } = watched(text);
      await stop(stream, { scheme: "plain", thread });
      assertNoneLeft();
      for (let waits = 0; !state.isClosed && waits < 100; waits++) await passed(10);
      assert.ok(state.isClosed, thread);
    }
  }
});

test("who stops early is not held up by a stream that has stalled", async () => {
  for (const thread of THREADS) {
    const stream = async function* () {
      yield* blocks(digestLines(100_000));
      await new Promise(() => {});
    };
    const stopped = (async () => {
      for await (const { count } of readList(stream(), { scheme: "plain", thread })) return count;
    })();
    assert.ok((await Promise.race([stopped, passed(5000, -1, { ref: false })]))! > 0, thread);
    assertNoneLeft();
  }
});

test("a stream that breaks passes its own error on, wherever it breaks, and no worker is left", async () => {
  const plain = Buffer.from(manyRows(40_000));
  for (const [name, bytes] of [
    ["plain", plain],
    ["gzip", gzipSync(plain, { level: 1 })],
  ] as const) {
    for (const share of [0, 0.5, 1]) {
      for (const thread of THREADS) {
        const torn = new Error("torn");
        const stream = async function* () {
          yield* blocks(bytes.subarray(0, share * bytes.length));
          throw torn;
        };
        await assert.rejects(read(stream(), { thread }), (error) => error === torn, `${name} ${share} ${thread}`);
        assertNoneLeft();
      }
    }
  }
});

test("a bomb of a gzip is stopped, and so is a gzip that is torn", async () => {
  const member = gzipSync("\n".repeat(1024 * 1024));
  const bomb = Buffer.concat([gzipSync("email\n"), ...Array<Buffer>(65).fill(member)]);
  assert.ok(bomb.length < 100_000);
  await assert.rejects(read(blocks(bomb, 10_000)), failsAs("gzip-bomb"));
  assertNoneLeft();
  const zipped = gzipSync(manyRows(40_000), { level: 1 });
  for (const thread of THREADS) {
    await assert.rejects(read(blocks(zipped.subarray(0, -9)), { thread }), failsAs("broken-gzip"));
    assertNoneLeft();
  }
});

test("a list may have as many decoded bytes as its limit, and no more", async () => {
  const text = `email\n${"mary@example.com\n".repeat(1000)}`;
  for (const [bytes, thread] of [
    [text, "caller"],
    [gzipSync(text), "caller"],
    [text, "worker"],
  ] as const) {
    const limits = (bytes: number) => ({ thread, limits: { bytes } });
    assert.equal((await read(blocks(bytes), limits(text.length))).summary.rows, 1000);
    await assert.rejects(read(blocks(bytes), limits(text.length - 1)), failsAs("input-too-long"));
  }
});

test("a list may have as many rows as its limit, and no more", async () => {
  const lists = {
    "raw values": ["email\n", "mary@example.com\n"],
    digests: ["email\n", `${sha256("mary@example.com")}\n`],
    "digests without a header": ["", `${sha256("mary@example.com")}\n`],
    "refused rows": ["email\nmary@example.com\n", "mary\n", "1"],
  } as const;
  for (const [name, [head, row, before = "0"]] of Object.entries(lists)) {
    for (const rows of [1, 61, 62, 70_000]) {
      const text = `\n${head}${row.repeat(rows)}\n\r\n`;
      const total = rows + Number(before);
      assert.equal((await read(blocks(text), { limits: { rows: total } })).summary.rows, total, name);
      const tooFew = { thread: rows === 62 ? "worker" : "caller", limits: { rows: total - 1 } } as const;
      await assert.rejects(read(blocks(text), tooFew), failsAs("too-many-rows"), name);
    }
  }
});

test("as many refused rows are listed as the limit says, and all are counted", async () => {
  const text = `email\n${"mary\nmary@example.com\n".repeat(100)}`;
  const note = (kept: number) => `only the first ${kept} refused rows are listed`;
  const lines = Array.from({ length: 100 }, (_, i) => 2 * i + 2);
  for (const [refusalsKept, notes, thread] of [
    [0, [note(0)], "caller"],
    [99, [note(99)], "caller"],
    [99, [note(99)], "worker"],
    [100, [], "caller"],
    [101, [], "caller"],
  ] as const) {
    const { batches, summary } = await read(blocks(text), { thread, limits: { refusalsKept } });
    assert.deepEqual([summary.rows, summary.usable, summary.refused, summary.notes], [200, 100, 100, notes]);
    assert.deepEqual(summary.badCells, [{ column: 1, code: "not-an-email", cells: 100 }]);
    const listed = batches.flatMap(({ refusals }) => [...refusals.line]);
    assert.deepEqual(listed, lines.slice(0, refusalsKept));
  }
});

test("an error from the worker is the one that the caller's thread throws, and holds no value", async (t) => {
  const wrong: [string, Partial<ReadListOptions>, string][] = [
    ["SECRET,SECRET\n", {}, "no-identifier-column"],
    ["SECRET\n".repeat(200_000), {}, "no-identifier-column"],
    [`email${",SECRET".repeat(256)}\n`, {}, "too-many-columns"],
    ["email\nSECRET@x.com\nSECRET\n", { limits: { rows: 1 } }, "too-many-rows"],
    ["email\n", { region: "XX" }, "unknown-region"],
  ];
  const thrown = (input: string | AsyncIterable<Uint8Array>, options: Partial<ReadListOptions>) =>
    read(input, options).then(
      () => assert.fail("nothing was thrown"),
      (error: unknown) => error,
    );
  for (const [text, options, code] of wrong) {
    const here = await thrown(blocks(text), { ...options, thread: "caller" });
    const there = await thrown(blocks(text), { ...options, thread: "worker" });
    assert.ok(here instanceof ListError && there instanceof ListError, code);
    assert.deepEqual([here.code, here.message, here.fix], [code, there.message, there.fix]);
    assert.equal(there.code, code);
    for (const error of [here, there]) assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes("SECRET"));
    assertNoneLeft();
  }
  for (const path of [join(folderFor(t), "none.csv"), folderFor(t)]) {
    for (const thread of THREADS) assert.ok(failsAs("unreadable-file")(await thrown(path, { thread })));
  }
});

test("an empty list, plain or gzip, has no rows in either thread", async (t) => {
  const path = join(folderFor(t), "empty.csv");
  writeFileSync(path, "");
  for (const [input, thread] of [
    [path, "caller"],
    [path, "worker"],
    [blocks(""), "caller"],
    [blocks(gzipSync("")), "caller"],
  ] as const) {
    const { batches, summary } = await read(input, { thread });
    assert.deepEqual([batches, summary.rows, summary.notes], [[], 0, ["the list has no rows"]]);
  }
});

test("the blocks of a stream stay as they were", async () => {
  const text = Buffer.from(manyRows(40_000));
  for (const thread of THREADS) {
    const given: Uint8Array[] = [];
    const stream = async function* () {
      for await (const block of blocks(text)) {
        given.push(block);
        yield block;
      }
    };
    await read(stream(), { thread });
    assert.ok(Buffer.concat(given).equals(text), thread);
  }
});

test("a list is read only so far ahead of who takes its batches", async () => {
  const block = Buffer.from(digestLines(10_000));
  const aheadBlocks = INPUT_LIMITS.aheadBytes / block.length;
  let taken = 0;
  const stream = async function* () {
    for (; taken < 4 * aheadBlocks; taken++) yield new Uint8Array(block);
  };
  const reading = readList(stream(), { scheme: "plain" });
  let next = await reading.next();
  for (let before = -1; before !== taken; await passed(100)) before = taken;
  assert.ok(taken < 2 * aheadBlocks, `${taken} blocks were taken`);
  let rows = 0;
  while (next.done !== true) {
    rows += next.value.rows;
    next = await reading.next();
  }
  assert.deepEqual([rows, next.value.rows], [10_000 * taken, 10_000 * taken]);
});

test("a spreadsheet, Parquet or UTF-16 is refused as what it is", async () => {
  const files: [Buffer, string][] = [
    [Buffer.from("PK\x03\x04 a spreadsheet"), "unknown-format"],
    [Buffer.from("PAR1 columns PAR1"), "not-csv"],
    [Buffer.from("\ufeffemail\nmary@example.com\n", "utf16le"), "not-utf8"],
  ];
  for (const [bytes, code] of files) {
    const input = (async function* () {
      yield new Uint8Array(bytes);
    })();
    await assert.rejects(
      readList(input, { scheme: "plain" }).next(),
      (error) => error instanceof Error && "code" in error && error.code === code,
    );
  }
});
