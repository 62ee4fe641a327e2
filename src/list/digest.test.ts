/** Digests as text against Buffer's own hex and a regular expression. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KEPT_BYTES as DIGEST_BYTES, DIGEST_DIGITS } from "../kernel/index.js";
import { decodeDigest, isHex } from "./digest.js";

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
