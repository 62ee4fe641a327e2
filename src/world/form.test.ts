import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Bytes, utf8, writeInstant } from "./bytes.js";
import { FormTable, type SchemeName, writeForm } from "./form.js";
import { EMAIL, EXTERNAL_ID, HANDLE, MAID, PHONE } from "./values.js";

function formOf(kind: number, scheme: SchemeName, raw: string): string {
  const out = new Bytes();
  writeForm(out, kind, scheme, utf8(raw));
  return new TextDecoder().decode(out.view());
}

const cases: readonly [number, SchemeName, string, string][] = [
  [EMAIL, "plain", " Mary.Smith+News@GMAIL.com ", "mary.smith+news@gmail.com"],
  [EMAIL, "google", " Mary.Smith+News@GMAIL.com ", "marysmith@gmail.com"],
  [EMAIL, "google", "m.a.ry@GoogleMail.com", "mary@googlemail.com"],
  [EMAIL, "google", "Mary.Smith+x@example.org", "mary.smith+x@example.org"],
  [EMAIL, "google", "mary@notgmail.com", "mary@notgmail.com"],
  [EMAIL, "meta", "JÜRGEN@web.de", "jürgen@web.de"],
  [PHONE, "plain", "+1 (555) 987-6543", "+15559876543"],
  [PHONE, "google", "+1 (555) 987-6543", "+15559876543"],
  [PHONE, "meta", "+1 (555) 987-6543", "15559876543"],
  [HANDLE, "x", "@AdsApi", "adsapi"],
  [MAID, "x", "7521487D-A292-4E85-B15C-30506B3DBA41", "7521487d-a292-4e85-b15c-30506b3dba41"],
  [EXTERNAL_ID, "meta", "Crm-4N-0", "Crm-4N-0"],
];
for (const [kind, scheme, raw, form] of cases) {
  test(`under ${scheme}, "${raw}" has the form "${form}"`, () => assert.equal(formOf(kind, scheme, raw), form));
}

test("a table of forms answers as a map does", () => {
  const entry = fc.tuple(fc.nat({ max: 5 }), fc.string({ maxLength: 12 }), fc.nat({ max: 7 }));
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 400 }), fc.integer({ min: 1, max: 12 }), (entries, times) => {
      const table = new FormTable();
      const model = new Map<string, number>();
      for (const [kind, form, list] of entries) {
        for (let i = 0; i < times; i++) {
          const text = `${form}#${i}`;
          table.add(kind, utf8(text), 1 << list);
          model.set(`${kind} ${text}`, (model.get(`${kind} ${text}`) ?? 0) | (1 << list));
        }
      }
      for (const [key, lists] of model) assert.equal(table.lists(Number(key[0]), utf8(key.slice(2))), lists);
      assert.equal(table.lists(9, utf8("#")), 0);
    }),
    { numRuns: 50 },
  );
});

test("an instant is written as Date writes it, and means the same two hours east", () => {
  const instants = fc.integer({ min: Date.UTC(2013, 0, 1), max: Date.UTC(2026, 10, 1) });
  fc.assert(
    fc.property(instants, fc.boolean(), (atMs, isEast) => {
      const out = new Bytes();
      writeInstant(out, atMs, isEast);
      const written = new TextDecoder().decode(out.view());
      assert.equal(Date.parse(written), atMs);
      if (!isEast) assert.equal(written, new Date(atMs).toISOString().replace(".000Z", "Z"));
    }),
  );
});
