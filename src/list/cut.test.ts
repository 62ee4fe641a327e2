/** Blocks against the whole text: scanned each for itself they have the records that the text has. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RecordScan, recordTables, scanText } from "../kernel/index.js";
import { type Block, BlockCutter, markBytes } from "./cut.js";

const LIMITS = { maxFieldBytes: 12, maxRecordBytes: 30, maxColumns: 4 };
const SIZES = { firstBytes: 180, blockBytes: 420, limits: LIMITS };

function cut(text: Uint8Array, cuts: readonly number[]): { blocks: Block[]; linesBefore: number } {
  const cutter = new BlockCutter(SIZES);
  const ends = [...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b);
  const blocks = ends.flatMap((end, i) => cutter.push(text.subarray(i === 0 ? 0 : ends[i - 1]!, end)));
  return { blocks: [...blocks, ...cutter.end()], linesBefore: cutter.linesBefore };
}

/** Records of a text that begins as `scan` says: line, problem and fields, one text each. */
function recordsOf(scan: RecordScan, text: Uint8Array): string[] {
  const records: string[] = [];
  const end = scanText(scan, text, 0, text.length, true, () => {
    const { recordFirstField, recordLine, recordProblem, fieldStart, fieldEnd } = recordTables();
    for (let record = 0; record < scan.records; record++) {
      const fields: string[] = [];
      for (let field = recordFirstField[record]!; field < recordFirstField[record + 1]!; field++) {
        fields.push(Buffer.from(text.subarray(fieldStart[field], fieldEnd[field])).toString("hex"));
      }
      records.push(`${recordLine[record]} ${recordProblem[record]} ${fields}`);
    }
  });
  assert.equal(end, text.length);
  return records;
}

const piece = fc.constantFrom(
  ...[
    "a",
    "bc",
    "xyz",
    ",",
    ",",
    ",",
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    '"',
    '"',
    '""',
    '","',
    '"\n"',
    "\uFEFF",
    "q".repeat(29),
  ],
);
const plainPiece = fc.constantFrom("a", "bc", "xyz", ",", "\n", "\n", "\r\n", "k".repeat(11));
const textOf = (pieces: fc.Arbitrary<string>) =>
  fc.array(pieces, { maxLength: 700, size: "max" }).map((parts) => Buffer.from(parts.join("")));
const start = fc.constantFrom("", "\uFEFF", "\n\r\n\r", "\uFEFF\n\uFEFF", "\n".repeat(200));
/** Plain text, text with quotes, and plain text with some, so that blocks of both ways follow each other. */
const text = fc
  .tuple(start, textOf(plainPiece), fc.oneof(textOf(piece), fc.constant(Buffer.alloc(0))), textOf(plainPiece))
  .map(([start, ...parts]) => Buffer.concat([Buffer.from(start), ...parts]));

test("blocks have the records of the text, each read for itself, and are the same however the text arrives", () => {
  const seen = { several: 0, skipping: 0, quoted: 0 };
  const property = fc.property(text, fc.array(fc.nat(), { maxLength: 6 }), (text, cuts) => {
    const { blocks, linesBefore } = cut(text, cuts);
    assert.deepEqual(cut(text, []), { blocks, linesBefore });
    const whole = Buffer.concat(blocks.map(({ bytes }) => bytes));
    assert.ok(
      whole.equals(text.subarray(text.length - whole.length)),
      "only what is before the first line is left out",
    );
    const scan = new RecordScan(LIMITS);
    scan.delimiter = blocks[0]!.delimiter;
    scan.line = 1 + linesBefore;
    const expected = recordsOf(scan, whole.subarray(markBytes(whole)));
    let line = 1 + linesBefore;
    const found = blocks.flatMap(({ bytes, isSkipping, delimiter }, i) => {
      assert.ok(bytes.length <= Math.min(SIZES.blockBytes, 2 ** i * SIZES.firstBytes));
      const scan = new RecordScan(LIMITS);
      Object.assign(scan, { line, isSkipping, delimiter });
      const records = recordsOf(scan, bytes.subarray(i === 0 ? markBytes(bytes) : 0));
      line = scan.line;
      if (isSkipping) seen.skipping++;
      return records;
    });
    assert.deepEqual(found, expected);
    if (blocks.length > 2) seen.several++;
    if (blocks.length > 2 && text.includes('"')) seen.quoted++;
  });
  for (let run = 0; run < 20 || (Math.min(...Object.values(seen)) < 20 && run < 100); run++) {
    fc.assert(property, { numRuns: 60 });
  }
  assert.ok(Math.min(...Object.values(seen)) >= 20, JSON.stringify(seen));
});
