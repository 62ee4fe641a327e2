/** Columnar bodies: what goes in comes out, and nothing else is believed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeColumns, encodeColumns, viewF64, viewU16, viewU32 } from "./columns.js";
import { StoreError } from "./failure.js";
import { COLUMNS_LIMIT } from "./limits.js";

const code = (wanted: string) => (thrown: unknown) => thrown instanceof StoreError && thrown.code === wanted;
const anyColumns = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });

test("any columns come back byte for byte, each from a multiple of 8 on", () => {
  fc.assert(
    fc.property(anyColumns, (columns) => {
      const decoded = decodeColumns(encodeColumns(columns));
      assert.deepEqual(decoded, columns);
      for (const column of decoded) assert.equal(column.byteOffset % 8, 0);
    }),
  );
});

test("a body with any one bit flipped, any bytes cut off or added is not a columnar body", () => {
  fc.assert(
    fc.property(anyColumns, fc.nat(), fc.integer({ min: 1, max: 9 }), (columns, at, some) => {
      const body = encodeColumns(columns);
      const flipped = Uint8Array.from(body);
      flipped[(at >> 3) % body.length]! ^= 1 << (at & 7);
      assert.throws(() => decodeColumns(flipped), code("malformed"));
      assert.throws(() => decodeColumns(body.subarray(0, body.length - some)), code("malformed"));
      assert.throws(() => decodeColumns(Buffer.concat([body, new Uint8Array(some)])), code("malformed"));
    }),
  );
});

test("random bytes are refused, never a crash", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.throws(() => decodeColumns(bytes), code("malformed"));
    }),
  );
});

test("numbers are viewed without a copy in an aligned body, and with one elsewhere", () => {
  const body = encodeColumns([Float64Array.of(1.5, -2), Uint32Array.of(7, 2 ** 32 - 1), Uint16Array.of(1, 2, 65535)]);
  const shifted = Buffer.concat([Buffer.alloc(1), body]).subarray(1);
  for (const bytes of [body, Uint8Array.prototype.slice.call(shifted), new Uint8Array([0, ...body]).subarray(1)]) {
    const [floats, words, halves] = decodeColumns(bytes);
    assert.deepEqual([...viewF64(floats!)], [1.5, -2]);
    assert.deepEqual([...viewU32(words!)], [7, 2 ** 32 - 1]);
    assert.deepEqual([...viewU16(halves!)], [1, 2, 65535]);
    assert.equal(viewF64(floats!).buffer === bytes.buffer, bytes.byteOffset % 8 === 0);
  }
  assert.throws(() => viewF64(new Uint8Array(12)), code("malformed"));
});

test("the number of columns has a limit, from both sides", () => {
  const columns = (count: number) => Array.from({ length: count }, () => new Uint8Array(1));
  assert.equal(decodeColumns(encodeColumns(columns(COLUMNS_LIMIT))).length, COLUMNS_LIMIT);
  assert.throws(() => encodeColumns(columns(COLUMNS_LIMIT + 1)), code("too-large"));
});
