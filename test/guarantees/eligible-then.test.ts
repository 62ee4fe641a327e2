/**
 * Who was eligible then is found once for an account, and kept: it is what a plain walk through memberships and histories
 * says for each instant, whatever was given, taken back, matched and released in between.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { accountEntries, coversAds, type HistoryEntry, pointEntries, WHAT } from "../../src/grant/index.js";
import { ingest, matchList, takeEvents } from "../../src/index.js";
import { NOTICE_CLASS } from "../../src/purpose/index.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

const ACCOUNTS = ["ann", "ben", "cid"];
const FROM_MS = Date.parse("2024-03-01T00:00:00Z");
/** Instants that things happen at, few, so that many meet; and those between. */
const INSTANTS = 8;
const instantMs = (at: number): number => FROM_MS + 1000 * at;
const iso = (at: number): string => new Date(instantMs(at)).toISOString();
/** Accounts and audiences are others in each run. */
const named = (name: string): string => `${name}-${run}`;
const contact = (account: string, point: number): string => `${named(account)}-${point}@example.com`;

let store: FreshStore;
let run = 0;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["ads.match"] });
  await store.adopt({ id: "only", purposes: ["security.unlock"], exclusive: true });
});
after(() => store.remove());

const account = fc.constantFrom(...ACCOUNTS);
const at = fc.nat(INSTANTS - 1);
const point = fc.nat(1);
const notice = fc.constantFrom("ads", "ads", "ads", "only");
const grant = fc.record({ step: fc.constant("grant" as const), notice, account, point, at });
const list = fc.record({
  step: fc.constant("list" as const),
  replayed: fc.boolean(),
  at,
  on: fc.subarray(ACCOUNTS, { minLength: 1 }),
});
const step = fc.oneof(
  { weight: 5, arbitrary: grant },
  { weight: 2, arbitrary: list },
  { weight: 1, arbitrary: fc.constant({ step: "release" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ step: fc.constant("withdraw" as const), account, point, at, whole: fc.boolean() }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function take(one: Step): Promise<void> {
  const { solely } = store;
  if (one.step === "release") await store.release();
  else if (one.step === "list") {
    const rows = one.on.flatMap((name) => [0, 1].map((number) => contact(name, number)));
    const name = named(one.replayed ? "replayed" : "live");
    const operation = solely.audiences.list().some((known) => known.name === name) ? "replace" : "create";
    await matchList(solely, streamOf(`email\n${[contact("x", 0), ...rows].join("\n")}\n`), {
      ...{ advertiser: "acme", name, actor: "test", operation },
      ...(one.replayed ? { atMs: instantMs(one.at) } : {}),
    });
  } else if (one.step === "grant") {
    const value = contact(one.account, one.point);
    const row = { account: named(one.account), kind: "email", value, notice: one.notice, given_at: iso(one.at) };
    await ingest(solely, ndjson([{ ...row, verified_at: iso(one.at) }]), {
      ...{ source: "local", format: "ndjson" as const, actor: "test" },
    });
  } else {
    const value = contact(one.account, one.point);
    const whom = one.whole ? {} : { kind: "email", value };
    const event = { type: "withdraw", account: named(one.account), ...whom, purpose: "ads.match", at: iso(one.at) };
    await takeEvents(solely, ndjson([event]), { actor: "test" });
  }
}

/** As `EligibleAccounts` says it, by looking at everything anew. */
function wasEligible(id: string, number: number, atMs: number): boolean {
  const { audiences, memberships, contacts, log } = store.solely;
  const { isReplayed, releases } = audiences.known(id);
  const last = releases.findLast((release) => release.atMs <= atMs);
  const servedAsOfMs = isReplayed ? atMs : last?.isServed === true ? last.atMs : undefined;
  if (servedAsOfMs === undefined) return false;
  return contacts
    .pointsOf(number)
    .some((one) =>
      memberships
        .of(id, log.position)
        .some(
          ({ fromMs, toMs, ordinals }) =>
            fromMs <= servedAsOfMs &&
            servedAsOfMs < toMs &&
            contacts.ordinalsOf(one).some((ordinal) => ordinals.has(ordinal)) &&
            [fromMs, ...entriesOf(one).map((entry) => entry.atMs), atMs]
              .filter((ms) => fromMs <= ms && ms <= atMs)
              .every((ms) => isPermittedAt(one, ms)),
        ),
    );
}

const entriesOf = (number: number): HistoryEntry[] => {
  const { contacts } = store.solely;
  return [...pointEntries(contacts, number), ...accountEntries(contacts, contacts.points.account[number]!)];
};

function isPermittedAt(number: number, ms: number): boolean {
  const { corrections } = store.solely.contacts;
  const newest = (counts: (entry: HistoryEntry) => boolean): number =>
    Math.max(
      -1,
      ...entriesOf(number)
        .filter((entry) => entry.atMs <= ms && counts(entry))
        .map(({ atMs }) => atMs),
    );
  const isUnder = (bits: number) => (entry: HistoryEntry) =>
    (entry.what & WHAT.event) === 0 && (corrections.classOf(entry.notice, entry.atMs) & bits) !== 0;
  const granted = newest(isUnder(NOTICE_CLASS.namesAds));
  const excluded = newest(isUnder(NOTICE_CLASS.excludesAds));
  const revoked = newest(({ what, notice }) => (what & WHAT.event) !== 0 && coversAds(notice & 0xff, notice >> 8));
  return granted > excluded && granted > revoked;
}

test("an account was eligible at exactly the instants at which a plain walk finds it", async () => {
  let [yes, no] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 16 }), async (steps) => {
      run++;
      for (const one of steps) await take(one);
      const { eligible, audiences, contacts } = store.solely;
      await eligible.learn();
      for (const { id, releases, name } of audiences.list()) {
        if (!name.endsWith(named(""))) continue;
        const then = eligible.of(id);
        const asked = Array.from({ length: INSTANTS }, (_, i) => [instantMs(i), instantMs(i) + 500]).flat();
        for (const { atMs } of releases) asked.push(atMs - 1, atMs, atMs + 1);
        for (const one of ACCOUNTS) {
          const number = contacts.accounts.find(Buffer.from(named(one)), 0, named(one).length);
          if (number < 0) continue;
          for (const atMs of [...asked, FROM_MS - 1, Date.now()]) {
            const expected = wasEligible(id, number, atMs);
            if (expected) yes++;
            else no++;
            assert.equal(then.wasEligible(number, atMs), expected, `${id} ${number} ${new Date(atMs).toISOString()}`);
          }
        }
      }
    }),
    { numRuns: 40, endOnFailure: true },
  );
  assert.ok(yes > 10 && no > 10, `both were there: ${yes}, ${no}`);
});
