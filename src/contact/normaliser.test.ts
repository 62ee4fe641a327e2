import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  ContactError,
  EVERY_SCHEME,
  HASHABLE,
  isHashable,
  isKindCode,
  isSameForm,
  KIND_CODES,
  KINDS,
  type KindCode,
  kindCode,
  kindName,
  MAX_FORMS,
  Messages,
  Normaliser,
  refusal,
  SCHEMES,
  type Scheme,
  schemeBit,
  schemes,
} from "./index.js";

const EMAIL = kindCode("email");
const PHONE = kindCode("phone");
const normaliser = new Normaliser({ region: "DE" });
const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function form(kind: KindCode, scheme: Scheme, value: string): string | number {
  const out = new Messages();
  const code = normaliser.form(kind, scheme, utf8(value), 0, utf8(value).length, out);
  return code === 0 ? text(out.message(0)) : code;
}

function coarsest(kind: KindCode, value: string): string | number {
  const out = new Messages();
  const code = normaliser.coarsest(kind, utf8(value), 0, utf8(value).length, out);
  return code === 0 ? text(out.message(0)) : code;
}

function forms(kind: KindCode, value: string): Record<string, number> {
  const out = new Messages();
  const count = normaliser.forms(kind, utf8(value), 0, utf8(value).length, out);
  assert.equal(count, out.count);
  assert.ok(count <= MAX_FORMS);
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [text(out.message(i)), out.tags[i]!]));
}

const address = fc
  .tuple(
    fc.string({ unit: fc.constantFrom(..."aAbΣσç.+"), minLength: 1, maxLength: 6 }),
    fc.constantFrom("gmail.com", "Googlemail.com", "example.com", "a.b"),
  )
  .map((parts) => parts.join("@"));
const phone = fc
  .tuple(
    fc.constantFrom("+49", "49", "+49 0", "0", "0049", "", "+1", "+44 (0)"),
    fc.integer({ min: 300_000, max: 300_040 }),
  )
  .map(([prefix, rest]) => `${prefix}30${rest}`);
const handle = fc.string({ unit: fc.constantFrom(..."@aAbB_. "), minLength: 1, maxLength: 4 });
const value = fc.oneof(
  fc.tuple(fc.constant(EMAIL), address),
  fc.tuple(fc.constant(PHONE), phone),
  fc.tuple(fc.constantFrom<KindCode>(2, 3, 4, 5), handle),
);

test("equal forms under any scheme have an equal coarsest form", () => {
  const seen = new Map<string, string | number>();
  let shared = 0;
  fc.assert(
    fc.property(value, ([kind, given]) => {
      const own = coarsest(kind, given);
      for (const scheme of schemes) {
        const written = form(kind, scheme, given);
        assert.equal(typeof written, typeof own);
        if (typeof written === "number") continue;
        const key = `${kind} ${scheme} ${written}`;
        if (seen.has(key)) shared++;
        else seen.set(key, own);
        assert.equal(seen.get(key), own, given);
        // A form is itself a spelling of the same mailbox (a phone without "+" needs its region).
        if (!(kind === PHONE && scheme === "meta")) assert.equal(coarsest(kind, written), own, given);
      }
    }),
    { numRuns: 20_000 },
  );
  assert.ok(shared > 1000);
});

test("the forms of a value are, each once, what the schemes make of it", () => {
  fc.assert(
    fc.property(value, ([kind, given]) => {
      const expected: Record<string, number> = {};
      for (const scheme of schemes) {
        const written = form(kind, scheme, given);
        if (typeof written === "number") {
          const out = new Messages();
          assert.equal(normaliser.forms(kind, utf8(given), 0, utf8(given).length, out), -written);
          assert.equal(out.used, 0);
          return;
        }
        expected[written] = (expected[written] ?? 0) | SCHEMES[scheme].bit;
        for (const other of schemes) {
          if (isSameForm(kind, scheme, other)) assert.equal(form(kind, other, given), written);
        }
      }
      assert.deepEqual(forms(kind, given), expected);
    }),
    { numRuns: 5000 },
  );
});

test("a Gmail box has a form for Google and one for the rest, a phone one without plus", () => {
  assert.deepEqual(forms(EMAIL, "Mary.P+news@gmail.com"), { "mary.p+news@gmail.com": 7, "maryp@gmail.com": 8 });
  assert.deepEqual(forms(EMAIL, "mary@gmail.com"), { "mary@gmail.com": 15 });
  assert.deepEqual(forms(EMAIL, "Mary.P+news@example.com"), { "mary.p+news@example.com": 15 });
  assert.deepEqual(forms(PHONE, "+1 (555) 987-6543"), { "+15559876543": 11, "15559876543": 4 });
  assert.deepEqual(forms(kindCode("handle"), "@AdsAPI"), { adsapi: EVERY_SCHEME });
});

test("the coarsest form folds every spelling of one mailbox and one line", () => {
  for (const spelling of [
    "m.ary+a@googlemail.com",
    "MARY@gmail.com",
    " mary+b+c@GMAIL.com",
    "m.a.r.y@googlemail.com",
  ]) {
    assert.equal(coarsest(EMAIL, spelling), "mary@gmail.com");
  }
  assert.equal(coarsest(EMAIL, "Mary.P+news@example.com"), "mary.p@example.com");
  assert.equal(coarsest(EMAIL, "+news@example.com"), "+news@example.com");
  assert.equal(coarsest(EMAIL, "..@gmail.com"), "..@gmail.com");
  for (const spelling of ["+49 30 123456", "030/123456", "030 123456", "0049 30 123456", "+49 (0)30-123456"]) {
    assert.equal(coarsest(PHONE, spelling), "4930123456");
  }
});

test("a prefix stays in front of the coarsest form, and goes with a refused one", () => {
  const out = new Messages();
  out.append(utf8("account:"));
  assert.equal(normaliser.coarsest(EMAIL, utf8("M.ary+x@gmail.com"), 0, 17, out), 0);
  out.append(utf8("account:"));
  assert.equal(refusal(normaliser.coarsest(EMAIL, utf8("nobody"), 0, 6, out))?.name, "not-an-email");
  out.append(utf8("account:"));
  assert.equal(normaliser.coarsest(PHONE, utf8("+4930123456"), 0, 11, out), 0);
  assert.deepEqual(
    [0, 1].map((i) => text(out.message(i))),
    ["account:mary@gmail.com", "account:4930123456"],
  );
  assert.equal(out.count, 2);
});

test("a value is read from its own bytes only", () => {
  const out = new Messages();
  const row = utf8('"a","Mary@example.com","+4930123456",x');
  assert.equal(normaliser.form(EMAIL, "plain", row, 5, 21, out), 0);
  assert.equal(normaliser.form(PHONE, "meta", row, 24, 35, out), 0);
  assert.deepEqual(
    [0, 1].map((i) => text(out.message(i))),
    ["mary@example.com", "4930123456"],
  );
});

test("forms behind an open message are refused", () => {
  const out = new Messages();
  out.append(utf8("open"));
  assert.throws(
    () => normaliser.forms(EMAIL, utf8("a@b"), 0, 3, out),
    (error) => error instanceof ContactError && error.code === "message-open",
  );
});

test("thousands of forms in one batch are each right, through all growth", () => {
  const out = new Messages();
  const expected: string[] = [];
  for (let i = 0; i < 20_000; i++) {
    const given = utf8(`Person.${i}+x@gmail.com`);
    assert.equal(normaliser.forms(EMAIL, given, 0, given.length, out), 2);
    expected.push(`person.${i}+x@gmail.com`, `person${i}@gmail.com`);
  }
  assert.equal(out.count, expected.length);
  for (let i = 0; i < expected.length; i++) assert.equal(text(out.message(i)), expected[i]);
});

test("codes of kinds and bits of schemes are what is kept in facts", () => {
  assert.deepEqual(KIND_CODES, { email: 0, phone: 1, maid: 2, user_id: 3, handle: 4, external_id: 5 });
  KINDS.forEach((kind, code) => {
    assert.ok(isKindCode(code));
    assert.equal(kindCode(kind), code);
    assert.equal(kindName(code), kind);
    assert.equal(isHashable(code), HASHABLE.includes(kind));
  });
  assert.deepEqual(schemes.map(schemeBit), [1, 2, 4, 8]);
  assert.deepEqual(HASHABLE, ["email", "phone", "maid", "handle"]);
  assert.ok(!isKindCode(6) && !isKindCode(-1) && !isKindCode(0.5));
  for (const unknown of ["fax", "constructor", "__proto__", ""]) {
    assert.throws(() => kindCode(unknown), ContactError);
    assert.throws(() => schemeBit(unknown), ContactError);
  }
  assert.throws(() => kindName(6), ContactError);
});

test("every refusal has a name, a reason and a fix", () => {
  const names = new Set<string>();
  for (let code = 1; refusal(code) !== undefined; code++) names.add(refusal(code)!.name);
  assert.equal(names.size, 10);
  assert.equal(refusal(0), undefined);
});
