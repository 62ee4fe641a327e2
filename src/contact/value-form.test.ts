/**
 * What the kernels make of values, a column at a time, against the normaliser, one after the other: what they find good
 * is good to it and has its form's digest, where they find nothing there is nothing, and what is plain they don't leave.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { CELL, RecordScan, Turn } from "../kernel/index.js";
import { KIND_CODES, type KindCode } from "./kind.js";
import { Messages } from "./messages.js";
import { Normaliser, valueForm } from "./normaliser.js";
import { refusal } from "./refusal.js";
import { type Scheme, schemes } from "./scheme.js";

/** No value holds it. */
const DELIMITER = "|";
const KEPT_BYTES = 16;

/** CELL of each value, and the digest in hex where it is good. */
function byKernels(kind: KindCode, scheme: Scheme, values: readonly Buffer[], mayBeDigest: boolean) {
  const turn = new Turn();
  const scan = new RecordScan();
  scan.delimiter = DELIMITER.charCodeAt(0);
  // A second field, since an empty line is no record.
  turn.load(Buffer.concat(values.flatMap((value) => [value, Buffer.from(`${DELIMITER}\n`)])));
  scan.turn(turn.from, turn.to, true);
  assert.equal(scan.records, values.length);
  turn.begin(0, scan.records, Uint8Array.of(1 << kind));
  const notGood = turn.column(0, 0, valueForm(kind, scheme), mayBeDigest);
  const codes = [...turn.codes.subarray(0, scan.records)];
  assert.equal(notGood, codes.filter((code) => code !== CELL.good).length);
  const out = Buffer.alloc(KEPT_BYTES * values.length);
  const kinds = new Uint8Array(values.length);
  const count = turn.finish(out, kinds, 0);
  turn.wipe();
  let at = 0;
  const found = codes.map((code) => {
    const digest = code === CELL.good ? out.toString("hex", KEPT_BYTES * at, KEPT_BYTES * ++at) : undefined;
    return { code, digest };
  });
  assert.equal(at, count);
  assert.ok(kinds.subarray(0, count).every((bits) => bits === 1 << kind));
  return found;
}

const normaliser = new Normaliser();

/** The digest of the normal form, or why there is none. */
function byNormaliser(kind: KindCode, scheme: Scheme, value: Buffer, mayBeDigest: boolean) {
  const text = value.toString("latin1").replace(/^[\t-\r ]+|[\t-\r ]+$/g, "");
  if (mayBeDigest && /^[0-9a-f]{64}$/i.test(text)) return { digest: text.slice(0, 2 * KEPT_BYTES).toLowerCase() };
  const messages = new Messages();
  const code = normaliser.form(kind, scheme, value, 0, value.length, messages);
  if (code !== 0) return { refused: refusal(code)!.name };
  const hash = createHash("sha256").update(messages.message(0)).digest("hex");
  return { digest: hash.slice(0, 2 * KEPT_BYTES) };
}

/** Compares both. @returns how many values the kernels found good, and how many they left that were good */
function compare(kind: KindCode, scheme: Scheme, values: readonly Buffer[], mayBeDigest: boolean) {
  const seen = { good: 0, none: 0, left: 0 };
  for (const [i, { code, digest }] of byKernels(kind, scheme, values, mayBeDigest).entries()) {
    const expected = byNormaliser(kind, scheme, values[i]!, mayBeDigest);
    const value = values[i]!.toString("latin1");
    if (code === CELL.good) assert.deepEqual({ digest }, expected, value);
    if (code === CELL.none) assert.deepEqual(expected, { refused: "empty" }, value);
    if (code === CELL.good) seen.good++;
    else if (code === CELL.none) seen.none++;
    else seen.left++;
  }
  return seen;
}

const blanks = fc.constantFrom("", "", "", " ", "\t ", "\u00a0", "\v\f");
const character = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...["a", "Z", "m", "7", ".", "+", "_", "-", "é", "É", "ÿ", "Ł", "ж", "Ж"]) },
  { weight: 1, arbitrary: fc.constantFrom(...["@", " ", "\u00a0", "\0", "\x7f", "İ", "Σ", "漢", "😀", "ſ", "ẞ", "Å"]) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
);
const domain = fc.constantFrom(
  ...["gmail.com", "GMail.com", "googlemail.com", "example.org", "gmail.con", "googlemail.co", "müller.DE", "x", ""],
);
const local = fc.oneof(
  { weight: 8, arbitrary: fc.array(character, { maxLength: 40 }).map((parts) => parts.join("")) },
  { weight: 1, arbitrary: fc.constantFrom("...", "+tag", ".+.", "+a+b", "a+b+c", "x".repeat(300), "é".repeat(200)) },
);
const digest = fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF"), minLength: 63, maxLength: 65 });
const others = fc.oneof(digest, fc.constantFrom("", " ", "none", "@", "a@", "@b", "@a@b"));
const email = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(blanks, local, domain, blanks).map(([a, l, d, z]) => `${a}${l}@${d}${z}`) },
  { weight: 2, arbitrary: others },
);
const DIALLED = [
  "+49",
  "+1",
  "+7",
  "+44",
  "+39",
  "+852",
  "+800",
  "+1242",
  "+",
  "+999",
  "+0",
  "",
  "00",
  "(+49)",
  "+49(0)",
];
const digits = fc.array(fc.constantFrom(..."0123456789", "0", "1", " ", "-", ".", "/", "(", ")", "x"), {
  maxLength: 18,
});
const phone = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(blanks, fc.constantFrom(...DIALLED), digits, blanks)
      .map(([a, code, number, z]) => `${a}${code}${number.join("")}${z}`),
  },
  { weight: 1, arbitrary: fc.constantFrom(`+49${" ".repeat(240)}301234567`, `+49${" ".repeat(242)}301234567`) },
  { weight: 1, arbitrary: others },
);
/** Bytes of one line in one field; now and then one is another. */
const bytesOf = (values: fc.Arbitrary<string>) =>
  fc.tuple(values, fc.nat(99), fc.nat(), fc.nat(255)).map(([text, share, place, byte]) => {
    const bytes = Buffer.from(text);
    if (share === 0 && bytes.length > 0) bytes[place % bytes.length] = byte;
    return Buffer.from(bytes.filter((byte) => !`\r\n"${DELIMITER}`.includes(String.fromCharCode(byte))));
  });

for (const [kind, value] of [
  ["email", email],
  ["phone", phone],
  ["maid", fc.oneof(digest, fc.constantFrom("0123456789abcdef", "", "x"))],
] as const) {
  test(`what the kernels make of a column of values is what the normaliser makes of each: ${kind}`, () => {
    const seen = { good: 0, none: 0, left: 0 };
    for (let run = 0; run < 20 || (Math.min(seen.good, seen.none, seen.left) < 20 && run < 200); run++) {
      fc.assert(
        fc.property(
          fc.array(bytesOf(value), { minLength: 1, maxLength: 30 }),
          fc.constantFrom(...schemes),
          fc.boolean(),
          (values, scheme, mayBeDigest) => {
            const found = compare(KIND_CODES[kind], scheme, values, mayBeDigest);
            for (const what of ["good", "none", "left"] as const) seen[what] += found[what];
          },
        ),
        { numRuns: 60 },
      );
    }
    assert.ok(Math.min(seen.good, seen.none, seen.left) >= 20, JSON.stringify(seen));
  });
}

test("the kernels leave no plain address, and no number whose plan they were told", () => {
  const addresses = ["mary@example.com", " Jürgen.GARÇON+x@gmail.com\t", "Жанна@Почта.рф", `${"x".repeat(318)}@y`];
  const numbers = ["+49 30 123456", "+49301234567", "+1 (201) 555-0123", "+7 912 345-67-89"];
  for (const scheme of schemes) {
    const values = addresses.map((text) => Buffer.from(text));
    assert.deepEqual(compare(KIND_CODES.email, scheme, values, true), { good: 4, none: 0, left: 0 });
    const phones = numbers.map((text) => Buffer.from(text));
    // The first time, the normaliser's question tells them the plans.
    compare(KIND_CODES.phone, scheme, phones, true);
    assert.deepEqual(compare(KIND_CODES.phone, scheme, phones, true), { good: 4, none: 0, left: 0 });
  }
});
