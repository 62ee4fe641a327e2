import assert from "node:assert/strict";
import { test } from "node:test";
import { boundedFinding, emptyFinding, exactFinding } from "../../../test/found-case.js";
import { parseClaim } from "../../incident/index.js";
import type { Finding } from "../finding.js";
import { findingSchema } from "../finding-schema.js";
import { findingPage } from "./page.js";

const claim = parseClaim({
  id: "unlock",
  title: "Contacts given to unlock an account were matched",
  purpose: "ads.match",
  claims: [
    {
      ...{ notice: "unlock@1", given_from: "2014-01-01T00:00:00Z", given_to: "2019-09-17T00:00:00Z" },
      corrected: { purposes: ["security.unlock"], exclusive: true },
    },
  ],
});

const textOf = (markup: string): string => markup.replace(/<[^>]*>/g, "").trim();
const answerOn = (page: string): string => textOf(/<h1>(.*?)<\/h1>/s.exec(page)![1]!);
const withPeople = (atLeast: number, atMost: number): Finding => ({
  ...boundedFinding,
  atLeast: { ...boundedFinding.atLeast, people: atLeast },
  atMost: { ...boundedFinding.atMost, people: atMost },
  certain: { byIdentifier: atLeast, byEveryContact: 0 },
  open: { identifierMissing: atMost - atLeast, valueMissing: 0, endMissing: 0 },
});

test("the answer comes first, in one sentence that is as sure as the records are", async () => {
  const how = "matched by a contact that was not for it";
  for (const [finding, answer] of [
    [boundedFinding, `At least 10,240 and at most 13,871 people were ${how}`],
    [exactFinding, `Exactly 10,240 people were ${how}`],
    [withPeople(1, 1), `Exactly 1 person was ${how}`],
    [withPeople(0, 7), `At most 7 people were ${how}; it is certain of nobody`],
    [emptyFinding, `Nobody was ${how}`],
    [{ ...exactFinding, claim }, `Exactly 10,240 people were ${how}, if the claim is right`],
  ] as const)
    assert.equal(answerOn(await findingPage(finding)), answer);
});

test("a share that is open is rounded outwards, and a small one is not nothing", async () => {
  assert.match(textOf(await findingPage(boundedFinding)), /81,402 people; these are 12\.5% to 17\.1% of them/);
  const third = { ...withPeople(1, 1), matchedPeople: 3 };
  assert.match(textOf(await findingPage(third)), /3 people; these are about 33\.3% of them/);
  const all = withPeople(81_402, 81_402);
  assert.match(textOf(await findingPage(all)), /81,402 people; these are about 100% of them/);
  const few = { ...withPeople(3, 3), matchedPeople: 330_000_000 };
  assert.match(textOf(await findingPage(few)), /330,000,000 people; these are less than 0\.1% of them/);
});

test("an exact finding has one number everywhere, and nothing open", async () => {
  const page = await findingPage(exactFinding);
  const { body } = /<body>(?<body>.*)<\/body>/s.exec(page)!.groups!;
  assert.doesNotMatch(body!, /at least|at most|class="possible"/i);
  assert.match(page, /Nothing is open here: all numbers are exact/);
});

test("who is affected may be exact while what of them was matched is open", async () => {
  const { atLeast } = boundedFinding;
  const atMost = { ...atLeast, contactPoints: atLeast.contactPoints + 5, byKind: { phone: 8_000, email: 4_000 } };
  const page = textOf(await findingPage({ ...exactFinding, atMost }));
  assert.match(page, /Exactly 10,240 people/);
  assert.match(page, /Nobody is open here/);
  assert.match(page, /open: what may come to that/);
  assert.doesNotMatch(page, /all numbers are exact/);
});

test("what is open is told with the records that would close it; what no cause explains is told too", async () => {
  const page = textOf(await findingPage(boundedFinding));
  for (const [name, people, closedBy] of [
    ["the identifier is missing", "2,480", "the identifiers that matched"],
    ["a value is missing", "764", "the values of the contacts"],
    ["an end is missing", "381", "when memberships ended"],
    ["too much is missing", "6", "identifiers, values and ends"],
  ] as const)
    assert.match(page, new RegExp(`Open: ${name}[\\s\\S]{0,400}?closed by ${closedBy}[\\s\\S]{0,60}?\\.\\s*${people}`));
});

test("every list's and every breakdown's numbers are on the page", async () => {
  const page = await findingPage(boundedFinding);
  const shown = new Set([...page.matchAll(/<data value="(\d+)">/g)].map(([, value]) => Number(value)));
  for (const { atLeast, atMost } of [boundedFinding, ...boundedFinding.lists.slice(0, 40)])
    for (const number of [atLeast.people, atMost.people]) assert.ok(shown.has(number), `${number} is not on the page`);
  const { atLeast, atMost, tables } = boundedFinding;
  for (const counts of [atLeast, atMost].flatMap(({ byPurpose, byKind, byCountry }) => [byPurpose, byKind, byCountry]))
    for (const number of Object.values(counts)) assert.ok(shown.has(number), `${number} is not on the page`);
  for (const { rows, refused } of tables) assert.ok(shown.has(rows) && shown.has(refused));
  assert.match(textOf(page), /The other 4 have 280 each or fewer/);
});

test("what was not given is not told as none", async () => {
  const tables = boundedFinding.tables.map((table) =>
    ["showings", "accounts"].includes(table.table) ? { ...table, sources: 0, rows: 0 } : table,
  );
  const page = textOf(await findingPage({ ...boundedFinding, tables }));
  assert.match(page, /no showings were given, so nothing is known/);
  assert.match(page, /No countries of accounts were given/);
  assert.doesNotMatch(page, /showings of ads to them/);
});

test("a claim is told with what it corrects; without one, the rule", async () => {
  const page = textOf(await findingPage({ ...boundedFinding, claim }));
  assert.match(page, /under the notice unlock@1 from 2014-01-01 00:00:00 UTC .* were for security\.unlock only/);
  assert.match(page, /by the claim “Contacts given to unlock an account were matched”/);
  assert.match(textOf(await findingPage(boundedFinding)), /Nobody claimed anything/);
});

test("a notice that names ads without a word of it is told with the reason", async () => {
  const page = textOf(await findingPage(boundedFinding));
  assert.match(
    page,
    /unlock@1[\s\S]{0,200}no: it names ads, but its text never mentions advertising, and nobody confirmed it/,
  );
  assert.match(page, /two-factor@1[\s\S]{0,200}no: it does not name ads/);
});

test("names from a stranger's tables stay text, whatever they are", async () => {
  const hostile = '"><script>alert(1)</script><img src="https://evil.example/x" onerror=alert(2)>';
  const [first] = boundedFinding.lists;
  const counts = { ...boundedFinding.atLeast, byCountry: { [hostile]: 3, constructor: 4, toString: 5 } };
  const page = await findingPage({
    ...boundedFinding,
    ...{ atLeast: { ...counts, byCountry: {} }, atMost: counts, assumptions: [hostile] },
    tables: boundedFinding.tables.map((table) => ({ ...table, reasons: { [hostile]: 3 } })),
    notices: boundedFinding.notices.map((notice) => ({ ...notice, notice: hostile, surface: hostile })),
    lists: [
      { ...first!, list: hostile, advertiser: "\u202egnp.exe" },
      { ...first!, list: "x".repeat(100_000), advertiser: " " },
    ],
    claim: { ...claim, title: hostile },
  });
  const tags = page.match(/<[^>]*>/g)!.join("\n");
  assert.doesNotMatch(tags, /<(?:script|img|link|iframe|object|embed|base|form)\b/i);
  assert.doesNotMatch(tags, /\s(?:src|href|xlink:href|action|on\w+)=/i);
  assert.doesNotMatch(page, /url\(|@import/i);
  assert.ok(page.includes("<bdi>\u202egnp.exe</bdi>"));
  assert.ok(!page.includes("x".repeat(101)));
  assert.match(page, /without a name/);
  const addresses = [...page.matchAll(/https?:\/\/[^\s"'<&]+/g)].map(([address]) => address);
  assert.deepEqual(
    new Set(addresses.filter((address) => !address.includes("evil.example"))),
    new Set(["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"]),
  );
});

test("a finding in JSON has the form that is published", () => {
  for (const finding of [boundedFinding, exactFinding, emptyFinding, { ...boundedFinding, claim }]) {
    const read: unknown = JSON.parse(JSON.stringify(finding));
    assert.deepEqual(findingSchema.parse(read), read);
  }
  assert.throws(() => findingSchema.parse({ ...boundedFinding, tangled: -1 }));
  assert.throws(() => findingSchema.parse({ ...boundedFinding, more: 1 }));
});
