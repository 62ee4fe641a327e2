/**
 * The plain model of an audit, held against cases that were counted by hand.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Claim } from "../src/incident/index.js";
import {
  type AuditContact,
  type AuditMatch,
  type AuditRecords,
  auditByModel,
  countHistories,
  type ModelAnswer,
} from "./audit-model.js";
import { auditNotices, auditRecords, MAX_HISTORIES } from "./audit-records.js";

const at = (day: string): number => Date.parse(day);
const contact = (account: string, notice: string, day: string, value?: string, kind = "email"): AuditContact => ({
  ...{ account, kind, value, notice: `${notice}@1`, at: at(day), isOwn: true, isVerified: true },
});
const match = (account: string, day: string, more: Partial<AuditMatch> = {}): AuditMatch => ({
  ...{ advertiser: "shop", list: "spring", account, at: at(day), left: "goes-on", ...more },
});
const answer = (records: Partial<AuditRecords>): ModelAnswer =>
  auditByModel({
    ...{ notices: auditNotices, confirmed: [], contacts: [], events: [], matches: [], showings: [], countries: {} },
    ...{ until: at("2019-09-17"), ...records },
  });
const people = ({ atLeast, atMost }: ModelAnswer) => [atLeast.people, atMost.people];
const points = ({ atLeast, atMost }: ModelAnswer) => [atLeast.contactPoints, atMost.contactPoints];

const unlockClaim: Claim = {
  ...{ id: "unlock-2014", title: "Contacts given to unlock an account were matched", purpose: "ads.match" },
  claims: [
    {
      notice: "unlock@1",
      given_from: "2014-01-01T00:00:00.000Z",
      given_to: "2019-09-17T00:00:00.000Z",
      corrected: { purposes: ["security.unlock"], exclusive: true },
    },
  ],
};

test("the example of an incident comes to what its page says", () => {
  const noon = "2017-06-01T12:00Z";
  const found = answer({
    claim: unlockClaim,
    contacts: [
      contact("ann", "unlock", "2014-03-01", "a"),
      contact("ben", "signup", "2014-01-15", "b"),
      contact("ben", "unlock", "2016-02-01", "b", "phone"),
      contact("cid", "unlock", "2015-01-01", "c"),
      contact("cid", "signup", "2015-03-01", "c"),
      contact("dee", "signup", "2018-05-01", "a"),
    ],
    matches: [
      match("ann", noon, { kind: "email", value: "a" }),
      match("ben", noon, { kind: "email", value: "b" }),
      match("ben", noon, { kind: "phone", value: "b" }),
      match("cid", noon, { kind: "email", value: "c" }),
      match("dee", noon, { kind: "email", value: "a" }),
    ],
    showings: [
      { advertiser: "shop", list: "spring", account: "ann", campaign: "sale", at: at("2017-07-01") },
      { advertiser: "shop", list: "spring", account: "dee", campaign: "sale", at: at("2018-06-01") },
    ],
    countries: { ann: "DE", ben: "US" },
  });
  assert.deepEqual(found.atLeast, {
    ...{ people: 2, contactPoints: 2, byPurpose: { "security.unlock": 2 }, byKind: { email: 1, phone: 1 } },
    ...{ byDay: { "2017-06-01": 2 }, byCountry: { DE: 1, US: 1 }, alsoMatchedRightly: 1, permittedOtherwise: 1 },
    ...{
      lateFacts: { people: 1, contactPoints: 1 },
      audiences: 1,
      lists: 1,
      advertisers: 1,
      campaigns: 1,
      showings: 1,
    },
  });
  assert.deepEqual(found.atMost, found.atLeast);
});

test("an account that had both is open; one that had only security contacts is certain", () => {
  const security = contact("only", "two-factor", "2015-01-01", "a", "phone");
  const both = [contact("both", "signup", "2014-01-01", "a"), { ...security, account: "both" }];
  const matches = [match("only", "2016-01-01"), match("both", "2016-01-01")];
  const found = answer({ contacts: [security, ...both], matches });
  assert.deepEqual(people(found), [1, 2]);
  assert.deepEqual([found.atLeast.byPurpose, found.atMost.byPurpose], [{ "security.mfa": 1 }, { "security.mfa": 2 }]);
  // Both of its contacts may have matched.
  assert.deepEqual([found.atLeast.alsoMatchedRightly, found.atMost.alsoMatchedRightly], [0, 1]);
  assert.equal(found.atMost.permittedOtherwise, 0);
  assert.deepEqual(
    people(answer({ contacts: both, matches: [match("both", "2016-01-01", { kind: "email" })] })),
    [0, 0],
  );
  assert.deepEqual(people(answer({ contacts: both, matches: [match("both", "2014-06-01")] })), [0, 0]);
});

test("two rows without values are one contact point or two", () => {
  const given = [contact("u", "two-factor", "2014-01-01"), contact("u", "recovery", "2015-01-01")];
  const found = answer({ contacts: given, matches: [match("u", "2016-01-01")] });
  assert.deepEqual(
    [people(found), points(found)],
    [
      [1, 1],
      [1, 2],
    ],
  );
  assert.deepEqual(found.atLeast.byPurpose, {});
  assert.deepEqual(found.atMost.byPurpose, { "security.mfa": 1, "security.recovery": 1 });
  // Signed up with it later: right if it is the same one, and affected until then in any case.
  const later = [contact("u", "two-factor", "2014-01-01"), contact("u", "signup", "2015-01-01")];
  assert.deepEqual(people(answer({ contacts: later, matches: [match("u", "2016-01-01")] })), [0, 1]);
  const early = answer({ contacts: later, matches: [match("u", "2014-06-01")] });
  assert.deepEqual([people(early), early.atLeast.byDay], [[1, 1], { "2014-06-01": 1 }]);
  // Two of different kinds are never one.
  const kinds = [contact("u", "two-factor", "2014-01-01"), contact("u", "signup", "2015-01-01", undefined, "phone")];
  const phone = answer({ contacts: kinds, matches: [match("u", "2016-01-01", { kind: "email" })] });
  assert.deepEqual(people(phone), [1, 1]);
});

test("a match that only one reading explains says which reading it is", () => {
  const contacts = [contact("u", "two-factor", "2015-01-01"), contact("u", "signup", "2014-01-01", "a")];
  const named = match("u", "2016-01-01", { kind: "email", value: "b" });
  const found = answer({ contacts, matches: [named] });
  assert.deepEqual([people(found), found.unexplained], [[1, 1], { people: 0, matches: 0 }]);
  const early = answer({ contacts, matches: [match("u", "2013-01-01")] });
  assert.deepEqual([people(early), early.unexplained], [[0, 0], { people: 1, matches: 1 }]);
  assert.equal(early.lists[0]!.matched, 1);
});

test("an end that nobody knows comes no earlier than the last showing", () => {
  const contacts = [contact("u", "signup", "2014-01-01", "a")];
  const events = [{ account: "u", kind: "email", coversAds: true, at: at("2017-01-01") }];
  const matches = [match("u", "2015-01-01", { left: undefined })];
  const shown = (day: string) => [{ advertiser: "shop", list: "spring", account: "u", campaign: "sale", at: at(day) }];
  const open = answer({ contacts, events, matches, showings: shown("2016-12-31") });
  assert.deepEqual([people(open), open.atMost.byDay, open.atMost.showings], [[0, 1], { "2017-01-01": 1 }, 0]);
  // The withdrawal may be of no contact point that is known.
  const after = answer({ contacts, events, matches, showings: shown("2018-01-01") });
  assert.deepEqual([people(after), after.atMost.showings, after.atMost.campaigns], [[0, 1], 1, 1]);
  const whole = [{ account: "u", coversAds: true, at: at("2017-01-01") }];
  assert.deepEqual(people(answer({ contacts, events: whole, matches, showings: shown("2017-01-01") })), [1, 1]);
  assert.deepEqual(
    people(answer({ contacts, events: whole, matches: [{ ...matches[0]!, left: at("2017-01-01") }] })),
    [0, 0],
  );
});

test("at one instant the restrictive wins, and only what the account itself gave and proved permits", () => {
  const given = (more: Partial<AuditContact>[]) =>
    answer({
      contacts: more.map((one) => ({ ...contact("u", "signup", "2014-01-01", "a"), ...one })),
      matches: [match("u", "2016-01-01")],
    });
  assert.deepEqual(people(given([{}])), [0, 0]);
  assert.deepEqual(people(given([{}, { notice: "two-factor@1" }])), [1, 1]);
  assert.deepEqual(people(given([{}, { notice: "recovery@1" }])), [0, 0]);
  assert.deepEqual(people(given([{ notice: "two-factor@1" }, { at: at("2014-01-02") }])), [0, 0]);
  assert.deepEqual(people(given([{ isVerified: false }])), [1, 1]);
  assert.deepEqual(people(given([{ notice: "friends@1" }])), [1, 1]);
  const byOther = given([{ isOwn: false, notice: "two-factor@1" }, {}]);
  assert.deepEqual([people(byOther), byOther.atMost.permittedOtherwise], [[0, 0], 0]);
});

test("a notice that names ads in words that don't mention it names it where it is confirmed, or a claim is asked of", () => {
  const records = { contacts: [contact("u", "alerts", "2014-01-01", "a")], matches: [match("u", "2016-01-01")] };
  const found = answer(records);
  assert.deepEqual([people(found), found.atLeast.byPurpose], [[1, 1], { "security.login-alert": 1 }]);
  assert.deepEqual(people(answer({ ...records, confirmed: ["alerts@1"] })), [0, 0]);
  assert.deepEqual(people(answer({ ...records, claim: unlockClaim })), [0, 0]);
});

test("all of what a claimed match brought in is wrong, until it left or was not permitted as the notices stand", () => {
  const claim: Claim = {
    ...unlockClaim,
    claims: [{ matches: ["m0000000000000001"], reason: "the file was another's" }],
  };
  const contacts = [contact("u", "signup", "2014-01-01", "a"), contact("u", "recovery", "2014-01-01", "b")];
  const events = [{ account: "u", coversAds: true, at: at("2017-01-01") }];
  const matches = [match("u", "2016-01-01", { match: "m0000000000000001", kind: "email" })];
  const showings = ["2016-06-01", "2017-01-01"].map((day) => ({
    ...{ advertiser: "shop", list: "spring", account: "u", campaign: "sale", at: at(day) },
  }));
  const found = answer({ claim, contacts, events, matches, showings });
  assert.deepEqual([people(found), found.atMost.showings, found.atMost.byPurpose], [[0, 1], 1, {}]);
  assert.deepEqual([found.atLeast.lateFacts.people, found.atMost.lateFacts.people], [0, 1]);
  const other = answer({ claim, contacts, events, matches: [{ ...matches[0]!, match: "m0000000000000002" }] });
  assert.deepEqual(people(other), [0, 0]);
});

test("random records allow at least one history, and not more than a brute force can go through", () => {
  fc.assert(
    fc.property(auditRecords, (records) => {
      for (const account of new Set(records.matches.map((one) => one.account))) {
        const histories = countHistories(records, account, MAX_HISTORIES + 1);
        assert.ok(histories >= 1 && histories <= MAX_HISTORIES);
      }
      const { atLeast, atMost, lists } = auditByModel(records);
      assert.ok(atLeast.people <= atMost.people && atMost.people <= atMost.contactPoints);
      assert.ok(lists.every((one) => one.atMost.people <= Math.min(one.matched, atMost.people)));
    }),
    { numRuns: 100 },
  );
});
