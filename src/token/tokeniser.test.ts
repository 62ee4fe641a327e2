import assert from "node:assert/strict";
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { TokenError } from "./error.js";
import { storedTokens, TOKEN_BYTES } from "./token.js";
import { Tokeniser } from "./tokeniser.js";

const isMalformed = (error: unknown) => error instanceof TokenError && error.code === "malformed-batch";

/** One token, as the header says it. */
function plainToken(key: Uint8Array, digest: Uint8Array): Buffer {
  return createCipheriv("aes-256-ecb", key, null).setAutoPadding(false).update(digest);
}

const split = (bytes: Uint8Array): Buffer[] =>
  Array.from({ length: bytes.length / TOKEN_BYTES }, (_, i) =>
    Buffer.from(bytes.subarray(i * TOKEN_BYTES, (i + 1) * TOKEN_BYTES)),
  );

const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
const anyDigests = fc
  .array(fc.uint8Array({ minLength: TOKEN_BYTES, maxLength: TOKEN_BYTES }), { maxLength: 40 })
  .map((digests) => Uint8Array.from(digests.flatMap((digest) => [...digest])));

test("each token is its digest, encrypted as one block under the key", () => {
  fc.assert(
    fc.property(anyKey, anyDigests, (key, digests) => {
      const tokens = new Tokeniser("ads.match", key).tokens(digests);
      assert.deepEqual(
        split(tokens),
        split(digests).map((digest) => plainToken(key, digest)),
      );
    }),
  );
});

test("a token known by heart stays what it is, so that stored ones stay true", () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  const digest = createHash("sha256").update("anna@example.com").digest().subarray(0, TOKEN_BYTES);
  const tokens = new Tokeniser("ads.match", key).tokens(Uint8Array.from(digest));
  assert.equal(Buffer.from(tokens).toString("hex"), "b4be11a2d8c57a27151f0bcefb2aed64");
});

test("one digest has another token under each key", () => {
  fc.assert(
    fc.property(anyKey, anyDigests, (key, digests) => {
      const other = Uint8Array.from(key, (byte, i) => (i === 31 ? byte ^ 1 : byte));
      const [one, two] = [key, other].map((each) => split(new Tokeniser("ads.match", each).tokens(digests)));
      for (const [i, token] of one!.entries()) assert.notDeepEqual(token, two![i]);
    }),
  );
});

test("tokens that are re-keyed are those made anew under the new key", () => {
  fc.assert(
    fc.property(anyKey, anyKey, anyDigests, (oldKey, newKey, digests) => {
      const from = new Tokeniser("ads.match", oldKey);
      const to = new Tokeniser("ads.match", newKey);
      const old = from.tokens(digests);
      const kept = Buffer.from(old);
      const rekeyed = to.rekey(old, from);
      assert.deepEqual(split(rekeyed), split(to.tokens(digests)));
      assert.deepEqual(Buffer.from(old), kept);
      assert.deepEqual(split(from.rekey(rekeyed, to)), split(kept));
    }),
  );
});

test("a large batch is made and re-keyed whole, and the digests stay as they were", () => {
  const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
  const count = 70_000;
  const digests = Uint8Array.from(randomBytes(TOKEN_BYTES * count));
  const before = Buffer.from(digests);
  const last = digests.slice(-TOKEN_BYTES);
  const from = new Tokeniser("ads.match", oldKey);
  const tokens = from.tokens(digests);
  assert.equal(tokens.length, TOKEN_BYTES * count);
  assert.deepEqual(Buffer.from(tokens.subarray(-TOKEN_BYTES)), plainToken(oldKey, last));
  const rekeyed = new Tokeniser("ads.match", newKey).rekey(tokens, from);
  assert.equal(rekeyed.length, tokens.length);
  assert.deepEqual(Buffer.from(rekeyed.subarray(-TOKEN_BYTES)), plainToken(newKey, last));
  assert.deepEqual(Buffer.from(digests), before);
});

test("digests are read wherever they lie in their buffer", () => {
  const key = randomBytes(32);
  for (let offset = 0; offset < 8; offset++) {
    const buffer = Uint8Array.from(randomBytes(offset + 2 * TOKEN_BYTES));
    const digests = buffer.subarray(offset);
    const plain = split(digests).map((digest) => plainToken(key, digest));
    assert.deepEqual(split(new Tokeniser("ads.match", key).tokens(digests)), plain);
  }
});

test("bytes that are no whole number of digests are refused", () => {
  const tokeniser = new Tokeniser("ads.match", randomBytes(32));
  for (const length of [1, 15, 17, 31]) {
    assert.throws(() => tokeniser.tokens(new Uint8Array(length)), isMalformed, `${length} bytes`);
  }
  assert.equal(tokeniser.tokens(new Uint8Array(0)).length, 0);
});

test("stored tokens are the very bytes that were stored, and no other number of bytes than 16 each is taken for them", () => {
  for (let length = 0; length <= 3 * TOKEN_BYTES; length++) {
    const bytes = new Uint8Array(length);
    if (length % TOKEN_BYTES === 0) assert.equal(storedTokens<"ads.match">(bytes), bytes);
    else assert.throws(() => storedTokens<"ads.match">(bytes), isMalformed, `${length} bytes`);
  }
});
