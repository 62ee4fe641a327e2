/** NDJSON rows that are found and taken some hundred at a time are what each is by itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BlockReader, INPUT_LIMITS } from "../input/index.js";
import { COLUMNS, MAX_CAMPAIGN_BYTES } from "./refusal.js";
import { type ShowingBatch, ShowingRows } from "./rows.js";

const LINE_BREAK = Buffer.from("\n");

/** What lines give: good rows, and refusals with their columns and codes, each by its line. */
interface Told {
  readonly rows: unknown[][];
  readonly refused: number[][];
}

function told(batches: readonly ShowingBatch[], before = 0): Told {
  const found: Told = { rows: [], refused: [] };
  for (const batch of batches) {
    for (let row = 0; row < batch.rows; row++) {
      const account = batch.accountBytes.subarray(row === 0 ? 0 : batch.accountEnds[row - 1]!, batch.accountEnds[row]!);
      found.rows.push([
        before + batch.line[row]!,
        batch.advertisers[batch.advertiser[row]!],
        batch.campaigns[batch.campaign[row]!],
        batch.audiences[batch.audience[row]!],
        ...[Buffer.from(account).toString("latin1"), batch.atMs[row]],
      ]);
    }
    const { count, line, column, code } = batch.refusals;
    for (let i = 0; i < count; i++) found.refused.push([before + line[i]!, column[i]!, code[i]!]);
  }
  return found;
}

/**
 * Lines by a reader that is new for each, and so has no names that it could find a row by. Only before the first one a byte
 * order mark is none of its bytes.
 */
function eachByItself(lines: readonly Buffer[]): Told {
  const all: Told = { rows: [], refused: [] };
  for (const [index, line] of lines.entries()) {
    const reader = new BlockReader("ndjson", new ShowingRows(), {});
    const text = Buffer.concat(index === 0 ? [line, LINE_BREAK] : [LINE_BREAK, line, LINE_BREAK]);
    const one = told([...reader.push(text), ...reader.end()], Math.max(0, index - 1));
    all.rows.push(...one.rows);
    all.refused.push(...one.refused);
  }
  return all;
}

/** A text in parts of some size, by a taker that takes rows at once and by one that does not. */
function together(text: Buffer, partBytes: number): Told[] {
  return [new ShowingRows(), Object.assign(new ShowingRows(), { plainRows: undefined })].map((taker) => {
    const reader = new BlockReader("ndjson", taker, { batchBytes: 1 });
    const batches: ShowingBatch[] = [];
    for (let at = 0; at < text.length; at += partBytes) batches.push(...reader.push(text.subarray(at, at + partBytes)));
    return told([...batches, ...reader.end()]);
  });
}

function areTheSame(lines: readonly Buffer[], isEnded: boolean, partBytes: number): void {
  const text = Buffer.concat(lines.flatMap((line) => [line, LINE_BREAK]));
  const expected = eachByItself(lines);
  for (const found of together(isEnded ? text : text.subarray(0, -1), partBytes)) assert.deepEqual(found, expected);
}

const often = (weight: number, arbitrary: fc.Arbitrary<string>) => ({ weight, arbitrary });
const anyOf = (...texts: string[]) => fc.constantFrom(...texts);

const blanks = fc.oneof(often(9, anyOf("")), often(1, anyOf(" ", "\t", "\r", "  \t ")));
const anyTime = fc.oneof(
  often(
    6,
    fc.integer({ min: 0, max: 1_790_000_000_000 }).map((ms) => new Date(ms).toISOString()),
  ),
  often(3, anyOf("2024-02-29t23:59:59.98765z", "2026-03-01T00:30:00+01:00", "2026-03-01T00:30:00.5-23:59")),
  often(1, anyOf("1969-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "2016-12-31T23:59:60Z", "2025-02-29T00:00:00Z")),
  often(1, anyOf("2026-03-01T00:30:00", "2026-03-01 00:30:00Z", "2026-3-1T00:30:00Z", "2026-03-01T00:30:00.Z")),
);
/** Names of a length that differ in one byte. */
const alike = fc
  .tuple(fc.nat(40), fc.nat(40), anyOf("a", "b"))
  .map(([length, at, letter]) => "-".repeat(at % (length + 1)) + letter + "-".repeat(length - (at % (length + 1))));
const anyText = fc.oneof(
  often(4, alike),
  often(
    8,
    anyOf("a", "ab", "acme", "Frühling", "a name of thirty-two bytes, so it", "a name of thirty-two bytes, so is"),
  ),
  often(
    4,
    fc.string({ maxLength: 40 }).map((text) => JSON.stringify(text).slice(1, -1)),
  ),
  often(1, anyOf("", "x".repeat(MAX_CAMPAIGN_BYTES), "x".repeat(MAX_CAMPAIGN_BYTES + 1), "日本", "\u007f", "}", "{,:")),
  often(1, anyOf("\\u0061", "\\n", '\\"', "\\", "\\ud800", "\\x", "\u0001", "\t")),
);
const anyValue = (text: fc.Arbitrary<string>) =>
  fc.oneof(
    often(
      40,
      text.map((one) => `"${one}"`),
    ),
    often(1, anyOf("null", "true", "0", "-1", "1.5", "1e3", "9007199254740993", "{}", '{"a":"b"}', '["a"]', "nil", "")),
  );
const ofColumn = (name: string) => fc.tuple(fc.constant(name), anyValue(name === "at" ? anyTime : anyText));
const oddName = fc.oneof(
  anyOf("extra", "", "at ", "At", "accountx", "accoun", "Käufer", "acc\\u006funt", "__proto__", ...COLUMNS),
  fc.integer({ min: 14, max: 66 }).map((length) => "n".repeat(length)),
);

/** Members of an object: the columns in their order or another, some missing, others between. */
const anyMembers = fc
  .tuple(
    fc.tuple(...COLUMNS.map(ofColumn)),
    fc.oneof(
      { weight: 6, arbitrary: fc.constant([]) },
      fc.array(fc.tuple(oddName, anyValue(anyText)), { maxLength: 3 }),
      fc
        .integer({ min: 55, max: 70 })
        .map((count) => Array.from({ length: count }, (_, i) => [`c${i}`, '"v"'] as const)),
    ),
  )
  .chain(([own, others]) => {
    const all = [...own, ...others];
    return fc.oneof(
      { weight: 4, arbitrary: fc.constant(all) },
      fc.shuffledSubarray(all),
      fc.shuffledSubarray(all, { minLength: all.length }),
    );
  });

const anyObject = fc.tuple(anyMembers, fc.array(blanks, { minLength: 8, maxLength: 8 })).map(([members, b]) => {
  const inner = members.map(([name, value], i) => `${b[i % 3]}"${name}"${b[3 + (i % 2)]}:${b[5]}${value}${b[6]}`);
  return `${b[7]}{${inner.join()}}${b[0]}`;
});

/** A row, or what was one before a byte of it changed, or it was cut, or more came behind it. */
const anyLine = fc.oneof(
  { weight: 12, arbitrary: anyObject.map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: anyObject.map((text) => Buffer.from(`${text}\r`)) },
  anyOf("", " ", "\r", "{}", "[]", "null", '"a"', "{", "}", "\ufeff{}").map((text) => Buffer.from(text)),
  fc.tuple(anyObject, anyOf("}", ",", "{}", " x", "\0")).map((parts) => Buffer.from(parts.join(""))),
  fc.tuple(anyObject, fc.nat()).map(([text, cut]) => Buffer.from(text).subarray(0, cut % (text.length + 1))),
  fc
    .tuple(anyObject, fc.nat(), fc.nat(255))
    .filter(([, , byte]) => byte !== 10)
    .map(([text, at, byte]) => {
      const bytes = Buffer.from(text);
      bytes[at % bytes.length] = byte;
      return bytes;
    }),
);

test("any lines, in any parts, are what each is by itself", () => {
  fc.assert(
    fc.property(
      fc.array(anyLine, { minLength: 1, maxLength: 60 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 500 }),
      areTheSame,
    ),
    { numRuns: 2000 },
  );
});

test("lines of any length, over the borders of turns and batches, are what each is by itself", () => {
  // So many names that some have one slot, of equal length and end, or one the start of the other.
  const row = (campaign: string, ms: number) => {
    const audience = `${ms >> 1}`.padEnd(ms % 2 === 0 ? 32 : 40, "-");
    return Buffer.from(JSON.stringify({ advertiser: "a", campaign, audience, account: `u${ms}`, at: new Date(ms) }));
  };
  const aroundLimit = INPUT_LIMITS.recordBytes - row("", 1).length;
  const someRows = fc.oneof(
    { weight: 3, arbitrary: fc.nat(2500).map((count) => Array.from({ length: count }, (_, i) => row(`c${i % 9}`, i))) },
    fc.integer({ min: aroundLimit - 2, max: aroundLimit + 2 }).map((bytes) => [row("x".repeat(bytes), 1)]),
    fc.integer({ min: 126_000, max: 400_000 }).map((bytes) => [row("x".repeat(bytes), 1)]),
  );
  fc.assert(
    fc.property(
      fc.array(someRows, { minLength: 1, maxLength: 6 }).filter((parts) => parts.flat().length > 0),
      fc.boolean(),
      fc.integer({ min: 1000, max: 300_000 }),
      (parts, isEnded, partBytes) => areTheSame(parts.flat(), isEnded, partBytes),
    ),
    { numRuns: 30 },
  );
});

test("rows without a column have no cells of the input that was read before", () => {
  const rows = Array.from({ length: 50 }, (_, i) =>
    Buffer.from(JSON.stringify({ advertiser: "a", campaign: "c", audience: "b", account: `u${i}`, at: new Date(i) })),
  );
  areTheSame(rows, true, 1000);
  const others = rows.map((row) => Buffer.from(row.toString().replace('"at"', '"on"')));
  areTheSame(others, true, 1000);
});
