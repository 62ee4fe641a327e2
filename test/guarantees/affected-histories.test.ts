/**
 * Whom an incident affected, in random histories: grants by others and unproven ones, erasures, other incidents contained
 * and undone between, the incident itself contained. Every number and every breakdown, of the whole and of each audience, as
 * known at any position, is what the plain model says of the ledger's facts.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { decodeList, worldTimeOf } from "../../src/audience/index.js";
import { kindName } from "../../src/contact/index.js";
import { identityOf } from "../../src/grant/identity.js";
import { decodeCorrection } from "../../src/grant/index.js";
import {
  AffectedPeople,
  type AudienceAssessment,
  affectedUses,
  assess,
  LastAssessment,
} from "../../src/incident/index.js";
import { ingest, matchList, takeAccounts, takeEvents } from "../../src/index.js";
import { decodeLeaf, LeafKind } from "../../src/ledger/index.js";
import { AffectedModel, type AffectedNotice, type NoticeClaim } from "../affected-model.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

const RUNS = Number(process.env.SOLELY_RUNS ?? 10);
const MAX_ROUNDS = 30;
const START = Date.UTC(2020, 0, 1);
const DAY_MS = 86_400_000;
const at = (day: number): number => START + day * DAY_MS;

const kinds: readonly AffectedNotice[] = [
  { id: "signup", purposes: ["service.account", "ads.match"], exclusive: false, subject: "self" },
  { id: "unlock", purposes: ["security.unlock", "ads.match"], exclusive: false, subject: "self" },
  { id: "recovery", purposes: ["security.recovery", "ads.match"], exclusive: true, subject: "self" },
  { id: "mfa", purposes: ["security.mfa"], exclusive: true, subject: "self" },
  { id: "friends", purposes: ["ads.match"], exclusive: false, subject: "other" },
];
const accounts = ["u1", "u2", "u3"] as const;
const places = ["home", "work", "phone"] as const;

const mostly = <T>(usual: fc.Arbitrary<T>, seldom: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: seldom });
const anyDay = fc.integer({ min: 0, max: 20 });
const anyPlace = fc.constantFrom(...places);
const anyAccount = fc.constantFrom(...accounts);
const anyGrant = fc.record({
  step: fc.constant("grant" as const),
  account: anyAccount,
  place: anyPlace,
  notice: fc.oneof(fc.constantFrom(0, 1, 1, 2), fc.nat({ max: kinds.length - 1 })),
  day: anyDay,
  by: mostly<string | undefined>(fc.constant(undefined), anyAccount),
  isVerified: mostly(fc.constant(true), fc.constant(false)),
});
const anyEvent = fc.record({
  step: fc.constant("event" as const),
  type: fc.constantFrom("withdraw" as const, "withdraw" as const, "disown" as const, "erase" as const),
  account: anyAccount,
  place: fc.option(anyPlace, { nil: undefined, freq: 2 }),
  purpose: fc.constantFrom(undefined, "ads.match", "marketing.message"),
  day: anyDay,
});
const anyList = fc.record({
  step: fc.constant("list" as const),
  name: fc.constantFrom("a", "b"),
  operation: fc.constantFrom("append" as const, "append" as const, "replace" as const, "remove" as const),
  members: fc.uniqueArray(fc.tuple(anyAccount, anyPlace), {
    minLength: 1,
    maxLength: 9,
    size: "max",
    selector: (pair) => pair.join(),
  }),
  day: mostly<number | undefined>(fc.integer({ min: 5, max: 40 }), fc.constant(undefined)),
});
const anyNoticeClaim = fc.record({
  notice: fc.constantFrom(1, 1, 1, 2, 0),
  from: fc.integer({ min: -4, max: 8 }),
  days: fc.integer({ min: 4, max: 30 }),
  purposes: fc.constantFrom(...[["security.unlock"], ["security.unlock"], ["security.mfa", "service.account"]], [
    "service.account",
    "ads.match",
  ]),
  exclusive: fc.boolean(),
});
const anyClaim = fc.record({
  notices: fc.array(anyNoticeClaim, { minLength: 1, maxLength: 2 }),
  /** Which of the matches that there were, besides. */
  match: fc.option(fc.nat(), { nil: undefined, freq: 2 }),
});
const anyContain = fc.record({ step: fc.constant("contain" as const), claim: anyClaim });
const anyUndo = fc.record({ step: fc.constant("undo" as const) });
const anyStep = fc.oneof(
  { weight: 8, arbitrary: anyGrant },
  { weight: 3, arbitrary: anyEvent },
  { weight: 5, arbitrary: anyList },
  { weight: 1, arbitrary: anyContain },
  { weight: 1, arbitrary: anyUndo },
);
const anyHistory = fc.record({
  given: fc.array(anyGrant, { minLength: 4, maxLength: 9, size: "max" }),
  steps: fc.array(anyStep, { minLength: 5, maxLength: 20, size: "max" }),
  claim: anyClaim,
  /** Shares of the history. */
  known: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
  isContained: fc.boolean(),
});
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;
const everybody = {
  ...{ step: "list" as const, name: "a" as const, operation: "append" as const, day: 21 },
  members: accounts.flatMap((account) => places.map((place): [typeof account, typeof place] => [account, place])),
};
type AnyClaim = typeof anyClaim extends fc.Arbitrary<infer T> ? T : never;

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  await store.decide({ type: "source.set", name: "doubtful", vouches: false, freedLimit: null });
});
after(() => store.remove());

/** Of all runs: what is late is late for every incident. */
const model = new AffectedModel();
let runs = 0;

class Run {
  readonly #prefix = `r${runs++}`;
  readonly #notices = kinds.map((notice) => ({ ...notice, id: `${this.#prefix}-${notice.id}` }));
  readonly #matches: string[] = [];
  readonly #given = new Set<string>();
  #incidents = 0;
  #contained:
    | { readonly incident: string; readonly claim: string; readonly claims: readonly NoticeClaim[] }
    | undefined;

  get accounts(): string[] {
    return accounts.map(this.#account);
  }

  #account = (account: string): string => `${this.#prefix}-${account}`;

  #value(account: string, place: string): { kind: string; value: string } {
    const person = accounts.indexOf(account as never);
    if (place !== "phone") return { kind: "email", value: `${this.#prefix}.${account}.${place}@example.com` };
    return { kind: "phone", value: `+4930${20_000_000 + 10 * runs + person}` };
  }

  #number(account: string, place: string): number | undefined {
    const { contacts, identityKey } = store.solely;
    const found = contacts.points.find(identityOf(identityKey, this.#account(account), this.#value(account, place)), 0);
    return found < 0 ? undefined : found;
  }

  async begin(): Promise<void> {
    for (const notice of this.#notices) await store.adopt({ ...notice, sources: ["doubtful"] });
    const rows = accounts.map((account, i) => ({ account: this.#account(account), country: ["DE", "FR", ""][i] }));
    await takeAccounts(store.solely, ndjson(rows), { actor: "t", format: "ndjson" });
    for (const [i, country] of ["DE", "FR"].entries()) {
      model.countryOf.set(store.solely.contacts.account(this.#account(accounts[i]!)), country);
    }
  }

  async take(step: Step): Promise<void> {
    if (step.step === "grant") await this.#give(step);
    else if (step.step === "event") await this.#event(step);
    else if (step.step === "list") await this.#list(step);
    else if (step.step === "contain") await this.#contain(step.claim);
    else await this.#undo();
  }

  async #give({ account, place, notice, day, by = account, isVerified }: Extract<Step, { step: "grant" }>) {
    const key = [account, place, notice, day, by].join();
    if (this.#given.has(key)) return;
    this.#given.add(key);
    const time = new Date(at(day)).toISOString();
    const row = {
      ...{ account: this.#account(account), ...this.#value(account, place) },
      ...{ notice: `${this.#notices[notice]!.id}@1`, given_at: time, given_by: this.#account(by) },
      ...(isVerified ? { verified_at: time } : {}),
    };
    const { position } = store.solely.log;
    const { accepted } = await ingest(store.solely, ndjson([row]), {
      ...{ source: "doubtful", actor: "test", format: "ndjson" },
    });
    if (accepted === 0) return;
    const point = this.#number(account, place)!;
    this.#meet(point);
    const grant = { notice: this.#notices[notice]!, isOwn: by === account, isVerified };
    model.grants.push({ position, at: at(day), point, ...grant });
  }

  async #event({ type, account, place, purpose, day }: Extract<Step, { step: "event" }>) {
    const named = type === "withdraw" && purpose !== undefined ? { purpose } : {};
    const where = place === undefined ? {} : this.#value(account, place);
    const row = { type, account: this.#account(account), at: new Date(at(day)).toISOString(), ...where, ...named };
    const { contacts, log } = store.solely;
    const find = () => ({
      account: contacts.findAccount(this.#account(account)),
      point: place === undefined ? undefined : this.#number(account, place),
    });
    const { position } = log;
    const earlier = find();
    await takeEvents(store.solely, ndjson([row]), { actor: "test" });
    if (log.position === position) return;
    // What is erased can't be found any more.
    const found = type === "erase" ? earlier : find();
    if (found.account === undefined || (place !== undefined && found.point === undefined)) return;
    if (found.point !== undefined) this.#meet(found.point);
    const coversAds = type !== "withdraw" || purpose !== "marketing.message";
    model.events.push({ position, at: at(day), account: found.account, point: found.point, coversAds });
  }

  async #list({ name, operation, members, day }: Extract<Step, { step: "list" }>) {
    const { log, audiences } = store.solely;
    const rows = members.map(([account, place]) => {
      const { kind, value } = this.#value(account, place);
      return kind === "email" ? `${value},` : `,${value}`;
    });
    const isNew = audiences.find(this.#prefix, name) === undefined;
    const { position } = log;
    const { match } = await matchList(store.solely, streamOf(`email,phone\n${rows.join("\n")}\n`), {
      ...{ advertiser: this.#prefix, name, actor: "test", operation: isNew ? "create" : operation },
      atMs: day === undefined ? undefined : at(day),
    });
    this.#matches.push(match);
    await this.#readLists(position);
  }

  /** What lists and corrections did to audiences, from the ledger's facts. */
  async #readLists(from: number): Promise<void> {
    const { log, contacts } = store.solely;
    const meet = (ordinals: Uint32Array): number[] => {
      for (const ordinal of ordinals) model.pointOf.set(ordinal, contacts.points.numberOf(ordinal));
      return [...ordinals];
    };
    const kinds = [LeafKind.list, LeafKind.correction];
    for await (const { kind, position, timeMs, body } of log.store.facts(from, { kinds })) {
      if (kind === LeafKind.list) {
        const { header, added, removed } = decodeList(body);
        const { audience, advertiser, match } = header;
        const sets = { added: meet(added.toArray()), removed: meet(removed.toArray()) };
        model.lists.push({ position, at: worldTimeOf(header, timeMs), audience, advertiser, match, ...sets });
      } else {
        const { header, removed } = decodeCorrection(body);
        for (const [i, audience] of header.audiences.entries()) {
          const gone = { advertiser: this.#prefix, match: "", added: [], removed: meet(removed[i]!.toArray()) };
          model.lists.push({ position, at: timeMs, audience, ...gone });
        }
      }
    }
  }

  #meet(point: number): void {
    const { points } = store.solely.contacts;
    model.accountOf.set(point, points.account[point]!);
    model.kindOf.set(point, kindName(points.kind(point)));
  }

  async open({ notices, match }: AnyClaim) {
    const id = `${this.#prefix}-${this.#incidents++}`;
    const claims = notices.map(({ notice, from, days, purposes, exclusive }): NoticeClaim => {
      return { notice: this.#notices[notice]!.id, from: at(from), to: at(from + days), purposes, exclusive };
    });
    const matches =
      match === undefined || this.#matches.length === 0 ? [] : [this.#matches[match % this.#matches.length]!];
    const { digest } = await store.solely.incidents.open(
      store.solely,
      {
        ...{ id, title: "t", purpose: "ads.match" },
        claims: [
          ...claims.map(({ notice, from, to, purposes, exclusive }) => ({
            notice: `${notice}@1`,
            given_from: new Date(from).toISOString(),
            given_to: new Date(to).toISOString(),
            corrected: { purposes, exclusive },
          })),
          ...(matches.length === 0 ? [] : [{ matches, reason: "r" }]),
        ],
      },
      "operator:alice",
    );
    return { incident: id, claim: digest, claims, matches };
  }

  async contain(opened: { incident: string; claim: string; claims: readonly NoticeClaim[] }): Promise<void> {
    const { incident, claim, claims } = opened;
    const { position: from } = store.solely.log;
    await store.decide({ type: "incident.contain", incident, claim });
    model.steps.push({ position: store.solely.log.position - 1, incident, type: "contain", claims });
    await this.#readLists(from);
  }

  async #contain(claim: AnyClaim): Promise<void> {
    const opened = await this.open(claim);
    await this.contain(opened);
    this.#contained = opened;
  }

  async #undo(): Promise<void> {
    if (this.#contained === undefined) return;
    const { incident, claim, claims } = this.#contained;
    this.#contained = undefined;
    await store.decide({ type: "incident.undo", incident, claim });
    model.steps.push({ position: store.solely.log.position - 1, incident, type: "undo", claims });
  }
}

async function timeOf(position: number): Promise<number> {
  return decodeLeaf((await store.solely.store.leaf(position))!).timeMs;
}

async function play({
  given,
  steps,
  claim,
  known,
  isContained,
}: typeof anyHistory extends fc.Arbitrary<infer T> ? T : never) {
  const { log } = store.solely;
  const run = new Run();
  await run.begin();
  const first = log.position;
  for (const step of [...given, everybody, ...steps, everybody]) await run.take(step);
  const opened = await run.open(claim);
  // What is asked of a position that is past ends there, and not now.
  await run.open(claim);
  const length = log.position - 1;
  if (isContained) await run.contain(opened);
  const positions = known.map((share) => first + Math.floor(share * (length - first)));
  for (const position of [...positions, length, ...(isContained ? [log.position] : [])]) {
    const contained = model.steps.findLast(({ incident, position: p }) => incident === opened.incident && p < position);
    const horizon = await timeOf(contained?.position ?? position - 1);
    const expected = model.answer({ ...opened, known: position, horizon });
    const rows: Omit<AudienceAssessment, "list" | "advertiser" | "name">[] = [];
    const whole = await assess(store.solely, {
      incident: opened.incident,
      asKnownAt: String(position),
      onAudience: ({ list: _, advertiser: __, name: ___, ...row }) => void rows.push(row),
    });
    const label = `as known at ${position} of ${first} to ${log.position}`;
    assert.deepEqual(whole, expected.whole, label);
    assert.deepEqual(rows, expected.audiences, label);
    const totals = await assess(store.solely, { incident: opened.incident, asKnownAt: String(position) });
    assert.deepEqual(totals, expected.whole, `totals alone, ${label}`);
    await oneByOne({ incident: opened.incident, asKnownAt: String(position) }, run.accounts, label);
    seen.people += whole.people;
    seen.late += whole.lateFacts.people;
    seen.also += whole.alsoMatchedRightly;
    seen.otherwise += whole.permittedOtherwise;
  }
}

/** Of each account by itself the same is found as when all are. */
async function oneByOne(asked: { incident: string; asKnownAt: string }, names: readonly string[], label: string) {
  const people = await AffectedPeople.find(store.solely, asked);
  const all = new Map([...people].map(({ account, contacts }) => [account, contacts]));
  for (const name of names) {
    const account = store.solely.contacts.findAccount(name);
    if (account === undefined) continue;
    const own = await affectedUses(store.solely, asked, account);
    assert.deepEqual(own, all.get(account) ?? new Map(), label);
  }
}

const seen = { people: 0, late: 0, also: 0, otherwise: 0 };

test("whom an incident affected is what the model says, in any history, as known at any position", async () => {
  // Until there was one of each; by far most often the first ones have it.
  for (let round = 0; round < MAX_ROUNDS && (round === 0 || Object.values(seen).includes(0)); round++)
    await fc.assert(fc.asyncProperty(anyHistory, play), { numRuns: RUNS });
  if (process.env.SOLELY_RUNS !== undefined) console.log(seen);
  for (const [what, times] of Object.entries(seen)) assert.ok(times > 0, `no history had ${what}`);
});

/** Asks again after each step, and one that remembers nothing. */
async function askBetween({ given, steps, claim }: Parameters<typeof play>[0]) {
  const { log, grants, notices, incidents, memberships, canaries, showings } = store.solely;
  const rooms = { log, grants, notices, incidents, memberships, canaries, showings };
  const run = new Run();
  await run.begin();
  for (const step of [...given, everybody]) await run.take(step);
  const { incident } = await run.open(claim);
  for (const step of [...steps, everybody]) {
    await run.take(step);
    const { lastAt: _, ...told } = await assess(store.solely, { incident });
    const { lastAt: __, ...anew } = await assess({ ...rooms, lastAssessment: new LastAssessment() }, { incident });
    assert.deepEqual(told, anew, JSON.stringify(step));
  }
}

test("asked again after whatever was learned, an assessment says what one says that remembers nothing", async () => {
  await fc.assert(fc.asyncProperty(anyHistory, askBetween), { numRuns: RUNS });
});
