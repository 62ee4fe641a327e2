import assert from "node:assert/strict";
import { test } from "node:test";
import { Meanings } from "./correction.js";
import { NOTICE_CLASS, NoticeBook, parseNotice } from "./notice.js";
import type { Purpose } from "./purposes.js";

const book = new NoticeBook();
for (const [id, purposes, exclusive] of [
  ["signup", ["service.account", "ads.match"], false],
  ["unlock", ["security.unlock"], true],
] as const) {
  const notice = parseNotice({
    ...{ id, purposes, exclusive, surface: id, version: 1, language: "en", text: "For ads.", sources: ["local"] },
    effective_from: "2014-01-01T00:00:00Z",
  });
  book.adopt(notice, ["ads.match"], 0, 0);
}
const [SIGNUP, UNLOCK] = [0, 1];
const unlock = { notice: SIGNUP, fromMs: 100, toMs: 200, purposes: ["security.unlock" as Purpose], exclusive: true };

test("a correction holds from its first instant to before its last", () => {
  const meanings = new Meanings(book, [unlock]);
  const namesAds = (atMs: number) => (meanings.classOf(SIGNUP, atMs) & NOTICE_CLASS.namesAds) !== 0;
  assert.deepEqual([99, 100, 199, 200].map(namesAds), [true, false, false, true]);
  assert.equal(meanings.classOf(SIGNUP, 150) & NOTICE_CLASS.excludesAds, NOTICE_CLASS.excludesAds);
  assert.equal(meanings.classOf(SIGNUP, 150) & NOTICE_CLASS.self, NOTICE_CLASS.self);
  assert.deepEqual(meanings.purposesOf(SIGNUP, 150), ["service.account"]);
  assert.deepEqual(meanings.purposesOf(SIGNUP, 200), ["service.account", "ads.match"]);
  assert.ok(meanings.isCorrected(SIGNUP));
  assert.ok(!meanings.isCorrected(UNLOCK));
});

test("a correction never permits what the notice did not", () => {
  const wider = { notice: UNLOCK, fromMs: 0, toMs: 999, purposes: ["ads.match" as Purpose], exclusive: false };
  const meanings = new Meanings(book, [wider]);
  assert.equal(meanings.classOf(UNLOCK, 10), book.classes[UNLOCK]);
  assert.deepEqual(meanings.purposesOf(UNLOCK, 10), ["security.unlock"]);
});

test("of several corrections all hold, whatever their order", () => {
  const still = { ...unlock, fromMs: 150, purposes: ["ads.match" as Purpose], exclusive: false };
  for (const corrections of [
    [unlock, still],
    [still, unlock],
  ]) {
    const meanings = new Meanings(book, corrections);
    assert.equal(meanings.classOf(SIGNUP, 160) & NOTICE_CLASS.namesAds, 0);
    assert.equal(meanings.classOf(SIGNUP, 160) & NOTICE_CLASS.excludesAds, NOTICE_CLASS.excludesAds);
  }
});
