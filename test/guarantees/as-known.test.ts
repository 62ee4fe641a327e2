/**
 * As it was known: for every position of random histories, what `explain` says of it is what the bitemporal model says,
 * and what the store itself held permitted when it was there; whatever was learned, decided or restarted since.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { identityOf } from "../../src/grant/identity.js";
import { type ExplainedEntry, explain } from "../../src/grant/index.js";
import { ingest, takeEvents } from "../../src/index.js";
import type { Action } from "../../src/operator/index.js";
import { FreshStore, ndjson } from "../fresh-store.js";
import { KnownModel, type KnownPoint, type ModelCorrection, withoutRepeats } from "../known-model.js";
import type { ModelEvent, ModelGrant, ModelNotice } from "../promise-model.js";

const RUNS = Number(process.env.SOLELY_RUNS ?? 20);
const START = Date.UTC(2020, 0, 1);
const DAY_MS = 86_400_000;

const notices: readonly ModelNotice[] = [
  { id: "ads", purposes: ["service.account", "ads.match"], exclusive: false, subject: "self" },
  { id: "plain", purposes: ["service.account"], exclusive: false, subject: "self" },
  { id: "mfa", purposes: ["security.mfa"], exclusive: true, subject: "self" },
  { id: "friends", purposes: ["ads.match"], exclusive: false, subject: "other" },
];
const mailboxes = [
  ["mary@gmail.com", "m.ary@gmail.com", "mary+x@googlemail.com"],
  ["joe@example.com", "JOE@example.com", "joe+shop@example.com"],
] as const;
const accounts = ["u1", "u2"] as const;

const mostly = <T>(usual: fc.Arbitrary<T>, seldom: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: usual }, { weight: 1, arbitrary: seldom });
const anySpelling = fc
  .nat({ max: mailboxes.length - 1 })
  .chain((box) => fc.constantFrom(...mailboxes[box]!).map((spelling) => ({ point: String(box), spelling })));
/** Days between the time of a fact and that of its step: most are learned late, out of order. */
const anyDay = fc.integer({ min: -4, max: 1 });
const anyGrant = fc.record({
  account: fc.constantFrom(...accounts),
  where: anySpelling,
  notice: fc.oneof(fc.constant(notices[0]!), fc.constantFrom(...notices)),
  day: anyDay,
  by: mostly<string | undefined>(fc.constant(undefined), fc.constantFrom(...accounts)),
  isVerified: mostly(fc.constant(true), fc.constant(false)),
});
const anyEvent = fc.record({
  type: fc.constantFrom("withdraw" as const, "withdraw" as const, "disown" as const),
  account: fc.constantFrom(...accounts),
  where: fc.option(anySpelling, { nil: undefined, freq: 2 }),
  purpose: fc.constantFrom(undefined, "ads.match", "marketing.message"),
  day: anyDay,
});
const anyIncident = fc.record({
  notice: fc.constantFrom("ads", "ads", "plain"),
  from: fc.integer({ min: -4, max: 2 }),
  days: fc.integer({ min: 1, max: 6 }),
  exclusive: fc.boolean(),
  isUndone: fc.boolean(),
});
const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.array(anyGrant, { minLength: 1, maxLength: 4 }).map((grants) => ({ grants })) },
  { weight: 2, arbitrary: fc.array(anyEvent, { minLength: 1, maxLength: 2 }).map((events) => ({ events })) },
  { weight: 1, arbitrary: anyIncident.map((incident) => ({ incident })) },
);
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  await store.decide({ type: "source.set", name: "doubtful", vouches: false, freedLimit: null });
  for (const notice of notices) await store.adopt({ ...notice, sources: ["doubtful"] });
});
after(() => store.remove());

/** Of all runs: an incident is about a notice, whoever gave a contact under it. */
const corrections: ModelCorrection[] = [];
let runs = 0;
/** What explanations said, by position and account, to be asked again. */
const answers = new Map<string, unknown>();

async function play(steps: readonly Step[]): Promise<void> {
  const { solely } = store;
  const prefix = `r${runs++}-`;
  const model = new KnownModel(corrections);
  const undoings: (() => Promise<void>)[] = [];
  const first = solely.log.position;
  /** Contact points that the store held permitted at each position. */
  const held = new Map<number, Set<number>>([[first, new Set()]]);
  for (const [i, step] of steps.entries()) {
    const at = (day: number): number => START + (i + day) * DAY_MS;
    const { position } = solely.log;
    if ("grants" in step) {
      const grants: ModelGrant[] = step.grants.map(({ account, where, notice, day, by, isVerified }) => {
        const rest = { account, notice, at: at(day), by: by ?? account };
        return { ...where, ...rest, verifiedAt: isVerified ? at(day + 1) : undefined };
      });
      await give(prefix, grants);
      model.learn(position, grants, []);
    } else if ("incident" in step) {
      const { notice, from, days, exclusive, isUndone } = step.incident;
      const id = `${prefix}${i}`;
      const corrected = { purposes: ["service.account"], exclusive };
      const span = { given_from: new Date(at(from)).toISOString(), given_to: new Date(at(from + days)).toISOString() };
      const claims = [{ notice: `${notice}@1`, ...span, corrected }];
      const claim = { id, title: "A form that said something else", purpose: "ads.match", claims };
      const { digest } = await solely.incidents.open(solely, claim, "operator:alice");
      const action = { type: "incident.contain", incident: id, claim: digest } as const;
      const effect = { incident: id, notice, from: at(from), to: at(from + days), ...corrected };
      await decide(action, effect);
      const undo = { ...action, type: "incident.undo" } as const;
      if (isUndone) await decide(undo, effect);
      else undoings.push(() => decide(undo, effect));
      held.set(solely.log.position, heldPermitted(prefix));
      continue;
    } else {
      const events: ModelEvent[] = step.events.map(({ type, account, where, purpose, day }) => {
        return { type, account, point: where?.point, purpose: type === "withdraw" ? purpose : undefined, at: at(day) };
      });
      const rows = events.map(({ type, account, purpose, at }, e) => {
        const where = step.events[e]!.where;
        const contact = where === undefined ? {} : { kind: "email", value: prefix + where.spelling };
        const named = purpose === undefined ? {} : { purpose };
        return { type, account: prefix + account, at: new Date(at).toISOString(), ...contact, ...named };
      });
      await takeEvents(solely, ndjson(rows), { actor: "test" });
      model.learn(position, [], events);
    }
    assert.ok(solely.log.position <= position + 1, "a step is one leaf, or none if it says nothing new");
    held.set(solely.log.position, heldPermitted(prefix));
  }
  for (let known = first; known <= solely.log.position; known++) {
    for (const account of accounts) {
      const label = `position ${known} of ${first} to ${solely.log.position}, ${account}`;
      const expected = model.explain(known, account);
      const said = await explainAt(prefix + account, String(known));
      answers.set(`${known} ${prefix}${account}`, said);
      assert.deepEqual(
        said?.map((one) => plainly(one, prefix, account)),
        expected,
        label,
      );
      for (const { number, isPermitted } of said ?? []) {
        const then = held.get(known);
        if (then !== undefined) assert.equal(isPermitted, then.has(number), `${label}: as the store held it then`);
      }
    }
  }
  // What comes next is not about this run any more.
  for (const undo of undoings) await undo();
}

/** Two operators decide about an incident; the model learns it by the leaf behind the approval. */
async function decide(
  action: Extract<Action, { type: "incident.contain" | "incident.undo" }>,
  effect: Omit<ModelCorrection, "position" | "type">,
): Promise<void> {
  await store.decide(action);
  const type = action.type === "incident.contain" ? "contain" : "undo";
  corrections.push({ ...effect, type, position: store.solely.log.position - 1 });
}

async function give(prefix: string, grants: readonly ModelGrant[]): Promise<void> {
  const rows = grants.map((grant) => ({
    ...{ account: prefix + grant.account, kind: "email", value: prefix + grant.spelling },
    ...{ notice: `${grant.notice.id}@1`, given_at: new Date(grant.at).toISOString(), given_by: prefix + grant.by },
    ...(grant.verifiedAt === undefined ? {} : { verified_at: new Date(grant.verifiedAt).toISOString() }),
  }));
  const { refused } = await ingest(store.solely, ndjson(rows), {
    ...{ source: "doubtful", actor: "test", format: "ndjson" },
  });
  assert.equal(refused, 0);
}

function heldPermitted(prefix: string): Set<number> {
  const { contacts } = store.solely;
  const points = accounts.flatMap((account) => {
    const number = contacts.findAccount(prefix + account);
    return number === undefined ? [] : contacts.pointsOf(number);
  });
  return new Set(points.filter((point) => contacts.isPermitted(point)));
}

type Said = Awaited<ReturnType<typeof explain>>["contactPoints"][number];

/** Undefined for an account that was not known then. */
async function explainAt(account: string, asKnownAt: string): Promise<readonly Said[] | undefined> {
  try {
    return (await explain(store.solely, { account, asKnownAt })).contactPoints;
  } catch (error) {
    assert.ok(error instanceof Error && "code" in error && error.code === "unknown-account", String(error));
    return undefined;
  }
}

/** An explained contact point in the model's words. */
function plainly({ number, isPermitted, history }: Said, prefix: string, account: string): KnownPoint {
  const { contacts, identityKey } = store.solely;
  const mailbox = mailboxes.findIndex(([spelling]) => {
    const contact = { kind: "email", value: prefix + spelling };
    return contacts.points.find(identityOf(identityKey, prefix + account, contact), 0) === number;
  });
  const positions = [...new Set(history.map(({ position }) => position))];
  const leaves = positions.map((position) => {
    const entries = history.filter((entry) => entry.position === position);
    return { position, told: entries.map(tell), changed: entries.at(-1)!.changed };
  });
  return { point: String(mailbox), isPermitted, leaves: withoutRepeats(leaves) };
}

function tell({ entry, incident, notice, at, givenBy, isVerified, covers, wholeAccount }: ExplainedEntry): string {
  const atMs = Date.parse(at);
  if (incident !== undefined) return `${entry === "correction" ? "contain" : "undo"} ${incident}`;
  if (entry === "grant") {
    return `${notice!.split("@")[0]} at ${atMs} by ${givenBy}, ${isVerified ? "verified" : "not verified"}`;
  }
  const purpose = covers === "ads.match" || covers === "marketing.message" ? covers : "all";
  return `${entry} of ${purpose} at ${atMs}${wholeAccount ? ", whole account" : ""}`;
}

test("what was known at any position of any history is what the model says", async () => {
  await fc.assert(fc.asyncProperty(fc.array(anyStep, { minLength: 4, maxLength: 10, size: "max" }), play), {
    numRuns: RUNS,
  });
});

/** Asks everything again; what was said of a position then must be what is said now. */
async function asBefore(label: string): Promise<void> {
  for (const [key, said] of answers) {
    const [known, account] = key.split(" ") as [string, string];
    assert.deepEqual(await explainAt(account, known), said, `${label}: ${key}`);
  }
}

test("what was known stays as it was when notices change afterwards, and over restarts", async () => {
  for (const { id, subject } of notices) {
    await store.decide({ type: "notice.retire", id: `${id}@1`, from: new Date().toISOString() });
    const next = { id, version: 2, subject, sources: ["doubtful"], effective_from: "2000-01-01T00:00:00Z" };
    await store.adopt({ ...next, purposes: id === "ads" ? ["service.account"] : ["ads.match"] });
  }
  await asBefore("after every notice has changed");
  await store.reopen("facts");
  await asBefore("after a restart from the facts");
});

test("an instant is answered as the position that it stands for, and one to come is refused", async () => {
  const { log } = store.solely;
  const ads = notices[0]!;
  const mary = { account: "u1", point: "0", spelling: "mary@gmail.com", by: "u1" };
  const before = new Date().toISOString();
  await sleep(5);
  await give("t-", [{ ...mary, notice: ads, at: START, verifiedAt: START }]);
  await sleep(5);
  const between = new Date().toISOString();
  await sleep(5);
  const event = { type: "withdraw", account: "t-u1", at: new Date(START + DAY_MS).toISOString() };
  await takeEvents(store.solely, ndjson([event]), { actor: "test" });
  await sleep(5);
  assert.equal(await explainAt("t-u1", before), undefined);
  const [then] = (await explainAt("t-u1", between))!;
  assert.equal(then!.isPermitted, true, "it was permitted by what was known, though the withdrawal was older");
  assert.deepEqual([then], await explainAt("t-u1", String(log.position - 1)));
  assert.equal((await explainAt("t-u1", new Date().toISOString()))![0]!.isPermitted, false);
  const ask = (asKnownAt: string) => explain(store.solely, { account: "t-u1", asKnownAt });
  await assert.rejects(ask(String(log.position + 1)), { code: "not-yet-known" });
  await assert.rejects(ask("last Tuesday"), { code: "malformed-instant" });
});
