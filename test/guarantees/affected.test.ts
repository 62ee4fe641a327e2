/**
 * Whom an incident affected: the cases that the rule is about, each told by what the assessment answers.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Assessment, assess } from "../../src/incident/index.js";
import { ingest, matchList, takeAccounts, takeEvents } from "../../src/index.js";
import { takeShowings } from "../../src/showing/index.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

let store: FreshStore;
let cases = 0;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "signup", purposes: ["service.account", "ads.match"] });
  await store.adopt({ id: "unlock", purposes: ["security.unlock", "ads.match"] });
  await store.adopt({ id: "mfa", purposes: ["security.mfa", "ads.match"], surface: "Security" });
  await store.adopt({ id: "login", purposes: ["security.login-alert"], exclusive: true });
});
after(() => store.remove());

const day = (text: string): string => `${text}T00:00:00.000Z`;

/** One case: accounts and lists of its own, and an incident about what was given for unlocking. */
class Case {
  readonly name = `c${cases++}`;

  account = (account: string): string => `${this.name}-${account}`;
  mail = (name: string): string => `${name}.${this.name}@example.com`;

  async give(account: string, mail: string, notice: string, at: string): Promise<void> {
    const row = { account: this.account(account), kind: "email", value: this.mail(mail), notice, given_at: day(at) };
    const { refused } = await ingest(store.solely, ndjson([row]), { source: "local", actor: "t", format: "ndjson" });
    assert.equal(refused, 0);
  }

  async list(name: string, mails: readonly string[], at: string, operation: "create" | "replace" = "create") {
    const text = `email\n${mails.map((mail) => `${this.mail(mail)}\n`).join("")}`;
    const options = { advertiser: this.name, name, actor: "t", operation, atMs: Date.parse(day(at)) };
    return matchList(store.solely, streamOf(text), options);
  }

  async event(event: Readonly<Record<string, string>>): Promise<void> {
    const value = event.value === undefined ? {} : { value: this.mail(event.value), kind: "email" };
    await takeEvents(store.solely, ndjson([{ ...event, ...value, account: this.account(event.account!) }]), {
      actor: "t",
    });
  }

  async open(claims: readonly unknown[] = [unlockClaim]): Promise<void> {
    await store.solely.incidents.open(
      store.solely,
      { id: this.name, title: "t", purpose: "ads.match", claims },
      "operator:alice",
    );
  }

  assess(asKnownAt?: string): Promise<Assessment> {
    return assess(store.solely, { incident: this.name, asKnownAt });
  }
}

const unlockClaim = {
  notice: "unlock@1",
  given_from: day("2014-01-01"),
  given_to: day("2019-09-18"),
  corrected: { purposes: ["security.unlock"], exclusive: true },
};

/** Every case has a claim of its own notice's span, but all see all accounts: counts are taken as differences. */
test("a contact given for unlocking and matched is affected from its match on", async () => {
  const one = new Case();
  await one.give("u", "a", "unlock@1", "2014-03-01");
  await takeAccounts(store.solely, ndjson([{ account: one.account("u"), country: "DE" }]), {
    actor: "t",
    format: "ndjson",
  });
  await one.list("l", ["a"], "2015-06-01");
  await one.open();
  const { lastAt, asKnownAt, ...assessed } = await one.assess();
  assert.equal(asKnownAt, store.solely.log.position);
  assert.ok(Math.abs(Date.parse(lastAt!) - Date.now()) < 60_000);
  assert.deepEqual(assessed, {
    incident: one.name,
    people: 1,
    contactPoints: 1,
    byPurpose: { "security.unlock": 1 },
    byKind: { email: 1 },
    byDay: { "2015-06-01": 1 },
    byCountry: { DE: 1 },
    firstAt: day("2015-06-01"),
    alsoMatchedRightly: 0,
    campaigns: 0,
    showings: 0,
    permittedOtherwise: 0,
    lateFacts: { people: 0, contactPoints: 0 },
    audiences: 1,
    lists: 1,
    advertisers: 1,
  });
});

test("a showing is affected at whose instant the person was, and canaries are in no count", async () => {
  const one = new Case();
  await one.give("u", "a", "unlock@1", "2014-03-01");
  await one.give("staff", "s", "unlock@1", "2014-03-01");
  await one.give("staff", "t", "login@1", "2014-03-02");
  await one.list("l", ["a", "s"], "2015-06-01");
  await one.list("l", [], "2016-06-01", "replace");
  await one.open();
  const before = await one.assess();
  const { id: audience } = store.solely.audiences.list(one.name)[0]!;
  const shown = { advertiser: one.name, audience, account: one.account("u") };
  const rows = [
    ["winter", "2015-05-31T23:59:59.999Z"],
    ["summer", "2015-06-01T00:00:00.000Z"],
    ["summer", "2016-05-31T23:59:59.999Z"],
    ["autumn", "2016-06-01T00:00:00.000Z"],
    ["spring", "2016-03-01T00:00:00.000Z"],
  ].map(([campaign, at]) => ({ ...shown, campaign, at }));
  const { accepted } = await takeShowings(store.solely, ndjson(rows), { actor: "t" });
  assert.equal(accepted, rows.length);
  const after = await one.assess();
  assert.deepEqual([after.showings - before.showings, after.campaigns - before.campaigns], [3, 2]);
  const contacts = [
    { kind: "email", value: one.mail("s"), for: "ads" },
    { kind: "email", value: one.mail("t"), for: "security" },
  ] as const;
  await store.solely.canaries.register(store.solely, { account: one.account("staff"), contacts, actor: "t" });
  const counted = await one.assess();
  assert.deepEqual([counted.people, counted.contactPoints], [after.people - 1, after.contactPoints - 1]);
});

test("showings as known at any position are told of the whole and of each audience", async () => {
  const one = new Case();
  for (const account of ["u", "v"]) await one.give(account, account, "unlock@1", "2014-03-01");
  await one.list("one", ["u", "v"], "2015-06-01");
  await one.list("other", ["v"], "2015-06-01");
  await one.open();
  const ids = store.solely.audiences.list(one.name).map(({ id }) => id);
  const show = async (audience: string, account: string, campaign: string, month: string) => {
    const row = {
      advertiser: one.name,
      audience,
      account: one.account(account),
      campaign,
      at: `${month}-15T00:00:00Z`,
    };
    await takeShowings(store.solely, ndjson([row]), { actor: "t" });
    return String(store.solely.log.position);
  };
  const none = String(store.solely.log.position);
  // The claim is about what other cases gave, too.
  const base = await one.assess(none);
  const known: [string, number, number][] = [
    [none, 0, 0],
    [await show(ids[0]!, "u", "winter", "2016-01"), 1, 1],
    [await show(ids[1]!, "v", "winter", "2016-01"), 2, 1],
    [await show(ids[0]!, "v", "summer", "2016-07"), 3, 2],
    [await show(ids[0]!, "u", "summer", "2016-08"), 4, 2],
    [await show(ids[0]!, "u", "summer", "2015-05"), 4, 2],
  ];
  for (const [asKnownAt, showings, campaigns] of [...known, ...known.toReversed()]) {
    const whole = await assess(store.solely, { incident: one.name, asKnownAt });
    const told = [whole.showings - base.showings, whole.campaigns - base.campaigns];
    assert.deepEqual(told, [showings, campaigns], asKnownAt);
    let sum = 0;
    const onAudience = (row: { showings: number }) => {
      sum += row.showings;
    };
    const walked = await assess(store.solely, { incident: one.name, asKnownAt, onAudience });
    assert.deepEqual({ ...walked, lastAt: whole.lastAt }, whole, asKnownAt);
    assert.equal(sum - base.showings, showings, asKnownAt);
  }
});

test("of thousands of showings through one audience those are affected that were to the affected, then", async () => {
  const one = new Case();
  const people = Array.from({ length: 1500 }, (_, i) => `p${i}`);
  const isAffected = (i: number): boolean => (i * 7) % 3 === 0;
  const given = people.map((account, i) => ({
    ...{ account: one.account(account), kind: "email", value: one.mail(account), given_at: day("2014-03-01") },
    notice: isAffected(i) ? "unlock@1" : "login@1",
  }));
  await ingest(store.solely, ndjson(given), { source: "local", actor: "t", format: "ndjson" });
  await one.list("l", people, "2015-06-01");
  await one.open();
  const base = await one.assess();
  const { id: audience } = store.solely.audiences.list(one.name)[0]!;
  const rows = Array.from({ length: 6000 }, (_, i) => ({
    ...{ advertiser: one.name, audience, campaign: `c${i % 5}`, account: one.account(people[(i * 1009) % 1500]!) },
    at: new Date(Date.parse(day("2015-05-20")) + i * 600_000).toISOString(),
  }));
  await takeShowings(store.solely, ndjson(rows), { actor: "t" });
  const expected = rows.filter((row, i) => isAffected((i * 1009) % 1500) && row.at >= day("2015-06-01"));
  const { showings, campaigns } = await one.assess();
  assert.deepEqual([showings - base.showings, campaigns - base.campaigns], [expected.length, 5]);
});
