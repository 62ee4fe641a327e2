import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EmailWriter } from "./email.js";
import { Messages } from "./messages.js";
import { EMAIL_TOO_LONG, EMPTY, NOT_AN_EMAIL, NOT_UTF8 } from "./refusal.js";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Plain form, by the bytes. */
function plain(bytes: Uint8Array): string | number {
  const out = new Messages();
  const code = new EmailWriter().plain(bytes, 0, bytes.length, out);
  assert.equal(out.used === 0, code !== 0);
  return code === 0 ? new TextDecoder().decode(out.bytes.subarray(0, out.used)) : code;
}

/** The slow plain model of the same. */
function model(text: string): string | number {
  const lower = text.trim().toLowerCase();
  if (lower === "") return EMPTY;
  const parts = lower.split("@");
  if (parts.length !== 2 || parts[0] === "" || parts[1] === "" || /\s/.test(lower)) return NOT_AN_EMAIL;
  return utf8(lower).length > 320 ? EMAIL_TOO_LONG : lower;
}

function folded(text: string, tags: "gmail" | "every", oneGmail: boolean): string {
  const out = new Messages();
  const writer = new EmailWriter();
  const bytes = utf8(text);
  assert.equal(writer.plain(bytes, 0, bytes.length, out), 0);
  const before = new TextDecoder().decode(out.bytes.subarray(0, out.used));
  const changed = writer.fold(out, { tags, oneGmail });
  const after = new TextDecoder().decode(out.bytes.subarray(0, out.used));
  assert.equal(changed, before !== after);
  return after;
}

function foldedModel(text: string, tags: "gmail" | "every", oneGmail: boolean): string {
  let [local, domain] = text.trim().toLowerCase().split("@") as [string, string];
  const isGmail = domain === "gmail.com" || domain === "googlemail.com";
  if (isGmail || tags === "every") local = local.split("+", 1)[0] || local;
  if (isGmail) local = local.replaceAll(".", "") || local;
  if (isGmail && oneGmail) domain = "gmail.com";
  return `${local}@${domain}`;
}

const odd = fc.constantFrom(
  ..." \t\u00A0\u2003\uFEFF\u0085\u0000\u007F.+@ABzÄßİΣςK☃",
  "😀",
  "\u2028",
  "gmail.com",
  "@GMAIL.com",
  "@googlemail.com",
  "+tag",
);
const messy = fc.array(fc.oneof(odd, fc.string({ maxLength: 6 })), { maxLength: 12 }).map((parts) => parts.join(""));
const local = fc.string({ unit: fc.constantFrom(..."aB1.+-_ü"), minLength: 1, maxLength: 12 });
const domain = fc.constantFrom(
  "gmail.com",
  "GoogleMail.com",
  "example.com",
  "mail.gmail.com",
  "gmail.co",
  "a",
  "xgmail.com",
);
const address = fc.tuple(local, domain).map(([l, d]) => `${l}@${d}`);

test("any text gives the plain model's form or refusal", () => {
  fc.assert(
    fc.property(fc.oneof(messy, address), (text) => {
      fc.pre(text === new TextDecoder("utf-8", { ignoreBOM: true }).decode(utf8(text)));
      assert.equal(plain(utf8(text)), model(text));
    }),
    { numRuns: 5000 },
  );
});

test("any bytes that are not UTF-8 are refused as such", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      let isUtf8 = true;
      try {
        decoder.decode(bytes);
      } catch {
        isUtf8 = false;
      }
      assert.equal(plain(bytes) === NOT_UTF8, !isUtf8);
    }),
    { numRuns: 5000 },
  );
  assert.equal(plain(Uint8Array.of(0x61, 0x40, 0x40, 0xff)), NOT_UTF8);
});

test("foldings are the plain model's, and folding twice is folding once", () => {
  fc.assert(
    fc.property(address, fc.constantFrom("gmail" as const, "every" as const), fc.boolean(), (text, tags, oneGmail) => {
      const once = folded(text, tags, oneGmail);
      assert.equal(once, foldedModel(text, tags, oneGmail));
      assert.equal(folded(once, tags, oneGmail), once);
    }),
    { numRuns: 5000 },
  );
});

test("an address has at most 320 bytes, of its form and not of the blanks around it", () => {
  const longest = `${"a".repeat(308)}@example.com`;
  assert.equal(utf8(longest).length, 320);
  assert.equal(plain(utf8(longest)), longest);
  assert.equal(plain(utf8(`${" ".repeat(5000)}${longest}\u2003\n`)), longest);
  assert.equal(plain(utf8(`a${longest}`)), EMAIL_TOO_LONG);
  // One character of two bytes becomes two of three bytes in lower case.
  const grows = `İ${"a".repeat(306)}@example.com`;
  assert.equal(utf8(grows).length, 320);
  assert.equal(plain(utf8(grows)), EMAIL_TOO_LONG);
});
