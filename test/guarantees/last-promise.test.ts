/**
 * The last specific promise wins, and a stretch of permission that has ended never comes back: a real store is held
 * against the rule as it is written, over random histories that arrive in random order.
 *
 * Several accounts share values, mailboxes have several spellings, events come before, between and after; leaves hold
 * one or many rows; lists are matched, appended to, taken from and replaced in between, in every scheme. Incidents that
 * correct notices or matches are contained and undone in between, by two operators each. Epochs pass in between: what is
 * served is who was in an audience then, and who is permitted now.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { audit } from "../../src/evidence/index.js";
import { standingGrants } from "../../src/grant/index.js";
import { doctor, eligibility, ingest, matchList, type Solely, takeEvents } from "../../src/index.js";
import { formatVerifier } from "../../src/ledger/index.js";
import type { ReadonlyOrdinalSet } from "../../src/set/index.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";
import { type ModelEvent, type ModelGrant, type ModelNotice, PromiseModel } from "../promise-model.js";

const RUNS = Number(process.env.SOLELY_RUNS ?? 150);
const START = Date.UTC(2020, 0, 1);
/** Between two steps; each run has a time of its own, so that what an incident corrects in one is in no other. */
const STEP_MS = 60_000;
const RUN_MS = 100 * STEP_MS;

const notices: readonly ModelNotice[] = [
  { id: "ads", purposes: ["service.account", "ads.match"], exclusive: false, subject: "self" },
  { id: "only-ads", purposes: ["ads.match"], exclusive: true, subject: "self" },
  { id: "plain", purposes: ["service.account"], exclusive: false, subject: "self" },
  { id: "mfa", purposes: ["security.mfa"], exclusive: true, subject: "self" },
  { id: "recovery", purposes: ["security.recovery"], exclusive: false, subject: "self" },
  { id: "friends-ads", purposes: ["ads.match"], exclusive: false, subject: "other" },
  { id: "friends-only", purposes: ["service.message"], exclusive: true, subject: "other" },
];

/** Mailboxes and the spellings of each, with the plain and the Google form. */
const mailboxes = [
  ["mary@gmail.com", "Mary@gmail.com", "m.ary@gmail.com", "mary+x@googlemail.com", "mary@googlemail.com"],
  ["joe@example.com", "JOE@example.com", "joe+shop@example.com"],
  ["ann@example.org"],
] as const;
const plainForm = (spelling: string): string => spelling.toLowerCase();
function googleForm(spelling: string): string {
  const [local, domain] = plainForm(spelling).split("@") as [string, string];
  if (domain !== "gmail.com" && domain !== "googlemail.com") return `${local}@${domain}`;
  return `${local.replace(/\+.*/, "").replaceAll(".", "")}@${domain}`;
}

const accounts = ["u1", "u2"] as const;
/** Steps between the time of a fact and its own: most come about in order, some late, some at one instant. */
const anyDelay = fc.integer({ min: -4, max: 1 });
const anySpelling = fc
  .nat({ max: mailboxes.length - 1 })
  .chain((box) => fc.constantFrom(...mailboxes[box]!).map((spelling) => ({ point: String(box), spelling })));
const mostly = <T>(usual: fc.Arbitrary<T>, seldom: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: usual }, { weight: 1, arbitrary: seldom });
const anyGrant = fc.record({
  account: fc.constantFrom(...accounts),
  where: anySpelling,
  notice: fc.oneof(fc.constant(notices[0]!), fc.constantFrom(...notices)),
  delay: anyDelay,
  by: mostly<string | undefined>(fc.constant(undefined), fc.constantFrom(...accounts, "stranger")),
  isVerified: mostly(fc.constant(true), fc.constant(false)),
});
const anyEvent = fc.record({
  type: fc.constantFrom("withdraw" as const, "withdraw" as const, "erase" as const, "disown" as const),
  account: fc.constantFrom(...accounts),
  where: fc.option(anySpelling, { nil: undefined, freq: 2 }),
  purpose: fc.constantFrom(undefined, "ads.match", "marketing.message", "security.mfa"),
  delay: anyDelay,
});
const anyList = fc.record({
  audience: fc.constantFrom("a", "b"),
  operation: fc.constantFrom("append" as const, "append" as const, "replace" as const, "remove" as const),
  scheme: fc.constantFrom("plain" as const, "google" as const, "meta" as const),
  isHashed: fc.boolean(),
  spellings: fc.subarray(mailboxes.flat(), { minLength: 1 }),
});
const anyIncident = fc.record({
  corrections: fc.array(
    fc.record({
      notice: fc.oneof(fc.constant(notices[0]!), fc.constantFrom(...notices)),
      from: fc.integer({ min: -4, max: 10 }),
      length: fc.integer({ min: 1, max: 16 }),
      purposes: fc.subarray(["ads.match", "security.mfa", "marketing.message"], { minLength: 1 }),
      exclusive: fc.boolean(),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  /** One of the matches that were made, if any. */
  match: fc.option(fc.nat({ max: 5 }), { nil: undefined, freq: 2 }),
});
const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.array(anyGrant, { minLength: 1, maxLength: 5 }).map((grants) => ({ grants })) },
  { weight: 2, arbitrary: fc.array(anyEvent, { minLength: 1, maxLength: 2 }).map((events) => ({ events })) },
  { weight: 3, arbitrary: anyList.map((list) => ({ list })) },
  { weight: 2, arbitrary: anyIncident.map((incident) => ({ incident })) },
  { weight: 2, arbitrary: fc.nat({ max: 3 }).map((undone) => ({ undone })) },
  { weight: 1, arbitrary: fc.constant({ epochs: 1 }) },
);
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  for (const notice of notices) await store.adopt({ ...notice });
  await store.decide({ type: "source.set", name: "doubtful", vouches: false, freedLimit: null });
  for (const { id, purposes, exclusive, subject } of notices) {
    await store.adopt({ id: `${id}-d`, purposes, exclusive, subject, sources: ["doubtful"] });
  }
});
after(() => store.remove());

/** @returns the claim's digest */
async function openIncident(
  solely: Solely,
  { id, claims, matches }: { id: string; claims: readonly object[]; matches: readonly string[] },
): Promise<string> {
  const wrong = matches.length === 0 ? [] : [{ matches, reason: "the broker's list was another's" }];
  const claim = { id, title: "Given for security", purpose: "ads.match", claims: [...claims, ...wrong] };
  const incident = await solely.incidents.open(solely, claim, "test");
  return incident.digest;
}

let run = 0;
/** All runs: an epoch that passes in one releases the audiences of those before, too. */
const played: { readonly prefix: string; readonly model: PromiseModel; readonly audiences: Map<string, string> }[] = [];

/** Who is in an audience by the model of its run, and who may be served. */
function expected({ prefix, model }: Pick<(typeof played)[number], "prefix" | "model">, audience: string) {
  const named = (accounts: readonly string[]) => accounts.map((account) => prefix + account);
  return { members: named(model.members(audience)), served: named(model.served(audience)) };
}

async function play(steps: readonly Step[]): Promise<void> {
  const { solely } = store;
  if (run === RUNS / 2) await store.keepSnapshot();
  const start = START + run * RUN_MS;
  const prefix = `r${run++}-`;
  const model = new PromiseModel();
  const matches: string[] = [];
  const contained: { id: string; claim: string }[] = [];
  const audiences = new Map<string, string>();
  played.push({ prefix, model, audiences });
  const numberOf = (account: string): number => {
    const name = Buffer.from(prefix + account);
    return solely.contacts.accounts.find(name, 0, name.length);
  };
  const compare = (label: string) => {
    const permit = solely.gate.permit("ads.match");
    const known = accounts.filter((account) => numberOf(account) >= 0);
    for (const account of known) {
      const ordinals = solely.contacts.pointsOf(numberOf(account)).map((point) => solely.contacts.ordinalOf(point));
      const permitted = ordinals.filter((ordinal) => permit.ordinals.has(ordinal)).length;
      assert.equal(permitted, model.permitted(account), `${label}: contact points of ${account} that are permitted`);
      for (const point of solely.contacts.pointsOf(numberOf(account))) {
        const stands = standingGrants(solely.contacts, point, "ads.match").length > 0;
        assert.equal(stands, solely.contacts.isPermitted(point), `${label}: contact point ${point} judged by itself`);
      }
    }
    for (const [name, id] of audiences) {
      const served = known.filter((account) => eligibility(solely, prefix + account).audiences.includes(id));
      assert.deepEqual([...served].sort(), model.served(name), `${label}: audience ${name}`);
      assert.deepEqual(namesOf(id), expected({ prefix, model }, name), `${label}: audience ${name}`);
    }
  };
  for (const [i, step] of steps.entries()) {
    const at = (delay: number): number => start + (i + delay) * STEP_MS;
    if ("grants" in step) {
      const grants: ModelGrant[] = step.grants.map(({ account, where, notice, delay, by, isVerified }) => ({
        account,
        ...where,
        notice,
        at: at(delay),
        by: by ?? account,
        verifiedAt: isVerified ? at(delay + 1) : undefined,
      }));
      const rows = grants.map((grant) => ({
        account: prefix + grant.account,
        kind: "email",
        // A value of each run's own, so that runs don't meet.
        value: prefix + grant.spelling,
        notice: `${grant.notice.id}-d@1`,
        given_at: new Date(grant.at).toISOString(),
        given_by: grant.by === "stranger" ? "stranger" : prefix + grant.by,
        ...(grant.verifiedAt === undefined ? {} : { verified_at: new Date(grant.verifiedAt).toISOString() }),
      }));
      const result = await ingest(solely, ndjson(rows), { source: "doubtful", actor: "test", format: "ndjson" });
      const erased = grants.filter((grant) => model.isErased(grant)).length;
      assert.deepEqual([result.accepted + result.duplicates, result.refused], [rows.length - erased, erased]);
      model.learn(grants, []);
    } else if ("events" in step) {
      const events: ModelEvent[] = step.events.map(({ type, account, where, purpose, delay }) => ({
        type,
        account,
        point: where?.point,
        purpose: type === "withdraw" ? purpose : undefined,
        at: at(delay),
      }));
      const rows = events.map(({ type, account, purpose, at: atMs }, e) => {
        const spelling = step.events[e]!.where?.spelling;
        return {
          ...{ type, account: prefix + account, at: new Date(atMs).toISOString() },
          ...(spelling === undefined ? {} : { kind: "email", value: prefix + spelling }),
          ...(purpose === undefined ? {} : { purpose }),
        };
      });
      await takeEvents(solely, ndjson(rows), { actor: "test" });
      model.learn([], events);
    } else if ("incident" in step) {
      const { corrections, match } = step.incident;
      const named = match === undefined || matches.length === 0 ? [] : [matches[match % matches.length]!];
      const claims = corrections.map(({ notice, from, length, purposes, exclusive }) => ({
        notice: notice.id,
        from: start + from * STEP_MS,
        to: start + (from + length) * STEP_MS,
        purposes,
        exclusive,
      }));
      if (claims.length + named.length === 0) continue;
      const id = `${prefix}i${i}`;
      const claim = await openIncident(solely, {
        id,
        claims: claims.map(({ notice, from, to, purposes, exclusive }) => ({
          notice: `${notice}-d@1`,
          given_from: new Date(from).toISOString(),
          given_to: new Date(to).toISOString(),
          corrected: { purposes, exclusive },
        })),
        matches: named,
      });
      await store.decide({ type: "incident.contain", incident: id, claim });
      contained.push({ id, claim });
      model.contain(id, claims, named);
    } else if ("undone" in step) {
      const [undone] = contained.splice(step.undone % Math.max(1, contained.length), 1);
      if (undone === undefined) continue;
      await store.decide({ type: "incident.undo", incident: undone.id, claim: undone.claim });
      model.undo(undone.id);
    } else if ("epochs" in step) {
      await store.release();
      for (const { model: each } of played) each.release();
    } else {
      const { audience, scheme, isHashed, spellings } = step.list;
      const operation = audiences.has(audience) || step.list.operation === "replace" ? step.list.operation : "append";
      const form = scheme === "google" ? googleForm : plainForm;
      const named = new Set(spellings.map((spelling) => form(prefix + spelling)));
      const cells = isHashed
        ? [...named].map((value) => createHash("sha256").update(value).digest("hex"))
        : spellings.map((spelling) => prefix + spelling);
      const result = await matchList(solely, streamOf(`email\n${cells.join("\n")}\n`), {
        ...{ advertiser: "acme", name: prefix + audience, actor: "test", scheme },
        operation: audiences.has(audience) ? operation : operation === "append" ? "create" : operation,
      });
      audiences.set(audience, result.audience);
      matches.push(result.match);
      model.match(result.match, audience, operation, (grant) => named.has(form(prefix + grant.spelling)));
    }
    compare(`step ${i}`);
  }
}

test("what is served is what the rule says, after every leaf of any history", async () => {
  await fc.assert(fc.asyncProperty(fc.array(anyStep, { minLength: 6, maxLength: 16, size: "max" }), play), {
    numRuns: RUNS,
  });
});

test("the same holds after a restart from a snapshot, new or old, and after one from the facts alone", async () => {
  assert.ok((await doctor(store.solely)).isHealthy);
  for (const from of ["newest", "kept", "facts"] as const) {
    const { isHealthy, findings } = await doctor(await store.reopen(from));
    assert.ok(isHealthy, JSON.stringify(findings));
    for (const one of played) {
      for (const [name, id] of one.audiences) assert.deepEqual(namesOf(id), expected(one, name));
    }
  }
});

test("every fact of these histories, of whatever kind, is the one that its leaf commits to", async () => {
  await store.solely.checkpoints.signNow();
  const { isWhole, findings, log } = await audit(store.solely.store, {
    verifier: formatVerifier(store.solely.checkpoints.verifier),
    firstOf: (position) => store.solely.contacts.arrivals.at(position)?.first ?? 0,
  });
  assert.deepEqual([isWhole, findings, log], [true, [], []]);
});

/** Names of the accounts that are in an audience, and of those that it may be served to, as exports would tell them. */
function namesOf(id: string): { members: string[]; served: string[] } {
  const { audiences, gate, contacts } = store.solely;
  const [permit, audience] = [gate.permit("ads.match"), audiences.get(id)];
  const names = (ordinals: ReadonlyOrdinalSet) =>
    Array.from(contacts.accountsOf(ordinals.toArray()), (account) => contacts.accountName(account));
  return { members: names(audiences.members(permit, audience)), served: names(audiences.served(permit, audience)) };
}

test("of thousands that are given again at once, each can be taken back again", async () => {
  const fresh = await FreshStore.make();
  try {
    await fresh.adopt({ id: "ads", purposes: ["ads.match"] });
    const accounts = Array.from({ length: 5000 }, (_, i) => `u${i}`);
    const give = (given_at: string) =>
      ingest(
        fresh.solely,
        ndjson(
          accounts.map((account) => ({
            account,
            kind: "email",
            value: `${account}@example.com`,
            notice: "ads",
            given_at,
          })),
        ),
        { source: "local", actor: "test", format: "ndjson" },
      );
    const withdraw = (at: string) =>
      takeEvents(fresh.solely, ndjson(accounts.map((account) => ({ type: "withdraw", account, at }))), {
        actor: "test",
      });
    const { permitted } = fresh.solely.contacts;
    for (const year of [2020, 2021, 2022]) {
      await give(`${year}-01-01T00:00:00Z`);
      assert.equal(permitted.size, accounts.length);
      await withdraw(`${year}-06-01T00:00:00Z`);
      assert.equal(permitted.size, 0);
    }
  } finally {
    await fresh.remove();
  }
});
