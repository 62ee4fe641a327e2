import assert from "node:assert/strict";
import { test } from "node:test";
import { Messages } from "./messages.js";

const ascii = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test("messages lie one after the other, each with its tag", () => {
  const out = new Messages();
  out.append(ascii("mary"));
  out.append(ascii("xx@yy"), 2, 3);
  out.end(3);
  out.end();
  out.append(ascii("z"));
  out.end(8);
  assert.equal(out.count, 3);
  assert.deepEqual(
    [0, 1, 2].map((i) => text(out.message(i))),
    ["mary@", "", "z"],
  );
  assert.deepEqual([...out.tags.subarray(0, 3)], [3, 0, 8]);
});

test("a rolled back message leaves the ones before it", () => {
  const out = new Messages();
  out.append(ascii("kept"));
  out.end();
  out.append(ascii("dropped"));
  out.rollback();
  out.append(ascii("next"));
  out.end();
  assert.deepEqual(
    [0, 1].map((i) => text(out.message(i))),
    ["kept", "next"],
  );
});

test("many and long messages survive growth, copies of its own bytes too", () => {
  const out = new Messages();
  const long = new Uint8Array(40_000).fill(0x61);
  for (let i = 0; i < 5000; i++) {
    out.append(ascii(`m${i}`));
    out.end(i & 15);
  }
  out.append(long);
  out.append(out.bytes, out.start, out.used);
  out.end();
  assert.equal(out.count, 5001);
  for (const i of [0, 2047, 2048, 4999]) {
    assert.equal(text(out.message(i)), `m${i}`);
    assert.equal(out.tags[i], i & 15);
  }
  assert.deepEqual(out.message(5000), new Uint8Array(80_000).fill(0x61));
});

test("nothing of the values is left in memory that was wiped or outgrown", () => {
  const out = new Messages();
  out.append(ascii("mary@example.com"));
  const outgrown = out.bytes;
  out.reserve(2 * outgrown.length);
  assert.ok(outgrown.every((byte) => byte === 0));
  out.wipe();
  assert.equal(out.count, 0);
  assert.ok(out.bytes.every((byte) => byte === 0));
});
