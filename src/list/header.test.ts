/** Header names: the platforms' own, each with its source in header.ts, and how far a spelling may stray from them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isKind } from "../contact/index.js";
import { type ColumnUse, columnUse, HEADER_EXAMPLES } from "./header.js";

/** Header names as the platforms print them, in their templates and in the keys of their own uploads. */
const TEMPLATES: Readonly<Record<string, Readonly<Record<string, ColumnUse>>>> = {
  meta: {
    email: "email",
    phone: "phone",
    madid: "maid",
    fn: "unused",
    ln: "unused",
    zip: "unused",
    ct: "unused",
    st: "unused",
    country: "country",
    dob: "unused",
    doby: "unused",
    gen: "unused",
    age: "unused",
    uid: "user_id",
    value: "unused",
    extern_id: "external_id",
    EMAIL_SHA256: "email",
    PHONE_SHA256: "phone",
    MOBILE_ADVERTISER_ID: "maid",
    EXTERN_ID: "external_id",
    MADID: "maid",
    LOOKALIKE_VALUE: "unused",
    PAGEUID: "unused",
    em: "email",
    ph: "phone",
  },
  google: {
    Email: "email",
    Phone: "phone",
    "First Name": "unused",
    "Last Name": "unused",
    Country: "country",
    Zip: "unused",
    "Mobile Device ID": "maid",
    "User ID": "user_id",
    hashed_email: "email",
    hashed_phone_number: "phone",
  },
  tiktok: {
    Email: "email",
    Email_SHA256: "email",
    Phone: "phone",
    Phone_SHA256: "phone",
    MAID: "maid",
    MAID_SHA256: "maid",
    MAID_MD5: "unused",
    IDFA: "maid",
    GAID: "maid",
  },
  x: {
    email: "email",
    phone_number: "phone",
    handle: "handle",
    twitter_id: "user_id",
    device_id: "maid",
    partner_user_id: "external_id",
  },
  linkedin: {
    email: "email",
    firstname: "unused",
    lastname: "unused",
    jobtitle: "unused",
    employeecompany: "unused",
    country: "country",
    googleaid: "maid",
    appleidfa: "maid",
  },
};

for (const [platform, names] of Object.entries(TEMPLATES)) {
  test(`each name of ${platform}'s template has its use`, () => {
    const found = Object.keys(names).map((name) => [name, columnUse(name)]);
    assert.deepEqual(Object.fromEntries(found), names);
  });
}

test("every example that a message shows is a known identifier", () => {
  for (const name of HEADER_EXAMPLES) {
    const use = columnUse(name);
    assert.ok(use !== undefined && isKind(use), name);
  }
});

const known = fc.constantFrom(
  ...Object.values(TEMPLATES)
    .flatMap((names) => Object.entries(names))
    .filter(([name]) => !/sha256|md5|hashed/i.test(name)),
);

/** A name written otherwise: letters in either case, characters without meaning anywhere. */
const spelling = ([name, use]: readonly [string, ColumnUse], plain = name) =>
  fc
    .array(
      fc.tuple(fc.boolean(), fc.constantFrom("", "", "", " ", "_", "-", ".", "(", ")", '"', "'", "\ufeff", "\t")),
      {
        minLength: plain.length,
        maxLength: plain.length,
      },
    )
    .map((ways) => ({
      use,
      text: ways
        .map(([isUpper, between], i) => (isUpper ? plain[i]!.toUpperCase() : plain[i]!.toLowerCase()) + between)
        .join(""),
    }));

test("case, blanks, underscores, dashes, dots, parentheses and quotes make no difference", () => {
  fc.assert(
    fc.property(known.chain(spelling), ({ text, use }) => assert.equal(columnUse(text), use, text)),
    { numRuns: 2000 },
  );
});

const numbered = fc.constantFrom("", "", "1", "2", "9", "10", "99");
const marked = known.chain(([name, use]) =>
  fc
    .tuple(fc.constantFrom("", "sha256", "SHA2", "hash", "hashed"), fc.boolean(), numbered, fc.boolean())
    .chain(([mark, isMarkFirst, number, isNumberLast]) => {
      const [before, after] = isMarkFirst ? [`${mark} `, ""] : ["", ` ${mark}`];
      const plain = isNumberLast ? `${before}${name}${after}${number}` : `${before}${name}${number}${after}`;
      return spelling([name, use], plain);
    }),
);

test("a mark of hashing and a number of two digits make no difference", () => {
  fc.assert(
    fc.property(marked, ({ text, use }) => assert.equal(columnUse(text), use, text)),
    { numRuns: 2000 },
  );
  assert.equal(columnUse("email99"), "email");
  assert.equal(columnUse("email100"), undefined);
});

test("columns of digests that no index has are passed over, whatever they are of", () => {
  for (const name of ["Email_MD5", "md5(email)", "phone_sha1", "MAID_MD5", "madid sha-512", "email 2 MD5", "fn_md5"]) {
    assert.equal(columnUse(name), "unused", name);
  }
  for (const name of ["md5", "sha1", "colour_md5"]) assert.equal(columnUse(name), undefined, name);
});

test("a name that is not known is not guessed at", () => {
  const names = ["", " ", "id", "e", "my email", "emailed", "not_phone", "sha256", "hash", "12", "mary@example.com"];
  names.push("constructor", "__proto__", "toString", "hasOwnProperty", "straße", "\u0000email", "email,phone");
  for (const name of names) assert.equal(columnUse(name), undefined, JSON.stringify(name));
});

test("any text at all is a name with a use or without one", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
      const use = columnUse(text);
      assert.ok(use === undefined || use === "country" || use === "unused" || isKind(use));
    }),
  );
});
