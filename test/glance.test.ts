/**
 * Today at a glance tells what is so: contacts by purpose as each contact's own history says, kept up through whatever is
 * learned; and what came in, and was refused, within a day.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type CommandResult, runCommand } from "../src/command/index.js";
import { standingGrants } from "../src/grant/index.js";
import { matchList } from "../src/index.js";
import { ingest, takeEvents } from "../src/intake/index.js";
import { purposeNames } from "../src/purpose/index.js";
import { FreshStore, ndjson, streamOf } from "./fresh-store.js";

const ACTOR = "test";
let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["ads.match", "marketing.message", "service.account"] });
  await store.adopt({ id: "mfa", purposes: ["security.mfa"], exclusive: true });
  await store.adopt({ id: "friends", purposes: ["ads.match"], subject: "other" });
});
after(() => store.remove());

const glance = async () => (await runCommand(store.solely, "glance", {}, { actor: ACTOR })) as CommandResult<"glance">;

/** Each contact by itself. */
function plainCounts() {
  const { contacts } = store.solely;
  const numbers = Array.from({ length: contacts.points.count }, (_, number) => number).filter(
    (number) => !contacts.points.isLaterOrdinal(number) && !contacts.points.isForgotten(number),
  );
  return {
    all: numbers.length,
    byPurpose: purposeNames.map((purpose) => ({
      purpose,
      contacts: numbers.filter((number) => standingGrants(contacts, number, purpose).length > 0).length,
    })),
  };
}

async function assertTrue() {
  const { contacts } = await glance();
  assert.deepEqual({ all: contacts.all, byPurpose: contacts.byPurpose }, plainCounts());
  const ads = contacts.byPurpose.find(({ purpose }) => purpose === "ads.match")!;
  assert.equal(ads.contacts, store.solely.contacts.permitted.size);
  assert.equal(contacts.permitted, ads.contacts);
  assert.equal(contacts.asOf, store.solely.log.position);
  return ads.contacts;
}

const NOTICES = ["ads", "mfa", "friends"];
/** Contacts of accounts `from` to `to`, each given under the notices in turn. */
function feed(from: number, to: number, notices: readonly string[], day: number) {
  const rows = Array.from({ length: to - from }, (_, i) => ({
    ...{
      account: `u${from + i}`,
      kind: "email",
      value: `p${from + i}@example.com`,
      notice: notices[i % notices.length],
    },
    given_at: `2024-01-${String(day).padStart(2, "0")}T00:00:00Z`,
    ...(i % 5 === 4 ? { given_by: "u0" } : {}),
  }));
  return ingest(store.solely, ndjson(rows), { source: "local", format: "ndjson", actor: ACTOR });
}
const event = (type: string, account: string, more = {}) => ({ type, account, at: "2024-02-01T00:00:00Z", ...more });
const happens = (...events: object[]) => takeEvents(store.solely, ndjson(events), { actor: ACTOR });

test("counts by purpose are those of each contact's own history, whatever was learned since the last look", async () => {
  assert.equal(await assertTrue(), 0);
  await feed(0, 60, NOTICES, 1);
  const first = await assertTrue();
  assert.ok(first > 0);
  await feed(20, 90, [...NOTICES].reverse(), 2);
  await assertTrue();
  await happens(
    event("withdraw", "u0"),
    event("withdraw", "u3", { purpose: "marketing.message" }),
    event("disown", "u9"),
  );
  await happens(event("erase", "u12"), event("erase", "u13"));
  assert.ok((await assertTrue()) < 60);
  const corrected = { purposes: ["service.account"], exclusive: false };
  const claims = [{ notice: "ads", given_from: "2024-01-01T00:00:00Z", given_to: "2024-01-02T00:00:00Z", corrected }];
  const claim = { id: "wrong", title: "Wrong", purpose: "ads.match", claims };
  const before = await assertTrue();
  const { id: incident, digest } = await store.solely.incidents.open(store.solely, claim, ACTOR);
  await store.decide({ type: "incident.contain", incident, claim: digest });
  assert.ok((await assertTrue()) < before, "what is contained is counted no more");
  await store.decide({ type: "incident.undo", incident, claim: digest });
  assert.equal(await assertTrue(), before);
  await store.reopen("newest");
  assert.equal(await assertTrue(), before);
});

test("what came in and was refused within a day is told, with its reason", async () => {
  const rows = [
    { account: "v1", kind: "email", value: "v1@example.com", notice: "ads", given_at: "2024-01-01T00:00:00Z" },
    { account: "v2", kind: "email", value: "no address", notice: "ads", given_at: "2024-01-01T00:00:00Z" },
    { account: "v3", kind: "email", value: "v3@example.com", notice: "unheard-of", given_at: "2024-01-01T00:00:00Z" },
  ];
  await ingest(store.solely, ndjson(rows), { source: "local", format: "ndjson", actor: ACTOR, dryRun: true });
  await ingest(store.solely, ndjson(rows), { source: "local", format: "ndjson", actor: "feeder" });
  await matchList(store.solely, streamOf("email\nv1@example.com\nnobody\n"), {
    ...{ advertiser: "acme", name: "customers", actor: ACTOR },
  });
  const { lists, runs, refusals } = await glance();
  assert.deepEqual(
    runs.filter(({ actor }) => actor === "feeder").map(({ source, good, refused }) => [source, good, refused]),
    [["local", 1, 2]],
  );
  assert.deepEqual(
    lists.map(({ name, rows, usable, refused }) => [name, rows, usable, refused]),
    [["customers", 2, 1, 1]],
  );
  assert.deepEqual(refusals.counts.map(({ of, code, rows }) => `${of} ${code} ${rows}`).sort(), [
    "contacts not-an-email 1",
    "contacts unknown-notice 1",
    "lists not-an-email 1",
  ]);
});
