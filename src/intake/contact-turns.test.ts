/** Rows that the kernels take many at a time, held against the same rows taken one by one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BlockReader, type RowTaker } from "../input/index.js";
import { type ContactBatch, ContactRows, type ContactRowsOptions } from "./rows.js";

const nowMs = Date.parse("2025-01-01T00:00:00Z");
const version = (index: number, from: string, to = "", sources = ["local"]) => ({
  version: index,
  fromMs: Date.parse(from),
  toMs: to === "" ? Number.POSITIVE_INFINITY : Date.parse(to),
  sources,
});
const signup1 = version(0, "2020-01-01T00:00:00Z", "2024-06-01T00:00:00Z");
const signup2 = version(1, "2023-01-01T00:00:00Z");
const mfa1 = version(2, "2020-01-01T00:00:00Z");
const remote1 = version(3, "2020-01-01T00:00:00Z", "", ["api"]);
const options: ContactRowsOptions = {
  identityKey: new Uint8Array(32).fill(7),
  source: "local",
  vouches: false,
  notices: {
    references: [
      { ref: "signup@1", byId: false, versions: [signup1] },
      { ref: "signup@2", byId: false, versions: [signup2] },
      { ref: "signup", byId: true, versions: [signup1, signup2] },
      { ref: "mfa@1", byId: false, versions: [mfa1] },
      { ref: "remote@1", byId: false, versions: [remote1] },
    ],
    mayMatch: Uint8Array.of(1, 1, 0, 1),
  },
  nowMs,
  keepsValues: true,
};
const COLUMNS = ["account", "kind", "value", "notice", "given_at", "given_by", "verified_at"];

/** What comes of a CSV text, and how many of its rows were taken one by one. */
function taken(text: string, more: Partial<ContactRowsOptions>, isByTurns: boolean) {
  const rows = new ContactRows({ ...options, ...more });
  let oneByOne = 0;
  const taker: RowTaker & { take(digest: Uint8Array): ContactBatch | undefined } = {
    columnOf: (name) => rows.columnOf(name),
    checkHeader: () => rows.checkHeader(),
    refusalColumn: (column) => rows.refusalColumn(column),
    refuse: (line, column, code) => rows.refuse(line, column, code),
    row: (src, starts, ends, line) => {
      oneByOne++;
      rows.row(src, starts, ends, line);
    },
    take: (digest) => rows.take(digest),
    ...(isByTurns ? { records: rows.records.bind(rows) } : {}),
  };
  const reader = new BlockReader("csv", taker, {});
  const bytes = Buffer.from(text);
  const batches = [...reader.push(bytes), ...reader.end()];
  return { batches, oneByOne };
}

const isSame = (text: string, more: Partial<ContactRowsOptions>) =>
  assert.deepEqual(taken(text, more, true).batches, taken(text, more, false).batches);

const csv = (rows: readonly (readonly string[])[], order = COLUMNS): string =>
  [order.join(","), ...rows.map((row) => order.map((name) => row[COLUMNS.indexOf(name)] ?? "").join(","))].join("\n");

const blank = fc.constantFrom("", "", "", " ", "\t", "\u00a0");
const account = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."abc019_-."), minLength: 1, maxLength: 20 }),
  fc.constantFrom("u1", "u2", "ü1", "", "a b", "\u0007", "\u0085", "x".repeat(256), "x".repeat(257)),
);
const local = fc.string({ unit: fc.constantFrom(..."aB1.+-_üΣ€"), maxLength: 24 });
const domain = fc.constantFrom(
  ...[
    "gmail.com",
    "GMail.com",
    "googlemail.com",
    "example.com",
    "münchen.de",
    "localhost",
    "x.",
    ".x",
    "a@b",
    "ĳ.example",
  ],
);
const email = fc.oneof(
  fc.tuple(blank, local, domain, blank).map(([before, name, of, behind]) => `${before}${name}@${of}${behind}`),
  fc.constantFrom("a", "@x", "a@", `${"x".repeat(308)}@example.com`, `${"x".repeat(309)}@example.com`, "é@€.com"),
);
const phone = fc.oneof(
  fc
    .tuple(fc.constantFrom("+4930", "+1 (212) ", "+33.6", "+49 0", "030", "+999", "00"), fc.nat({ max: 10 ** 9 }))
    .map(([code, number]) => `${code}${number}`),
  fc.constantFrom("+", "+4915112345678 ext. 5", "+1-212-555-0100", "１２３"),
);
const uuid = fc
  .uuid()
  .chain((id) => fc.constantFrom(id, id.toUpperCase(), id.replace("-", "x"), id.replaceAll("-", "")));
const identifier = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."@aZ09_.-é "), maxLength: 70 }),
  fc.constantFrom(
    "0".repeat(16),
    "0000000000000000",
    "a1b2c3d4e5f60718",
    "1".repeat(20),
    "1".repeat(21),
    "~".repeat(257),
  ),
);
const valued = fc.oneof(
  email.map((value) => ["email", value]),
  phone.map((value) => ["phone", value]),
  uuid.map((value) => ["maid", value]),
  fc.tuple(fc.constantFrom("maid", "user_id", "handle", "external_id", "Email", "fax"), identifier),
);
const time = fc.oneof(
  fc
    .date({ min: new Date("1965-01-01"), max: new Date("2026-01-01"), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.constantFrom(
    ...["2024-05-01T12:00:00Z", "2024-05-01t12:00:00z", "2024-02-29T23:59:59.1239Z", "2023-02-29T00:00:00Z"],
    ...["2024-05-01T12:00:00+02:00", "2024-05-01T12:00:00-11:59", "2024-05-01T12:00:00+24:00", "2024-05-01T12:00:00."],
    ...[
      "2024-05-01T12:00:60Z",
      "2024-13-01T12:00:00Z",
      "2024-05-01 12:00:00Z",
      "2024-05-32T12:00:00Z",
      "1969-12-31T23:59:59Z",
    ],
    ...["2024-04-31T12:00:00Z", "2024-11-30T12:00:00.5Z", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "x"],
  ),
);
const notice = fc.constantFrom("signup@1", "signup@2", "signup", "signup", "mfa@1", "remote@1", "other", "");
const maybe = <T>(value: fc.Arbitrary<T>) => fc.oneof(fc.constant(""), value);
/** A cell as it may stand in a file. */
const written = (cell: string, isQuoted: boolean): string =>
  isQuoted || /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
const row = fc
  .tuple(
    account,
    valued,
    notice,
    time,
    maybe(account),
    maybe(time),
    fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
  )
  .map(([of, [kind, value], under, at, by, verified, quotes]) =>
    [of, kind!, value!, under, at, by, verified].map((cell, i) => written(cell, quotes[i]! && quotes[(i + 1) % 7]!)),
  );
const rows = fc.array(fc.oneof({ weight: 20, arbitrary: row }, fc.constant(["a", "b", '"'])), {
  minLength: 16,
  maxLength: 60,
});
const terms = fc.record({
  vouches: fc.boolean(),
  keepsValues: fc.boolean(),
  region: fc.constantFrom(undefined, "DE", "US"),
});

test("rows that are taken many at a time become what they become one by one", () => {
  const orders = fc.shuffledSubarray([...COLUMNS, "more"], { minLength: 8 });
  fc.assert(
    fc.property(rows, terms, orders, (given, more, order) => isSame(csv(given, order), more)),
    { numRuns: 400 },
  );
});

test("rows of many turns, with records between that are none, become what they become one by one", () => {
  const few = fc.array(row, { minLength: 5, maxLength: 40 });
  fc.assert(
    fc.property(few, terms, (given, more) => {
      const many = Array.from({ length: 2500 }, (_, i) => given[(i * i) % given.length]!);
      isSame(csv(many), more);
    }),
    { numRuns: 20 },
  );
});

test("a list that is full makes another turn", () => {
  const long = Array.from({ length: 1500 }, (_, i) => [
    `${"a".repeat(240)}${i}`,
    "email",
    `${"b.".repeat(150)}${i}@gmail.com`,
    "signup",
    "2024-05-01T12:00:00Z",
  ]);
  isSame(csv(long), { vouches: true });
});

test("rows of columns beyond what a turn holds are taken one by one, and those before and behind as ever", () => {
  const names = [...COLUMNS, ...Array.from({ length: 200 }, (_, i) => `more${i}`)];
  const cells = ["u1", "email", "a@example.com", "signup@1", "2024-05-01T12:00:00Z", "", ""];
  const text = [names.join(","), ...Array.from({ length: 300 }, () => `${cells.join(",")}${",".repeat(200)}`)].join(
    "\n",
  );
  isSame(text, {});
});

test("rows that need no thought are not taken one by one", () => {
  const at = "2024-05-01T12:00:00Z";
  const plain = [
    ["u1", "email", "Ann.Müller+a@GoogleMail.com", "signup", at, "u2", at],
    ["u2", "external_id", "A 17", "mfa@1", "2024-05-01T12:00:00.25+02:00", "u2", ""],
    ["u3", "handle", "@Ann", "signup@1", at, "", ""],
    ["u4", "user_id", "42", "signup@1", at, "", ""],
    ["u5", "maid", "AEBE52E7-03EE-455A-B3C4-E57283966239", "signup@1", at, "", ""],
  ];
  const { batches, oneByOne } = taken(csv(Array.from({ length: 40 }, (_, i) => plain[i % 5]!)), {}, true);
  assert.equal(batches[0]!.rows, 40);
  assert.equal(oneByOne, 0);
});
