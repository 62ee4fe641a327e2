import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ORDER_PARTS } from "./ordered.js";
import { BATCH_TOKENS, BatchFill, BatchMemory, columnsOf, orderBatch } from "./shared-batch.js";
import { Tokeniser } from "./tokeniser.js";
import { Workbench } from "./workbench.js";

const bench = new Workbench();
const tokeniser = new Tokeniser("ads.match", Buffer.alloc(32, 7));

/** Digests that are all different, and their kinds. */
function digestsOf(count: number, seed: number): { digests: Uint8Array; kinds: Uint8Array } {
  const words = new Uint32Array(4 * count);
  for (let i = 0; i < count; i++) words.set([i, seed, Math.imul(i, 0x9e37_79b1), 7], 4 * i);
  return { digests: new Uint8Array(words.buffer), kinds: Uint8Array.from({ length: count }, (_, i) => 1 + (i % 63)) };
}

test("a batch that was filled piece by piece has each digest's token and kinds, in order, part by part", () => {
  const memory = new BatchMemory();
  const anyPieces = fc.array(fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 9000 })), { maxLength: 12 });
  fc.assert(
    fc.property(anyPieces, fc.nat(), (pieces, seed) => {
      const total = pieces.reduce((sum, count) => sum + count, 0);
      const { digests, kinds } = digestsOf(total, seed);
      const fill = new BatchFill(memory.lend());
      let given = 0;
      for (const count of pieces) {
        const piece = [
          digests.subarray(16 * given, 16 * (given + count)),
          kinds.subarray(given, given + count),
        ] as const;
        for (let from = 0; from < count && !fill.isFull; ) from += fill.add(...piece, from);
        given += count;
      }
      const count = Math.min(total, BATCH_TOKENS);
      assert.equal(fill.count, count);
      orderBatch(fill, tokeniser, bench);
      const { records, ends } = columnsOf(fill);
      const tokens = Buffer.from(tokeniser.tokens(digests.subarray(0, 16 * count)));
      const words = new DataView(records.buffer, records.byteOffset, records.byteLength);
      assert.equal(ends.at(-1), count);
      const rows = new Set<number>();
      for (let part = 0, at = 0; part < ORDER_PARTS; part++) {
        for (; at < ends[part]!; at++) {
          const last = words.getUint32(16 * at + 12, true);
          const row = last >>> 8;
          rows.add(row);
          assert.equal(words.getUint32(16 * at, true) >>> 22, part);
          assert.equal(tokens.compare(records, 16 * at, 16 * at + 12, 16 * row, 16 * row + 12), 0);
          assert.equal(last & 255, kinds[row]);
        }
      }
      assert.equal(rows.size, count);
      memory.takeBack(fill);
    }),
    { numRuns: 20 },
  );
});

test("a batch takes so many digests, and the rest is for the next", () => {
  const { digests, kinds } = digestsOf(BATCH_TOKENS + 10, 1);
  const fill = new BatchFill(new BatchMemory().lend());
  assert.equal(fill.add(digests, kinds, 4), BATCH_TOKENS);
  assert.deepEqual([fill.isFull, fill.add(digests, kinds, BATCH_TOKENS + 4)], [true, 0]);
  assert.ok(Buffer.from(columnsOf(fill).digests).equals(digests.subarray(64, 64 + 16 * BATCH_TOKENS)));
});

test("memory that is given back is lent again, and nothing is left in it but where parts ended", () => {
  const memory = new BatchMemory();
  for (const count of [1, 3, 1001, BATCH_TOKENS]) {
    const { digests, kinds } = digestsOf(count, count);
    const fill = new BatchFill(memory.lend());
    fill.add(digests, kinds, 0);
    orderBatch(fill, tokeniser, bench);
    memory.takeBack(fill);
    const { digests: left, records, kinds: leftKinds } = columnsOf({ memory: fill.memory, count: BATCH_TOKENS });
    for (const column of [left, records, leftKinds]) assert.ok(column.every((byte) => byte === 0));
    const again = memory.lend();
    assert.equal(again, fill.memory);
    memory.takeBack({ memory: again, count: 0 });
  }
});
