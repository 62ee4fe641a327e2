import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalJson, parseCanonical, parseCanonicalBytes } from "./canonical.js";
import { OperatorError } from "./error.js";
import { MAX_STATEMENT_DEPTH } from "./limits.js";

const isMalformed = (error: unknown) => error instanceof OperatorError && error.code === "malformed";

/** Rebuilds every object with its members sorted, and lets the runtime write it. */
function model(value: unknown): string {
  const sorted = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(sorted);
    if (typeof part !== "object" || part === null) return part;
    const members: [string, unknown][] = Object.entries(part);
    // Members named by integers come first in the runtime's own order, so none is generated.
    return Object.fromEntries(
      members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, sorted(member)]),
    );
  };
  return JSON.stringify(sorted(value));
}

const name = fc.string().map((text) => `k${text}`);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(name, tie("value"), { maxKeys: 4 }),
  ),
})).value;

test("the text of a value is the runtime's own with sorted members, and reads back as itself", () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = canonicalJson(value);
      assert.equal(text, model(value));
      assert.equal(canonicalJson(parseCanonical(text, 1e6)), text);
    }),
  );
});

test("the order of members does not matter to the text", () => {
  assert.equal(canonicalJson({ b: 1, a: { d: [], c: null } }), '{"a":{"c":null,"d":[]},"b":1}');
  assert.equal(canonicalJson({ a: { c: null, d: [] }, b: 1 }), '{"a":{"c":null,"d":[]},"b":1}');
  // RFC 8785, section 3.2.3: by UTF-16 code units, so a surrogate pair stands before U+FB33.
  const mixed = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\u{1f600}": 5, "\u0080": 6, "\u00f6": 7 };
  assert.equal(canonicalJson(mixed), '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}');
});

test("a text that another reader could take otherwise is refused", () => {
  const texts = [
    '{"a":1,"a":2}',
    '{"b":1,"a":2}',
    ' {"a":1}',
    '{"a": 1}',
    '{"a":1}\n',
    '{"a":1.0}',
    '{"a":1e0}',
    '{"a":-0}',
    '{"\\u0061":1}',
    '"\\ud800"',
    "",
    "{",
    "undefined",
  ];
  for (const text of texts) assert.throws(() => parseCanonical(text, 1000), isMalformed, text);
  assert.throws(() => parseCanonicalBytes(Uint8Array.of(0x22, 0xff, 0x22), 1000), isMalformed);
  assert.throws(() => parseCanonicalBytes(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31), 1000), isMalformed);
});

test("what is no JSON value is refused", () => {
  for (const value of [
    undefined,
    Number.NaN,
    1n,
    new Date(0),
    { a: undefined },
    [() => 1],
    "\udc00",
    { "\udc00": 1 },
    Number.POSITIVE_INFINITY,
  ]) {
    assert.throws(() => canonicalJson(value), isMalformed);
  }
});

test("length and depth are limited, both sides", () => {
  assert.equal(parseCanonical('"12345678"', 10), "12345678");
  assert.throws(() => parseCanonical('"123456789"', 10), isMalformed);
  assert.throws(() => parseCanonicalBytes(Buffer.from('"123456789"'), 10), isMalformed);
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assert.ok(parseCanonical(nested(MAX_STATEMENT_DEPTH + 1), 1e6));
  assert.throws(() => parseCanonical(nested(MAX_STATEMENT_DEPTH + 2), 1e6), isMalformed);
  assert.throws(() => parseCanonical(nested(200_000), 1e6), isMalformed);
});
