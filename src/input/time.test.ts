import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLeapSecond, parseTime } from "./time.js";

const parsed = (text: string) => {
  const bytes = Buffer.from(`##${text}##`);
  return parseTime(bytes, 2, bytes.length - 2);
};

test("a date-time with an offset or Z is read to the millisecond", () => {
  assert.equal(parsed("1970-01-01T00:00:00Z"), 0);
  assert.equal(parsed("2024-05-01t12:00:00.123456789z"), Date.UTC(2024, 4, 1, 12, 0, 0, 123));
  assert.equal(parsed("2024-05-01T12:00:00.9999+02:00"), Date.UTC(2024, 4, 1, 10, 0, 0, 999));
  assert.equal(parsed("2024-02-29T23:59:59.5-00:30"), Date.UTC(2024, 2, 1, 0, 29, 59, 500));
  assert.equal(parsed("0000-02-29T00:00:00-00:00"), Date.parse("0000-02-29T00:00:00Z"));
});

test("what is not an RFC 3339 date-time is refused", () => {
  const wrong = [
    ...["", "2024-05-01", "2024-05-01T12:00Z", "2024-05-01T12:00:00", "2024-05-01 12:00:00Z", "2024-05-01T12:00:00.Z"],
    ...[
      "2023-02-29T00:00:00Z",
      "1900-02-29T00:00:00Z",
      "2024-04-31T00:00:00Z",
      "2024-00-01T00:00:00Z",
      "2024-13-01T00:00:00Z",
    ],
    ...[
      "2024-05-00T12:00:00Z",
      "2024-05-01T24:00:00Z",
      "2024-05-01T12:60:00Z",
      "2024-05-01T12:00:61Z",
      "2024-05-01T12:00:00+24:00",
    ],
    ...[
      "2024-05-01T12:00:00+0200",
      "2024-05-01T12:00:00+02",
      "2024-05-01T12:00:00ZZ",
      "-024-05-01T12:00:00Z",
      "20a4-05-01T12:00:00Z",
    ],
    ...["2024-05-01T12:00:00+02:0a", "2024/05/01T12:00:00Z", "1714564800000", `2024-05-01T12:00:00.${"0".repeat(80)}Z`],
  ];
  for (const text of wrong) assert.ok(Number.isNaN(parsed(text)), text);
});

test("a leap second is refused, and known as one", () => {
  const leap = Buffer.from("2016-12-31T23:59:60Z");
  assert.ok(Number.isNaN(parseTime(leap, 0, leap.length)));
  assert.ok(isLeapSecond(leap, 0, leap.length));
  const other = Buffer.from("2016-12-32T23:59:60Z");
  assert.ok(!isLeapSecond(other, 0, other.length));
});

test("every instant of the years 0 to 9999 is what Date says it is", () => {
  const min = Date.parse("0000-01-02T00:00:00Z");
  const max = Date.parse("9999-12-30T23:59:59.999Z");
  fc.assert(
    fc.property(
      fc.integer({ min, max }),
      fc.integer({ min: -1439, max: 1439 }),
      fc.nat(999_999),
      (instantMs, offset, digits) => {
        const local = new Date(instantMs + offset * 60_000).toISOString();
        const hours = String(Math.floor(Math.abs(offset) / 60)).padStart(2, "0");
        const zone = `${offset < 0 ? "-" : "+"}${hours}:${String(Math.abs(offset) % 60).padStart(2, "0")}`;
        assert.equal(parsed(local.slice(0, -1) + digits + zone), instantMs);
        assert.equal(parsed(new Date(instantMs).toISOString()), instantMs);
      },
    ),
    { numRuns: 2000 },
  );
});

test("any other text gives NaN or what Date makes of it", () => {
  const near = fc
    .array(fc.constantFrom(..."0123456789-:TZ.+9".split("")), { minLength: 18, maxLength: 30 })
    .map((parts) => parts.join(""));
  const edited = fc.tuple(fc.nat(24), fc.constantFrom(..."0123456789-:tZ.+/ ")).map(([at, character]) => {
    const text = "2024-02-29T23:59:58.123Z";
    return text.slice(0, at) + character + text.slice(at + 1);
  });
  fc.assert(
    fc.property(fc.oneof(near, edited), (text) => {
      const ms = parsed(text);
      if (!Number.isNaN(ms)) assert.equal(ms, Date.parse(text.toUpperCase()));
    }),
    { numRuns: 3000 },
  );
});
