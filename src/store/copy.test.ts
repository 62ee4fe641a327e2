/** Binary COPY: what is encoded is what the manual says, and comes back however the stream is cut. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type CopyRow, decodeRows, encodeRows, type Shape } from "./copy.js";
import { StoreError } from "./failure.js";

const SHAPE: Shape = { widths: [8, 4, 2], bodies: 2 };

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function decode(bytes: Uint8Array, sizes: readonly number[]): Promise<CopyRow[]> {
  const rows: CopyRow[] = [];
  for await (const row of decodeRows(SHAPE, cut(bytes, sizes))) rows.push(row);
  return rows;
}

const anyBody = fc.oneof(
  fc.uint8Array({ maxLength: 50 }),
  fc.integer({ min: 8000, max: 9000 }).map((length) => new Uint8Array(length).fill(length)),
);
const anyRow = fc.record({
  numbers: fc.tuple(fc.maxSafeInteger(), fc.integer(), fc.integer({ min: -32768, max: 32767 })),
  bodies: fc.tuple(anyBody, anyBody),
});

test("any rows come back from a stream cut anywhere, their bodies at multiples of 8", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRow, { maxLength: 30 }),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }),
      async (rows, sizes) => {
        const decoded = await decode(Buffer.concat([...encodeRows(SHAPE, rows)]), sizes);
        assert.equal(decoded.length, rows.length);
        for (const [i, { numbers, bodies }] of decoded.entries()) {
          assert.deepEqual(numbers, rows[i]!.numbers);
          for (const [b, body] of bodies.entries()) assert.ok(Buffer.from(body).equals(rows[i]!.bodies[b]!));
          for (const body of bodies) assert.equal(body.byteOffset % 8, 0);
        }
      },
    ),
  );
});

test("one row is encoded as the PostgreSQL manual says", () => {
  const bytes = Buffer.concat([
    ...encodeRows({ widths: [8, 2], bodies: 1 }, [{ numbers: [258, -1], bodies: [Uint8Array.of(9, 8)] }]),
  ]);
  const wanted =
    "5047434f50590aff0d0a00" + // PGCOPY \\n 255 \\r \\n 0
    "0000000000000000" + // flags, extension
    "0003" +
    "000000080000000000000102" +
    "00000002ffff" +
    "000000020908" +
    "ffff";
  assert.equal(bytes.toString("hex"), wanted);
});

test("a stream that ends early, goes on behind its end or has other fields is refused", async () => {
  const bytes = Buffer.concat([
    ...encodeRows(SHAPE, [{ numbers: [1, 2, 3], bodies: [new Uint8Array(20), new Uint8Array(9)] }]),
  ]);
  const isMalformed = (thrown: unknown) => thrown instanceof StoreError && thrown.code === "malformed";
  for (let length = 0; length < bytes.length; length++) {
    await assert.rejects(decode(bytes.subarray(0, length), [7]), isMalformed);
  }
  await assert.rejects(decode(Buffer.concat([bytes, Buffer.alloc(1)]), [1000]), isMalformed);
  const other = Buffer.concat([
    ...encodeRows({ widths: [8, 4], bodies: 1 }, [{ numbers: [1, 2], bodies: [new Uint8Array(20)] }]),
  ]);
  await assert.rejects(decode(other, [1000]), isMalformed);
});

test("a large body is handed on as it is, not copied", () => {
  const body = new Uint8Array(1_000_000);
  assert.ok([...encodeRows({ widths: [8], bodies: 1 }, [{ numbers: [1], bodies: [body] }])].includes(body));
});
