/**
 * Showings are exact: whatever comes late, twice or mixed, over restarts from a snapshot and from the facts, sets, counts
 * and instants are those of a plain model.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { audit } from "../../src/evidence/index.js";
import { ingest, matchList } from "../../src/index.js";
import { decodeLeaf, formatVerifier, KeyTree, leafRoot } from "../../src/ledger/index.js";
import { type ShowingRooms, ShownBefore, showingFacts, takeShowings } from "../../src/showing/index.js";

import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

const ACCOUNTS = ["ann", "ben", "cid", "d\u00f6rte"];
const CAMPAIGNS = ["spring", 'qu"ote', "\u00fcber"];
const FROM_MS = Date.parse("2024-03-01T00:00:00Z");
const DAY_MS = 86_400_000;

let store: FreshStore;
const audiences: string[] = [];
const model = new Set<string>();

before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["ads.match"] });
  const given = { kind: "email", notice: "ads", given_at: "2024-01-01T00:00:00Z", verified_at: "2024-01-01T00:00:00Z" };
  const rows = ACCOUNTS.map((account, i) => ({ ...given, account, value: `p${i}@example.com` }));
  await ingest(store.solely, ndjson(rows), { source: "local", format: "ndjson", actor: "test" });
  const list = `email\n${rows.map(({ value }) => value).join("\n")}\n`;
  for (const name of ["one", "two"]) {
    const atMs = Date.parse("2024-02-01T00:00:00Z");
    const made = await matchList(store.solely, streamOf(list), { advertiser: "acme", name, actor: "test", atMs });
    audiences.push(made.audience);
  }
});
after(() => store.remove());

const showing = fc.record({
  audience: fc.nat(1),
  campaign: fc.nat(2),
  account: fc.nat(3),
  // Few instants over three days, so that many rows meet.
  ms: fc.integer({ min: -2, max: 2 }).chain((day) => fc.nat(3).map((ms) => FROM_MS + day * DAY_MS + ms)),
});

/** All that the store holds: one line for each showing. */
async function held(): Promise<string[]> {
  const { showings, log, contacts } = store.solely;
  const found: string[] = [];
  for await (const { shown, account, atMs } of showings.rows(log, showings.days())) {
    account.forEach((number, row) => {
      assert.equal(Math.floor(atMs[row]! / DAY_MS), shown.day);
      found.push([shown.audience, shown.campaign, contacts.accountName(number), atMs[row]].join());
    });
  }
  return found.sort();
}

function assertSets(): void {
  const days = [...store.solely.showings.days()];
  for (const { audience, campaign, day, accounts, showings } of days) {
    const own = [...model]
      .map((line) => line.split(","))
      .filter(([a, c, , ms]) => a === audience && c === campaign && Math.floor(Number(ms) / DAY_MS) === day);
    assert.equal(showings, own.length);
    assert.deepEqual(
      [...accounts].map((number) => store.solely.contacts.accountName(number)).sort(),
      [...new Set(own.map(([, , name]) => name))].sort(),
    );
  }
  assert.equal(
    days.reduce((sum, { showings }) => sum + showings, 0),
    model.size,
  );
}

test("sets, counts and instants are those of a plain model, over restarts", async () => {
  let runs = 0;
  // Of those that find what was shown before there is one at a time, since each hears only of what it took itself.
  let rooms: ShowingRooms = store.solely;
  await fc.assert(
    fc.asyncProperty(fc.array(showing, { minLength: 1, maxLength: 30 }), async (rows) => {
      const sent = rows.map(({ audience, campaign, account, ms }) => ({
        ...{ advertiser: "acme", audience: audiences[audience]!, campaign: CAMPAIGNS[campaign]! },
        ...{ account: ACCOUNTS[account]!, at: new Date(ms).toISOString() },
      }));
      const known = model.size;
      for (const { audience, campaign, account, at } of sent) {
        model.add([audience, campaign, account, Date.parse(at)].join());
      }
      const result = await takeShowings(rooms, ndjson(sent), { actor: "test" });
      assert.equal(result.accepted, model.size - known);
      assert.equal(result.duplicates, sent.length - result.accepted);
      assert.equal(result.ineligible, 0);
      if (runs++ % 6 === 5) {
        await store.reopen(runs % 4 === 0 ? "facts" : "newest");
        // By turns with room for hardly any row.
        const few = { value: new ShownBefore(store.solely.log, store.solely.showings, 5) };
        rooms = runs % 12 === 6 ? Object.create(store.solely, { shownBefore: few }) : store.solely;
      }
      assertSets();
    }),
    { numRuns: 24, endOnFailure: true },
  );
  assert.deepEqual(await held(), [...model].sort());
  await store.solely.log.snapshot();
  await store.reopen("facts");
  assertSets();
  assert.deepEqual(await held(), [...model].sort());
});

test("a file of many campaigns and days, in any order and with rows twice, is taken once", async () => {
  const sent = Array.from({ length: 3000 }, (_, i) => {
    // A few of the rows are there twice.
    const row = i - (i % 7 === 6 ? 3 : 0);
    const campaign = `many ${(row * 31) % 500}`;
    const ms = FROM_MS + ((row * 13) % 6) * DAY_MS + ((row * 7919) % 1000);
    return { audience: row % 2, campaign, account: row % 4, ms };
  });
  const known = model.size;
  for (const { audience, campaign, account, ms } of sent)
    model.add([audiences[audience], campaign, ACCOUNTS[account], ms].join());
  assert.ok(model.size - known < sent.length);
  const rows = sent.map(({ audience, campaign, account, ms }) => ({
    ...{ advertiser: "acme", audience: audiences[audience]!, campaign, account: ACCOUNTS[account]! },
    at: new Date(ms).toISOString(),
  }));
  for (const accepted of [model.size - known, 0]) {
    const { store: facts } = store.solely.log;
    const factsAt = facts.factsAt.bind(facts);
    let reads = 0;
    facts.factsAt = (positions) => {
      reads++;
      return factsAt(positions);
    };
    const result = await takeShowings(store.solely, ndjson(rows), { actor: "test" });
    assert.ok(reads <= 1, `the leaves that may hold them were read ${reads} times`);
    assert.equal(result.accepted, accepted);
    assert.equal(result.duplicates, rows.length - accepted);
    assertSets();
    assert.deepEqual(await held(), [...model].sort());
    await store.reopen("facts");
  }
});

test("refused rows are told in the order of their lines, whatever is wrong with them", async () => {
  const faults = [{ account: "nobody" }, { at: "soon" }, { audience: "a0" }, { at: "1969-01-01T00:00:00Z" }];
  const count = 20_000;
  const good = { advertiser: "acme", audience: audiences[0]!, campaign: "orderly", account: "ann" };
  const rows = Array.from({ length: count }, (_, i) => {
    const at = new Date(FROM_MS + i).toISOString();
    return i % 3 === 0 ? { ...good, at } : { ...good, at, ...faults[(i * 7) % faults.length] };
  });
  for (const form of [ndjson(rows), csvOf(rows)]) {
    const { refused, refusedRows } = await takeShowings(store.solely, form, { actor: "test", keepRefused: count });
    assert.equal(refused, refusedRows.length);
    const lines = refusedRows.map(({ line }) => line);
    assert.deepEqual(
      lines,
      lines.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(refusedRows.map(({ code }) => code)).size, faults.length);
  }
});

const csvOf = (rows: readonly Record<string, string>[]): AsyncGenerator<Uint8Array> => {
  const columns = ["advertiser", "audience", "campaign", "account", "at"];
  return streamOf([columns, ...rows.map((row) => columns.map((name) => row[name]))].join("\n"));
};

test("as known before a position, only rows of earlier leaves are told", async () => {
  const { showings, log } = store.solely;
  const { position } = log;
  const before = (await held()).length;
  const late = { advertiser: "acme", audience: audiences[0]!, campaign: "late", account: "ann" };
  await takeShowings(store.solely, ndjson([{ ...late, at: "2024-03-01T05:00:00Z" }]), { actor: "test" });
  let rows = 0;
  for await (const { account } of showings.rows(log, showings.days(), position)) rows += account.length;
  assert.equal(rows, before);
});

test("a leaf commits to its rows and to the whole of its body", async () => {
  const { store: facts } = store.solely.log;
  let checked = 0;
  for await (const { position, kind, body, keys } of facts.facts(0)) {
    if (kind !== 97) continue;
    const { root } = decodeLeaf((await facts.leaf(position))!);
    assert.deepEqual(Buffer.from(leafRoot(showingFacts(body, keys))), Buffer.from(root));
    const other = KeyTree.encode([KeyTree.fresh(KeyTree.decode(keys)[0]!.count)]);
    assert.notDeepEqual(Buffer.from(leafRoot(showingFacts(body, other))), Buffer.from(root));
    checked++;
  }
  assert.ok(checked > 0);
  const { findings } = await audit(facts, {
    verifier: formatVerifier(store.solely.checkpoints.verifier),
    firstOf: (position) => store.solely.contacts.arrivals.at(position)?.first ?? 0,
  });
  assert.deepEqual(findings, []);
});
