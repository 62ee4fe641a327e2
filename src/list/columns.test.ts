/** Columns by header and by values; the latter against a plain count of what the values are known to be. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { Normaliser } from "../contact/index.js";
import { INPUT_LIMITS } from "../input/index.js";
import { CsvScanner } from "../kernel/index.js";
import { type ColumnPlan, planColumns } from "./columns.js";
import { ListError } from "./error.js";
import { SAMPLE_RECORDS } from "./limits.js";

function planned(text: string, region?: string): ColumnPlan {
  const block = Buffer.from(text);
  const { columns, fieldBytes, recordBytes } = INPUT_LIMITS;
  const scanner = new CsvScanner({ maxColumns: columns, maxFieldBytes: fieldBytes, maxRecordBytes: recordBytes });
  scanner.scan(block, 0, block.length, true);
  return planColumns(block, scanner, new Normaliser({ region }), region);
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
/** Columns as "number kind form". */
const told = ({ columns }: ColumnPlan) => columns.map(({ index, kind, form }) => `${index + 1} ${kind} ${form}`);
const failsAs = (code: string) => (error: unknown) => error instanceof ListError && error.code === code;

test("the columns of each platform's template are found by its header", () => {
  const meta = planned("email,email,phone,phone,madid,fn,ln,zip,ct,st,country,dob,doby,gen,age,uid,value\n");
  assert.ok(meta.hasHeader);
  assert.deepEqual(told(meta), [
    "1 email empty",
    "2 email empty",
    "3 phone empty",
    "4 phone empty",
    "5 maid empty",
    "16 user_id empty",
  ]);
  assert.equal(meta.country, 10);
  assert.deepEqual(told(planned("Email,Phone,First Name,Last Name,Country,Zip\n")), ["1 email empty", "2 phone empty"]);
  assert.deepEqual(told(planned("Email_SHA256\tMAID\tMAID_MD5\tPhone_SHA256")), [
    "1 email empty",
    "2 maid empty",
    "4 phone empty",
  ]);
  assert.deepEqual(told(planned("handle|twitter_id|partner_user_id|extern_id\n")), [
    "1 handle empty",
    "2 user_id empty",
    "3 external_id empty",
    "4 external_id empty",
  ]);
});

test("a header may be quoted, padded, marked and behind blank lines", () => {
  assert.deepEqual(planned('\uFEFF\r\n\n"E-Mail (2)"; Hashed Phone ;"\nmadid\n"\nMary@example.com\n').columns, [
    { index: 0, header: "E-Mail (2)", kind: "email", form: "raw" },
    { index: 1, header: "Hashed Phone", kind: "phone", form: "empty" },
    { index: 2, header: "madid", kind: "maid", form: "empty" },
  ]);
});

test("a first row with an identifier in it is no header, even beside a known name", () => {
  const rows = "mary@example.com,Phone\njohn@example.com,+4930123456\njane@example.com,+4930123457\n";
  const plan = planned(rows);
  assert.ok(!plan.hasHeader);
  assert.deepEqual(told(plan), ["1 email raw", "2 phone raw"]);
  for (const identifier of [sha256("a"), "+4930123456", "030 1234567", "cdda802e-fb9c-47ad-9866-0794d394c912"]) {
    assert.ok(!planned(`email,${identifier}\n${rows}`).hasHeader, identifier);
  }
  // A short number and a text with an @ that is no address are names as good as others.
  for (const name of ["030 123", "@email", "email@"]) assert.ok(planned(`email,${name}\n${rows}`).hasHeader, name);
});

test("a first row without a known name is no header, and is judged with the rest", () => {
  const plan = planned("address of mary\nmary@example.com\njohn@example.com\n");
  assert.ok(!plan.hasHeader);
  assert.deepEqual(told(plan), ["1 email raw"]);
});

test("the country column serves phones, and is passed over without them", () => {
  const withPhone = planned("country,phone,Country Code\nDE,030 123456,49\n");
  assert.equal(withPhone.country, 0);
  assert.deepEqual(withPhone.notes, [
    'phones without "+" are read as of the row\'s country, an ISO 3166-1 code',
    "passed over, since matching does not use it: Country Code",
  ]);
  const without = planned("country,email\nDE,mary@example.com\n");
  assert.equal(without.country, -1);
  assert.deepEqual(without.notes, ["passed over, since matching does not use it: country"]);
});

test("notes name passed over columns by a known name or by their number", () => {
  assert.deepEqual(planned("Kunde Nr. 7,email,ZIP,,Umsatz\n").notes, [
    "passed over, since matching does not use it: ZIP",
    "passed over, since the name is not known: column 1, 4, 5",
  ]);
  assert.deepEqual(planned("email\n").notes, []);
});

test("without a header the kinds are found from the values, and said", () => {
  const rows = [
    ["mary@example.com", "+49 30 123456", "cdda802e-fb9c-47ad-9866-0794d394c912", sha256("a"), "Mary", ""],
    [sha256("b"), "+1 (555) 987-6543", "CDDA802E-FB9C-47AD-9866-0794D394C913", sha256("b").toUpperCase(), "7", ""],
  ];
  const plan = planned(rows.map((row) => row.join(",")).join("\n"));
  assert.ok(!plan.hasHeader);
  assert.equal(plan.country, -1);
  assert.deepEqual(told(plan), ["1 email mixed", "2 phone raw", "3 maid raw", "4 unknown digest"]);
  assert.deepEqual(plan.notes, [
    "no header: column 1 holds email by its values, mixed",
    "no header: column 2 holds phone by its values, raw",
    "no header: column 3 holds maid by its values, raw",
    "no header: column 4 holds digests, tried as email, phone, maid and handle",
    "passed over, since the values are not known: column 5",
  ]);
});

test("phones without a country code are seen only where a region is given", () => {
  const text = "mary@example.com,030 123456\njohn@example.com,030/123457\n";
  assert.deepEqual(told(planned(text, "DE")), ["1 email raw", "2 phone raw"]);
  assert.deepEqual(told(planned(text)), ["1 email raw"]);
});

test("a kind is believed when half of a column's values show it, and not when fewer do", () => {
  const column = (...values: string[]) => values.map((value) => `${value},mary@example.com`).join("\n");
  assert.deepEqual(told(planned(column("a@example.com", "b", "", "c", sha256("d")))), ["1 email mixed", "2 email raw"]);
  assert.deepEqual(told(planned(column("a@example.com", "b", "", "c", "d"))), ["2 email raw"]);
  const many = (emails: number, others: number) => [
    ...Array<string>(emails).fill("a@example.com"),
    ...Array<string>(others).fill("b"),
  ];
  assert.deepEqual(told(planned(column(...many(50, 50)))), ["1 email raw", "2 email raw"]);
  assert.deepEqual(told(planned(column(...many(50, 51)))), ["2 email raw"]);
  assert.deepEqual(told(planned(column(sha256("a"), "b"))), ["1 unknown mixed", "2 email raw"]);
  assert.deepEqual(told(planned(column(sha256("a"), "b", "c"))), ["2 email raw"]);
});

test(`columns are judged by the first ${SAMPLE_RECORDS} records, and by no later one`, () => {
  const digests = Array.from({ length: SAMPLE_RECORDS + 1 }, (_, i) => sha256(String(i)));
  const withEmailAt = (index: number) => planned(digests.with(index, "mary@example.com").join("\n"));
  assert.deepEqual(told(withEmailAt(SAMPLE_RECORDS - 1)), ["1 email mixed"]);
  assert.deepEqual(told(withEmailAt(SAMPLE_RECORDS)), ["1 unknown digest"]);
});

test("64 hex digits in a column of user ids or external ids are a value, not a digest", () => {
  const text = `extern_id,user_id,email\n${sha256("a")},${sha256("b")},${sha256("c")}\n`;
  assert.deepEqual(told(planned(text)), ["1 external_id raw", "2 user_id raw", "3 email digest"]);
});

test("a list without a column of identifiers is refused, and the way out is shown", () => {
  for (const text of [
    "fn,ln\nMary,Smith\n",
    "Mary,Smith\nJohn,Brown\n",
    '"broken',
    "country\nDE\n",
    "12345678\n",
    "\0",
  ]) {
    assert.throws(
      () => planned(text),
      (error) =>
        failsAs("no-identifier-column")(error) && error instanceof ListError && error.fix.includes("extern_id"),
      text,
    );
  }
});

test("an empty list and one of blank lines have no columns, and that is no error", () => {
  for (const text of ["", "\uFEFF", "\n\r\n\r"]) {
    assert.deepEqual(planned(text), { hasHeader: false, columns: [], country: -1, notes: [] });
  }
});

test(`the first row may have ${INPUT_LIMITS.columns} columns, and no more`, () => {
  const names = (columns: number) => `email${",zip".repeat(columns - 1)}\n`;
  assert.deepEqual(told(planned(names(INPUT_LIMITS.columns))), ["1 email empty"]);
  assert.throws(() => planned(names(INPUT_LIMITS.columns + 1)), failsAs("too-many-columns"));
});

test("a row that can't be read does not count in judging, be it the first", () => {
  assert.deepEqual(told(planned('"a"b\nmary@example.com\n"c"d\n"e"f\n"g"h\n')), ["1 email raw"]);
  const plan = planned('"email"x\nmary@example.com\n');
  assert.ok(!plan.hasHeader);
});

type Look = "email" | "maid" | "phone" | "digest" | "other";

const CELLS: Readonly<Record<string, Look | "empty">> = {
  "mary@example.com": "email",
  " Jörg.Ü@exämple.com ": "email",
  "a@b@c": "other",
  "mary@ example.com": "other",
  "+49 30 123456": "phone",
  "+1 (555) 987-6543": "phone",
  "+49 30 1": "other",
  "4930123456": "other",
  "+49 30 123456 ext. 5": "other",
  "cdda802e-fb9c-47ad-9866-0794d394c912": "maid",
  " CDDA802E-FB9C-47AD-9866-0794D394C912": "maid",
  cdda802efb9c47ad98660794d394c912: "other",
  [sha256("a")]: "digest",
  [` ${sha256("b").toUpperCase()} `]: "digest",
  [sha256("c").slice(1)]: "other",
  [`${sha256("c")}0`]: "other",
  [`${sha256("d").slice(1)}g`]: "other",
  Mary: "other",
  "": "empty",
  "  ": "empty",
};

/** The rules, by counting. */
function model(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map((row) => row.length));
  return Array.from({ length: width }, (_, column) => {
    const looks = rows.map((row) => CELLS[row[column] ?? ""]!).filter((look) => look !== "empty");
    const count = (look: Look) => looks.filter((one) => one === look).length;
    const ranked = (["email", "maid", "phone"] as const).toSorted((one, other) => count(other) - count(one));
    const [best, digests] = [count(ranked[0]!), count("digest")];
    if (best + digests === 0 || 2 * (best + digests) < looks.length) return undefined;
    const form = digests === 0 ? "raw" : digests === looks.length ? "digest" : "mixed";
    return `${column + 1} ${best === 0 ? "unknown" : ranked[0]} ${form}`;
  }).filter((column) => column !== undefined);
}

test("columns without a header are those that a count of their values gives", () => {
  const cell = fc.constantFrom(...Object.keys(CELLS));
  const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(rows, (given) => {
      const text = given.map((row) => row.map((value) => `"${value}"`).join(",")).join("\n");
      const expected = model(given);
      for (const column of expected) seen.set(column.slice(2), (seen.get(column.slice(2)) ?? 0) + 1);
      if (expected.length === 0) assert.throws(() => planned(text), failsAs("no-identifier-column"));
      else assert.deepEqual(told(planned(text)), expected);
    }),
    { numRuns: 2000 },
  );
  assert.equal(seen.size, 8, "each kind, raw and mixed; unknown ones, mixed and digests only");
});
