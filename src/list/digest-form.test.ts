/** Digest form: what goes in comes out, however it is cut; whatever else comes is refused with a typed error. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeDigests, encodeDigests, type FormedBatch, ListError } from "./index.js";
import { BATCH_DIGESTS } from "./limits.js";
import { ListReader } from "./reader.js";

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function decoded(bytes: Uint8Array, size = 1000, limits = {}) {
  const batches: FormedBatch[] = [];
  const reading = decodeDigests(cut(bytes, size), limits);
  for (let next = await reading.next(); ; next = await reading.next()) {
    if (next.done === true) return { batches, summary: next.value };
    const { count, rows, usable, digest, kinds } = next.value;
    batches.push({ count, rows, usable, digest, kinds });
  }
}

const batch = fc
  .record({
    kinds: fc.array(fc.constantFrom(1, 2, 4, 8, 16, 32, 23), { maxLength: 40 }),
    refused: fc.nat(5),
    fill: fc.nat(255),
  })
  .filter(({ kinds, refused }) => kinds.length + refused > 0)
  .map(({ kinds, refused, fill }) => ({
    ...{ count: kinds.length, usable: kinds.length, rows: kinds.length + refused },
    digest: Uint8Array.from({ length: 16 * kinds.length }, (_, i) => (fill + 31 * i) & 255),
    kinds: Uint8Array.from(kinds),
  }));
const refusedAs = (code: string) => (error: unknown) => error instanceof ListError && error.code === code;

test("what was encoded is decoded, however its bytes are cut", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { maxLength: 5 }), fc.integer({ min: 1, max: 70 }), async (batches, size) => {
      const { batches: found, summary } = await decoded(encodeDigests(batches), size);
      assert.deepEqual(found, batches);
      const sum = (of: (one: FormedBatch) => number) => batches.reduce((all, one) => all + of(one), 0);
      assert.deepEqual([summary.rows, summary.usable], [sum(({ rows }) => rows), sum(({ usable }) => usable)]);
    }),
  );
});

test("a list's digests are those that the reader made, for rows of every sort", async () => {
  const reader = new ListReader({ scheme: "plain", region: "DE" });
  const text = "email,phone\nann@example.com,030 123456\n,\nno address,\nbob@example.com,none\n";
  const batches = [...reader.push(new TextEncoder().encode(text)), ...reader.end().batches];
  const { summary, batches: found } = await decoded(encodeDigests(batches));
  assert.deepEqual([summary.rows, summary.usable, summary.refused], [4, 2, 2]);
  assert.deepEqual(
    found.map(({ digest }) => [...digest]),
    batches.map(({ digest }) => [...digest]),
  );
});

test("a form that is cut off, goes on, or is changed in a byte of its frame is refused, and nothing else is thrown", async () => {
  const one = { count: 2, rows: 3, usable: 2, digest: new Uint8Array(32).fill(7), kinds: Uint8Array.of(1, 2) };
  const whole = encodeDigests([one]);
  for (let length = 0; length < whole.length; length++) {
    await assert.rejects(decoded(whole.subarray(0, length)), refusedAs("malformed-digests"), String(length));
  }
  await assert.rejects(decoded(Uint8Array.of(...whole, 0)), refusedAs("malformed-digests"));
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(whole.length - 1), async (noise, at) => {
      const changed = Uint8Array.from(whole);
      changed.set(noise.subarray(0, whole.length - at), at);
      await decoded(changed).catch((error) => assert.ok(error instanceof ListError, String(error)));
      await assert.rejects(decoded(noise), refusedAs("malformed-digests"));
    }),
  );
});

test("limits hold from both sides", async () => {
  const rows = (count: number, over: Partial<FormedBatch> = {}): FormedBatch => ({
    ...{ count, rows: count, usable: count },
    ...{ digest: new Uint8Array(16 * count), kinds: new Uint8Array(count).fill(1), ...over },
  });
  const most = rows(BATCH_DIGESTS);
  assert.equal((await decoded(encodeDigests([most]), 1 << 20)).summary.rows, BATCH_DIGESTS);
  await assert.rejects(decoded(encodeDigests([rows(BATCH_DIGESTS + 1)]), 1 << 20), refusedAs("malformed-digests"));
  assert.equal((await decoded(encodeDigests([rows(3)]), 9, { rows: 3 })).summary.rows, 3);
  await assert.rejects(decoded(encodeDigests([rows(3), rows(1)]), 9, { rows: 3 }), refusedAs("too-many-rows"));
  for (const over of [
    { usable: 4 },
    { usable: 0 },
    { kinds: new Uint8Array(3) },
    { kinds: new Uint8Array(3).fill(64) },
  ]) {
    await assert.rejects(decoded(encodeDigests([rows(3, over)])), refusedAs("malformed-digests"), JSON.stringify(over));
  }
  const form = encodeDigests([rows(3)]);
  await decoded(form, 9, { bytes: form.length });
  await assert.rejects(decoded(form, 9, { bytes: form.length - 1 }), refusedAs("malformed-digests"));
});
