/** Lines of digests against a regular expression, one line after the other. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { TEXT_BYTES } from "./records.js";
import { KEPT_BYTES as DIGEST_BYTES, DIGEST_DIGITS, Turn } from "./turn.js";

const HEX = [..."0123456789abcdefABCDEF"];
const hexText = fc.string({ unit: fc.constantFrom(...HEX), minLength: DIGEST_DIGITS, maxLength: DIGEST_DIGITS });
const latin1 = (text: string) => Buffer.from(text, "latin1");
const GUARD = 0xa5;

/** Reads lines of digests from src[from, to); `end` is where they end. */
function readLines(src: Uint8Array, from: number, to: number, rows: number, out: Uint8Array, at: number) {
  const turn = new Turn();
  turn.load(src.subarray(from, to));
  const count = turn.digestLines(turn.from, rows, out, at);
  return { count, end: from + turn.linesEnd - turn.from };
}

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
      const out = Buffer.alloc(DIGEST_BYTES * (at + rows + 1), GUARD);
      const { count, end } = readLines(latin1(text), before, to, rows, out, at);
      assert.equal(count, expected.digests.length);
      assert.equal(end, expected.end);
      const [first, last] = [DIGEST_BYTES * at, DIGEST_BYTES * (at + count)];
      assert.equal(out.toString("hex", first, last), expected.digests.join(""));
      assert.ok(out.subarray(0, first).every((byte) => byte === GUARD));
      assert.ok(out.subarray(last).every((byte) => byte === GUARD));
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
  const out = Buffer.alloc(2 * DIGEST_BYTES);
  for (const [to, count] of [
    [64, 0],
    [65, 0],
    [66, 1],
    [131, 1],
    [132, 2],
  ] as const) {
    assert.deepEqual(readLines(latin1(text), 0, to, 9, out, 0), { count, end: 66 * count }, `up to ${to}`);
  }
});

test("many lines, beyond what the kernel looks at in one go, and another one after any number of them", () => {
  const random = (i: number) => createHash("sha256").update(String(i)).digest("hex");
  const all = Array.from({ length: 20_000 }, (_, i) => (i % 3 === 0 ? random(i).toUpperCase() : random(i)));
  for (const end of ["\n", "\r\n"]) {
    for (const good of [61, 62, 63, 64, 500, 505, 4000, 4030, 16_131, 16_132, 19_999]) {
      const text = latin1(
        [...all.slice(0, good), "mary@example.com", ...all.slice(good)].map((line) => line + end).join(""),
      );
      const out = Buffer.alloc(DIGEST_BYTES * 20_001);
      // Where the text ends is no more than a turn takes.
      const to = Math.min(text.length, TEXT_BYTES);
      const count = Math.min(good, Math.floor(to / (64 + end.length)));
      assert.deepEqual(readLines(text, 0, to, 20_001, out, 0), { count, end: count * (64 + end.length) });
      const expected = all.slice(0, count).map((line) => line.slice(0, 32).toLowerCase());
      assert.equal(out.toString("hex", 0, DIGEST_BYTES * count), expected.join(""));
    }
  }
});

test("one byte that is no hex digit, wherever it stands, makes it no line of a digest", () => {
  const out = Buffer.alloc(DIGEST_BYTES);
  const src = Buffer.alloc(DIGEST_DIGITS + 1, "c");
  src[DIGEST_DIGITS] = 10;
  for (let place = 0; place < DIGEST_DIGITS; place++) {
    for (let byte = 0; byte < 256; byte++) {
      src[place] = byte;
      const isDigit = HEX.includes(String.fromCharCode(byte));
      assert.equal(readLines(src, 0, src.length, 1, out, 0).count, isDigit ? 1 : 0, `byte ${byte} at ${place}`);
      if (isDigit) assert.equal(out.toString("hex"), src.toString("latin1", 0, 32).toLowerCase());
    }
    src[place] = 99;
  }
});
