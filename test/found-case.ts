/**
 * A finding made by hand, of a platform of 2014 to 2019, for the tests of its page: numbers that could be true together.
 */
import { createHash } from "node:crypto";
import {
  AUDIT_FORMAT,
  type Finding,
  type FoundCounts,
  type FoundList,
  type FoundNotice,
} from "../src/audit/finding.js";
import type { AffectedCounts } from "../src/incident/index.js";

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

/** Parts of a whole, each about the given share of it; the last takes the rest. */
function divided<Name extends string>(whole: number, shares: Readonly<Record<Name, number>>): Record<Name, number> {
  const names = Object.keys(shares) as Name[];
  const parts = names.map((name) => Math.floor(whole * shares[name]));
  parts[parts.length - 1]! += whole - sumOf(parts);
  return Object.fromEntries(names.map((name, i) => [name, parts[i]!])) as Record<Name, number>;
}

/** More each year, and most before Christmas. */
function byDay(people: number): Record<string, number> {
  const days = Array.from({ length: 69 }, (_, i) => new Date(Date.UTC(2014, i, 1 + ((i * 7) % 27))));
  const weights = days.map((day, i) => (1 + i / 12) * (day.getUTCMonth() >= 10 ? 2.2 : 1) * (1 + ((i * 5) % 7) / 9));
  const whole = sumOf(weights);
  const shares = Object.fromEntries(days.map((day, i) => [day.toISOString().slice(0, 10), weights[i]! / whole]));
  return Object.fromEntries(Object.entries(divided(people, shares)).filter(([, number]) => number > 0));
}

const countsOf = (people: number): AffectedCounts => ({
  people,
  contactPoints: Math.floor(people * 1.13),
  byPurpose: divided(people, { "security.mfa": 0.62, "security.unlock": 0.24, "security.recovery": 0.14 }),
  byKind: divided(people, { phone: 0.71, email: 0.29 }),
  byDay: byDay(people),
  byCountry: divided(people, { US: 0.41, GB: 0.17, DE: 0.14, FR: 0.11, JP: 0.09, unknown: 0.08 }),
  firstAt: "2014-01-01T09:00:00.000Z",
  lastAt: "2019-09-17T00:00:00.000Z",
  alsoMatchedRightly: Math.floor(people / 9),
  campaigns: Math.floor(people / 100),
  showings: people * 7,
  permittedOtherwise: Math.floor(people / 3),
  lateFacts: { people: 0, contactPoints: 0 },
});

const whole = (people: number): FoundCounts => ({ ...countsOf(people), audiences: 44, lists: 44, advertisers: 9 });

const listOf = (i: number): FoundList => {
  const atMost = Math.floor(4200 / (1 + i * 0.35));
  return {
    list:
      i === 3 ? "Customers who bought a garden hose in the spring and have not come back in autumn" : `Season ${i + 1}`,
    advertiser: ["Acme Outdoor Equipment", "Northwind", "Contoso Retail Group International"][i % 3]!,
    matched: atMost * 6 + i * 31,
    atLeast: countsOf(Math.floor(atMost * (0.6 + (i % 5) / 12))),
    atMost: countsOf(atMost),
  };
};

const noticeOf = (id: string, purposes: readonly string[], rows: number, isForAds: boolean): FoundNotice => ({
  notice: `${id}@1`,
  surface: `${id} form`,
  purposes,
  isExclusive: !purposes.includes("ads.match"),
  from: "2013-01-01T00:00:00.000Z",
  textDigest: createHash("sha256").update(id).digest("hex"),
  isForAds,
  isUnmentioned: purposes.includes("ads.match") && !isForAds,
  rows,
});

/** At least 10,240 and at most 13,871 of 81,402 people. */
export const boundedFinding: Finding = {
  format: AUDIT_FORMAT,
  madeAt: "2026-11-28T10:00:00.000Z",
  until: "2019-09-17T00:00:00.000Z",
  claim: null,
  atLeast: whole(10_240),
  atMost: whole(13_871),
  certain: { byIdentifier: 7_911, byEveryContact: 2_329 },
  open: { identifierMissing: 2_480, valueMissing: 764, endMissing: 381 },
  unexplained: { people: 212, matches: 340 },
  tangled: 6,
  matchedPeople: 81_402,
  tables: [
    {
      table: "contacts",
      sources: 3,
      rows: 412_907,
      refused: 31,
      reasons: { "no such notice": 19, "unreadable time": 12 },
    },
    { table: "events", sources: 1, rows: 20_411, refused: 0, reasons: {} },
    { table: "matches", sources: 2, rows: 301_884, refused: 4, reasons: { "account is missing": 4 } },
    { table: "showings", sources: 1, rows: 2_904_117, refused: 0, reasons: {} },
    { table: "accounts", sources: 1, rows: 330_021, refused: 0, reasons: {} },
  ],
  notices: [
    noticeOf("signup", ["service.account", "ads.match"], 290_113, true),
    noticeOf("two-factor", ["security.mfa"], 81_006, false),
    noticeOf("unlock", ["security.unlock", "ads.match"], 41_788, false),
  ],
  lists: Array.from({ length: 44 }, (_, i) => listOf(i)),
  assumptions: [
    "All rows of users.parquet are verified: it has no column verified_at.",
    "Nobody knows when memberships ended: matches.csv has no column left_at.",
  ],
};

/** The same with nothing open. */
export const exactFinding: Finding = {
  ...boundedFinding,
  atMost: boundedFinding.atLeast,
  open: { identifierMissing: 0, valueMissing: 0, endMissing: 0 },
  tangled: 0,
  lists: boundedFinding.lists.map((list) => ({ ...list, atMost: list.atLeast })),
};

/** A platform of which every match was right. */
export const emptyFinding: Finding = {
  ...exactFinding,
  ...(() => {
    const nobody = {
      ...{
        people: 0,
        contactPoints: 0,
        byPurpose: {},
        byKind: {},
        byDay: {},
        byCountry: {},
        firstAt: null,
        lastAt: null,
      },
      ...{ alsoMatchedRightly: 0, campaigns: 0, showings: 0, permittedOtherwise: 0 },
      ...{ lateFacts: { people: 0, contactPoints: 0 }, audiences: 0, lists: 0, advertisers: 0 },
    };
    return { atLeast: nobody, atMost: nobody };
  })(),
  certain: { byIdentifier: 0, byEveryContact: 0 },
  lists: [],
};
