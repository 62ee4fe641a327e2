import assert from "node:assert/strict";
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { KINDS, type KindCode } from "../contact/index.js";
import { TokenError } from "./error.js";
import { storedTokens, TOKEN_BYTES } from "./token.js";
import { Tokeniser } from "./tokeniser.js";

const isMalformed = (error: unknown) => error instanceof TokenError && error.code === "malformed-batch";

/** One token, as the header says it. */
function plainToken(key: Uint8Array, digest: Uint8Array, kind: number): Buffer {
  const constant = createHash("sha256").update(`solely token kind ${KINDS[kind]}`).digest();
  const cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  return cipher.update(digest.map((byte, i) => byte ^ constant[i]!));
}

const split = (bytes: Uint8Array): Buffer[] =>
  Array.from({ length: bytes.length / TOKEN_BYTES }, (_, i) =>
    Buffer.from(bytes.subarray(i * TOKEN_BYTES, (i + 1) * TOKEN_BYTES)),
  );

const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
const anyRow = fc.record({
  digest: fc.uint8Array({ minLength: TOKEN_BYTES, maxLength: TOKEN_BYTES }),
  kind: fc.integer({ min: 0, max: KINDS.length - 1 }),
});
const anyRows = fc.array(anyRow, { maxLength: 40 });
type Rows = readonly { readonly digest: Uint8Array; readonly kind: number }[];
const digestsOf = (rows: Rows) => Uint8Array.from(rows.flatMap(({ digest }) => [...digest]));
const kindsOf = (rows: Rows) => Uint8Array.from(rows, ({ kind }) => kind);

test("each token is its digest XOR its kind's constant, encrypted as one block under the key", () => {
  fc.assert(
    fc.property(anyKey, anyRows, (key, rows) => {
      const tokens = new Tokeniser("ads.match", key).tokens(digestsOf(rows), kindsOf(rows));
      assert.deepEqual(
        split(tokens),
        rows.map(({ digest, kind }) => plainToken(key, digest, kind)),
      );
    }),
  );
});

test("a token known by heart stays what it is, so that stored ones stay true", () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  const digest = createHash("sha256").update("anna@example.com").digest().subarray(0, TOKEN_BYTES);
  const tokens = new Tokeniser("ads.match", key).tokens(Uint8Array.from(digest), Uint8Array.of(0));
  assert.equal(Buffer.from(tokens).toString("hex"), "84d9c02b016e1f9c2d00f97f76f4642e");
});

test("one digest has another token as each kind and under each key", () => {
  fc.assert(
    fc.property(anyKey, anyRow, (key, { digest }) => {
      const other = Uint8Array.from(key, (byte, i) => (i === 31 ? byte ^ 1 : byte));
      const rows = KINDS.map((_, kind) => ({ digest, kind }));
      const seen = [key, other].flatMap((one) =>
        split(new Tokeniser("ads.match", one).tokens(digestsOf(rows), kindsOf(rows))).map((token) =>
          token.toString("hex"),
        ),
      );
      assert.equal(new Set(seen).size, 2 * KINDS.length);
    }),
  );
});

test("tokens that are re-keyed are those made anew under the new key", () => {
  fc.assert(
    fc.property(anyKey, anyKey, anyRows, (oldKey, newKey, rows) => {
      const from = new Tokeniser("ads.match", oldKey);
      const to = new Tokeniser("ads.match", newKey);
      const old = from.tokens(digestsOf(rows), kindsOf(rows));
      const kept = Buffer.from(old);
      const rekeyed = to.rekey(old, from);
      assert.deepEqual(split(rekeyed), split(to.tokens(digestsOf(rows), kindsOf(rows))));
      assert.deepEqual(Buffer.from(old), kept);
      assert.deepEqual(split(from.rekey(rekeyed, to)), split(kept));
    }),
  );
});

test("a large batch is made and re-keyed whole", () => {
  const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
  const count = 70_000;
  const digests = Uint8Array.from(randomBytes(TOKEN_BYTES * count));
  const last = { digest: digests.slice(-TOKEN_BYTES), kind: 3 as KindCode };
  const from = new Tokeniser("ads.match", oldKey);
  const tokens = from.tokens(digests, new Uint8Array(count).fill(last.kind));
  assert.equal(tokens.length, TOKEN_BYTES * count);
  assert.deepEqual(Buffer.from(tokens.subarray(-TOKEN_BYTES)), plainToken(oldKey, last.digest, last.kind));
  const rekeyed = new Tokeniser("ads.match", newKey).rekey(tokens, from);
  assert.equal(rekeyed.length, tokens.length);
  assert.deepEqual(Buffer.from(rekeyed.subarray(-TOKEN_BYTES)), plainToken(newKey, last.digest, last.kind));
});

test("digests in the middle of a buffer give their tokens, and their neighbours stay as they were", () => {
  const key = randomBytes(32);
  const buffer = Uint8Array.from(randomBytes(4 + 2 * TOKEN_BYTES + 8));
  const before = Buffer.from(buffer);
  const digests = buffer.subarray(4, 4 + 2 * TOKEN_BYTES);
  const plain = split(digests).map((digest, i) => plainToken(key, digest, i));
  assert.deepEqual(split(new Tokeniser("ads.match", key).tokens(digests, Uint8Array.of(0, 1))), plain);
  assert.deepEqual(Buffer.from(buffer.subarray(0, 4)), before.subarray(0, 4));
  assert.deepEqual(Buffer.from(buffer.subarray(-8)), before.subarray(-8));
});

test("a batch whose digests are not as many as its kinds, or don't lie on a word, is refused and left as it was", () => {
  const tokeniser = new Tokeniser("ads.match", randomBytes(32));
  const buffer = Uint8Array.from(randomBytes(64));
  const before = Buffer.from(buffer);
  for (const [start, end, kinds] of [
    [0, 15, 1],
    [0, 17, 1],
    [0, 16, 0],
    [0, 16, 2],
    [0, 0, 1],
    [1, 17, 1],
    [2, 34, 2],
    [3, 19, 1],
  ] as const) {
    const digests = buffer.subarray(start, end);
    assert.throws(() => tokeniser.tokens(digests, new Uint8Array(kinds)), isMalformed, `${start}-${end}, ${kinds}`);
  }
  assert.deepEqual(Buffer.from(buffer), before);
  assert.equal(tokeniser.tokens(new Uint8Array(0), new Uint8Array(0)).length, 0);
});

test("stored tokens are the very bytes that were stored, and no other number of bytes than 16 each is taken for them", () => {
  for (let length = 0; length <= 3 * TOKEN_BYTES; length++) {
    const bytes = new Uint8Array(length);
    if (length % TOKEN_BYTES === 0) assert.equal(storedTokens<"ads.match">(bytes), bytes);
    else assert.throws(() => storedTokens<"ads.match">(bytes), isMalformed, `${length} bytes`);
  }
});
