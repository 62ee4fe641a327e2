/** Lists as digests: what is encoded is read again, however it is cut; what is not of the form is refused, and never believed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DIGESTS_MAGIC, type DigestBatch, encodeDigests, ListError, ListReader, readDigests } from "./index.js";

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function read(bytes: Uint8Array, sizes: readonly number[] = [1 << 20], rows?: number) {
  const limits = rows === undefined ? {} : { rows };
  const reading = readDigests(cut(bytes, sizes), { limits });
  const batches: DigestBatch[] = [];
  for (;;) {
    const next = await reading.next();
    if (next.done === true) return { batches, summary: next.value };
    batches.push(next.value);
  }
}

function encoded(csv: string): { bytes: Uint8Array; batches: DigestBatch[]; usable: number; rows: number } {
  const reader = new ListReader({ scheme: "plain" });
  const batches = reader.push(Buffer.from(csv));
  const { batches: rest, summary } = reader.end();
  const all = [...batches, ...rest];
  return { bytes: Buffer.concat([DIGESTS_MAGIC, ...all.map(encodeDigests)]), batches: all, ...summary };
}

const plain = ({ count, rows, usable, refused, digest, kinds }: DigestBatch) => ({
  ...{ count, rows, usable, refused },
  digest: Buffer.from(digest.subarray(0, count * 16)).toString("hex"),
  kinds: Array.from(kinds.subarray(0, count)),
});

test("the batches of any list come back as they were, however their bytes are cut", async () => {
  const cell = fc.oneof(fc.emailAddress(), fc.constantFrom("", "no address", "+4930123456", "A@B.example"));
  const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(table, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), async (rows, sizes) => {
      const csv = `email,phone\n${rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`)).join("\n")}\n`;
      const { bytes, batches, usable } = encoded(csv);
      const { batches: back, summary } = await read(bytes, sizes);
      assert.deepEqual(back.map(plain), batches.map(plain));
      assert.equal(summary.usable, usable);
    }),
    { numRuns: 50 },
  );
});

const isMalformed = (error: unknown) => error instanceof ListError && error.code === "malformed-digests";

test("cut off anywhere, with a bit of its heads flipped or its kinds made up, it is refused or is no other list", async () => {
  const { bytes, batches } = encoded(
    `email\n${Array.from({ length: 20 }, (_, i) => `p${i}@example.com`).join("\n")}\n`,
  );
  assert.equal(batches.length, 1);
  for (let end = 0; end < bytes.length; end++) {
    if (end === DIGESTS_MAGIC.length) continue;
    await assert.rejects(read(bytes.subarray(0, end)), isMalformed, `${end} bytes`);
  }
  const headEnd = DIGESTS_MAGIC.length + 12;
  for (let bit = 0; bit < headEnd * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    const done = await read(flipped).catch((error: unknown) => assert.ok(isMalformed(error), `bit ${bit}`));
    // Rows that are only counted may be more: they are the sender's own word.
    if (done !== undefined) assert.ok(done.summary.rows > 20 || done.summary.usable < 20, `bit ${bit}`);
  }
  for (const kind of [0, 64, 255]) {
    const made = Buffer.from(bytes);
    made[headEnd] = kind;
    await assert.rejects(read(made), isMalformed);
  }
});

test("a list of more rows than a list may have is refused", async () => {
  const { bytes } = encoded("email\na@example.com\nb@example.com\nc@example.com\n");
  assert.equal((await read(bytes, undefined, 3)).summary.rows, 3);
  await assert.rejects(
    read(bytes, undefined, 2),
    (error) => error instanceof ListError && error.code === "too-many-rows",
  );
});
