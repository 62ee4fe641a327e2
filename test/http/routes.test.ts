/** The platform's routes do what docs/api.md says, over a real server; lists have a file of their own. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { MAX_CHANGES } from "../../src/audience/changes.js";
import { routes } from "../../src/http/routes.js";
import { matchList, revokeKey } from "../../src/index.js";
import { OrdinalSet } from "../../src/set/index.js";
import { streamOf } from "../fresh-store.js";
import { type Answer, assertProblem, contact, emails, type Json, lines, ServedStore } from "./served-store.js";

const HOUR_MS = 3_600_000;
const VIEW = ["advertiser", "audience", "createdAt", "list", "name", "nextReleaseAt", "size", "status", "updatedAt"];

let served: ServedStore;
const keys: Record<string, string> = {};
before(async () => {
  served = await ServedStore.make();
  for (const scope of ["accounts", "events", "serve", "audit", "showings", "people"])
    keys[scope] = await served.key(scope);
  keys.reveal = await served.key("reveal", { purpose: "security.mfa" });
  keys.contacts = await served.key("contacts", { source: "local" });
  keys.lists = await served.advertiser("acme");
});
after(() => served.remove());

const feed = (body: string | Buffer, headers: Record<string, string> = {}, key = keys.contacts) =>
  served.ask("POST /v1/contacts", { key, body, headers });
const tell = (...events: Json[]) => served.ask("POST /v1/events", { key: keys.events, body: lines(events) });
const get = (path: string, key = keys.serve) => served.ask(`GET ${path}`, { key });
const changes = async (since: unknown) => (await get(`/v1/audiences/changes?since=${since}`)).json;
const eligible = async (account: string) =>
  (await get(`/v1/accounts/${encodeURIComponent(account)}/audiences`)).json.audiences;
const exported = (audience: string, query = "") =>
  served.ask(`POST /v1/audiences/${audience}/export${query}`, { key: keys.serve });
const isKnown = (account: string) => served.solely.contacts.findAccount(account) !== undefined;

/** An audience that is released. */
async function audienceOf(name: string, ...values: string[]): Promise<string> {
  const options = { advertiser: "acme", name, actor: "test" };
  const { audience } = await matchList(served.solely, streamOf(emails(...values)), options);
  await served.store.release();
  return audience;
}

function assertTaken(answer: Answer, counts: Json): void {
  assert.equal(answer.status, 200, answer.text);
  const { refusedRows, erased: _, ...counted } = answer.json;
  assert.deepEqual(counted, counts);
  assert.ok(Array.isArray(refusedRows));
}

test("health answers to anybody", async () => {
  const { status, text } = await served.ask("GET /v1/health");
  assert.deepEqual([status, text], [200, '{"status":"ok"}']);
});

test("contacts are taken in, plain or gzip, and a repeated body changes nothing", async () => {
  const two = [contact("ann", "ann@example.com"), contact("ben", "ben@example.com", { notice: "mfa@1" })];
  assertTaken(await feed(lines(two)), { rows: 2, accepted: 2, duplicates: 0, refused: 0, freed: 0 });
  const { position } = served.solely.log;
  assertTaken(await feed(lines(two)), { rows: 2, accepted: 0, duplicates: 2, refused: 0, freed: 0 });
  assert.equal(served.solely.log.position, position);
  const one = gzipSync(lines([contact("cid", "cid@example.com")]));
  assertTaken(await feed(one), { rows: 1, accepted: 1, duplicates: 0, refused: 0, freed: 0 });
  const audience = await audienceOf("all three", "ann@example.com", "ben@example.com", "cid@example.com");
  assert.deepEqual(served.members(audience), ["ann", "cid"]);
});

test("an empty body and one of blank lines are no rows", async () => {
  for (const body of ["", "\n \n"]) {
    assertTaken(await feed(body), { rows: 0, accepted: 0, duplicates: 0, refused: 0, freed: 0 });
  }
});

test("refused rows are listed with their place, code, reason and fix, never with the value; good ones go in", async () => {
  const rows = [
    contact("u1", "good@example.com"),
    contact("u1", "odd-one at example.com"),
    contact("u1", "odd-two@example.com", { kind: "odd-three" }),
    contact("u1", "odd-four@example.com", { notice: "odd-five" }),
    contact("u1", "odd-six@example.com", { given_at: "odd-seven" }),
    contact("u1", "odd-eight@example.com", { given_at: "2999-01-01T00:00:00Z" }),
    contact("u1", "0171 1234567", { kind: "phone" }),
    contact("", "odd-nine@example.com"),
  ];
  const answer = await feed(`${lines(rows)}{"value":"odd-ten@example.com"\n`);
  assertTaken(answer, { rows: 9, accepted: 1, duplicates: 0, refused: 8, freed: 0 });
  const refused = answer.json.refusedRows as Json[];
  assert.deepEqual(
    refused.map(({ line, column, code }) => [line, column, code]),
    [
      [2, "value", "not-an-email"],
      [3, "kind", "unknown-kind"],
      [4, "notice", "unknown-notice"],
      [5, "given_at", "bad-time"],
      [6, "given_at", "time-in-future"],
      [7, "value", "phone-needs-region"],
      [8, "account", "missing-field"],
      [9, "", "malformed-record"],
    ],
  );
  for (const row of refused) assert.deepEqual(Object.keys(row), ["line", "column", "code", "reason", "fix"]);
  assert.doesNotMatch(answer.text, /odd|1234567/);
});

test("the first 100 refused rows are listed, all of them are counted", async () => {
  const answer = await feed(lines(Array.from({ length: 150 }, (_, i) => contact("u1", `no-${i}`))));
  assert.equal(answer.json.refused, 150);
  assert.deepEqual(
    (answer.json.refusedRows as Json[]).map(({ line }) => line),
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
});

test("phones without a country code are of the region that the query names", async () => {
  const body = lines([contact("phoned", "0151 12345678", { kind: "phone" })]);
  assertTaken(await served.ask("POST /v1/contacts?region=DE", { key: keys.contacts, body }), {
    ...{ rows: 1, accepted: 1, duplicates: 0, refused: 0, freed: 0 },
  });
  const list = await matchList(served.solely, streamOf("phone\n+4915112345678\n"), {
    ...{ advertiser: "acme", name: "phones", actor: "test" },
  });
  assert.deepEqual(served.members(list.audience), ["phoned"]);
});

test("the same Idempotency-Key gives the first answer again, and the second body is not taken in", async () => {
  const headers = { "idempotency-key": "delivery 7" };
  const first = await feed(lines([contact("once", "once@example.com"), contact("once", "no")]), headers);
  assertTaken(first, { rows: 2, accepted: 1, duplicates: 0, refused: 1, freed: 0 });
  const again = await feed(lines([contact("never", "never@example.com")]), headers);
  assertTaken(again, { rows: 2, accepted: 1, duplicates: 0, refused: 1, freed: 0 });
  assert.deepEqual([isKnown("once"), isKnown("never")], [true, false]);
  await feed(lines([contact("then", "then@example.com")]), { "idempotency-key": "delivery 8" });
  assert.ok(isKnown("then"));
});

test("a source feeds only under notices that list it", async () => {
  await served.store.decide({ type: "source.set", name: "shop", vouches: true, freedLimit: null });
  await served.store.adopt({ id: "shop-ads", purposes: ["ads.match"], sources: ["shop"] });
  const shop = await served.key("contacts", { source: "shop" });
  const both = lines([contact("s1", "s1@example.com"), contact("s2", "s2@example.com", { notice: "shop-ads" })]);
  for (const [key, refusedLine, accepted] of [
    [shop, 1, "s2"],
    [keys.contacts, 2, "s1"],
  ] as const) {
    const answer = await feed(both, {}, key);
    assertTaken(answer, { rows: 2, accepted: 1, duplicates: 0, refused: 1, freed: 0 });
    const [refused] = answer.json.refusedRows as Json[];
    assert.deepEqual([refused?.line, refused?.code], [refusedLine, "source-may-not-name-notice"]);
    assert.ok(isKnown(accepted));
  }
});

test("a run that would free too much is refused with 409, and nothing of it is kept until two operators agree", async () => {
  await served.store.decide({ type: "source.set", name: "moved", vouches: true, freedLimit: 1 });
  await served.store.adopt({ id: "moved-ads", purposes: ["ads.match"], sources: ["moved"] });
  const key = await served.key("contacts", { source: "moved" });
  const guarded = ["f1", "f2", "f3"].map((account) => contact(account, `${account}@example.com`, { notice: "mfa" }));
  await feed(lines(guarded));
  const loosened = guarded.map((row) => ({ ...row, notice: "moved-ads", given_at: "2024-02-01T00:00:00Z" }));
  const within = await feed(lines(loosened.slice(0, 1)), {}, key);
  assertTaken(within, { rows: 1, accepted: 1, duplicates: 0, refused: 0, freed: 1 });

  const over = lines([...loosened.slice(1), contact("f4", "f4@example.com", { notice: "moved-ads" })]);
  const refused = await feed(over, {}, key);
  assertProblem(refused, 409, "freed-limit");
  const { digest, freed, limit } = refused.json.details as Json;
  assert.deepEqual([freed, limit, isKnown("f4")], [2, 1, false]);
  const values = ["f1@example.com", "f2@example.com", "f3@example.com"];
  assert.deepEqual(served.members(await audienceOf("freed", ...values)), ["f1"]);

  await served.store.decide({ type: "run.free", source: "moved", digest: String(digest), freed: 2 });
  assertTaken(await feed(over, {}, key), { rows: 3, accepted: 3, duplicates: 0, refused: 0, freed: 2 });
  assert.deepEqual(served.members(await audienceOf("freed later", ...values)), ["f1", "f2", "f3"]);
});

test("a body that its sender cuts off is not taken in, and the server lives on", async () => {
  const headers = { "content-length": "100000" };
  await served.hangUp("/v1/contacts", {
    ...{ key: keys.contacts, body: lines([contact("cut", "cut@example.com")]), headers },
  });
  await feed(lines([contact("stays", "stays@example.com")]));
  const body = lines([{ type: "withdraw", account: "stays" }]);
  await served.hangUp("/v1/events", { key: keys.events, body, headers });
  assert.equal((await served.ask("GET /v1/health")).status, 200);
  assert.equal(isKnown("cut"), false);
  assert.deepEqual(served.members(await audienceOf("stays", "stays@example.com")), ["stays"]);
});

test("accounts are upserts: what a row leaves out stays as it was", async () => {
  const send = (...rows: Json[]) => served.ask("POST /v1/accounts", { key: keys.accounts, body: lines(rows) });
  const first = await send(
    { account: "kim", country: "de", created_at: "2020-01-01T00:00:00Z", cohort: "spring", premium: true },
    { account: "lea", country: "Germany" },
  );
  assertTaken(first, { rows: 2, accepted: 1, refused: 1 });
  const [refused] = first.json.refusedRows as Json[];
  assert.deepEqual([refused?.line, refused?.column, refused?.code], [2, "country", "bad-country"]);
  assertTaken(await send({ account: "kim", last_active_at: "2024-01-01T00:00:00Z" }), {
    ...{ rows: 1, accepted: 1, refused: 0 },
  });
  const { contacts, grants } = served.solely;
  const facts = grants.accountFacts;
  const kim = contacts.findAccount("kim")!;
  assert.equal(Buffer.from(Uint16Array.of(facts.country[kim]!).buffer).toString(), "DE");
  assert.equal(facts.createdAtMs[kim], Date.UTC(2020, 0, 1));
  assert.equal(facts.lastActiveAtMs[kim], Date.UTC(2024, 0, 1));
  assert.equal(facts.cohorts[facts.cohort[kim]! - 1], "spring");
  assert.ok(facts.attributes.get("premium")?.has(kim));
});

test("events of every type are in effect in every audience before the answer comes", async () => {
  for (const [type, purpose] of [["withdraw", undefined], ["withdraw", "ads.match"], ["erase"], ["disown"]] as const) {
    for (const isWhole of [true, false]) {
      const account = `e-${type}-${purpose}-${isWhole}`;
      const value = `${account}@example.com`;
      await feed(lines([contact(account, value)]));
      const audiences = [await audienceOf(`1 ${account}`, value), await audienceOf(`2 ${account}`, value)];
      assert.deepEqual(await eligible(account), audiences);
      const since = served.solely.log.position;
      const told = await tell({ type, account, purpose, ...(isWhole ? {} : { kind: "email", value }) });
      assertTaken(told, { rows: 1, accepted: 1, refused: 0 });
      assert.deepEqual(told.json.erased, type === "erase" ? [{ account, audiences }] : []);
      assert.deepEqual(await eligible(account), []);
      for (const audience of audiences) assert.equal((await exported(audience)).text, "account\n");
      // An account that was erased has no name by which it could be told later.
      const isNamed = type !== "erase" || !isWhole;
      const left = isNamed ? audiences.map((audience) => ({ audience, account, eligible: false })) : [];
      assert.deepEqual((await changes(since)).changes, left);
    }
  }
});

test("refused events are listed without their values, and take nothing away", async () => {
  await feed(lines([contact("keeps", "keeps@example.com")]));
  const audience = await audienceOf("keeps", "keeps@example.com");
  const answer = await tell(
    { type: "forget-odd", account: "keeps" },
    { type: "withdraw", account: "keeps", purpose: "ads.odd" },
    { type: "withdraw", account: "keeps", kind: "email" },
    { type: "withdraw", account: "keeps", kind: "email", value: "odd" },
    { type: "withdraw", account: "keeps", at: "2999-01-01T00:00:00Z" },
    { type: "erase" },
  );
  assertTaken(answer, { rows: 6, accepted: 0, refused: 6 });
  assert.deepEqual(
    (answer.json.refusedRows as Json[]).map(({ line, column, code }) => [line, column, code]),
    [
      [1, "type", "unknown-type"],
      [2, "purpose", "unknown-purpose"],
      [3, "value", "value-without-kind"],
      [4, "value", "not-an-email"],
      [5, "at", "time-in-future"],
      [6, "account", "missing-field"],
    ],
  );
  assert.doesNotMatch(answer.text, /odd/);
  assert.deepEqual(await eligible("keeps"), [audience]);
});

test("an account is found by its name, whatever is in it; one that gave no contact is in no audience", async () => {
  const account = "a/b c?d=ä&%\"'";
  await feed(lines([contact(account, "odd-name@example.com")]));
  const audience = await audienceOf("odd name", "odd-name@example.com");
  const { position } = served.solely.log;
  for (const [asked, audiences] of [
    [account, [audience]],
    ["nobody", []],
    ["a", []],
  ] as const) {
    const answer = await get(`/v1/accounts/${encodeURIComponent(asked)}/audiences`);
    assert.deepEqual([answer.status, answer.json], [200, { account: asked, position, audiences }]);
  }
});

test("serving sees the audiences of every advertiser; an advertiser its own, with a size once it is released", async () => {
  const own = await audienceOf("own", "ann@example.com");
  const other = await matchList(served.solely, streamOf(emails("ann@example.com")), {
    ...{ advertiser: "other & co / ltd", name: "theirs", actor: "test" },
  });
  const all = (await get("/v1/audiences")).json.audiences as Json[];
  for (const id of [own, other.audience]) assert.equal(all.filter(({ audience }) => audience === id).length, 1);
  const mine = (await get("/v1/advertisers/acme/audiences", keys.lists)).json.audiences as Json[];
  assert.deepEqual(new Set(mine.map(({ advertiser }) => advertiser)), new Set(["acme"]));
  const view = (await get(`/v1/advertisers/acme/audiences/${own}`, keys.lists)).json;
  assert.deepEqual(view, mine.at(-1));
  assert.deepEqual(Object.keys(view).sort(), VIEW);
  assert.deepEqual([view.name, view.status], ["own", "ready"]);
  assert.deepEqual(Object.keys(view.size as Json), ["value", "lower", "upper", "range", "releasedAt"]);
  const key = await served.key("lists", { advertiser: "other & co / ltd" });
  const theirs = await get(`/v1/advertisers/${encodeURIComponent("other & co / ltd")}/audiences`, key);
  assert.deepEqual(
    (theirs.json.audiences as Json[]).map(({ audience, status, size }) => [audience, status, size]),
    [[other.audience, "pending", null]],
  );
});

test("changes since an export tell who joined and who left, once", async () => {
  await feed(lines(["j1", "j2", "j3"].map((account) => contact(account, `${account}@example.com`))));
  const audience = await audienceOf("followed", "j1@example.com", "j2@example.com");
  const at = (await exported(audience)).headers.get("solely-position");
  await tell({ type: "withdraw", account: "j1" });
  await matchList(served.solely, streamOf(emails("j3@example.com")), {
    ...{ advertiser: "acme", name: "followed", operation: "append", actor: "test" },
  });
  const first = await changes(at);
  assert.equal(first.position, served.solely.log.position);
  assert.deepEqual(first.changes, [{ audience, account: "j1", eligible: false }]);
  assert.deepEqual((await changes(first.position)).changes, [], "what a list changes waits for the next release");
  await served.store.release();
  const second = await changes(first.position);
  const ofIt = (second.changes as Json[]).filter((change) => change.audience === audience);
  assert.deepEqual(ofIt, [{ audience, account: "j3", eligible: true }]);
  assert.deepEqual((await changes(second.position)).changes, []);
});

test("of an audience that is not released nothing is served, and it is said why", async () => {
  await feed(lines([contact("early", "early@example.com")]));
  const list = { advertiser: "acme", name: "not released", actor: "test" };
  const { audience } = await matchList(served.solely, streamOf(emails("early@example.com")), list);
  const { position } = served.solely.log;
  const reasons = async () =>
    ((await changes(position)).notServed as Json[]).filter((one) => one.audience === audience);
  assert.deepEqual(await eligible("early"), []);
  const empty = await exported(audience);
  assert.deepEqual([empty.text, empty.headers.get("solely-not-served")], ["account\n", "pending"]);
  assert.deepEqual(await reasons(), [{ audience, reason: "pending" }]);
  await served.store.release();
  assert.deepEqual(await eligible("early"), [audience]);
  const whole = await exported(audience);
  assert.deepEqual([whole.text, whole.headers.get("solely-not-served")], ["account\nearly\n", null]);
  assert.deepEqual(await reasons(), []);
});

test("an audience is made of others, is served when it is released, and is ended", async () => {
  const people = ["both", "one", "other"];
  await feed(lines(people.map((account) => contact(account, `${account}@example.com`))));
  const first = await audienceOf("operand 1", "both@example.com", "one@example.com");
  const second = await audienceOf("operand 2", "both@example.com", "other@example.com");
  const path = "/v1/advertisers/acme/audiences";
  const combine = (body: unknown) =>
    served.ask(`POST ${path}`, { key: keys.lists, body: typeof body === "string" ? body : JSON.stringify(body) });
  const made = await combine({ name: "without", include: [first], exclude: [second] });
  assert.deepEqual([made.status, made.json.status, made.json.list], [200, "pending", null], made.text);
  assert.deepEqual(Object.keys(made.json).sort(), VIEW);
  const audience = String(made.json.audience);
  assert.deepEqual(await eligible("one"), [first]);
  await served.store.release();
  assert.deepEqual(await eligible("one"), [first, audience]);
  assert.deepEqual(await eligible("both"), [first, second]);
  assertProblem(await combine({ name: "without", include: [first, second] }), 409, "name-exists");
  for (const body of [
    { name: "x", include: [first] },
    { name: "x", include: [] },
  ])
    assertProblem(await combine(body), 400, "malformed-expression");
  for (const body of ["", "{", { name: "x" }, { name: "x", include: [first, second], odd: 1 }])
    assertProblem(await combine(body), 400, "malformed-request");
  const end = (id: string) => served.ask(`DELETE ${path}/${id}`, { key: keys.lists });
  assertProblem(await end(second), 409, "audience-in-use");
  assert.deepEqual((await end(audience)).json, { audience, isDeleted: true });
  assert.deepEqual(await eligible("one"), [first]);
  assertProblem(await end(audience), 404, "unknown-audience");
  assertProblem(await get(`${path}/${audience}`, keys.lists), 404, "unknown-audience");
  const { json } = await get("/v1/advertisers/acme/budget", keys.lists);
  assert.deepEqual(Object.keys(json), ["entity", "month", "year", "draw", "renewsAt"]);
});

test("changes are asked for by a position that there is", async () => {
  const { position } = served.solely.log;
  assert.equal((await get(`/v1/audiences/changes?since=${position}`)).status, 200);
  for (const query of ["", "?since=x", "?since=-1", "?since=1.5", "?since=1&since=2", "?since=1e99"]) {
    assertProblem(await get(`/v1/audiences/changes${query}`), 400, "malformed-request");
  }
  assertProblem(await get(`/v1/audiences/changes?since=${position + 1}`), 400, "invalid-position");
});

test("an export is distinct, sorted by bytes, and says its position and until when it may be used", async () => {
  const accounts = ["b", "ä", "a", "Z", 'q"uote', "co,mma", "\u{1f600}", "\ufffd"];
  const rows = accounts.map((account, i) => contact(`x${account}`, `x${i}@example.com`));
  await feed(
    lines([...rows, contact("xa", "second@example.com"), contact("xno", "no@example.com", { notice: "mfa" })]),
  );
  const values = [...rows.map(({ value }) => String(value)), "second@example.com", "no@example.com"];
  const audience = await audienceOf("exported", ...values);
  const sorted = accounts
    .map((account) => `x${account}`)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const { position } = served.solely.log;

  const csv = await exported(audience);
  const quoted = sorted.map((name) => (/[",]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name));
  assert.equal(csv.text, `account\n${quoted.join("\n")}\n`);
  assert.equal(csv.headers.get("content-type"), "text/csv; charset=utf-8; header=present");
  assert.equal(csv.headers.get("solely-position"), String(position));
  const hours = (Date.parse(csv.headers.get("solely-expires")!) - Date.now()) / HOUR_MS;
  assert.ok(hours > 23.9 && hours <= 24, `${hours}`);
  assert.equal(served.solely.log.position, position + 1, "an export is a leaf of the ledger");

  const parquet = await exported(audience, "?format=parquet");
  assert.equal(parquet.headers.get("content-type"), "application/vnd.apache.parquet");
  const file = new Uint8Array(parquet.bytes).buffer;
  assert.deepEqual(
    await parquetReadObjects({ file }),
    sorted.map((account) => ({ account })),
  );
  assert.deepEqual(
    Object.fromEntries(parquetMetadata(file).key_value_metadata!.map(({ key, value }) => [key, value])),
    {
      "solely.audience": audience,
      "solely.position": parquet.headers.get("solely-position"),
      "solely.expiresAt": parquet.headers.get("solely-expires"),
    },
  );
});

test("an audience of nobody is exported as a file without rows; one that there is not, not at all", async () => {
  const audience = await audienceOf("nobody", "nobody@example.com");
  const empty = await exported(audience, "?format=csv");
  assert.deepEqual([empty.text, empty.headers.get("solely-not-served")], ["account\n", "too-small"]);
  const { bytes } = await exported(audience, "?format=parquet");
  assert.deepEqual(await parquetReadObjects({ file: new Uint8Array(bytes).buffer }), []);
  const { position } = served.solely.log;
  assertProblem(await exported("a0000000000000000"), 404, "unknown-audience");
  assertProblem(await exported(audience, "?format=xml"), 400, "malformed-request");
  assert.equal(served.solely.log.position, position);
});

test("what is no route, by path or by method, is a problem", async () => {
  const asked = ["GET /v1", "GET /v2/health", "POST /v1/health", "PUT /v1/contacts", "DELETE /v1/audiences"];
  for (const what of [...asked, "GET /v1/contacts", "GET /v1/commands/health", "GET /v1/audiences/"]) {
    assertProblem(await served.ask(what, { key: keys.serve }), 404, "unknown-route");
  }
});

test("what a route does not ask for is refused", async () => {
  const scoped = routes.filter(({ path }) => !path.endsWith("/lists"));
  const cookie = `solely=${served.solely.sessions.open({ is: "person", account: 0 })}`;
  const person = { headers: { cookie, origin: served.server.origin } };
  const login = { is: "advertiser", advertiser: "acme", login: "mary" } as const;
  const signedIn = `solely=${served.solely.sessions.open(login)}`;
  const advertiser = { headers: { cookie: signedIn, origin: served.server.origin } };
  const bySession = { person, advertiser };
  for (const { method, path, scope } of scoped) {
    const what = `${method} ${path.replace(":advertiser", "acme")}?since=0&odd=1`;
    const by = scope === "person" || scope === "advertiser" ? bySession[scope] : { key: keys[scope ?? ""] };
    assertProblem(await served.ask(what, by), 400, "malformed-request");
  }
  const unknownRegion = await served.ask("POST /v1/contacts?region=ZZ", { key: keys.contacts, body: "" });
  assertProblem(unknownRegion, 400, "unknown-region");
});

const reveal = (body: unknown, key = keys.reveal) =>
  served.ask("POST /v1/reveal", { key, body: typeof body === "string" ? body : JSON.stringify(body) });

test("a reveal answers for each contact with its value or with why not, for the key's one purpose", async () => {
  await feed(lines([contact("rev", "rev@example.com", { notice: "mfa" }), contact("ad", "ad@example.com")]));
  const asked = ["rev", "ad", "nobody"].map((account) => ({ account, kind: "email" }));
  const { status, json } = await reveal({ contacts: asked, reason: "login" });
  assert.equal(status, 200);
  const given = { value: "rev@example.com", givenAt: "2024-01-01T00:00:00.000Z" };
  assert.deepEqual(
    { ...json, position: 0 },
    {
      ...{ purpose: "security.mfa", position: 0 },
      revealed: [
        { account: "rev", kind: "email", contacts: [given] },
        { account: "ad", kind: "email", contacts: [], refused: "not-given" },
        { account: "nobody", kind: "email", contacts: [], refused: "not-given" },
      ],
    },
  );
  assert.equal(json.position, served.solely.log.position - 1);
});

test("what is no request to reveal is refused, and what it held is not told", async () => {
  const odd = [
    ...["", "odd", "[]", "{}", '{"contacts":[],"reason":"odd"}', '{"contacts":[{"account":"odd"}],"reason":"x"}'],
    ...[
      { contacts: [{ account: "odd", kind: "odd" }], reason: "x" },
      { contacts: "odd", reason: "x" },
    ],
    ...[{ contacts: [{ account: "rev", kind: "email" }], reason: " " }],
    ...[{ contacts: [{ account: "rev", kind: "email" }], reason: "x", purpose: "odd" }],
  ];
  for (const body of odd) {
    const answer = await reveal(body);
    assert.ok([400, 413].includes(answer.status), answer.text);
    assert.doesNotMatch(answer.text, /odd/);
  }
});

test("a key that asks for too much is stopped: 403 from then on", async () => {
  const key = await served.key("reveal", { purpose: "security.mfa", perMinute: 2 });
  const two = { contacts: ["rev", "ad"].map((account) => ({ account, kind: "email" })), reason: "login" };
  assert.equal((await reveal(two, key)).status, 200);
  for (let i = 0; i < 2; i++) assertProblem(await reveal(two, key), 403, "key-stopped");
});

test("without a key, with a wrong one and with a revoked one there is no answer but 401", async () => {
  const revoked = await served.key("serve");
  assert.equal((await get("/v1/audiences", revoked)).status, 200);
  const [, id, secret] = revoked.split("_") as [string, string, string];
  await revokeKey(served.solely, id, "test");
  const live = keys.serve!;
  const wrong = [undefined, "", "x", revoked, secret, live.slice(0, -1), `${live}x`, live.toUpperCase()];
  for (const key of wrong) assertProblem(await served.ask("GET /v1/audiences", { key }), 401, "unauthorized");
  for (const authorization of [live, `Basic ${live}`, `Bearer ${live} x`, "Bearer"]) {
    assertProblem(await served.ask("GET /v1/audiences", { headers: { authorization } }), 401, "unauthorized");
  }
  assertProblem(await served.ask(`GET /v1/audiences?key=${live}`), 401, "unauthorized");
});

test("who asks for changes that are no longer kept is told to export anew", async () => {
  const { audiences, log } = served.solely;
  const position = log.position;
  // As if a list of more people than changes are kept of had become durable, and been released.
  const many = OrdinalSet.from(Uint32Array.from({ length: MAX_CHANGES + 1 }, (_, i) => i));
  const header = {
    ...{ actor: "test", advertiser: "acme", match: "m0", audience: "a0", list: "l0", name: "huge" },
    ...{ operation: "create" as const, scheme: "plain", rows: 1, usable: 1, refused: 0 },
  };
  audiences.applyList(header, many, OrdinalSet.empty(), position, Date.now());
  audiences.release("a0", true, position, Date.now());
  await feed(lines([contact("later", "later@example.com")]));
  assertProblem(await get(`/v1/audiences/changes?since=${position}`), 410, "position-too-old");
  assert.equal((await get(`/v1/audiences/changes?since=${position + 1}`)).status, 200);
});
