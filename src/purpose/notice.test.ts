import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { PurposeError, type PurposeErrorCode } from "./error.js";
import {
  MAX_NOTICE_TEXT_BYTES,
  MAX_NOTICE_VERSIONS,
  NOTICE_CLASS,
  type Notice,
  NoticeBook,
  type NoticeTable,
  noticeSchema,
  parseNotice,
  reviewNotice,
  unmentionedPurposes,
} from "./notice.js";
import { type Purpose, purposeNames } from "./purposes.js";

const refusedWith = (code: PurposeErrorCode) => (error: unknown) =>
  error instanceof PurposeError && error.code === code;
const SILENT = "We use this to protect your account.";
const SPOKEN = "We use this to show you ads.";
const least = {
  id: "signup",
  surface: "sign-up form",
  version: 1,
  language: "en",
  text: SPOKEN,
  purposes: ["ads.match"],
  effective_from: "2026-01-01T00:00:00Z",
};
const notice = (over: Record<string, unknown> = {}): Notice => parseNotice({ ...least, ...over });

test("what a notice leaves out is a person's own contact, fed by local, without a promise of exclusivity", () => {
  assert.deepEqual(notice(), { ...least, exclusive: false, subject: "self", sources: ["local"] });
});

test("a notice written as YAML is read, whether or not its time became a date on the way", () => {
  const text = [
    "id: unlock.v-2_b",
    "surface: 'Locked account: step 2'",
    "version: 3",
    "language: de-AT",
    "text: |\n  Nur zum Entsperren.\n  Für nichts sonst.",
    "purposes:\n  - security.unlock\n  - service.account",
    "exclusive: true",
    "subject: other",
    "sources: [local, crm]",
    "effective_from: 2026-01-01T12:00:00+02:00",
  ].join("\n");
  const asText = parseNotice(parse(text));
  const asDate = parseNotice(parse(text, { version: "1.1" }));
  assert.equal(asText.text, "Nur zum Entsperren.\nFür nichts sonst.\n");
  assert.equal(asText.effective_from, "2026-01-01T12:00:00+02:00");
  assert.deepEqual(asDate, { ...asText, effective_from: "2026-01-01T10:00:00.000Z" });
  assert.deepEqual(parseNotice(JSON.parse(JSON.stringify(asDate))), asDate);
});

test("a notice that is malformed in any one field is refused, and the field is named", () => {
  const wrong: Readonly<Record<keyof Notice, readonly unknown[]>> = {
    id: ["", "Signup", "-a", ".a", "a b", "a@1", "é", "a".repeat(65), "a\n", 7],
    surface: ["", "s".repeat(201), 7],
    version: [0, -1, 1.5, 1_000_001, "1", Number.NaN],
    language: ["", "e", "english", "EN", "en_GB", "en-", 7],
    text: ["", 7, ["We show ads."], "é".repeat(MAX_NOTICE_TEXT_BYTES / 2 + 1)],
    purposes: [[], ["ads"], ["ads.*"], ["ads.match", "ads.sell"], "ads.match", [7], { "ads.match": true }],
    exclusive: ["yes", 1, null],
    subject: ["Self", "both", "", null],
    sources: [[], [""], "local", [7], null],
    effective_from: ["", "2026-01-01", "2026-01-01T00:00:00", "2026-02-30T00:00:00Z", "now", 7, new Date(Number.NaN)],
  };
  for (const [field, values] of Object.entries(wrong)) {
    const missing = field in least ? [undefined] : [];
    for (const value of [...values, ...missing]) {
      const names = ({ code, message }: PurposeError) =>
        code === "malformed-notice" && message.startsWith(`notice: ${field}`);
      assert.throws(() => notice({ [field]: value }), names, `${field}: ${JSON.stringify(value)?.slice(0, 80)}`);
    }
  }
  assert.deepEqual(Object.keys(wrong), Object.keys(noticeSchema.shape));
  assert.throws(() => notice({ purpose: ["ads.match"] }), /notice: form: .*"purpose"/);
  for (const value of [null, undefined, "signup", 7, []]) {
    assert.throws(() => parseNotice(value), refusedWith("malformed-notice"));
  }
});

test("each limit of a notice is allowed just so", () => {
  const longest = { id: "0".repeat(64), surface: "s".repeat(200), version: 1_000_000, language: "de-Latn-AT-1996" };
  notice({ ...longest, text: "é".repeat(MAX_NOTICE_TEXT_BYTES / 2), sources: ["s"], purposes: purposeNames });
  notice({ id: "a", surface: "s", language: "yue", text: "t" });
});

test("a time that a notice may have is one that counts as the instant it says", () => {
  const anyInstant = fc.date({ min: new Date(0), max: new Date("9999-12-30"), noInvalidDate: true });
  fc.assert(
    fc.property(anyInstant, fc.integer({ min: -14 * 60, max: 14 * 60 }), (instant, offsetMinutes) => {
      const minutes = Math.abs(offsetMinutes);
      const pad = (part: number) => String(part).padStart(2, "0");
      const zone = `${offsetMinutes < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
      const local = new Date(instant.getTime() + offsetMinutes * 60_000).toISOString().slice(0, -1);
      for (const effective_from of [instant, instant.toISOString(), `${local}${zone}`]) {
        assert.equal(Date.parse(notice({ effective_from }).effective_from), instant.getTime());
      }
    }),
  );
});

test("a text that never mentions advertising in its language and claims ads is refused unless each is confirmed by name", () => {
  const claims = notice({ text: SILENT, purposes: ["ads.match", "service.account", "ads.measure"] });
  assert.deepEqual(unmentionedPurposes(claims), ["ads.match", "ads.measure"]);
  const book = new NoticeBook();
  for (const confirmed of [[], ["ads.match"], ["ads.measure"], ["service.account"], ["ads"], ["ads.*"]]) {
    assert.throws(() => book.adopt(claims, confirmed, 1, 0), refusedWith("unconfirmed-purpose"), confirmed.join());
  }
  assert.equal(book.size, 0);
  book.checkAdoption(claims, undefined); // it may be proposed: the approver confirms
  book.adopt(claims, ["ads.measure", "ads.match"], 1, 0);
  book.adopt(notice({ id: "spoken" }), [], 2, 0);
  book.adopt(notice({ id: "no-ads", text: SILENT, purposes: ["marketing.message", "share.partner"] }), [], 3, 0);
  const elsewhere = notice({ id: "german", language: "de" }); // "ads" says nothing in German
  assert.throws(() => book.adopt(elsewhere, [], 4, 0), refusedWith("unconfirmed-purpose"));
  assert.equal(book.size, 3);
});

test("what a notice means for the last promise is exactly its four bits", () => {
  const { namesAds, excludesAds, self, guarded } = NOTICE_CLASS;
  assert.equal(new Set([namesAds, excludesAds, self, guarded]).size, 4);
  const cases: [Record<string, unknown>, number][] = [
    [{ purposes: ["ads.match"] }, namesAds | self],
    [{ purposes: ["ads.match"], subject: "other" }, namesAds],
    [{ purposes: ["ads.match"], exclusive: true }, namesAds | self | guarded],
    [{ purposes: ["ads.measure"] }, self],
    [{ purposes: ["ads.measure"], exclusive: true }, excludesAds | self | guarded],
    [{ purposes: ["service.account"] }, self],
    [{ purposes: ["service.account"], exclusive: true, subject: "other" }, excludesAds | guarded],
    [{ purposes: ["security.mfa"] }, self | guarded],
    [{ purposes: ["security.unlock", "ads.match"] }, namesAds | self | guarded],
    [{ purposes: ["security.recovery"], exclusive: true }, excludesAds | self | guarded],
  ];
  const book = new NoticeBook();
  cases.forEach(([over, bits], i) => {
    const { index } = book.adopt(notice({ id: `n${i}`, ...over }), [], i, 0);
    assert.equal(book.classes[index], bits, JSON.stringify(over));
    const mayMatch = (bits & namesAds) > 0 && (bits & self) > 0;
    assert.equal(book.table().mayMatch[index], mayMatch ? 1 : 0, JSON.stringify(over));
  });
});

test("a retirement is proposed from now on at the earliest, and only of what there is", () => {
  const book = new NoticeBook();
  book.adopt(notice({ version: 2 }), [], 0, 0);
  for (const reference of ["signup", "signup@2"]) {
    book.checkRetirement(reference, 100, 100);
    assert.throws(() => book.checkRetirement(reference, 99, 100), refusedWith("retire-in-past"));
  }
  for (const reference of ["", "other", "signup@1", "signup@02", "signup@", "@2", "Signup", "constructor"]) {
    assert.throws(() => book.checkRetirement(reference, 100, 100), refusedWith("unknown-notice"), reference);
    assert.throws(() => book.find(reference), refusedWith("unknown-notice"), reference);
  }
});

test("a reference with anything behind its version names no notice", () => {
  const book = new NoticeBook();
  book.adopt(notice(), [], 0, 0);
  assert.throws(() => book.find("signup@1@2"), refusedWith("unknown-notice"));
});

test("a book holds as many versions as fit into two bytes of a grant, each with its class, and no more", () => {
  const book = new NoticeBook();
  const [ads, silent] = [notice(), notice({ purposes: ["service.account"] })];
  for (let i = 0; i < MAX_NOTICE_VERSIONS; i++) {
    book.adopt({ ...(i % 3 === 0 ? ads : silent), id: `n${i % 1000}`, version: i + 1 }, [], i, 0);
  }
  assert.equal(book.size, 65_000);
  for (let i = 0; i < book.size; i++) assert.equal(book.classes[i]! & NOTICE_CLASS.namesAds, i % 3 === 0 ? 1 : 0);
  assert.throws(() => book.adopt({ ...ads, id: "more" }, [], 1, 0), refusedWith("too-many-notices"));
  assert.equal(book.table().mayMatch.length, 65_000);
});

interface ModelVersion {
  readonly notice: Notice;
  readonly approvedMs: number;
  /** Approved after a row had named its id. */
  readonly isFurther: boolean;
  readonly retiredMs: number[];
}

/** The rules as the words have them, with no index and no cache. */
class Model {
  readonly versions: ModelVersion[] = [];
  readonly named = new Set<string>();

  adoptionRefused(made: Notice, confirmed: readonly string[]): PurposeErrorCode | undefined {
    const highest = Math.max(0, ...this.of(made.id).map((each) => each.notice.version));
    if (made.version === highest) return "version-exists";
    if (made.version < highest) return "version-too-low";
    const claims = made.purposes.filter((purpose) => purpose === "ads.match" || purpose === "ads.measure");
    return made.text === SILENT && claims.some((each) => !confirmed.includes(each)) ? "unconfirmed-purpose" : undefined;
  }

  of = (ref: string) => this.versions.filter(({ notice: { id, version } }) => ref === id || ref === `${id}@${version}`);

  startMs({ notice: { effective_from }, approvedMs, isFurther }: ModelVersion): number {
    return isFurther ? Math.max(Date.parse(effective_from), approvedMs) : Date.parse(effective_from);
  }

  resolve(ref: string, atMs: number): number | undefined {
    const inForce = this.of(ref).filter(
      (each) => this.startMs(each) <= atMs && each.retiredMs.every((endMs) => atMs < endMs),
    );
    const latestMs = Math.max(...inForce.map((each) => this.startMs(each)));
    const found = inForce.findLast((each) => this.startMs(each) === latestMs);
    return found === undefined ? undefined : this.versions.indexOf(found);
  }
}

/** As readers of rows do: the last that is in force. */
function resolve({ references }: NoticeTable, ref: string, atMs: number): number | undefined {
  const versions = references.find((each) => each.ref === ref)?.versions ?? [];
  return versions.findLast(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)?.version;
}

const anyId = fc.constantFrom("a", "b");
const anyVersion = fc.integer({ min: 1, max: 6 });
const anyTimeMs = fc.integer({ min: 0, max: 12 });
const anyPurposes = fc.subarray<Purpose>(["ads.match", "ads.measure", "security.mfa", "share.partner"], {
  minLength: 1,
});
const anyNotice = fc
  .record({
    id: anyId,
    version: anyVersion,
    text: fc.constantFrom(SPOKEN, SPOKEN, SILENT),
    purposes: anyPurposes,
    exclusive: fc.boolean(),
    subject: fc.constantFrom("self", "other"),
    sources: fc.subarray(["local", "crm"], { minLength: 1 }),
    effective_from: anyTimeMs.map((atMs) => new Date(atMs).toISOString()),
  })
  .map(notice);
const anyStep = fc.oneof(
  fc.record({ adopt: anyNotice, confirmed: fc.subarray(["ads.match", "ads.measure"]) }),
  fc.record({ retire: fc.tuple(anyId, fc.option(anyVersion)), fromMs: anyTimeMs }),
  fc.record({ name: fc.nat() }),
);

test("a book answers as the plain rules do, however versions were adopted, retired and named", () => {
  const all = ["a", "b"].flatMap((id) => [id, ...[1, 2, 3, 4, 5, 6].map((version) => `${id}@${version}`)]);
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 14 }), (steps) => {
      const book = new NoticeBook();
      const model = new Model();
      const decisions: ((book: NoticeBook) => void)[] = [];
      steps.forEach((step, position) => {
        const nowMs = position;
        if ("adopt" in step) {
          const made = structuredClone(step.adopt);
          const adopt = (into: NoticeBook) => into.adopt(made, step.confirmed, position, nowMs);
          const code = model.adoptionRefused(made, step.confirmed);
          if (code !== undefined) assert.throws(() => adopt(book), refusedWith(code));
          else {
            assert.equal(adopt(book).index, model.versions.length);
            decisions.push(adopt);
            const isFurther = model.named.has(made.id);
            model.versions.push({ notice: step.adopt, approvedMs: nowMs, isFurther, retiredMs: [] });
          }
        } else if ("retire" in step) {
          const ref = step.retire[1] === null ? step.retire[0] : step.retire.join("@");
          const retire = (into: NoticeBook) => into.retire(ref, step.fromMs, nowMs);
          const retired = model.of(ref);
          if (retired.length === 0) assert.throws(() => retire(book), refusedWith("unknown-notice"));
          else {
            retire(book);
            decisions.push(retire);
          }
          for (const each of retired) each.retiredMs.push(Math.max(step.fromMs, nowMs));
        } else if (book.size > 0) {
          book.named(step.name % book.size, position);
          model.named.add(model.versions[step.name % book.size]!.notice.id);
        }
        assert.deepEqual(
          book.versions().map((each) => each.notice),
          model.versions.map((each) => each.notice),
        );
        for (const { version, sources } of book.table().references.flatMap((each) => each.versions)) {
          assert.deepEqual(sources, model.versions[version]!.notice.sources);
        }
        for (const ref of all) {
          for (let atMs = -1; atMs <= 14; atMs++) {
            assert.equal(resolve(book.table(), ref, atMs), model.resolve(ref, atMs), `${ref} at ${atMs}`);
          }
          const last = model.of(ref).at(-1);
          if (last !== undefined) assert.deepEqual(book.find(ref).notice, last.notice);
        }
      });
      // As at a start: decisions first, then what the snapshot says of the names.
      const again = new NoticeBook();
      for (const decide of decisions) decide(again);
      again.restoreNamed(book.firstNamedAt);
      assert.deepEqual(again.table(), book.table());
      assert.deepEqual(again.versions(), book.versions());
    }),
    { numRuns: 300 },
  );
});

test("an approver sees exactly the fields that differ from the version before, and what must be confirmed", () => {
  fc.assert(
    fc.property(anyNotice, anyNotice, (before, made) => {
      const book = new NoticeBook();
      const first = reviewNotice(book, made);
      assert.deepEqual([first.before, first.changes], [undefined, []]);
      book.adopt({ ...before, id: made.id }, before.purposes, 0, 0);
      const { changes, ...review } = reviewNotice(book, made);
      const fields: (keyof Notice)[] = ["version", "text", "purposes", "exclusive", "subject", "sources"];
      const differing = [...fields, "effective_from" as const].filter(
        (field) => JSON.stringify(before[field]) !== JSON.stringify(made[field]),
      );
      const asText = (value: unknown) => (Array.isArray(value) ? value.join(", ") : String(value));
      assert.deepEqual(
        new Map(changes.map(({ field, ...values }) => [field, values])),
        new Map(differing.map((field) => [field, { before: asText(before[field]), after: asText(made[field]) }])),
      );
      const ads = made.purposes.filter((purpose) => purpose.startsWith("ads."));
      const promotional = made.purposes.filter((purpose) => purpose !== "security.mfa");
      const toConfirm = made.text === SILENT ? ads : [];
      assert.deepEqual(review, { notice: made, before: { ...before, id: made.id }, toConfirm, promotional });
    }),
  );
});

test("a source's name has no comma, so that an approver can't take one for two", () => {
  assert.throws(() => notice({ sources: ["local, crm"] }), refusedWith("malformed-notice"));
  const book = new NoticeBook();
  book.adopt(notice({ sources: ["local"] }), [], 0, 0);
  const { changes } = reviewNotice(book, notice({ version: 2, sources: ["local", "crm"] }));
  assert.deepEqual(
    changes.map(({ field }) => field),
    ["version", "sources"],
  );
});
