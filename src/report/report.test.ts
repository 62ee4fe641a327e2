import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { type Assessment, type AudienceAssessment, type Claim, claimDigest, parseClaim } from "../incident/index.js";
import { NoticeBook } from "../purpose/index.js";
import { FACT_FIELDS, factNames, factsTemplate, PHASES, parseFacts } from "./facts.js";
import { reportPage } from "./page.js";
import { makeReport, type ReportParts, reportSchema } from "./report.js";

const claim: Claim = parseClaim({
  id: "wrong-file",
  title: '<img src="https://evil.example/x"> & "Co" <script>alert(1)</script>',
  purpose: "ads.match",
  claims: [{ matches: ["m0123456789abcdef"], reason: "the file was the <b>wrong</b> one" }],
});
const openedAtMs = Date.parse("2026-03-01T12:00:00Z");
const HOUR_MS = 3_600_000;

const counts = {
  people: 1_234_567,
  contactPoints: 1_345_678,
  byPurpose: { "security.unlock": 1_000_003, "security.mfa": 234_999 },
  byKind: { email: 1_200_001, phone: 98_765 },
  byDay: { "2014-01-01": 1_000_000, "2016-07-09": 34_567, "2019-09-17": 200_000 },
  byCountry: { DE: 700_001, US: 534_566 },
  firstAt: "2014-01-01T00:00:00.000Z",
  lastAt: "2019-09-17T00:00:00.000Z",
  alsoMatchedRightly: 4711,
  campaigns: 12,
  showings: 3_456_789,
  permittedOtherwise: 815,
  lateFacts: { people: 31, contactPoints: 33 },
};
const assessment: Assessment = {
  incident: claim.id,
  asKnownAt: 98_765,
  ...counts,
  audiences: 130,
  lists: 131,
  advertisers: 7,
};
const audiences: AudienceAssessment[] = Array.from({ length: 130 }, (_, i) => ({
  audience: `a${String(i).padStart(16, "0")}`,
  list: `l${i}`,
  advertiser: "shop",
  name: `Summer <i>${i}</i>`,
  ...counts,
  people: 10_000 + i,
}));

const parts: ReportParts = {
  incident: { id: claim.id, claim, digest: claimDigest(claim), openedBy: "operator:alice", openedAtMs, position: 7 },
  phase: "initial",
  facts: {},
  assessment,
  audiences,
  containment: undefined,
  notices: new NoticeBook(),
  checkpoint: { origin: "solely-ledger/0123456789abcdef", size: 98_765, root: new Uint8Array(32) },
  nowMs: openedAtMs + HOUR_MS,
};

/** All that a template's examples fill in. */
const everything = parseFacts(parse(factNames.map((name) => `${name}: ${FACT_FIELDS[name].example}`).join("\n")));

test("the empty form is valid, and everything in it is missing", () => {
  const facts = parseFacts(parse(factsTemplate()));
  assert.deepEqual(facts, {});
  const missing = makeReport({ ...parts, facts, phase: "final" }).missing.map(({ field }) => field);
  const wanted = factNames.filter((name) => name !== "delay_reason");
  assert.deepEqual(missing.sort(), [...wanted, "containment"].sort());
});

test("a phase needs what it needs and not what only a later one does", () => {
  const now = (phase: (typeof PHASES)[number], facts = {}) =>
    makeReport({ ...parts, phase, facts })
      .missing.filter(({ isNeededNow }) => isNeededNow)
      .map(({ field }) => field);
  for (const name of ["controller", "contact", "aware_at", "people_categories", "consequences", "measures_stop"])
    assert.ok(now("initial").includes(name), name);
  assert.ok(!now("initial").includes("cause") && now("follow-up").includes("cause"));
  assert.ok(!now("follow-up").includes("notices_sent") && now("final").includes("notices_sent"));
  assert.deepEqual(now("final", everything), ["containment"]);
  const contained = { isContained: true, atMs: openedAtMs, position: 9 };
  assert.equal(makeReport({ ...parts, phase: "final", facts: everything, containment: contained }).isComplete, true);
  const alone = { ...everything, signers: ["A. Person"] };
  assert.equal(makeReport({ ...parts, phase: "final", facts: alone, containment: contained }).isComplete, false);
});

test("clocks run from awareness; without it from the opening; a missed one needs a reason", () => {
  const clock = (facts: object, afterHours: number) => {
    const report = makeReport({ ...parts, facts: parseFacts(facts), nowMs: openedAtMs + afterHours * HOUR_MS });
    const needsReason = report.missing.some(({ field, isNeededNow }) => field === "delay_reason" && isNeededNow);
    return [...report.clocks.map(({ state, startsWith }) => `${state} ${startsWith}`), needsReason];
  };
  assert.deepEqual(clock({}, 72), ["running opening", "running opening", false]);
  assert.deepEqual(clock({}, 72.001), ["overdue opening", "running opening", true]);
  const aware_at = "2026-02-28T12:00:00Z";
  assert.deepEqual(clock({ aware_at }, 49), ["overdue awareness", "running awareness", true]);
  const authority_told_at = "2026-03-03T13:00:00+01:00";
  assert.deepEqual(clock({ aware_at, authority_told_at }, 900), ["kept awareness", "overdue awareness", true]);
  const order_reported_at = "2026-03-30T12:00:01Z";
  assert.deepEqual(clock({ aware_at, authority_told_at, order_reported_at }, 900), [
    "kept awareness",
    "late awareness",
    true,
  ]);
  const told = { aware_at, authority_told_at, order_reported_at, delay_reason: "the archive was slow" };
  assert.deepEqual(clock(told, 900), ["kept awareness", "late awareness", false]);
});

test("what is filled in wrongly is told by its field", () => {
  assert.throws(() => parseFacts({ aware_at: "yesterday" }), { code: "malformed-facts", message: /aware_at/ });
  assert.throws(() => parseFacts({ dpo: "me" }), { code: "malformed-facts", message: /dpo/ });
});

test("a report in JSON has the form that is published", () => {
  for (const [phase, facts] of PHASES.flatMap((phase) => [[phase, {}] as const, [phase, everything] as const])) {
    const report = makeReport({ ...parts, phase, facts });
    const read: unknown = JSON.parse(JSON.stringify(report));
    assert.deepEqual(reportSchema.parse(read), read);
  }
});

test("the page escapes what people wrote, and asks for nothing from elsewhere", async () => {
  const page = await reportPage(makeReport({ ...parts, facts: { cause: "</dd><script>alert(2)</script>" } }));
  const tags = page.match(/<[^>]*>/g)!.join("\n");
  assert.ok(!/<script|<img|<b>wrong|<i>/i.test(page));
  assert.ok(page.includes("&lt;script&gt;alert(1)&lt;/script&gt;"));
  assert.ok(page.includes("&lt;script&gt;alert(2)&lt;/script&gt;"));
  assert.doesNotMatch(tags, /\s(?:src|href|xlink:href|action|on\w+)=|<(?:link|iframe|object|embed|base|form)\b/i);
  assert.ok(!/url\(|@import/i.test(page));
  const addresses = [...page.matchAll(/https?:\/\/[^\s"'<&]+/g)].map(([address]) => address);
  assert.deepEqual(
    new Set(addresses.filter((address) => !address.includes("evil.example"))),
    new Set(["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"]),
  );
});

test("every number of the page is one of the assessment's", async () => {
  const page = await reportPage(makeReport(parts));
  const shown = new Set<number>();
  for (const [, value, text] of page.matchAll(/<data value="(\d+)">([\d,]+)<\/data>/g)) {
    assert.equal(Number(value).toLocaleString("en"), text);
    shown.add(Number(value));
  }
  const numbers = (value: unknown): number[] =>
    typeof value === "number"
      ? [value]
      : typeof value === "object" && value !== null
        ? Object.values(value).flatMap(numbers)
        : [];
  for (const number of numbers(assessment)) assert.ok(shown.has(number), `${number} is not on the page`);
  const listed = audiences.slice(-40);
  const rest = audiences.slice(0, 90).reduce((sum, { people }) => sum + people, 0);
  assert.ok(
    page.includes(
      `The other 90 have at most ${(10_089).toLocaleString("en")} each, ${rest.toLocaleString("en")} memberships`,
    ),
  );
  const known = new Set([...numbers(assessment), ...listed.flatMap(numbers), 1_034_567]);
  assert.deepEqual(
    [...shown].filter((number) => !known.has(number)),
    [],
  );
});
