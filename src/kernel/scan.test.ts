import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CsvScanner, type CsvScannerOptions, detectDelimiter, SCAN_PROBLEM, unescapeField } from "./scan.js";

interface Row {
  line: number;
  problem: number;
  cells: string[];
}

/** Scans `text` cut at `cuts`, carrying what was not consumed over into the next block. */
function scanned(text: string, options: CsvScannerOptions = {}, cuts: readonly number[] = []): Row[] {
  const bytes = Buffer.from(text);
  const scanner = new CsvScanner(options);
  const rows: Row[] = [];
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const [i, end] of [...ends, bytes.length].entries()) {
    const block = Buffer.concat([Buffer.from("##"), bytes.subarray(from, end)]);
    const consumed = scanner.scan(block, 2, block.length, i === ends.length);
    for (let record = 0; record < scanner.records; record++) {
      const cells: string[] = [];
      for (let field = scanner.recordFirstField[record]!; field < scanner.recordFirstField[record + 1]!; field++) {
        const start = scanner.fieldStart[field]!;
        const fieldEnd = scanner.fieldEnd[field]!;
        if (scanner.fieldQuoted[field] === 0) {
          cells.push(block.toString("utf8", start, fieldEnd));
        } else {
          const copy = Buffer.alloc(fieldEnd - start);
          cells.push(copy.toString("utf8", 0, unescapeField(block, start, fieldEnd, copy, 0)));
        }
      }
      rows.push({ line: scanner.recordLine[record]!, problem: scanner.recordProblem[record]!, cells });
    }
    from += consumed - 2;
  }
  assert.equal(from, bytes.length, "the last block is consumed whole");
  return rows;
}

const cellsOf = (text: string, options?: CsvScannerOptions) => scanned(text, options).map((row) => row.cells);

/** The same rules, one character after the other over the whole text. */
function model(text: string, delimiter: string, limits: { field: number; record: number; columns: number }): Row[] {
  const rows: Row[] = [];
  const isBreak = (at: number) => text[at] === "\n" || text[at] === "\r";
  const afterBreak = (at: number) => (text.startsWith("\r\n", at) ? at + 2 : at + 1);
  const lineAt = (at: number) =>
    1 +
    (text
      .slice(0, at)
      .replaceAll("\r\n", "\n")
      .match(/[\r\n]/g)?.length ?? 0);
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  while (at < text.length) {
    if (isBreak(at)) {
      at = afterBreak(at);
      continue;
    }
    const start = at;
    const cells: string[] = [];
    let problem = 0;
    let resumeFrom = -1;
    for (;;) {
      const fieldStart = at;
      let raw: string;
      let bad = 0;
      if (text[at] === '"') {
        const field = /^"((?:[^"]|"")*)("?)/.exec(text.slice(at))!;
        raw = field[1]!;
        const after = text[at + field[0].length];
        if (field[2] === "") bad = SCAN_PROBLEM.unclosedQuote;
        else if (after !== undefined && !`${delimiter}\r\n`.includes(after)) bad = SCAN_PROBLEM.textAfterQuote;
        if (raw.length > limits.field) bad = SCAN_PROBLEM.fieldTooLong;
        at += field[0].length;
        cells.push(raw.replaceAll('""', '"'));
      } else {
        while (at < text.length && text[at] !== delimiter && !isBreak(at)) at++;
        raw = text.slice(fieldStart, at);
        cells.push(raw);
      }
      if (bad !== 0) {
        problem ||= bad;
        resumeFrom = fieldStart;
        break;
      }
      if (at - start > limits.record) {
        problem ||= SCAN_PROBLEM.recordTooLong;
        resumeFrom = at;
        break;
      }
      if (raw.length > limits.field) problem ||= SCAN_PROBLEM.fieldTooLong;
      if (cells.length > limits.columns) problem ||= SCAN_PROBLEM.tooManyColumns;
      if (text[at] !== delimiter) break;
      at++;
    }
    rows.push({ line: lineAt(start), problem, cells: problem === 0 ? cells : [] });
    if (resumeFrom >= 0) {
      at = resumeFrom;
      while (at < text.length && !isBreak(at)) at++;
    }
    if (at < text.length) at = afterBreak(at);
  }
  return rows;
}

test("quotes, escapes, line breaks in quotes and all three line ends are read", () => {
  assert.deepEqual(scanned('\uFEFFa,b\r\n"x ""y""","1\n2"\rlast,"" \n'), [
    { line: 1, problem: 0, cells: ["a", "b"] },
    { line: 2, problem: 0, cells: ['x "y"', "1\n2"] },
    { line: 4, problem: SCAN_PROBLEM.textAfterQuote, cells: [] },
  ]);
  assert.deepEqual(cellsOf("a,,\n,b"), [
    ["a", "", ""],
    ["", "b"],
  ]);
  assert.deepEqual(cellsOf('""\n\n\r\n a" ,"'), [[""], []]);
});

test("one stray quote costs one line", () => {
  assert.deepEqual(scanned('a,"b\nc,d\ne,f\n'), [
    { line: 1, problem: SCAN_PROBLEM.unclosedQuote, cells: [] },
    { line: 2, problem: 0, cells: ["c", "d"] },
    { line: 3, problem: 0, cells: ["e", "f"] },
  ]);
});

test("limits hold at their exact sizes", () => {
  const limits = { maxFieldBytes: 4, maxRecordBytes: 9, maxColumns: 3, delimiter: "," };
  assert.deepEqual(
    ["abcd,abcd", "abcde", '"abcd",""', '"abcde"', "abc,abc,ab", "a,b,c", "a,b,c,d"].map(
      (text) => scanned(text, limits)[0]!.problem,
    ),
    [
      0,
      SCAN_PROBLEM.fieldTooLong,
      0,
      SCAN_PROBLEM.fieldTooLong,
      SCAN_PROBLEM.recordTooLong,
      0,
      SCAN_PROBLEM.tooManyColumns,
    ],
  );
});

test("the delimiter is the one that the first line has most often outside quotes", () => {
  const found = (text: string) => detectDelimiter(Buffer.from(text), 0, Buffer.byteLength(text), true);
  assert.deepEqual(["a;b\n,,,", '";;;",b', "a\tb\tc,d", "a|b", "alone", ""].map(found), [
    ";",
    ",",
    "\t",
    "|",
    ",",
    ",",
  ]);
  assert.deepEqual(cellsOf("\na;b\n1;2,3"), [
    ["a", "b"],
    ["1", "2,3"],
  ]);
});

test("any text, cut anywhere, gives the records of the plain model", () => {
  const piece = fc.constantFrom(
    "a",
    "b",
    "ä",
    ",",
    ",",
    '"',
    '"',
    '""',
    "\n",
    "\r",
    "\r\n",
    "\uFEFF",
    '","',
    "xyz",
    " ",
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join("")),
      fc.array(fc.nat(200), { maxLength: 12 }),
      fc.record({
        field: fc.integer({ min: 1, max: 12 }),
        record: fc.integer({ min: 12, max: 30 }),
        columns: fc.integer({ min: 1, max: 5 }),
      }),
      (text, cuts, limits) => {
        const asBytes = Buffer.from(text).toString("latin1");
        const expected = model(
          asBytes.startsWith("\u00ef\u00bb\u00bf") ? `\uFEFF${asBytes.slice(3)}` : asBytes,
          ",",
          limits,
        );
        const options = {
          delimiter: ",",
          maxFieldBytes: limits.field,
          maxRecordBytes: limits.record,
          maxColumns: limits.columns,
        };
        const rows = scanned(text, options, cuts);
        assert.deepEqual(
          rows.map(({ cells, ...row }) => ({
            ...row,
            cells: cells.map((cell) => Buffer.from(cell).toString("latin1")),
          })),
          expected,
        );
      },
    ),
    { numRuns: 3000 },
  );
});
