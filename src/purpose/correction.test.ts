import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
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

test("bits, purposes and exclusiveness tell one story at every instant, whatever corrections overlap", () => {
  const instant = fc.integer({ min: 0, max: 12 });
  const correction = fc
    .record({
      notice: fc.constantFrom(SIGNUP, UNLOCK),
      from: instant,
      length: fc.integer({ min: 1, max: 12 }),
      purposes: fc.subarray<Purpose>(["ads.match", "security.unlock", "marketing.message"], { minLength: 1 }),
      exclusive: fc.boolean(),
    })
    .map(({ from, length, ...rest }) => ({ ...rest, fromMs: from, toMs: from + length }));
  fc.assert(
    fc.property(fc.array(correction, { maxLength: 4 }), instant, (corrections, atMs) => {
      const meanings = new Meanings(book, corrections);
      for (const notice of [SIGNUP, UNLOCK]) {
        const holding = corrections.filter((one) => one.notice === notice && one.fromMs <= atMs && atMs < one.toMs);
        const purposes = meanings.purposesOf(notice, atMs);
        const own = book.version(notice).notice;
        const named = own.purposes.includes("ads.match") && holding.every((one) => one.purposes.includes("ads.match"));
        const exclusive = own.exclusive || holding.some((one) => one.exclusive);
        const bits = meanings.classOf(notice, atMs);
        assert.equal(purposes.includes("ads.match"), named);
        assert.equal((bits & NOTICE_CLASS.namesAds) !== 0, named);
        assert.equal(meanings.isExclusive(notice, atMs), exclusive);
        assert.equal((bits & NOTICE_CLASS.excludesAds) !== 0, exclusive && !named);
        assert.ok((bits & NOTICE_CLASS.guarded) >= (book.classes[notice]! & NOTICE_CLASS.guarded));
      }
    }),
  );
});
