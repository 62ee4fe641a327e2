/**
 * The exact answer: random pasts, learned in random order and replayed, and random claims; every number that an assessment
 * gives is what a slow plain model in two times says, now and as it was known at any position.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assess } from "../../src/incident/index.js";
import { ingest, matchList, takeAccounts, takeEvents } from "../../src/index.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";
import { AffectedModel, type PastClaim, type PastGrant, type PastList, type PastNotice } from "../past-model.js";

const ROUNDS = Number(process.env.SOLELY_RUNS ?? 8);
const STEPS = 14;
const actor = "test";
const DAY = 86_400_000;
const FIRST = Date.UTC(2015, 0, 1);
const notices: readonly PastNotice[] = [
  { name: "signup", purposes: ["service.account", "ads.match"], exclusive: false },
  { name: "unlock", purposes: ["security.unlock", "ads.match"], exclusive: false },
  { name: "mfa", purposes: ["security.mfa"], exclusive: true },
];
const KINDS = ["email", "phone"];

let store: FreshStore;
const model = new AffectedModel();
before(async () => {
  store = await FreshStore.make();
  for (const { name: id, purposes, exclusive } of notices) {
    const text = { surface: id, version: 1, language: "en", text: "For your account, and for ads.", subject: "self" };
    const notice = { id, purposes, exclusive, ...text, effective_from: "2000-01-01T00:00:00Z" };
    await store.decide({ type: "notice.adopt", notice }, ["ads.match"]);
  }
});
after(() => store.remove());

let seed = 2019_0917;
const draw = (below: number): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};
const pick = <T>(some: readonly T[]): T => some[draw(some.length)]!;
const instant = (): number => FIRST + draw(12) * DAY + draw(2) * 3_600_000;
const rfc3339 = (ms: number): string => new Date(ms).toISOString();
const contactOf = (kind: string, n: number): string =>
  kind === "email" ? `p${n}@example.com` : `+1202555${String(1000 + n)}`;

async function give(accounts: readonly string[]): Promise<void> {
  const leaf = store.solely.log.position;
  const rows = Array.from({ length: 1 + draw(4) }, (): Omit<PastGrant, "leaf"> => {
    const kind = pick(KINDS);
    return { account: pick(accounts), kind, value: contactOf(kind, draw(4)), notice: pick(notices), at: instant() };
  });
  const { accepted } = await ingest(
    store.solely,
    ndjson(rows.map(({ notice, at, ...row }) => ({ ...row, notice: `${notice.name}@1`, given_at: rfc3339(at) }))),
    { source: "local", actor, format: "ndjson" },
  );
  assert.ok(accepted >= 0);
  if (store.solely.log.position > leaf) model.grants.push(...rows.map((row) => ({ ...row, leaf })));
}

async function take(accounts: readonly string[]): Promise<void> {
  const leaf = store.solely.log.position;
  const kind = pick(KINDS);
  const event = { account: pick(accounts), value: draw(3) === 0 ? undefined : contactOf(kind, draw(4)), at: instant() };
  const contact = event.value === undefined ? {} : { kind, value: event.value };
  const type = pick(["withdraw", "disown"]);
  await takeEvents(store.solely, ndjson([{ type, account: event.account, at: rfc3339(event.at), ...contact }]), {
    actor,
    format: "ndjson",
  });
  if (store.solely.log.position > leaf) model.events.push({ ...event, leaf });
}

async function list(names: readonly string[]): Promise<void> {
  const name = pick(names);
  const isThere = model.lists.some((one) => one.list === name);
  const operation = isThere ? pick(["append", "append", "remove", "replace"] as const) : "create";
  const kind = pick(KINDS);
  const values = Array.from({ length: 1 + draw(4) }, (_, i) => contactOf(kind, (i + draw(2)) % 4));
  const leaf = store.solely.log.position + (store.solely.access.hasAdvertiser(`adv-${name}`) ? 0 : 1);
  // A list is replayed in the order of its past.
  const before = Math.max(0, ...model.lists.filter((one) => one.list === name).map(({ at }) => at));
  const at = Math.max(instant(), before);
  const advertiser = `adv-${name}`;
  const { match } = await matchList(store.solely, streamOf(`${kind}\n${values.join("\n")}\n`), {
    ...{ advertiser, name, operation, actor, atMs: at },
  });
  const made: PastList = { leaf, match, advertiser, list: name, operation, values, at };
  model.lists.push(made);
}

function claimOf(): PastClaim {
  const from = FIRST + draw(6) * DAY;
  const said = { from, to: from + (1 + draw(10)) * DAY };
  const claims = [
    { name: "unlock", ...said, purposes: ["security.unlock"], exclusive: draw(2) === 0 },
    { name: "signup", ...said, purposes: ["security.recovery", "service.account"], exclusive: draw(2) === 0 },
    {
      name: "unlock",
      from: FIRST,
      to: FIRST + 30 * DAY,
      purposes: ["security.mfa", "security.unlock"],
      exclusive: true,
    },
  ];
  const noticed = claims.filter(() => draw(2) === 0);
  const matches = draw(3) === 0 && model.lists.length > 0 ? [pick(model.lists).match] : [];
  return noticed.length + matches.length > 0 ? { notices: noticed, matches } : { notices: [claims[2]!], matches };
}

test("every number of an assessment is the model's, at any position", async () => {
  const { solely } = store;
  let affectedRounds = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const accounts = ["a", "b", "c"].map((letter) => `${letter}${round}`);
    const lists = ["x", "y"].map((letter) => `${letter}${round}`);
    await takeAccounts(solely, ndjson([{ account: accounts[0], country: "DE" }]), { actor, format: "ndjson" });
    model.countries.set(accounts[0]!, "DE");
    for (let step = 0; step < STEPS; step++) {
      const kind = draw(10);
      if (kind < 4) await give(accounts);
      else if (kind < 6) await take(accounts);
      else await list(lists);
    }
    const claim = claimOf();
    const id = `claim-${round}`;
    await solely.incidents.open(
      solely,
      {
        ...{ id, title: "Random", purpose: "ads.match" },
        claims: [
          ...claim.notices.map(({ name, from, to, purposes, exclusive }) => ({
            ...{
              notice: `${name}@1`,
              given_from: rfc3339(from),
              given_to: rfc3339(to),
              corrected: { purposes, exclusive },
            },
          })),
          ...(claim.matches.length > 0 ? [{ matches: claim.matches, reason: "wrong path" }] : []),
        ],
      },
      actor,
    );
    for (const known of [solely.log.position, draw(solely.log.position + 1)]) {
      const isNow = known === solely.log.position;
      const rows: Record<string, unknown> = {};
      const assessment = await assess(solely, {
        incident: id,
        ...(isNow ? {} : { asKnownAt: String(known) }),
        onAudience: ({
          audience: _a,
          list: _l,
          advertiser: _b,
          name,
          permittedOtherwise: _p,
          lateFacts: _f,
          campaigns: _c,
          showings: _s,
          ...row
        }) => {
          rows[name] = row;
        },
      });
      const { incident, asKnownAt, campaigns: _c, showings: _s, ...told } = assessment;
      assert.deepEqual([incident, asKnownAt], [id, known]);
      // What goes on is told to go on until now.
      const horizon = Date.now() + DAY;
      const expected = model.assess(claim, known, horizon);
      assert.deepEqual(untilNow(told), untilNow(expected.whole), `round ${round}, known at ${known}`);
      const names = Object.keys(expected.audiences).sort();
      assert.deepEqual(Object.keys(rows).sort(), names);
      for (const name of names)
        assert.deepEqual(untilNow(rows[name]!), untilNow(expected.audiences[name]!), `${name}, round ${round}`);
      if (expected.whole.people > 0) affectedRounds++;
    }
  }
  assert.ok(affectedRounds > ROUNDS / 4, `${affectedRounds} rounds affected anybody`);
});

/** An end in these days is the time of the assessment. */
function untilNow(numbers: object): object {
  const { lastAt, byDay, byPurpose, ...rest } = numbers as { lastAt: string | null; byDay: object; byPurpose: object };
  const isNow = lastAt !== null && Date.parse(lastAt) > Date.now() - DAY;
  return { ...rest, byDay: sorted(byDay), byPurpose: sorted(byPurpose), lastAt: isNow ? "now" : lastAt };
}
const sorted = (record: object): object => Object.fromEntries(Object.entries(record).sort());
