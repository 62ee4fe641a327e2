/** Digests as text against Buffer's own hex and a regular expression. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DIGEST_BYTES, DIGEST_DIGITS, DigestLines, decodeDigest, isHex } from "./digest.js";

const HEX = [..."0123456789abcdefABCDEF"];
const hexText = fc.string({ unit: fc.constantFrom(...HEX), minLength: DIGEST_DIGITS, maxLength: DIGEST_DIGITS });
const latin1 = (text: string) => Buffer.from(text, "latin1");
const GUARD = 0xa5;

test("64 hex digits in any case give their first 16 bytes, and nothing else is written", () => {
  fc.assert(
    fc.property(hexText, fc.nat(5), fc.nat(5), (text, start, at) => {
      const src = latin1(`${"z".repeat(start)}${text}zz`);
      const out = Buffer.alloc(at + DIGEST_BYTES + 3, GUARD);
      assert.ok(decodeDigest(src, start, out, at));
      const expected = Buffer.alloc(out.length, GUARD);
      Buffer.from(text, "hex").copy(expected, at, 0, DIGEST_BYTES);
      assert.deepEqual(out, expected);
    }),
  );
});

test("one byte that is no hex digit, wherever it stands, makes it no digest", () => {
  const src = Buffer.alloc(DIGEST_DIGITS);
  const out = Buffer.alloc(DIGEST_BYTES + 2, GUARD);
  for (let place = 0; place < DIGEST_DIGITS; place++) {
    for (let byte = 0; byte < 256; byte++) {
      src.fill("c");
      src[place] = byte;
      const isDigit = HEX.includes(String.fromCharCode(byte));
      assert.equal(decodeDigest(src, 0, out, 1), isDigit, `byte ${byte} at ${place}`);
      assert.equal(isHex(src, 0, DIGEST_DIGITS), isDigit, `byte ${byte} at ${place}`);
    }
  }
  assert.deepEqual([out[0], out[DIGEST_BYTES + 1]], [GUARD, GUARD]);
});

test("what is hex is told by the bytes between start and end alone", () => {
  const text = fc.string({ unit: fc.constantFrom(...HEX, "g", " ", "\u00ff"), maxLength: 6 });
  fc.assert(
    fc.property(text, fc.nat(6), fc.nat(6), (all, one, other) => {
      const [start, end] = [Math.min(one, other, all.length), Math.min(Math.max(one, other), all.length)];
      assert.equal(isHex(latin1(all), start, end), /^[0-9a-f]*$/i.test(all.slice(start, end)));
    }),
  );
});

/** The same by a regular expression, one line after the other. */
function model(text: string, from: number, to: number, rows: number): { digests: string[]; end: number } {
  const digests: string[] = [];
  let end = from;
  while (digests.length < rows) {
    const line = /^([0-9a-f]{64})\r?\n/i.exec(text.slice(end, to));
    if (line === null) break;
    digests.push(line[1]!.slice(0, 2 * DIGEST_BYTES).toLowerCase());
    end += line[0].length;
  }
  return { digests, end };
}

const good = fc.tuple(hexText, fc.constantFrom("\n", "\n", "\r\n")).map((parts) => parts.join(""));
const other = fc.oneof(
  fc
    .tuple(hexText, fc.constantFrom("", "\r", "\r\r\n", " \n", ",\n", "0\n", "\u00ff\n"))
    .map((parts) => parts.join("")),
  hexText.map((text) => `${text.slice(1)}\n`),
  hexText.map((text) => `"${text}"\n`),
  hexText.map((text) => `${text.slice(0, 40)}g${text.slice(41)}\n`),
  fc.constantFrom("\n", "mary@example.com\n", ""),
);
const lines = fc.array(fc.oneof({ weight: 5, arbitrary: good }, { weight: 1, arbitrary: other }), { maxLength: 12 });

test("lines are read up to the first that is no mere digest, up to the rows asked for, and not beyond the end", () => {
  const seen = { none: 0, some: 0, limited: 0, cut: 0 };
  fc.assert(
    fc.property(lines, fc.nat(3), fc.nat(80), fc.nat(14), fc.nat(2), (parts, before, behind, rows, at) => {
      const text = `${"#".repeat(before)}${parts.join("")}`;
      const to = Math.max(before, text.length - behind);
      const expected = model(text, before, to, rows);
      const out = Buffer.alloc(at + DIGEST_BYTES * rows + DIGEST_BYTES, GUARD);
      const reader = new DigestLines();
      const count = reader.read(latin1(text), before, to, rows, out, at);
      assert.equal(count, expected.digests.length);
      assert.equal(reader.end, expected.end);
      assert.equal(out.toString("hex", at, at + DIGEST_BYTES * count), expected.digests.join(""));
      assert.ok(out.subarray(0, at).every((byte) => byte === GUARD));
      assert.ok(out.subarray(at + DIGEST_BYTES * rows).every((byte) => byte === GUARD));
      if (count === 0) seen.none++;
      else seen.some++;
      if (count === rows && count > 0) seen.limited++;
      if (model(text, before, text.length, rows).digests.length > count) seen.cut++;
    }),
    { numRuns: 2000 },
  );
  assert.ok(
    Object.values(seen).every((times) => times > 20),
    JSON.stringify(seen),
  );
});

test("a carriage return whose line feed lies behind the end is not taken for a line's end", () => {
  const text = `${"a".repeat(64)}\r\n${"b".repeat(64)}\r\n`;
  const reader = new DigestLines();
  const out = Buffer.alloc(2 * DIGEST_BYTES);
  for (const [to, count] of [
    [64, 0],
    [65, 0],
    [66, 1],
    [131, 1],
    [132, 2],
  ] as const) {
    assert.equal(reader.read(latin1(text), 0, to, 9, out, 0), count, `up to ${to}`);
    assert.equal(reader.end, 66 * count);
  }
});
