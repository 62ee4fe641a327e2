import assert from "node:assert/strict";
import { test } from "node:test";
import { KINDS } from "../contact/index.js";
import { TokenError } from "./error.js";
import { FreshTokens } from "./fresh-tokens.js";
import { TOKEN_BYTES } from "./token.js";

// Answers after any history are tested with the index as a whole, whose fresh part this is.

function tokenOf(...words: [number, number, number, number]): Buffer {
  return Buffer.from(Uint32Array.from(words).buffer);
}

/** A token as it is asked for. */
function asked(token: Uint8Array, kinds: number): Uint8Array {
  const record = Uint8Array.from(token);
  record.set([kinds, 0, 0, 0], 12);
  return record;
}

test("a table whose ordinals come and go stays as large as it was", () => {
  const index = new FreshTokens();
  const ordinals = Uint32Array.from({ length: 3000 }, (_, i) => i % 2000).sort();
  const tokens = Buffer.concat(Array.from(ordinals, (_, i) => tokenOf(Math.imul(i % 700, 0x9e37_79b1), i % 700, 1, 0)));
  for (let round = 0; round < 20; round++) {
    index.insert({ tokens, ordinals, marks: new Uint8Array(3000).fill(1), kinds: new Uint8Array(3000) });
    assert.equal(index.size, 3000);
    index.drop(ordinals, new Uint16Array(3000).fill(0xffff));
    assert.equal(index.size, 0);
  }
  assert.ok(index.columns().tokens.buffer.byteLength <= 12 * 8192);
});

test("a dropped token's bytes are wiped at once, and a token that moved lies in one place only", () => {
  const index = new FreshTokens();
  const tokens = Array.from({ length: 3000 }, (_, i) => tokenOf(0x51c0_0000 + i, 0x7a11_0000 + i, i, 0));
  const ordinals = Uint32Array.from(tokens, (_, i) => i);
  index.insert({
    tokens: Buffer.concat(tokens),
    ordinals,
    marks: new Uint8Array(tokens.length).fill(1),
    kinds: new Uint8Array(tokens.length),
  });
  const column = Buffer.from(index.columns().tokens.buffer);
  const timesOf = (token: Buffer) => {
    let times = 0;
    for (let at = -1; (at = column.indexOf(token.subarray(0, 8), at + 1)) >= 0; ) times++;
    return times;
  };
  for (const dropped of [ordinals.subarray(0, 100), ordinals.subarray(100, 1400)]) {
    index.drop(dropped, new Uint16Array(dropped.length).fill(1));
    for (const i of [dropped[0]!, dropped.at(-1)!]) assert.equal(timesOf(tokens[i]!), 0, `token ${i}`);
    for (const i of [1400, 2000, 2999]) assert.equal(timesOf(tokens[i]!), 1, `token ${i}`);
  }
  // A block that gets one entry more moves to the end.
  index.insert({
    tokens: tokenOf(1, 2, 3, 4),
    ordinals: Uint32Array.of(2000),
    marks: Uint8Array.of(1),
    kinds: Uint8Array.of(0),
  });
  assert.equal(timesOf(tokens[2000]!), 1);
  assert.deepEqual([...index.match(asked(tokens[2000]!, 1), 1)], [2000]);
});

test("tokens are read wherever they lie in their buffer", () => {
  const token = tokenOf(1, 2, 3, 4);
  for (let offset = 0; offset < 8; offset++) {
    const index = new FreshTokens();
    const inside = new Uint8Array(offset + TOKEN_BYTES);
    inside.set(token, offset);
    const kind = Uint8Array.of(5);
    index.insert({
      tokens: inside.subarray(offset),
      ordinals: Uint32Array.of(9),
      marks: Uint8Array.of(0x21),
      kinds: kind,
    });
    assert.deepEqual([...index.match(asked(inside.subarray(offset), 1 << 5), 1)], [9]);
    assert.deepEqual([...index.tagsOf(inside.subarray(offset), Uint32Array.of(9), Uint8Array.of(1), kind)], [2]);
    assert.deepEqual([...index.match(asked(token, 1 << 5), 1)], [9]);
    assert.deepEqual([...index.match(asked(token, 0xff & ~(1 << 5)), 1)], []);
  }
});

test("bytes that are no whole number of tokens, and more rows out of order than can be put in order, are refused", () => {
  const isMalformed = (error: unknown) => error instanceof TokenError && error.code === "malformed-batch";
  const index = new FreshTokens();
  const one = Uint32Array.of(1);
  for (const length of [1, 12, 15, 17]) {
    const bytes = new Uint8Array(length);
    const [mark, kind] = [Uint8Array.of(1), Uint8Array.of(0)];
    assert.throws(
      () => index.insert({ tokens: bytes, ordinals: one, marks: mark, kinds: kind }),
      isMalformed,
      `insert ${length}`,
    );
    assert.throws(() => index.match(bytes, 1), isMalformed, `match ${length}`);
    assert.throws(() => index.tagsOf(bytes, one, mark, kind), isMalformed, `tagsOf ${length}`);
  }
  const rows = 2 ** 21 + 1;
  const ordinals = new Uint32Array(rows);
  ordinals[0] = 1;
  const tokens = new Uint8Array(TOKEN_BYTES * rows);
  assert.throws(
    () => index.insert({ tokens, ordinals, marks: new Uint8Array(rows).fill(1), kinds: new Uint8Array(rows) }),
    isMalformed,
  );
  assert.equal(index.size, 0);
  assert.equal(index.match(new Uint8Array(0), 15).length, 0);
});

test("columns that don't go together, an entry without a scheme or of no kind are refused", () => {
  const isMalformed = (error: unknown) => error instanceof TokenError && error.code === "malformed-batch";
  const index = new FreshTokens();
  const token = tokenOf(1, 2, 3, 4);
  const [one, two] = [Uint32Array.of(1), Uint32Array.of(1, 2)];
  const cases: [Buffer, Uint32Array, number[], number[]][] = [
    [token, two, [1, 1], [0, 0]],
    [token, one, [1, 1], [0]],
    [token, one, [1], []],
    [token, one, [0], [0]],
    [token, one, [1], [KINDS.length]],
  ];
  for (const [tokens, ordinals, marks, kinds] of cases) {
    assert.throws(
      () => index.insert({ tokens, ordinals, marks: Uint8Array.from(marks), kinds: Uint8Array.from(kinds) }),
      isMalformed,
    );
  }
  assert.equal(index.size, 0);
});
