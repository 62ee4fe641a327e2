import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { InputError, type InputErrorCode } from "./error.js";
import { decodedBytes, type InputLimits, sniffFormat } from "./input.js";

async function decoded(bytes: Uint8Array, limits?: InputLimits, blockBytes = 1000): Promise<Buffer> {
  const blocks = async function* () {
    for (let at = 0; at < bytes.length; at += blockBytes) yield bytes.subarray(at, at + blockBytes);
  };
  const read: Uint8Array[] = [];
  for await (const block of decodedBytes(blocks(), limits)) read.push(block);
  return Buffer.concat(read);
}

const failsAs = (code: InputErrorCode) => (error: unknown) => error instanceof InputError && error.code === code;

test("gzip is told by its first bytes and undone, also of several members and byte by byte", async () => {
  const text = Buffer.from("account,kind\n".repeat(1000));
  assert.deepEqual(await decoded(text), text);
  assert.deepEqual(await decoded(gzipSync(text)), text);
  assert.deepEqual(
    await decoded(Buffer.concat([gzipSync(text), gzipSync("more")]), {}, 1),
    Buffer.concat([text, Buffer.from("more")]),
  );
  assert.deepEqual(await decoded(Buffer.alloc(0)), Buffer.alloc(0));
});

test("a gzip that is torn or broken ends the input with a typed error", async () => {
  const packed = gzipSync(Buffer.from("account,kind\n".repeat(10_000)));
  await assert.rejects(decoded(packed.subarray(0, packed.length - 10)), failsAs("broken-gzip"));
  const flipped = Buffer.from(packed);
  flipped[packed.length >> 1]! ^= 0xff;
  await assert.rejects(decoded(flipped), failsAs("broken-gzip"));
});

test("a bomb of a gzip is stopped, and what is under the ratio is not", async () => {
  const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024));
  await assert.rejects(decoded(bomb), failsAs("gzip-bomb"));
  const limits = { unjudgedBytes: 10_000, maxCompressionRatio: 20 };
  const dense = gzipSync(Buffer.from(Array.from({ length: 20_000 }, (_, i) => `u${i * 7919}`).join("\n")));
  assert.ok((await decoded(dense, limits)).length > 100_000);
  await assert.rejects(decoded(gzipSync(Buffer.alloc(100_000)), limits), failsAs("gzip-bomb"));
});

test("an input may have as many bytes as its limit, and no more", async () => {
  assert.equal((await decoded(Buffer.alloc(5000), { maxBytes: 5000 })).length, 5000);
  await assert.rejects(decoded(Buffer.alloc(5001), { maxBytes: 5000 }), failsAs("input-too-long"));
  await assert.rejects(decoded(gzipSync(Buffer.alloc(5001)), { maxBytes: 5000 }), failsAs("input-too-long"));
});

test("the format is found by first bytes and name", () => {
  const found = (text: string, name?: string) => sniffFormat(Buffer.from(text, "latin1"), name);
  assert.deepEqual(
    [
      found("PAR1x", "a.csv"),
      found("a,b", "x.CSV.gz"),
      found("{}", "x.txt"),
      found(' \n{"a":1}'),
      found("\xef\xbb\xbf{"),
      found("a", "b.jsonl"),
      found(""),
    ],
    ["parquet", "csv", "csv", "ndjson", "ndjson", "ndjson", "csv"],
  );
  assert.throws(() => found("PK\x03\x04", "a.xlsx"), failsAs("unknown-format"));
  assert.throws(() => found("\xff\xfea\0"), failsAs("not-utf8"));
});
