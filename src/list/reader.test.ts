/**
 * The reader against a slow plain model: lists are made cell by cell, so that the model knows what each row holds and
 * never parses; it normalises with plain text functions and hashes with node:crypto. Longer than most, since the tests
 * below share the model.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { HASHABLE, KINDS, type Kind, type Scheme, schemes } from "../contact/index.js";
import { rejectLines } from "../input/index.js";
import { Turn } from "../kernel/index.js";
import type { DigestBatch } from "./batch.js";
import { ListError } from "./error.js";
import { BATCH_DIGESTS, BLOCK_BYTES, SAMPLE_BYTES } from "./limits.js";
import { ListReader } from "./reader.js";
import { listRefusals } from "./refusal.js";
import type { ListOptions } from "./rows.js";
import type { ListSummary } from "./total.js";

const plain: ListOptions = { scheme: "plain" };

function read(input: string | Uint8Array, options = plain, cuts: readonly number[] = []) {
  const bytes = Buffer.from(input);
  const reader = new ListReader(options);
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const batches: DigestBatch[] = [];
  let from = 0;
  for (const end of [...ends, bytes.length]) {
    batches.push(...reader.push(bytes.subarray(from, end)));
    from = end;
  }
  const { batches: last, summary } = reader.end();
  return { batches: [...batches, ...last], summary };
}

const inOrder = (batches: readonly DigestBatch[]) =>
  batches.flatMap(({ count, digest, kinds }) =>
    Array.from({ length: count }, (_, i) => i).flatMap((i) =>
      KINDS.filter((_, code) => (kinds[i]! & (1 << code)) !== 0).map(
        (kind) => `${kind} ${Buffer.from(digest.subarray(16 * i, 16 * i + 16)).toString("hex")}`,
      ),
    ),
  );
const digestsOf = (batches: readonly DigestBatch[]) => inOrder(batches).sort();
const refusedOf = (batches: readonly DigestBatch[]) =>
  batches.flatMap(({ refusals: { count, line, column, code } }) =>
    Array.from({ length: count }, (_, i) => `${line[i]}: ${column[i]} ${listRefusals.refusal(code[i]!).name}`),
  );
const toldOf = ({ badCells }: ListSummary) => badCells.map(({ column, code, cells }) => `${column} ${code} ${cells}`);

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const failsAs = (code: string) => (error: unknown) => error instanceof ListError && error.code === code;

// The model: what one cell is.

type Role = Kind | "unknown" | "country" | "none";
type Outcome = { readonly digests: readonly string[] } | { readonly refused: string } | undefined;

/** Stands for a byte that is not UTF-8. */
const BROKEN = "\uE000";
const encoded = (text: string) =>
  Buffer.from(Buffer.from(text).toString("latin1").replaceAll("\xee\x80\x80", "\xff"), "latin1");

const ABROAD: Readonly<Record<string, string>> = { DE: "49", FR: "33" };

/** The normal form behind "=", or the name of what is wrong. */
function formOf(kind: Kind, scheme: Scheme, country: string, text: string): string {
  if (text.includes(BROKEN)) return "not-utf8";
  switch (kind) {
    case "email": {
      if (!/^[^@\s]+@[^@\s]+$/.test(text)) return "not-an-email";
      const [local = "", domain = ""] = text.toLowerCase().split("@");
      const isFolded = scheme === "google" && /^(gmail|googlemail)\.com$/.test(domain);
      const address = `${isFolded ? local.replace(/\+.*/, "").replaceAll(".", "") : local}@${domain}`;
      return Buffer.byteLength(address) > 320 ? "email-too-long" : `=${address}`;
    }
    case "phone": {
      if (!/^\+?[\d\s()/-]{7,}$/.test(text)) return "not-a-phone";
      const code = text.startsWith("+") ? "" : ABROAD[country];
      if (code === undefined) return "phone-needs-region";
      const digits = code === "" ? text.replace(/\D/g, "") : code + text.replace(/\D/g, "").replace(/^0/, "");
      return `=${scheme === "meta" ? "" : "+"}${digits}`;
    }
    case "maid":
      return /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16})$/i.test(text) && /[1-9a-f]/i.test(text)
        ? `=${text.toLowerCase()}`
        : "not-a-maid";
    case "user_id":
      return /^\d{1,20}$/.test(text) ? `=${text}` : "not-a-user-id";
    case "handle":
      return /^@?[\w.]{1,64}$/.test(text) ? `=${text.replace("@", "").toLowerCase()}` : "not-a-handle";
    case "external_id":
      return Buffer.byteLength(text) <= 256 && !/[\t\r\n]/.test(text) ? `=${text}` : "not-an-external-id";
  }
}

function outcomeOf(role: Role, scheme: Scheme, country: string, cell: string): Outcome {
  const text = cell.trim();
  if (role === "country" || role === "none" || text === "") return undefined;
  const kinds = role === "unknown" ? HASHABLE : HASHABLE.filter((kind) => kind === role);
  if (kinds.length > 0 && /^[0-9a-f]{64}$/i.test(text)) {
    return { digests: kinds.map((kind) => `${kind} ${text.slice(0, 32).toLowerCase()}`) };
  }
  const form = role === "unknown" ? "not-a-digest" : formOf(role, scheme, country, text);
  if (form.startsWith("=")) return { digests: [`${role} ${sha256(form.slice(1)).slice(0, 32)}`] };
  const isOtherDigest = kinds.length > 0 && /^([0-9a-f]{32}|[0-9a-f]{40})$/i.test(text);
  return { refused: isOtherDigest ? "not-a-sha256" : form };
}

// Lists, made cell by cell.

/** One line or record as it is written, and its cells or what is wrong with it. Neither: no row. */
interface Line {
  readonly text: string;
  readonly cells?: readonly string[];
  readonly refused?: string;
}

interface List {
  readonly roles: readonly Role[];
  readonly bytes: Buffer;
  readonly hasHeader: boolean;
  readonly rows: readonly (Line & { readonly at: number })[];
}

const DIGESTS = [sha256("a"), sha256("b").toUpperCase(), ` ${sha256("c")}\t`, sha256("a")];
const JUNK = [
  sha256("d").slice(1),
  `${sha256("e").slice(1)}g`,
  "mary",
  "a@b@c",
  "x\r\ny",
  'q"u,o;t|e\td',
  `${BROKEN}x`,
];
JUNK.push(
  "d41d8cd98f00b204e9800998ecf8427e",
  "da39a3ee5e6b4b0d3255bfef95601890afd80709",
  `${sha256("h")}0`,
  '"',
  "x".repeat(321),
);
const BLANKS = ["", "", " ", "\t "];

const CELLS: Readonly<Record<Role, readonly string[]>> = {
  email: [
    "mary@example.com",
    " Mary.Smith+x@GMail.com ",
    "a.b@googlemail.com",
    "JÖRG@exämple.com",
    `${"x".repeat(315)}@b.co`,
    `${"x".repeat(316)}@b.co`,
  ],
  phone: ["+49 30 123456", " +1 (555) 987-6543", "01 23 45 67 89", "(01)23/45-67-89"],
  maid: [
    "cdda802e-fb9c-47ad-9866-0794d394c912",
    "CDDA802E-FB9C-47AD-9866-0794D394C913",
    "38400000F00D4711",
    "0".repeat(16),
  ],
  user_id: ["1", " 12345678901234567890", "123456789012345678901", "1e5"],
  handle: ["adsapi", "@AdsAPI", "@@x", "a-b", "_.".repeat(32), "_.".repeat(33)],
  external_id: ["ü 1", "x".repeat(256), "x".repeat(257), sha256("f")],
  unknown: DIGESTS,
  country: ["DE", "fr", " FR ", "Germany", "XX", "D"],
  none: ["Bonn", "y".repeat(5000), "a\n\nb", sha256("g")],
};

const NAMES: Readonly<Record<Exclude<Role, "unknown">, readonly string[]>> = {
  email: ["email", "E-Mail (2)", '"Hashed ""Email"""'],
  phone: ["phone", "Phone_SHA256"],
  maid: ["madid", '"Mobile\nDevice ID"'],
  user_id: ["twitter_id"],
  handle: ["handle"],
  external_id: ["extern_id"],
  country: ["country"],
  none: ["zip", "Umsatz", ""],
};

const cellOf = (role: Role, isOfDigests: boolean) =>
  fc.oneof(
    { weight: isOfDigests ? 1 : 5, arbitrary: fc.constantFrom(...CELLS[role]) },
    { weight: isOfDigests ? 30 : 2, arbitrary: fc.constantFrom(...DIGESTS) },
    { weight: 1, arbitrary: fc.constantFrom(...JUNK) },
    { weight: 1, arbitrary: fc.constantFrom(...BLANKS) },
  );

const written = (cell: string, isQuoted: boolean) =>
  isQuoted || /[",;\t|\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

const bad = (delimiter: string) =>
  fc.constantFrom<Line>(
    { text: "" },
    { text: `"mary"x${delimiter}"y"`, refused: "bad-quotes" },
    { text: delimiter.repeat(256), refused: "too-many-columns" },
    { text: "x".repeat(65_537), refused: "record-too-long" },
    { text: `"${"x".repeat(65_537)}"`, refused: "field-too-long" },
  );

interface Shape {
  readonly hasHeader: boolean;
  readonly maxLines: number;
  /** Nearly all values are digests. */
  readonly isOfDigests?: boolean;
  /** So many blank lines stand behind the first rows that the reader's first block ends among the later ones. */
  readonly isPadded?: boolean;
}

const lineOf = (roles: readonly Role[], delimiter: string, { isOfDigests = false }: Shape) => {
  const cell = (role: Role) => fc.tuple(cellOf(role, isOfDigests), fc.nat(9));
  const row = fc.tuple(fc.tuple(...roles.map(cell)), fc.constantFrom("whole", "whole", "whole", "short", "long"));
  return fc.oneof(
    {
      weight: 24,
      arbitrary: row.map(([whole, length]): Line => {
        const cells =
          length === "short" ? whole.slice(0, 1) : length === "long" ? [...whole, ["more", 0] as const] : whole;
        const text = cells.map(([cell, luck]) => written(cell, luck < (isOfDigests ? 1 : 5))).join(delimiter);
        // A line of nothing but blanks is no row; with a second cell, be it empty, it is one.
        const isBlank = cells.length === 1 && /^[ \t]*$/.test(text);
        return isBlank ? { text } : { text, cells: cells.map(([cell]) => cell) };
      }),
    },
    { weight: 1, arbitrary: bad(delimiter) },
  );
};

/** A list without a header begins with as many good rows as others follow, so that its kinds are found. */
function listOf(someRoles: fc.Arbitrary<readonly Role[]>, shape: Shape): fc.Arbitrary<List> {
  const delimiters = fc.constantFrom(",", ";", "\t", "|");
  return fc.tuple(someRoles, delimiters).chain(([roles, chosen]) => {
    const delimiter = roles.length === 1 ? "," : chosen;
    const line = lineOf(roles, delimiter, shape);
    return fc
      .record({
        names: fc.tuple(...roles.map((role) => fc.constantFrom(...(role === "unknown" ? [""] : NAMES[role])))),
        tail: fc.array(fc.tuple(line, fc.constantFrom("\n", "\n", "\r\n", "\r")), {
          maxLength: shape.maxLines,
          size: "max",
        }),
        start: fc.constantFrom("", "", "\uFEFF", "\n\r\n"),
        last: fc.oneof(line, fc.constantFrom<Line>({ text: "" }, { text: '"never,closed', refused: "bad-quotes" })),
        blockEnd: fc.nat(),
      })
      .map(({ names, tail, start, last, blockEnd }) => {
        const good = roles.map((role) => (shape.isOfDigests && role !== "none" ? DIGESTS : CELLS[role])[0]!);
        const head = (text: string, cells?: readonly string[]) => ({ text: `${text}\n`, ...(cells && { cells }) });
        const lines: Line[] = shape.hasHeader ? [head(names.join(delimiter))] : [];
        for (let i = 0; i <= (shape.hasHeader ? 0 : tail.length + 1); i++) lines.push(head(good.join(delimiter), good));
        const end = [...tail, [last, ""] as const].map(([line, end]) => ({ ...line, text: line.text + end }));
        const bytes = (some: readonly Line[]) => some.reduce((sum, { text }) => sum + encoded(text).length, 0);
        const blanks = shape.isPadded ? SAMPLE_BYTES - bytes(lines) - (blockEnd % (bytes(end) + 2)) : 0;
        const all = [{ text: start }, ...lines, { text: "\n".repeat(Math.max(0, blanks)) }, ...end];
        return { roles, ...shape, bytes: encoded(all.map(({ text }) => text).join("")), rows: rowsOf(all) };
      });
  });
}

/** The lines that are rows, each with its number. */
function rowsOf(lines: readonly Line[]): (Line & { at: number })[] {
  let at = 1;
  let last = "";
  return lines.flatMap((line) => {
    const row = { ...line, at };
    for (const character of line.text) {
      if (character === "\r" || (character === "\n" && last !== "\r")) at++;
      last = character;
    }
    return line.cells === undefined && line.refused === undefined ? [] : [row];
  });
}

/** What the list gives, one row after the other. */
function model({ roles, rows }: List, scheme: Scheme) {
  const country = roles.includes("phone") ? roles.indexOf("country") : -1;
  const digests: string[] = [];
  const refused: string[] = [];
  const bad = new Map<string, number>();
  const count = (column: number, name: string) => bad.set(`${column} ${name}`, (bad.get(`${column} ${name}`) ?? 0) + 1);
  for (const { at, cells = [], refused: problem } of rows) {
    const region = (cells[country] ?? "").trim().toUpperCase();
    const outcomes =
      problem === undefined ? cells.map((cell, i) => outcomeOf(roles[i] ?? "none", scheme, region, cell)) : [];
    const found = outcomes.flatMap((one) => (one !== undefined && "digests" in one ? one.digests : []));
    digests.push(...found);
    for (const [i, one] of outcomes.entries()) if (one !== undefined && "refused" in one) count(i + 1, one.refused);
    if (found.length > 0) continue;
    const first = outcomes.findIndex((one) => one !== undefined);
    const why = outcomes[first];
    const name = why !== undefined && "refused" in why ? why.refused : (problem ?? "no-identifier");
    if (first < 0) count(0, name);
    refused.push(`${at}: ${first + 1} ${name}`);
  }
  const badCells = [...bad].map(([key, cells]) => `${key} ${cells}`);
  return { rows: rows.length, usable: rows.length - refused.length, digests, refused, badCells };
}

function assertIsModel(list: List, scheme: Scheme, { batches, summary }: ReturnType<typeof read>): void {
  const expected = model(list, scheme);
  assert.deepEqual(inOrder(batches), expected.digests);
  assert.deepEqual(refusedOf(batches), expected.refused);
  assert.deepEqual(toldOf(summary).sort(), expected.badCells.sort());
  assert.deepEqual(
    [summary.rows, summary.usable, summary.refused, summary.hasHeader],
    [expected.rows, expected.usable, expected.refused.length, list.hasHeader],
  );
  const sum = (of: (batch: DigestBatch) => number) => batches.reduce((total, batch) => total + of(batch), 0);
  assert.deepEqual(
    [sum(({ rows }) => rows), sum(({ usable }) => usable), sum(({ refused }) => refused)],
    [summary.rows, summary.usable, summary.refused],
  );
}

const identifiers = ["email", "phone", "maid", "user_id", "handle", "external_id"] as const;
const named = fc
  .array(fc.constantFrom<Role>(...identifiers, "email", "phone", "none", "country"), { minLength: 1, maxLength: 4 })
  .filter((roles) => identifiers.some((kind) => roles.includes(kind)))
  .filter((roles) => roles.indexOf("country") === roles.lastIndexOf("country"));
const seen = fc.array(fc.constantFrom<Role>("email", "phone", "maid", "unknown"), { minLength: 1, maxLength: 3 });
const anyScheme = fc.constantFrom(...schemes);

const ofDigests = fc.oneof(
  fc.constantFrom<Role[]>(["email"], ["handle"], ["phone", "none"]).map((roles) => ({ roles, hasHeader: true })),
  fc.constantFrom<Role[]>(["unknown"], ["unknown", "none"]).map((roles) => ({ roles, hasHeader: false })),
);
const digestList = (isPadded: boolean, maxLines: number) =>
  ofDigests.chain(({ roles, hasHeader }) =>
    listOf(fc.constant(roles), { hasHeader, maxLines, isPadded, isOfDigests: true }),
  );

test("a list with a header gives what the model makes of its cells", () => {
  fc.assert(
    fc.property(listOf(named, { hasHeader: true, maxLines: 20 }), anyScheme, (list, scheme) =>
      assertIsModel(list, scheme, read(list.bytes, { scheme })),
    ),
    { numRuns: 500 },
  );
});

test("a list without a header gives what the model makes of its cells", () => {
  fc.assert(
    fc.property(listOf(seen, { hasHeader: false, maxLines: 12 }), anyScheme, (list, scheme) =>
      assertIsModel(list, scheme, read(list.bytes, { scheme })),
    ),
    { numRuns: 300 },
  );
});

test("lines that are mere digests, and the others between them, give what the model makes of them", () => {
  fc.assert(
    fc.property(digestList(false, 400), (list) => assertIsModel(list, "plain", read(list.bytes))),
    { numRuns: 60, endOnFailure: true },
  );
});

test("a list gives the same batches however it is cut, also where the reader's own blocks end", () => {
  const lists = fc.oneof(listOf(named, { hasHeader: true, maxLines: 20, isPadded: true }), digestList(true, 100));
  const cuts = fc.array(fc.nat(), { maxLength: 8 });
  fc.assert(
    fc.property(lists, cuts, fc.array(fc.nat(3000), { maxLength: 5 }), (list, far, near) => {
      const whole = read(list.bytes);
      assertIsModel(list, "plain", whole);
      assert.deepEqual(read(list.bytes, plain, [...far, ...near.map((back) => list.bytes.length - back)]), whole);
    }),
    { numRuns: 40, endOnFailure: true },
  );
});

test("byte by byte a list gives the same as at once", () => {
  fc.assert(
    fc.property(listOf(named, { hasHeader: true, maxLines: 8 }), ({ bytes }) => {
      assert.deepEqual(read(bytes, plain, Array.from(bytes.keys())), read(bytes));
    }),
    { numRuns: 20 },
  );
});

/** Batches that hold all rows, none more than the limit, each in memory of its own. */
function assertAreWhole({ batches, summary }: ReturnType<typeof read>, rows: number): void {
  assert.ok(batches.length > 2 && batches.every(({ count }) => count > 0 && count <= BATCH_DIGESTS));
  assert.equal(new Set(batches.map(({ digest }) => digest.buffer)).size, batches.length);
  assert.equal(
    batches.reduce((sum, batch) => sum + batch.rows, 0),
    rows,
  );
  assert.deepEqual([summary.rows, summary.usable, summary.refused], [rows, rows, 0]);
}

test("a list of many rows comes in batches of limited size that leave nothing out", () => {
  const rows = 1.5 * BATCH_DIGESTS;
  const emails = (i: number) => [`mary${i}@example.com`, ...(i % 3 === 0 ? [] : [`john${i}@example.com`])];
  const row = (i: number) => (i % 3 === 0 ? `x,${sha256(emails(i)[0]!)}` : emails(i).join(","));
  const found = read(`email,email2\n${Array.from({ length: rows }, (_, i) => row(i)).join("\n")}`);
  assertAreWhole(found, rows);
  const all = Array.from({ length: rows }, (_, i) => emails(i)).flat();
  assert.deepEqual(digestsOf(found.batches), all.map((email) => `email ${sha256(email).slice(0, 32)}`).sort());
  assert.deepEqual(toldOf(found.summary), [`1 not-an-email ${Math.ceil(rows / 3)}`]);
});

test("many digests of a kind that is not known leave nothing out, each as four kinds", () => {
  const digests = Array.from({ length: 2 * BATCH_DIGESTS + 1000 }, (_, i) => sha256(String(i)));
  const found = read(`${digests.join("\n")}\n`);
  assertAreWhole(found, digests.length);
  const all = HASHABLE.flatMap((kind) => digests.map((digest) => `${kind} ${digest.slice(0, 32)}`));
  assert.deepEqual(digestsOf(found.batches), all.sort());
});

test("duplicates are rows like others", () => {
  const { batches, summary } = read("email,email\nmary@example.com,Mary@example.com\nmary@example.com,\n");
  assert.deepEqual([summary.rows, summary.usable], [2, 2]);
  assert.deepEqual(digestsOf(batches), Array<string>(3).fill(`email ${sha256("mary@example.com").slice(0, 32)}`));
});

test("64 hex digits are a value in columns of external ids and user ids, in however many rows", () => {
  const ids = Array.from({ length: 300 }, (_, i) => sha256(String(i)));
  const external = read(`extern_id\n${ids.join("\n")}\n`);
  assert.equal(external.summary.usable, 300);
  assert.equal(
    external.batches.reduce((sum, { count }) => sum + count, 0),
    300,
  );
  assert.deepEqual(digestsOf(external.batches), ids.map((id) => `external_id ${sha256(id).slice(0, 32)}`).sort());
  const user = read(`user_id\n${ids.join("\n")}\n`);
  assert.deepEqual([user.summary.usable, toldOf(user.summary)], [0, ["1 not-a-user-id 300"]]);
});

test("blank lines are no rows, however many stand before the header", () => {
  for (const blanks of [10, 70_000, SAMPLE_BYTES, SAMPLE_BYTES + 1, BLOCK_BYTES + 1]) {
    const { batches, summary } = read(`${"\n".repeat(blanks)}Name;E-Mail\nMary;mary@example.com\n`);
    assert.deepEqual([summary.hasHeader, summary.rows, summary.usable], [true, 1, 1], `${blanks} blank lines`);
    assert.deepEqual(digestsOf(batches), [`email ${sha256("mary@example.com").slice(0, 32)}`]);
  }
});

test("blanks around a digest of another kind make no difference", () => {
  const md5 = "d41d8cd98f00b204e9800998ecf8427e";
  for (const head of ["email\n", `${sha256("a")}\n${sha256("b")}\n`]) {
    for (const cell of [md5, ` ${md5}`, `${md5} `])
      assert.deepEqual(toldOf(read(head + cell).summary), ["1 not-a-sha256 1"]);
  }
});

test("a digest may have the blanks around it that a raw value may have", () => {
  for (const blank of [" ", "\t", "\u00a0", "\u3000", "\ufeff"]) {
    const { summary } = read(`email\nmary@example.com${blank}\n${sha256("mary@example.com")}${blank}\n`);
    assert.deepEqual([summary.usable, toldOf(summary)], [2, []], JSON.stringify(blank));
  }
});

test("a row of 64 KiB is read, and a longer one refused", () => {
  const row = (bytes: number) => `mary@example.com,${"x".repeat(bytes - 17)}`;
  const { batches, summary } = read(`email,note\n${row(65_536)}\r\n${row(65_537)}\r\n${row(65_536)}`);
  assert.deepEqual([summary.rows, summary.usable], [3, 2]);
  assert.deepEqual(refusedOf(batches), ["3: 0 record-too-long"]);
});

test("a row that is too long ends at its line break, be the reader's block cut before what looks like a digest", () => {
  const head = `email\n${sha256("a")}\n`;
  const blanks = "\n".repeat(BLOCK_BYTES - head.length - 70_000);
  const found = read(`${head}${blanks}${"x".repeat(70_000)}${sha256("b")}\nmary@example.com\n`);
  assert.equal(found.summary.rows, 3);
  const digests = [sha256("a"), sha256("mary@example.com")].map((digest) => `email ${digest.slice(0, 32)}`);
  assert.deepEqual(digestsOf(found.batches), digests.sort());
  assert.deepEqual(refusedOf(found.batches), [`${3 + blanks.length}: 0 record-too-long`]);
});

test("phones are read as of the row's country, else as of the list's region", () => {
  const rows = [
    "01 23 45 67 89,fr",
    "01 23 45 67 89,",
    "01 23 45 67 89,Germany",
    "+33123456789,Germany",
    "01 23 45 67 89",
  ];
  const { batches, summary } = read(`phone,country\n${rows.join("\n")}`, { scheme: "plain", region: "de" });
  const of = (phone: string) => `phone ${sha256(phone).slice(0, 32)}`;
  const [french, german] = [of("+33123456789"), of("+49123456789")];
  assert.deepEqual(digestsOf(batches), [french, french, german, german, german].sort());
  const short = read("name,phone,country\nAnn,01 23 45 67 89\nFR,+33123456789,FR\n");
  assert.deepEqual(refusedOf(short.batches), ["2: 2 phone-needs-region"], "the next row's first cell is no country");
  assert.ok(summary.notes.includes("2 phones: the row's country is no ISO 3166-1 code that has phone numbers"));
});

test("a region that has no phone numbers is refused before anything is read", () => {
  assert.throws(() => new ListReader({ scheme: "plain", region: "XX" }), failsAs("unknown-region"));
});

test("an empty list has no rows, and says so", () => {
  for (const text of ["", "\uFEFF", "\r\n\n", "email\n"]) {
    const { batches, summary } = read(text);
    assert.deepEqual([batches, summary.rows, summary.notes], [[], 0, ["the list has no rows"]]);
  }
});

test("a reader that was ended, closed or has refused its list takes nothing more", () => {
  const ended = new ListReader(plain);
  ended.end();
  const closed = new ListReader(plain);
  closed.close();
  const refused = new ListReader(plain);
  refused.push(Buffer.from("Mary\n"));
  assert.throws(() => refused.end(), failsAs("no-identifier-column"));
  for (const reader of [ended, closed, refused]) {
    assert.throws(() => reader.push(Buffer.from("email\n")), failsAs("reading-ended"));
    assert.throws(() => reader.end(), failsAs("reading-ended"));
  }
  assert.throws(() => read(Buffer.of(0x1f, 0x8b, 8)), failsAs("not-csv"));
});

test("bytes that were pushed stay as they were, and may be overwritten at once", () => {
  const text = Buffer.from('email,"na ""me"\n"mary@example.com","a ""b"" c"\n"q""@example.com",x\n');
  const copy = Buffer.from(text);
  const reader = new ListReader(plain);
  const batches = reader.push(copy);
  assert.deepEqual(copy, text);
  copy.fill(0);
  batches.push(...reader.end().batches);
  const emails = ["mary@example.com", 'q"@example.com'];
  assert.deepEqual(digestsOf(batches), emails.map((email) => `email ${sha256(email).slice(0, 32)}`).sort());
});

test("no value stays in the kernels' memory, whatever became of it", () => {
  const values = ["SECRET@x.org", "SECRET", " sécret@SECRET.org", "SECRET@@x", "secret\u0001@x.org", `"SE""CRET"`];
  const phones = ["+49 30 1212121212", "+4930121212121212121212121212", "030 12121212", "none12121212"];
  const text = (rows: number) =>
    Array.from({ length: rows }, (_, i) => `${values[i % 6]},${phones[i % 4]},${sha256("x")}\n`).join("");
  const isKept = () => {
    const memory = Buffer.from(new Turn().bytes).toString("latin1").toLowerCase();
    return ["secret", "121212"].some((mark) => memory.includes(mark));
  };
  for (const rows of [1, 2, 3, 4, 5, 6, 7, 10_000]) {
    read(`email,phone,email\n${text(rows)}`, { scheme: "google" });
    assert.ok(!isKept(), `${rows} rows`);
  }
  const tooMany = { ...plain, limits: { rows: 5 } };
  assert.throws(() => read(`email,phone,email\n${text(6)}`, tooMany), failsAs("too-many-rows"));
  assert.ok(!isKept(), "of a list that was refused");
  assert.throws(() => read("SECRET,121212\n".repeat(100)), failsAs("no-identifier-column"));
  assert.ok(!isKept(), "of a list without a plan");
});

test("no bytes at all are fatal: each row is usable or refused, and the counts agree", () => {
  const piece = fc.constantFrom(
    ...[",", ";", '"', '""', "\n", "\r", "\r\n", BROKEN, "\0", "\uFEFF", "@", "a@b.c", "+49", " "],
  );
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(fc.oneof(piece, fc.constantFrom(...DIGESTS, ...JUNK)), { maxLength: 80 })
      .map((parts) => encoded(parts.join(""))),
  );
  const header = fc.constantFrom("", "email\n", "email,phone,country\n", "extern_id;handle\n");
  fc.assert(
    fc.property(header, noise, (head, tail) => {
      try {
        const { batches, summary } = read(Buffer.concat([Buffer.from(head), tail]));
        assert.equal(summary.rows, summary.usable + summary.refused);
        assert.equal(refusedOf(batches).length, summary.refused);
        assert.equal(
          batches.reduce((sum, { usable }) => sum + usable, 0),
          summary.usable,
        );
        assert.ok(batches.reduce((sum, { count }) => sum + count, 0) >= summary.usable);
      } catch (error) {
        const isRefused = failsAs("no-identifier-column")(error) || failsAs("not-csv")(error);
        if (head !== "" || !isRefused) throw error;
      }
    }),
    { numRuns: 1500 },
  );
});

test("no value ever reaches a refusal, a note, an error or a summary", () => {
  const mark = "SECRET";
  const values = [
    mark,
    `${mark}@example.com`,
    `${mark}@@x`,
    ` ${mark}\u00a0`,
    `${mark}${BROKEN}`,
    `+49${mark}`,
    `@${mark}`,
  ];
  values.push(
    `"${mark}"x`,
    `"${mark}`,
    `"""${mark}""@example.com"`,
    `${mark}"`,
    `${mark}\0`,
    `secret_email`,
    `${mark} 2`,
  );
  const known = [
    "email",
    "phone",
    "Name",
    "country",
    "madid",
    "",
    "mary@example.com",
    sha256("a"),
    "DE",
    "+49 30 123456",
  ];
  const row = fc
    .tuple(fc.array(fc.constantFrom(...values, ...known), { minLength: 1, maxLength: 5 }), fc.constantFrom(",", ";"))
    .map(([cells, delimiter]) => cells.join(delimiter));
  const seen = { summaries: 0, errors: 0, refusals: 0 };
  fc.assert(
    fc.property(fc.array(row, { maxLength: 12 }), fc.constantFrom("", "email,phone,name,country\n"), (rows, head) => {
      const said: string[] = [];
      try {
        const { batches, summary } = read(encoded(head + rows.join("\n")));
        said.push(JSON.stringify(summary), ...batches.map(({ refusals }) => rejectLines(refusals, listRefusals)));
        seen.summaries++;
        seen.refusals += summary.refused;
      } catch (error) {
        said.push(inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error));
        seen.errors++;
      }
      assert.ok(!said.join("\n").toUpperCase().includes(mark), said.join("\n"));
    }),
    { numRuns: 1000 },
  );
  assert.ok(Math.min(seen.summaries, seen.errors, seen.refusals) > 50, JSON.stringify(seen));
});
