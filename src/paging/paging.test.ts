import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { grown } from "../column/index.js";
import { Paging } from "./index.js";

const home = mkdtempSync(join(tmpdir(), "solely-paging-"));
after(() => rmSync(home, { recursive: true, force: true }));
const isLinux = process.platform === "linux";
const skip = isLinux ? false : "memory is mapped on Linux alone";

/** Mappings of files of a folder that this process has. */
const mapped = (folder: string): string[] =>
  readFileSync("/proc/self/maps", "utf8")
    .split("\n")
    .filter((line) => line.includes(folder));

/** Bytes; smaller columns are not paged. */
const MIB = 2 ** 20;
const AT_FIRST = 33 * MIB;

type Step =
  | { readonly does: "append"; readonly bytes: number; readonly value: number }
  | { readonly does: "rewrite" | "cut"; readonly share: number }
  | { readonly does: "settle" };

const share = fc.double({ min: 0, max: 1, noNaN: true });
const bytes = fc.integer({ min: 1, max: 20 * MIB });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ does: fc.constant("append" as const), bytes, value: fc.nat({ max: 0xffffffff }) }),
  fc.record({ does: fc.constantFrom("rewrite" as const, "cut" as const), share }),
  fc.record({ does: fc.constant("settle" as const) }),
);

for (const Column of [Uint8Array, Uint16Array, Uint32Array]) {
  test(`a ${Column.name} that is paged reads and writes as one that is not, however it grows`, { skip }, () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 3, maxLength: 10 }), (steps) => {
        const paging = new Paging({ folder: home, fromBytes: 1 });
        const size = Column.BYTES_PER_ELEMENT;
        let length = AT_FIRST / size;
        let column: Uint8Array | Uint16Array | Uint32Array = new Column(length);
        let plain: typeof column = new Column(length);
        for (let at = 0; at < length; at++) column[at] = plain[at] = Math.imul(at, 0x9e3779b1);
        for (const one of steps) {
          if (one.does === "append") {
            const to = length + Math.ceil(one.bytes / size);
            column = paging.grown(column, to);
            plain = grown(plain, to);
            for (const each of [column, plain]) each.fill(one.value, length, to);
            length = to;
          } else if (one.does === "rewrite") {
            const at = Math.floor(one.share * (length - 1));
            for (const each of [column, plain]) each[at]! += 1;
          } else if (one.does === "cut") length = Math.floor(one.share * length);
          else paging.settle(column, length);
        }
        assert.equal(paging.failure, undefined);
        assert.equal(Buffer.compare(bytesOf(column, length), bytesOf(plain, length)), 0);
      }),
      { numRuns: 12 },
    );
  });
}

const bytesOf = (column: Uint8Array | Uint16Array | Uint32Array, length: number): Uint8Array =>
  new Uint8Array(column.buffer, 0, length * column.BYTES_PER_ELEMENT);

test("what is paged lies in a file that has no name, and small columns stay in memory", { skip }, () => {
  const folder = mkdtempSync(join(home, "nameless-"));
  const paging = new Paging({ folder, fromBytes: 48 * MIB });
  const [small, large] = [new Uint8Array(48 * MIB - 1).fill(1), new Uint32Array(12 * MIB).fill(7)];
  paging.settle(small, small.length);
  assert.deepEqual(mapped(folder), []);
  // Pages that the runtime shares out among small arrays stay what they are.
  new Paging({ folder, fromBytes: 1 }).settle(new Uint8Array(32 * MIB), 32 * MIB);
  assert.deepEqual(mapped(folder), []);
  paging.settle(large, large.length);
  const files = mapped(folder);
  assert.equal(files.length, 1, "its pieces are one mapping");
  assert.match(files[0]!, /\(deleted\)$/);
  assert.deepEqual(readdirSync(folder), []);
  assert.ok(large.every((word) => word === 7));
  // What is grown shares the file with what it was grown from.
  const larger = paging.grown(large, large.length + 1);
  assert.ok(larger.subarray(0, large.length).every((word) => word === 7));
  assert.equal(mapped(folder).length, 2);
});

test("memory that threads share is paged for all of them", { skip }, async () => {
  const paging = new Paging({ folder: home, fromBytes: 1 });
  const shared = new Uint32Array(new SharedArrayBuffer(40 * MIB));
  for (let i = 0; i < shared.length; i++) shared[i] = i;
  paging.pageOut(new Uint8Array(shared.buffer));
  const worker = new Worker(
    `const { parentPort, workerData } = require("node:worker_threads");
     let wrong = 0;
     for (let i = 0; i < workerData.length; i++) if (workerData[i] !== i) wrong++;
     workerData.fill(5);
     parentPort.postMessage(wrong);`,
    { eval: true, workerData: shared },
  );
  const wrong = await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  assert.equal(wrong, 0);
  assert.ok(shared.every((word) => word === 5));
});

test("where no file can be made, memory stays memory, and it is told why", () => {
  const folder = join(home, "a-file");
  writeFileSync(folder, "");
  const paging = new Paging({ folder: join(folder, "in-it"), fromBytes: 1 });
  const column = new Uint32Array(12 * MIB).fill(3);
  paging.settle(column, column.length);
  assert.match(paging.failure ?? "", isLinux ? /ENOTDIR/ : /not kept in files/);
  assert.ok(column.every((word) => word === 3));
  assert.ok(
    paging
      .grown(column, 2 ** 17)
      .subarray(0, column.length)
      .every((word) => word === 3),
  );
  assert.equal(paging.isFor(2 ** 40), false, "it is not tried again");
});
