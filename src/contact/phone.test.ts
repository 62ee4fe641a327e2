import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { getCountries, getCountryCallingCode, getExampleNumber } from "libphonenumber-js/max";
import examples from "libphonenumber-js/mobile/examples";
import { ContactError } from "./error.js";
import { PhoneReader, readByLibrary } from "./phone.js";
import { NOT_A_PHONE, NOT_UTF8, PHONE_NEEDS_REGION } from "./refusal.js";

const ascii = (text: string) => new TextEncoder().encode(text);

function read(reader: PhoneReader, text: string): { code: number; digits: string } {
  const bytes = ascii(text);
  const code = reader.read(bytes, 0, bytes.length);
  return { code, digits: code === 0 ? String.fromCharCode(...reader.digits.subarray(0, reader.digitCount)) : "" };
}

const countries = getCountries();
const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength, maxLength });
/** Beginnings that plans treat specially, and plain ones. */
const national = fc.tuple(
  fc.constantFrom("", "0", "00", "1", "8", "9", "15", "90", "06", "011", "0049"),
  digits(3, 13),
);

test("numbers with + are read as the library reads them, in every country, national prefixes inside or not", () => {
  const reader = new PhoneReader(undefined);
  fc.assert(
    fc.property(fc.constantFrom(...countries), national, (country, [prefix, rest]) => {
      const text = `+${getCountryCallingCode(country)}${prefix}${rest}`;
      assert.deepEqual(read(reader, text), readByLibrary(text, undefined), text);
    }),
    { numRuns: 30_000 },
  );
});

test("numbers of any digits at all behind + are read as the library reads them", () => {
  const reader = new PhoneReader(undefined);
  fc.assert(
    fc.property(digits(0, 19), (rest) => {
      assert.deepEqual(read(reader, `+${rest}`), readByLibrary(`+${rest}`, undefined), rest);
    }),
    { numRuns: 10_000 },
  );
});

test("numbers as written in a region are read as the library reads them there", () => {
  const readers = new Map(countries.map((country) => [country, new PhoneReader(country)]));
  fc.assert(
    fc.property(fc.constantFrom(...countries), fc.boolean(), national, (country, withCode, [prefix, rest]) => {
      const text = `${withCode ? getCountryCallingCode(country) : ""}${prefix}${rest}`;
      assert.deepEqual(read(readers.get(country)!, text), readByLibrary(text, country), `${country} ${text}`);
    }),
    { numRuns: 30_000 },
  );
});

test("every country's example number, one digit changed, is read as the library reads it, however it is written", () => {
  for (const country of countries) {
    const example = getExampleNumber(country, examples);
    if (example === undefined) continue;
    const reader = new PhoneReader(country);
    const own = example.nationalNumber;
    for (let i = 0; i < own.length; i++) {
      for (const digit of ["0", "1", "5", "9"]) {
        const changed = own.slice(0, i) + digit + own.slice(i + 1);
        const code: string = example.countryCallingCode;
        const spellings = [`+${code}${changed}`, code + changed, changed, `0${changed}`, `+${code} (0) ${changed}`];
        for (const text of spellings) {
          assert.deepEqual(read(reader, text), readByLibrary(text, country), `${country} ${text}`);
        }
      }
    }
  }
});

test("punctuation that people write between digits changes nothing, and is read as the library reads it", () => {
  const reader = new PhoneReader("US");
  const unit = fc.constantFrom(..."0123456789 -.()+/x#,;~");
  fc.assert(
    fc.property(fc.constantFrom("", "+1", "+44", "1"), fc.string({ unit, maxLength: 22 }), (start, rest) => {
      const text = (start + rest).trim();
      if (text === "") return;
      assert.deepEqual(read(reader, text), readByLibrary(text, "US"), text);
    }),
    { numRuns: 10_000 },
  );
  for (const text of ["+1 (415) 555-2671", "(415) 555-2671", "415.555.2671", "1-415-555-2671", " +14155552671\t"]) {
    assert.deepEqual(read(reader, text), { code: 0, digits: "14155552671" }, text);
  }
});

test("national prefixes come off, and Italian zeros stay", () => {
  const reader = new PhoneReader(undefined);
  assert.equal(read(reader, "+44 07911 123456").digits, "447911123456");
  assert.equal(read(reader, "+49 (0)30 123456").digits, "4930123456");
  assert.equal(read(reader, "+39 06 1234567").digits, "39061234567");
  assert.equal(read(new PhoneReader("DE"), "030 123456").digits, "4930123456");
  assert.equal(read(new PhoneReader("de"), "0044 7911 123456").digits, "447911123456");
});

test("other digits, wide signs and extensions are read too", () => {
  const reader = new PhoneReader(undefined);
  assert.equal(
    read(reader, "+\uFF11\uFF14\uFF11\uFF15\uFF15\uFF15\uFF15\uFF12\uFF16\uFF17\uFF11").digits,
    "14155552671",
  );
  assert.equal(read(reader, "\u00A0+1 415 555 2671 ext. 5").digits, "14155552671");
  assert.equal(read(reader, "+1 415 555 2671 x5").digits, "14155552671");
});

test("what can't be a phone is refused, and a missing region is told from it", () => {
  const reader = new PhoneReader(undefined);
  assert.equal(read(reader, "415 555 2671").code, PHONE_NEEDS_REGION);
  for (const text of [
    "hello",
    "mary@example.com",
    "+",
    "+1",
    "+1 555",
    "+999 123456789",
    "+0415555",
    "12",
    "call +1 415 555 2671",
  ]) {
    assert.equal(read(reader, text).code, NOT_A_PHONE, text);
  }
  assert.equal(read(reader, `+1${"5".repeat(60_000)}`).code, NOT_A_PHONE);
  assert.equal(reader.read(Uint8Array.of(0x2b, 0x31, 0xff), 0, 3), NOT_UTF8);
});

test("an unknown region is an error at once", () => {
  assert.throws(
    () => new PhoneReader("XX"),
    (error) => error instanceof ContactError && error.code === "unknown-region",
  );
});
