import assert from "node:assert/strict";
import { test } from "node:test";
import { type KindCode, kindCode, Messages, Normaliser, refusal } from "./index.js";

const normaliser = new Normaliser();

function form(kind: KindCode, value: string | Uint8Array): string | undefined {
  const out = new Messages();
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  const code = normaliser.form(kind, "plain", bytes, 0, bytes.length, out);
  return code === 0 ? new TextDecoder().decode(out.message(0)) : refusal(code)?.name;
}

test("an advertising id is a UUID or an Android id, in lower case", () => {
  const maid = kindCode("maid");
  assert.equal(form(maid, " AECE52E7-03EE-455A-B3C4-E57283966239\n"), "aece52e7-03ee-455a-b3c4-e57283966239");
  assert.equal(form(maid, "\u00A0AF3802A465767E36"), "af3802a465767e36");
  for (const wrong of [
    "aece52e703ee455ab3c4e57283966239",
    "aece52e7-03ee-455a-b3c4-e5728396623",
    "aece52e7-03ee-455a-b3c4-e5728396623g",
    "aece52e70-3ee-455a-b3c4-e57283966239",
    "af3802a465767e3-",
    "af3802a465767e3ü",
  ]) {
    assert.equal(form(maid, wrong), "not-a-maid", wrong);
  }
});

test("the zeros of a device whose owner declined are nobody's advertising id", () => {
  assert.equal(form(kindCode("maid"), "00000000-0000-0000-0000-000000000000"), "not-a-maid");
  assert.equal(form(kindCode("maid"), "0000000000000000"), "not-a-maid");
});

test("a user id is 1 to 20 digits", () => {
  const userId = kindCode("user_id");
  assert.equal(form(userId, " 00143567 "), "00143567");
  assert.equal(form(userId, "18446744073709551615"), "18446744073709551615");
  for (const wrong of ["184467440737095516150", "1.5e9", "-1", "0x10", "12 34", "\u0661\u0662"]) {
    assert.equal(form(userId, wrong), "not-a-user-id", wrong);
  }
});

test("a handle loses one @ and its capitals", () => {
  const handle = kindCode("handle");
  assert.equal(form(handle, " @Ads_API.1 "), "ads_api.1");
  assert.equal(form(handle, "a".repeat(64)), "a".repeat(64));
  assert.equal(form(handle, `@${"a".repeat(64)}`), "a".repeat(64));
  for (const wrong of ["@", "@@jack", "@ jack", "jack@x", "jäck", "\u212A", "a-b", "a".repeat(65)]) {
    assert.equal(form(handle, wrong), "not-a-handle", wrong);
  }
});

test("an external id is any text of 1 to 256 bytes but control characters", () => {
  const externalId = kindCode("external_id");
  assert.equal(form(externalId, " Kunde Nr. 7/ä😀 \u2003"), "Kunde Nr. 7/ä😀");
  assert.equal(form(externalId, "x".repeat(256)), "x".repeat(256));
  assert.equal(form(externalId, "é".repeat(128)), "é".repeat(128));
  for (const wrong of ["x".repeat(257), "é".repeat(129), "a\tb", "a\u0000", "a\u007Fb", "a\u0085b"]) {
    assert.equal(form(externalId, wrong), "not-an-external-id", JSON.stringify(wrong));
  }
});

test("blanks alone are empty and broken UTF-8 is refused, of every kind", () => {
  for (const kind of [0, 1, 2, 3, 4, 5] as const) {
    for (const blank of ["", "  \t\r\n", "\u00A0\u2003", "\uFEFF"]) assert.equal(form(kind, blank), "empty");
    assert.equal(form(kind, Uint8Array.of(0x61, 0xc3, 0x28)), "not-utf8");
  }
});
