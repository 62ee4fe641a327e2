import assert from "node:assert/strict";
import { createCipheriv, createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import {
  BlockReader,
  INPUT_LIMITS,
  InputError,
  rejectLines as linesOf,
  REJECT_HEADER,
  type Refusals,
} from "../input/index.js";
import type { NoticeTable } from "../purpose/index.js";
import { type ContactsInputOptions, readContacts } from "./contacts-input.js";
import { intakeRefusals, REFUSAL_COLUMNS } from "./refusal.js";
import { type ContactBatch, ContactRows } from "./rows.js";

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
const notices: NoticeTable = {
  references: [
    { ref: "signup@1", byId: false, versions: [signup1] },
    { ref: "signup@2", byId: false, versions: [signup2] },
    { ref: "signup", byId: true, versions: [signup1, signup2] },
    { ref: "mfa@1", byId: false, versions: [mfa1] },
    { ref: "mfa", byId: true, versions: [mfa1] },
    { ref: "remote@1", byId: false, versions: [remote1] },
  ],
  mayMatch: Uint8Array.of(1, 1, 0, 1),
};
const options: ContactsInputOptions = {
  identityKey: new Uint8Array(32).fill(7),
  batchKey: new Uint8Array(32).fill(9),
  context: "ingest local",
  source: "local",
  vouches: true,
  notices,
  nowMs,
  keepsValues: true,
};
const HEADER = "account,kind,value,notice,given_at,given_by,verified_at";
const AT = "2024-05-01T12:00:00Z";

async function* parts(...texts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield typeof text === "string" ? new Uint8Array(Buffer.from(text)) : text;
}

async function read(
  input: string | AsyncIterable<Uint8Array>,
  more: Partial<ContactsInputOptions> = {},
): Promise<ContactBatch[]> {
  const batches: ContactBatch[] = [];
  for await (const batch of readContacts(input, { ...options, ...more })) batches.push(batch);
  return batches;
}

async function readOne(text: string | Uint8Array, more: Partial<ContactsInputOptions> = {}): Promise<ContactBatch> {
  const [batch, ...others] = await read(parts(text), more);
  assert.equal(others.length, 0);
  return batch!;
}

const column = (bytes: Uint8Array, ends: Uint32Array) =>
  Array.from(ends, (end, i) => Buffer.from(bytes.subarray(i === 0 ? 0 : ends[i - 1]!, end)).toString());
const refused = ({ refusals }: ContactBatch) =>
  Array.from({ length: refusals.count }, (_, i) => [
    refusals.line[i],
    REFUSAL_COLUMNS[refusals.column[i]!],
    intakeRefusals.refusal(refusals.code[i]!).name,
  ]);
const rejectLines = (refusals: Refusals) => linesOf(refusals, intakeRefusals);
const sha256 = (text: string) => createHash("sha256").update(text).digest();

test("a row becomes its account, identity, notice version, times and the digests of its forms", async () => {
  const batch = await readOne(`${HEADER}\nu1,email, Mary.Smith+x@GMail.com ,signup,2024-05-01T14:00:00.5+02:00,,\n`);
  assert.equal(batch.rows, 1);
  assert.equal(batch.totalRows, 1);
  assert.deepEqual(column(batch.accountBytes, batch.accountEnds), ["u1"]);
  assert.deepEqual([batch.kind[0], batch.notice[0], batch.byId[0]], [0, 1, 1]);
  assert.deepEqual(
    [batch.givenAt[0], batch.verifiedAt[0]],
    [Date.parse("2024-05-01T12:00:00.5Z"), Date.parse("2024-05-01T12:00:00.5Z")],
  );
  const cipher = createCipheriv("aes-256-ecb", options.identityKey, null).setAutoPadding(false);
  const identity = cipher.update(sha256("u1\0\0marysmith@gmail.com").subarray(0, 16));
  assert.deepEqual(Buffer.from(batch.identity), identity);
  const digests = [sha256("mary.smith+x@gmail.com"), sha256("marysmith@gmail.com")].map((digest) =>
    digest.subarray(0, 16),
  );
  assert.deepEqual(Buffer.from(batch.formDigest), Buffer.concat(digests));
  assert.deepEqual([[...batch.formRow], batch.formMask[0]! & batch.formMask[1]!], [[0, 0], 0]);
});

test("a digest exists only for a verified grant by the account itself under a notice that may match", async () => {
  const rows = [
    "a,email,a@example.com,signup@1,T,,",
    "b,email,b@example.com,mfa@1,T,,T",
    "c,email,c@example.com,signup@1,T,d,T",
  ];
  rows.push("e,email,e@example.com,signup@1,T,e,T", "f,email,f@example.com,signup@1,T,,2024-05-02T00:00:00Z");
  const text = `${HEADER}\n${rows.join("\n").replaceAll("T,", `${AT},`).replaceAll(/T$/gm, AT)}`;
  const unvouched = await readOne(text, { vouches: false });
  assert.equal(unvouched.rows, 5);
  assert.deepEqual([...unvouched.formRow], [3, 4]);
  assert.deepEqual([...unvouched.givenByRow], [2]);
  assert.deepEqual(column(unvouched.givenByBytes, unvouched.givenByEnds), ["d"]);
  assert.deepEqual(
    [unvouched.verifiedAt[0], unvouched.verifiedAt[4]],
    [Number.NaN, Date.parse("2024-05-02T00:00:00Z")],
  );
  assert.deepEqual([...(await readOne(text)).formRow], [0, 3, 4]);
});

test("each fault is refused with its line, column and code, and the good rows go in", async () => {
  const rows: [string, string, string][] = [
    [`,email,a@example.com,mfa@1,${AT}`, "account", "missing-field"],
    [`u,email,,mfa@1,${AT}`, "value", "missing-field"],
    ["u,email,a@example.com,mfa@1", "given_at", "missing-field"],
    [`u\u0007,email,a@example.com,mfa@1,${AT}`, "account", "account-invalid"],
    [`u\u0085,email,a@example.com,mfa@1,${AT}`, "account", "account-invalid"],
    [`${"u".repeat(257)},email,a@example.com,mfa@1,${AT}`, "account", "account-invalid"],
    [`u,e-mail,a@example.com,mfa@1,${AT}`, "kind", "unknown-kind"],
    [`u,email,a@b@example.com,mfa@1,${AT}`, "value", "not-an-email"],
    [`u,phone,0151 23456789,mfa@1,${AT}`, "value", "phone-needs-region"],
    [`u,email,a@example.com,mfa@2,${AT}`, "notice", "unknown-notice"],
    [`u,email,a@example.com,${"m".repeat(81)},${AT}`, "notice", "field-too-long"],
    [`u,email,a@example.com,remote@1,${AT}`, "notice", "source-may-not-name-notice"],
    ["u,email,a@example.com,mfa@1,2019-12-31T23:59:59Z", "notice", "notice-not-in-force"],
    ["u,email,a@example.com,signup@1,2024-06-01T00:00:00Z", "notice", "notice-not-in-force"],
    ["u,email,a@example.com,mfa@1,2024-05-01", "given_at", "bad-time"],
    ["u,email,a@example.com,mfa@1,2016-12-31T23:59:60Z", "given_at", "leap-second"],
    ["u,email,a@example.com,mfa@1,2025-01-01T00:05:00.001Z", "given_at", "time-in-future"],
    [`u,email,a@example.com,mfa@1,${AT},,2025-01-01T00:06:00Z`, "verified_at", "time-in-future"],
    [`u,email,a@example.com,mfa@1,${AT},x\u0000y,`, "given_by", "account-invalid"],
    [`u,email,a@example.com,mfa@1,${AT},,,more`, "", "malformed-record"],
    [`u,email,"a@example.com" x,mfa@1,${AT}`, "", "bad-quotes"],
    [`u,email,${"x".repeat(64 * 1024 - 30)},mfa@1,${AT}${" ".repeat(64)}`, "", "record-too-long"],
  ];
  const good = [
    `u,email,a@example.com,mfa@1,2025-01-01T00:05:00Z`,
    `${"u".repeat(256)},email,"a@example.com",signup@1,2024-05-31T23:59:59.999Z,,,`,
  ];
  const batch = await readOne([HEADER, ...rows.map(([row]) => row), ...good].join("\r\n"));
  assert.deepEqual(
    refused(batch),
    rows.map(([, name, code], i) => [i + 2, name, code]),
  );
  assert.equal(batch.rows, good.length);
  assert.equal(batch.totalRows, rows.length + good.length);
});

test("bytes that are not UTF-8 are refused where they are", async () => {
  const bytes = Buffer.from(
    `${HEADER}\nu\xff,email,a@example.com,mfa@1,${AT}\nu,email,a\xff@example.com,mfa@1,${AT}\nü,email,a@example.com,mfa@1,${AT}`,
    "latin1",
  );
  assert.deepEqual(refused(await readOne(bytes)), [
    [2, "account", "not-utf8"],
    [3, "value", "not-utf8"],
    [4, "account", "not-utf8"],
  ]);
});

test("a missing or doubled column ends the input and is named; extra ones are ignored with one warning", async () => {
  const isAbout = (code: string, field: string) => (error: unknown) =>
    error instanceof InputError && error.code === code && error.field === field;
  await assert.rejects(readOne("account,kind,value,given_at\n"), isAbout("missing-column", "notice"));
  await assert.rejects(readOne(`${HEADER},value\n`), isAbout("duplicate-column", "value"));
  await assert.rejects(readOne(""), (error) => error instanceof InputError && error.code === "malformed-header");
  const warnings: string[] = [];
  const text = `\uFEFF"Given_At"; notice;city;KIND;value;account;zip\n${AT};mfa;"B;N";email;a@example.com;u;1\n`;
  const batch = await readOne(text, { onWarning: (message) => warnings.push(message) });
  assert.deepEqual([batch.rows, batch.byId[0], refused(batch)], [1, 1, []]);
  assert.deepEqual(warnings, ["ignored columns: city, zip"]);
});

test("NDJSON rows are those of the CSV with the same cells", async () => {
  const cells = [
    ["ü1", "email", "Mary@Example.com", "signup", AT, "x", AT],
    ["123", "phone", "+49 151 23456789", "mfa@1", AT, "", ""],
    ["u3", "email", 'q"uote@example.com', "signup@1", AT, "u3", ""],
  ];
  const csv = [HEADER, "", ...cells.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(","))].join(
    "\n",
  );
  const names = HEADER.split(",");
  const objects = cells.map((row) =>
    Object.fromEntries(row.map((cell, i) => [names[i]!, cell === "123" ? 123 : cell === "" ? null : cell])),
  );
  const ndjson = ["", "  ", ...objects.map((object) => JSON.stringify(object))].join("\r\n");
  const { digest: one, ...fromCsv } = await readOne(csv);
  const { digest: other, ...fromNdjson } = await readOne(ndjson);
  assert.equal(fromCsv.rows, 3);
  assert.deepEqual(fromNdjson, fromCsv);
  assert.notDeepEqual(one, other);
});

test("lines that are no object of texts are refused, and too long ones too", async () => {
  const good = JSON.stringify({ account: "u", kind: "email", value: "a@example.com", notice: "mfa@1", given_at: AT });
  const of = (more: object) => JSON.stringify({ ...JSON.parse(good), ...more });
  const lines = [
    good,
    "{",
    "[]",
    '"x"',
    of({ account: {} }),
    of({ value: 1.5 }),
    of({ value: "\ud800@example.com" }),
    of({ other: ["x"] }),
  ];
  lines.push(of({ other: "x".repeat(65 * 1024) }), of({ kind: undefined }), good);
  assert.deepEqual(refused(await readOne(lines.join("\n"), { format: "ndjson" })), [
    [2, "", "malformed-record"],
    [3, "", "malformed-record"],
    [4, "", "malformed-record"],
    [5, "account", "malformed-record"],
    [6, "value", "malformed-record"],
    [7, "value", "not-utf8"],
    [9, "", "record-too-long"],
    [10, "kind", "missing-field"],
  ]);
});

test("no value ever reaches a reject file, a warning or an error", async () => {
  const mark = "SECRET";
  const cell = fc.constantFrom(
    `${mark}`,
    `${mark}@example.com`,
    `"${mark}`,
    `${mark}""`,
    `"${mark}"x`,
    "email",
    "phone",
    "mfa@1",
    AT,
    "u",
    "",
    "{",
    "\u0000",
  );
  const row = fc.array(cell, { minLength: 1, maxLength: 9 }).map((cells) => cells.join(","));
  const line = fc.constantFrom(
    `{"value":"${mark}"`,
    `{"account":"u","value":["${mark}"]}`,
    `["${mark}"]`,
    mark,
    `{"kind":"${mark}"}`,
  );
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 20 }), fc.array(line, { maxLength: 5 }), async (rows, lines) => {
      const said: string[] = [];
      const onWarning = (message: string) => void said.push(message);
      const inputs = [
        ["csv", [HEADER, ...rows].join("\n")],
        ["ndjson", [...lines, ...rows].join("\n")],
      ] as const;
      for (const [format, text] of inputs) {
        try {
          for (const batch of await read(parts(text), { format, onWarning })) said.push(rejectLines(batch.refusals));
        } catch (error) {
          said.push(String(error), JSON.stringify(error));
        }
      }
      assert.ok(!said.join("\n").toUpperCase().includes(mark));
    }),
    { numRuns: 200 },
  );
});

test("the reject file is CSV that a spreadsheet can read", async () => {
  const batch = await readOne(`${HEADER}\nu,email,a@example.com,mfa@1,yesterday`);
  const text = REJECT_HEADER + rejectLines(batch.refusals);
  assert.equal(
    text,
    "line,column,code,reason,fix\n2,given_at,bad-time,not an RFC 3339 date-time with an offset or Z,write it as 2024-05-01T12:00:00Z or 2024-05-01T14:00:00+02:00\n",
  );
});

test("the version of a bare id is the one in force with the latest start", async () => {
  const day = (n: number) => new Date(Date.UTC(2024, 0, 1 + n)).toISOString();
  const span = fc.record({ from: fc.nat(20), days: fc.nat(20), isListed: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(span, { minLength: 1, maxLength: 4 }), fc.nat(30), async (spans, at) => {
      const versions = spans
        .map(({ from, days, isListed }, i) =>
          version(i, day(from), days === 20 ? "" : day(from + days), isListed ? ["local"] : ["api"]),
        )
        .sort((a, b) => a.fromMs - b.fromMs || a.version - b.version);
      const table = { references: [{ ref: "n", byId: true, versions }], mayMatch: new Uint8Array(spans.length) };
      const batch = await readOne(`${HEADER}\nu,email,a@example.com,n,${day(at)},,`, { notices: table });
      const inForce = versions.filter(
        ({ fromMs, toMs }) => fromMs <= Date.parse(day(at)) && Date.parse(day(at)) < toMs,
      );
      const last = inForce.at(-1);
      if (last === undefined) assert.deepEqual(refused(batch), [[2, "notice", "notice-not-in-force"]]);
      else if (!last.sources.includes("local"))
        assert.deepEqual(refused(batch), [[2, "notice", "source-may-not-name-notice"]]);
      else assert.equal(batch.notice[0], last.version);
    }),
    { numRuns: 200 },
  );
});

/** Rows of many shapes, `bytes` of them or more. */
function manyRows(bytes: number): string {
  const rows = [HEADER];
  for (let length = 0, i = 0; length < bytes; i++) {
    const value = i % 3 === 0 ? `"mary ${i}\r\n""x"" "` : i % 7 === 0 ? "broken" : `mary${i}@example.com`;
    const long = i % 5000 === 4999 ? "y".repeat(70_000) : "";
    rows.push(
      `u${i % 997},${i % 11 === 0 ? "fax" : "email"},${value},${i % 2 === 0 ? "signup" : "mfa@1"},${AT},${i % 13 === 0 ? "other" : ""},${long}`,
    );
    length += rows.at(-1)!.length + 1;
  }
  return rows.join("\n");
}

test("the same bytes give the same batches however they arrive", () => {
  const batchBytes = 256 * 1024;
  const csv = Buffer.from(manyRows(900_000));
  const record = { account: "u", kind: "email", value: "a@example.com", notice: "signup", given_at: AT };
  const longLine = JSON.stringify({ ...record, other: "z".repeat(600_000) });
  const line = `${JSON.stringify(record)}\n`.repeat(3000);
  const ndjson = Buffer.from(`${line}${longLine}\n${line}`);
  for (const [format, bytes] of [
    ["csv", csv],
    ["ndjson", ndjson],
  ] as const) {
    const readIn = (sizes: () => number) => {
      const reader = new BlockReader(format, new ContactRows(options), { ...options, batchBytes });
      const batches: ContactBatch[] = [];
      for (let at = 0; at < bytes.length; ) {
        const size = sizes();
        batches.push(...reader.push(bytes.subarray(at, at + size)));
        at += size;
      }
      return [...batches, ...reader.end()];
    };
    const whole = readIn(() => bytes.length);
    assert.ok(whole.length > 3);
    assert.ok(whole.reduce((rows, batch) => rows + batch.refusals.count, 0) > 0);
    assert.equal(new Set(whole.map(({ digest }) => Buffer.from(digest).toString("hex"))).size, whole.length);
    let seed = 1;
    const random = () => (seed = (seed * 48271) % 2147483647);
    for (const sizes of [() => 1000, () => 65_536, () => 262_144, () => 1 + (random() % 30_000)])
      assert.deepEqual(readIn(sizes), whole);
  }
});

test("the digest depends on key, context, header and every byte", async () => {
  const text = `${HEADER}\nu,email,a@example.com,mfa@1,${AT}\n`;
  const digests = [
    await readOne(text),
    await readOne(text, { batchKey: new Uint8Array(32).fill(8) }),
    await readOne(text, { context: "ingest other" }),
    await readOne(text.replace("given_by,verified_at", "verified_at,given_by")),
    await readOne(text.replace("u,", "v,")),
  ].map(({ digest }) => Buffer.from(digest).toString("hex"));
  assert.equal(new Set(digests).size, digests.length);
  assert.equal(Buffer.from((await readOne(text)).digest).toString("hex"), digests[0]);
});

test("a worker gives the batches that the caller's thread gives, of CSV, gzip and Parquet", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "solely-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const text = manyRows(2_500_000);
  writeFileSync(join(folder, "contacts.csv"), text);
  writeFileSync(join(folder, "contacts.csv.gz"), gzipSync(text));
  writeFileSync(join(folder, "contacts.parquet"), parquetOf(30_000, 12_000));
  for (const name of ["contacts.csv", "contacts.csv.gz", "contacts.parquet"]) {
    const batchBytes = 512 * 1024;
    const here = await read(join(folder, name), { thread: "caller", batchBytes });
    const there = await read(join(folder, name), { thread: "worker", batchBytes });
    assert.ok(here.length > 2, name);
    assert.deepEqual(there, here, name);
  }
});

function parquetOf(rows: number, rowGroupSize: number): Uint8Array {
  const of = <T>(cell: (i: number) => T) => Array.from({ length: rows }, (_, i) => cell(i));
  const columnData = [
    { name: "value", data: of((i) => (i === 7 ? "no mail" : `mary${i}@example.com`)), type: "STRING" as const },
    { name: "account", data: of((i) => BigInt(i)), type: "INT64" as const },
    { name: "kind", data: of(() => "email"), type: "STRING" as const },
    { name: "notice", data: of(() => "signup@1"), type: "STRING" as const },
    { name: "given_at", data: of((i) => new Date(Date.parse(AT) + i)), type: "TIMESTAMP" as const },
    { name: "given_by", data: of((i) => (i === 8 ? "x" : null)), type: "STRING" as const, nullable: true },
    { name: "city", data: of(() => "BN"), type: "STRING" as const },
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize }));
}

test("a Parquet file is read row group by row group, and rows are counted through", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "solely-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "contacts");
  writeFileSync(file, parquetOf(1000, 300));
  const warnings: string[] = [];
  const batches = await read(file, { onWarning: (message) => warnings.push(message) });
  assert.deepEqual(
    batches.map(({ totalRows }) => totalRows),
    [300, 300, 300, 100],
  );
  assert.deepEqual(refused(batches[0]!), [[8, "value", "not-an-email"]]);
  assert.equal(batches[0]!.rows, 299);
  assert.equal(batches[3]!.givenAt.at(-1), Date.parse(AT) + 999);
  assert.deepEqual([...batches[0]!.givenByRow], [7]);
  assert.deepEqual(warnings, ["ignored columns: city"]);
  await assert.rejects(
    read(parts(parquetOf(10, 10))),
    (error) => error instanceof InputError && error.code === "parquet-needs-file",
  );
  writeFileSync(file, parquetOf(1000, 300).subarray(0, 2000));
  await assert.rejects(read(file), (error) => error instanceof InputError && error.code === "broken-parquet");
});

test("what ends an input in the worker ends it for the caller, with the same error", async () => {
  const text = `account,kind,value,given_at\n${"x".repeat(600_000)}`;
  await assert.rejects(
    read(parts(text), { thread: "worker" }),
    (error) =>
      error instanceof InputError &&
      error.code === "missing-column" &&
      error.field === "notice" &&
      error.fix !== undefined,
  );
  const broken = async function* () {
    yield new Uint8Array(Buffer.from(`${HEADER}\n`));
    throw new Error("the connection broke");
  };
  await assert.rejects(read(broken()), /connection broke/);
  await assert.rejects(
    read(join(tmpdir(), "no-such-file.csv")),
    (error) => error instanceof InputError && error.code === "unreadable-file",
  );
});

test("who stops early leaves no worker behind, and what is read ahead is bounded", async () => {
  let given = 0;
  const block = Buffer.from(`u,email,a@example.com,mfa@1,${AT}\n`.repeat(30_000));
  const endless = async function* () {
    yield new Uint8Array(Buffer.from("account,kind,value,notice,given_at\n"));
    for (;;) {
      given += block.length;
      yield new Uint8Array(block);
    }
  };
  let taken = 0;
  for await (const batch of readContacts(endless(), options)) {
    assert.ok(batch.rows > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (++taken === 2) break;
  }
  // Two batches taken, what may be ahead of them, and a block on its way at either end.
  const bound = 2 * INPUT_LIMITS.batchBytes + INPUT_LIMITS.aheadBytes + 2 * block.length;
  assert.ok(given <= bound, `${given} bytes were read for two batches`);
});
