/** Showings come in over HTTP: idempotent by key, by batch and by row; what names what there is not is refused. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { matchList } from "../../src/index.js";
import { streamOf } from "../fresh-store.js";
import { assertProblem, contact, emails, type Json, lines, ServedStore } from "./served-store.js";

const NOW = Date.now() - 60_000;
const DAY = Math.floor(NOW / 86_400_000);
const at = (ms: number): string => new Date(NOW + ms).toISOString();

let served: ServedStore;
let key: string;
let audience: string;
before(async () => {
  served = await ServedStore.make();
  const people = ["ann", "ben", "cid"].map((account) => contact(account, `${account}@example.com`));
  await served.ask("POST /v1/contacts", {
    key: await served.key("contacts", { source: "local" }),
    body: lines(people),
  });
  await served.advertiser("beta");
  await served.advertiser("acme");
  const list = streamOf(emails("ann@example.com", "ben@example.com"));
  const made = await matchList(served.solely, list, {
    ...{ advertiser: "acme", name: "mine", actor: "test", atMs: NOW - 3_600_000 },
  });
  audience = made.audience;
  key = await served.key("showings");
});
after(() => served.remove());

const row = (account: string, ms: number, over: Json = {}): Json => ({
  ...{ advertiser: "acme", campaign: "spring", audience, account, at: at(ms) },
  ...over,
});
const send = (body: string | Buffer, headers: Record<string, string> = {}) =>
  served.ask("POST /v1/showings", { key, body, headers });
const counts = ({ rows, accepted, duplicates, refused, ineligible }: Json) => [
  rows,
  accepted,
  duplicates,
  refused,
  ineligible,
];

test("the same batch, or the same row, again changes nothing; nor does a run under the same key", async () => {
  const body = lines([row("ann", 0), row("ben", 0), row("ann", 5), row("ann", 5)]);
  assert.deepEqual(counts((await send(body)).json), [4, 3, 1, 0, 0]);
  const { position } = served.solely.log;
  assert.deepEqual(counts((await send(gzipSync(body))).json), [4, 0, 4, 0, 0]);
  assert.equal(served.solely.log.position, position, "what is known leaves nothing");
  const later = lines([row("ann", 5), row("ben", 9)]);
  const first = await send(later, { "idempotency-key": "k1" });
  assert.deepEqual(counts(first.json), [2, 1, 1, 0, 0]);
  const again = await send(later, { "idempotency-key": "k1" });
  assert.deepEqual(counts(again.json), counts(first.json));
  const days = [...served.solely.showings.days(audience)];
  assert.equal(
    days.reduce((sum, { showings }) => sum + showings, 0),
    4,
  );
  for (const { day } of days) assert.equal(day, DAY);
});

test("rows that name what there is not are refused with the reason, and the others are taken", async () => {
  const { json } = await send(
    lines([
      row("ann", 20),
      row("zoe", 20),
      row("ann", 20, { advertiser: "beta" }),
      row("ann", 20, { audience: "a0123456789abcdef" }),
      row("ann", 3_600_000),
      row("ann", 20, { campaign: "c".repeat(129) }),
      { ...row("ann", 20), at: undefined },
      row("zoe", 20),
    ]),
  );
  assert.deepEqual(counts(json), [8, 1, 0, 7, 0]);
  const refused = (json.refusedRows as Json[]).map(({ line, column, code }) => `${line} ${column} ${code}`);
  assert.deepEqual(refused, [
    "2 account unknown-account",
    "3 advertiser other-advertiser",
    "4 audience unknown-audience",
    "5 at time-in-future",
    "6 campaign bad-campaign",
    "7 at missing-field",
    "8 account unknown-account",
  ]);
});

test("a showing to an account that was not eligible then is kept, and is an alarm", async () => {
  const { json } = await send(lines([row("cid", 0), row("ann", -7_200_000), row("ben", 30)]));
  assert.deepEqual(counts(json), [3, 3, 0, 0, 2]);
  const { contacts, alarms } = served.solely;
  const told = alarms.open();
  assert.equal(told.length, 1);
  assert.equal(told[0]!.alarm, "ineligible-showings");
  const { showings, accounts } = told[0] as unknown as { showings: number; accounts: number[] };
  assert.equal(showings, 2);
  assert.deepEqual(accounts.sort(), [contacts.account("cid"), contacts.account("ann")].sort());
  for await (const { kind, body } of served.solely.log.store.facts(told[0]!.id))
    assert.ok(kind !== 98 || !/ann|cid|example/.test(Buffer.from(body).toString("latin1")), "no name in it");
});

test("a withdrawal ends eligibility at its own time: what was shown before is right, what was shown after is not", async () => {
  const events = await served.key("events");
  const withdrawal = { type: "withdraw", account: "ben", at: at(40), purpose: "ads.match" };
  assert.equal((await served.ask("POST /v1/events", { key: events, body: lines([withdrawal]) })).json.accepted, 1);
  assert.deepEqual(counts((await send(lines([row("ben", 39)]))).json), [1, 1, 0, 0, 0]);
  assert.deepEqual(counts((await send(lines([row("ben", 41)]))).json), [1, 1, 0, 0, 1]);
});

test("a showing through an audience that was not released then is an alarm; a list that was replayed needs no release", async () => {
  const list = { advertiser: "acme", name: "not released", actor: "test" } as const;
  const made = await matchList(served.solely, streamOf(emails("ann@example.com")), list);
  let campaigns = 0;
  /** Showings that were wrong, of one at an instant. */
  const wrongAt = async (account: string, atMs: number) => {
    const instant = { audience: made.audience, campaign: `c${campaigns++}`, at: new Date(atMs).toISOString() };
    const { accepted, ineligible } = (await send(lines([row(account, 0, instant)]))).json;
    assert.equal(accepted, 1);
    return ineligible;
  };
  const beforeMs = Date.now();
  assert.equal(await wrongAt("ann", beforeMs), 1, "ann is in it, and nothing of it is served");
  assert.equal(served.solely.alarms.open().at(-1)!.alarm, "ineligible-showings");
  await sleep(2);
  await served.store.release();
  assert.equal(await wrongAt("ann", Date.now()), 0);
  assert.equal(await wrongAt("ann", beforeMs), 1, "that it is released now makes nothing right that was shown before");
  const more = streamOf(emails("cid@example.com"));
  await matchList(served.solely, more, { ...list, operation: "append" });
  assert.equal(await wrongAt("cid", Date.now()), 1, "what a list changes is served from the next release on");
  assert.equal(await wrongAt("ann", Date.now()), 0);
  await sleep(2);
  await served.store.release();
  assert.equal(await wrongAt("cid", Date.now()), 0);
  assert.deepEqual(counts((await send(lines([row("ann", 77)]))).json), [1, 1, 0, 0, 0], "through the replayed one");
});

test("another scope's key can't tell of showings", async () => {
  const other = await served.key("events");
  assertProblem(await served.ask("POST /v1/showings", { key: other, body: lines([row("ann", 0)]) }), 403, "forbidden");
});
