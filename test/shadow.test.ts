/**
 * Shadow mode on a handful of people, one for each rule: what is told of whom, how lists find their pairs, who is named and
 * that this leaves a trace; and files that are not as they should be.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { ingest, matchList, takeEvents } from "../src/index.js";
import { LeafKind } from "../src/ledger/index.js";
import { type CompareOptions, type Comparison, compare, SHADOW_LIMITS, shadowPage } from "../src/shadow/index.js";
import { FreshStore, ndjson, streamOf } from "./fresh-store.js";

const [SIGNED_UP, LATER] = ["2015-01-01T00:00:00.000Z", "2016-01-01T00:00:00.000Z"];
const MARKUP = '<script>alert("surface")</script> & Co';

let store: FreshStore;
let audience: { id: string; list: string };
before(async () => {
  store = await FreshStore.make();
  const { solely } = store;
  await store.decide({ type: "source.set", name: "app", vouches: false, freedLimit: null });
  for (const notice of [
    { id: "signup", purposes: ["service.account", "ads.match"], surface: MARKUP, sources: ["local", "app"] },
    { id: "mfa", purposes: ["security.mfa"], exclusive: true, surface: "two-factor login" },
    { id: "unlock", purposes: ["security.unlock", "ads.match"], surface: "locked account" },
    { id: "book", purposes: ["ads.match"], subject: "other", surface: "address book" },
  ])
    await store.adopt(notice);
  const give = (account: string, notice: string, given_at = SIGNED_UP) => ({
    account,
    kind: "email",
    value: `${account}@example.com`,
    notice,
    given_at,
  });
  const feed = (source: string, rows: readonly object[]) =>
    ingest(solely, ndjson(rows), { source, actor: "test", format: "ndjson" });
  const phone = { account: "ben", kind: "phone", value: "+12025550111", notice: "mfa", given_at: SIGNED_UP };
  await feed("local", [
    ...["ann", "cid", "eve", "hal", "ida", "kim"].map((account) => give(account, "signup")),
    ...[phone, give("cid", "mfa", LATER), give("fay", "book"), give("gus", "unlock"), give("lou", "signup")],
    ...[give("two", "mfa"), { ...give("two", "unlock"), value: "two@other.example", notice: "mfa", given_at: LATER }],
    { account: "kim", kind: "phone", value: "+12025550112", notice: "mfa", given_at: SIGNED_UP },
  ]);
  await feed("app", [give("dee", "signup")]);
  await takeEvents(solely, ndjson([{ type: "withdraw", account: "eve", at: LATER }]), { actor: "test" });
  const corrected = { purposes: ["security.unlock"], exclusive: true };
  const claims = [{ notice: "unlock", given_from: "2014-01-01T00:00:00Z", given_to: LATER, corrected }];
  const claim = { id: "unlock", title: "Unlock as sign-up", purpose: "ads.match", claims };
  const { id, digest } = await solely.incidents.open(solely, claim, "operator:alice");
  await store.decide({ type: "incident.contain", incident: id, claim: digest });
  const contacts = [
    { kind: "phone", value: "+12025550112", for: "security" },
    { kind: "email", value: "kim@example.com", for: "ads" },
  ] as const;
  await solely.canaries.register(solely, { account: "kim", contacts, actor: "test" });
  const list = `email\n${["ann", "ida", "kim", "cid", "eve"].map((name) => `${name}@example.com\n`).join("")}`;
  const matched = await matchList(solely, streamOf(list), { advertiser: "acme", name: "customers", actor: "test" });
  audience = { id: matched.audience, list: matched.list };
});
after(() => store.remove());

const HEAD = "advertiser,list,account,kind,value";
/** Whom the other system matched: everybody but ida; lou by a contact that is not known here. */
const matched = (list = "customers"): string[] => [
  ...["ann", "cid", "dee", "eve", "fay", "gus", "hal", "kim", "zoe"].map(
    (account) => `acme,${list},${account},email, ${account.toUpperCase()}@Example.com`,
  ),
  `acme,${list},ben,phone,+1 202 555 0111`,
  `acme,${list},lou,email,lou@elsewhere.example`,
  `acme,${list},two,,`,
];
const compared = (lines: readonly string[], options: Partial<CompareOptions> = {}): Promise<Comparison> =>
  compare(store.solely, streamOf([HEAD, ...lines].join("\n")), { actor: "test", format: "csv", ...options });

test("each rule is told of whom it is about, with the grant that decides", async () => {
  const people = join(store.folder, "people.csv");
  const from = store.solely.log.position;
  const { there, here, both, onlyThere, onlyHere, open, byRule, gained, ...told } = await compared(
    [...matched(), matched()[1]!],
    { people },
  );
  assert.deepEqual([there, here, both, onlyThere, onlyHere, open], [11, 2, 1, 10, 1, 1]);
  assert.deepEqual(byRule, {
    ...{ "never-for-ads": 3, "unknown-account": 1, "unknown-contact": 1, "promised-otherwise": 1, withdrawn: 1 },
    ...{ unverified: 1, "given-by-another": 1, "permitted-but-not-matched": 1 },
  });
  // What an incident took out of a notice, it does not name.
  assert.deepEqual(told.byPurpose, { "ads.match": 4, "service.account": 3, "security.mfa": 3, "security.unlock": 1 });
  assert.deepEqual(told.bySurface, { [MARKUP]: 3, "two-factor login": 3, "address book": 1, "locked account": 1 });
  assert.deepEqual(told.byNotice, { "mfa@1": 3, "signup@1": 3, "book@1": 1, "unlock@1": 1 });
  assert.deepEqual(gained.byNotice, { "signup@1": 1 });

  const [head, ...rows] = readFileSync(people, "utf8").trimEnd().split("\n");
  assert.equal(head, "account,advertiser,list,side,rule,kind,notice,surface,given_at");
  const surface = `"${MARKUP.replaceAll('"', '""')}"`;
  const row = (account: string, side: string, rule: string, kind = "email", ...grant: string[]) =>
    [account, "acme", audience.list, side, rule, kind, ...(grant.length > 0 ? grant : ["", "", ""])].join(",");
  const [signup, mfa] = [
    ["signup@1", surface, SIGNED_UP],
    ["mfa@1", "two-factor login"],
  ] as const;
  assert.deepEqual(
    rows.sort(),
    [
      row("ben", "there", "never-for-ads", "phone", ...mfa, SIGNED_UP),
      row("cid", "there", "promised-otherwise", "email", ...mfa, LATER),
      row("dee", "there", "unverified", "email", ...signup),
      row("eve", "there", "withdrawn", "email", ...signup),
      row("fay", "there", "given-by-another", "email", "book@1", "address book", SIGNED_UP),
      row("gus", "there", "never-for-ads", "email", "unlock@1", "locked account", SIGNED_UP),
      row("hal", "there", "permitted-but-not-matched", "email", ...signup),
      row("ida", "here", "permitted", "email", ...signup),
      row("lou", "there", "unknown-contact"),
      row("two", "there", "never-for-ads", "email", ...mfa, LATER),
      row("two", "there", "never-for-ads", "email", ...mfa, SIGNED_UP),
      row("zoe", "there", "unknown-account"),
    ].sort(),
  );
  const leaves: { kind: number; text: string }[] = [];
  for await (const { kind, body } of store.solely.log.store.facts(from))
    leaves.push({ kind, text: Buffer.from(body).toString("latin1") });
  assert.deepEqual(
    leaves.map(({ kind }) => kind),
    [LeafKind.export],
  );
  assert.ok(
    leaves[0]!.text.includes('"type":"shadow","actor":"test"') && leaves[0]!.text.includes('"people":11,"rows":12'),
  );
});

test("no value is in what is told, written or warned of, nor who it is where nobody is to be named", async () => {
  const [people, rejectFile] = [join(store.folder, "p.csv"), join(store.folder, "rejects.csv")];
  const warnings: string[] = [];
  const rows = [...matched(), "acme,customers,bob,phone,not zebra", "acme,customers,bob,zebra@example.com,zebra"];
  const told = await compared(rows, { people, rejectFile, keepRefused: 9, onWarning: (text) => warnings.push(text) });
  assert.equal(told.refused, 2);
  const page = shadowPage(told);
  const written = [people, rejectFile].map((file) => readFileSync(file, "utf8"));
  for (const text of [JSON.stringify(told), page, ...written, ...warnings])
    assert.doesNotMatch(text, /@example|@elsewhere|555 ?0111|zebra/i);
  for (const text of [JSON.stringify(told), page]) assert.doesNotMatch(text, /\b(?:ann|ben|ida|zoe)\b/);
  const unnamed = store.solely.log.position;
  await compared(rows);
  assert.equal(store.solely.log.position, unnamed, "what names nobody leaves no leaf");
  await assert.rejects(compared(rows, { people: join(store.folder, "p.parquet") }), { code: "unwritable-file" });
  assert.equal(store.solely.log.position, unnamed);
});

test("a list is paired by its name, its id or its audience's, of the same advertiser; all others are told", async () => {
  await matchList(store.solely, streamOf("email\nann@example.com\n"), {
    ...{ advertiser: "acme", name: "only here", actor: "test" },
  });
  const whole = await compared(matched());
  for (const name of [audience.list, audience.id]) {
    const { madeAt, rows, ...same } = await compared([...matched(name), ...matched().slice(0, 3)]);
    assert.equal(rows, 15);
    assert.deepEqual({ ...same, madeAt: whole.madeAt, rows: whole.rows }, whole, "named in two ways it is one list");
  }
  const { lists, there, unpairedThere, unpairedHere } = await compared([
    ...["acme,customers,ann,,", "acme,gone,ann,,", "acme,gone,ann,email,ann@example.com", "acme,gone,zoe,,"],
    ...[`other,${audience.list},ann,,`, "acme,gone,kim,,", "solely-canary,x,ann,,"],
  ]);
  assert.deepEqual([lists.length, there], [1, 1]);
  assert.deepEqual(unpairedThere, [
    { advertiser: "acme", list: "gone", rows: 4, people: 2 },
    { advertiser: "other", list: audience.list, rows: 1, people: 1 },
    { advertiser: "solely-canary", list: "x", rows: 1, people: 1 },
  ]);
  assert.deepEqual(
    unpairedHere.map(({ name, advertiser, people }) => [name, advertiser, people]),
    [["only here", "acme", 1]],
  );
});

test("CSV, NDJSON, gzip and Parquet of the same rows come to the same; an account that comes in meanwhile is one person", async () => {
  const folder = join(store.folder, "files");
  mkdirSync(folder);
  const cells = matched().map((line) => line.split(","));
  const columns = HEAD.split(",");
  const objects = cells.map((row) => JSON.stringify(Object.fromEntries(columns.map((name, i) => [name, row[i]]))));
  const columnData = columns.map((name, i) => ({ name, data: cells.map((row) => row[i]), type: "STRING" as const }));
  const files = {
    "a.csv": [HEAD, ...matched()].join("\n"),
    "b.ndjson": objects.join("\n"),
    "c.csv.gz": gzipSync([HEAD, ...matched()].join("\n")),
    "d.parquet": new Uint8Array(parquetWriteBuffer({ columnData })),
  };
  const { madeAt: _, ...whole } = await compared(matched());
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), content);
    const { madeAt, ...same } = await compare(store.solely, join(folder, name), { actor: "test" });
    assert.deepEqual(same, whole, name);
  }
  // Longer than a batch, so that the first rows are taken before the last come.
  const row = (list: string) => `acme,${list},newcomer,,\n`;
  async function* slowly() {
    yield Buffer.from(`${HEAD}\n${row("customers")}${`acme,long,${"x".repeat(200)},,\n`.repeat(60_000)}`);
    const grant = { account: "newcomer", kind: "email", value: "n@example.com", notice: "signup", given_at: SIGNED_UP };
    await ingest(store.solely, ndjson([grant]), { source: "local", actor: "test", format: "ndjson" });
    yield Buffer.from(row("customers"));
  }
  const { there, byRule } = await compare(store.solely, slowly(), { actor: "test", format: "csv" });
  assert.deepEqual([there, byRule], [1, { "permitted-but-not-matched": 1 }]);
});

test("a contact that is a digest, or of no said kind, is looked for as far as it can be", async () => {
  const rules = async (...cells: string[]) => (await compared([`acme,customers,${cells.join(",")}`])).byRule;
  const digest = "A".repeat(64);
  assert.deepEqual(await rules("ben", "", digest), { "never-for-ads": 1 }, "the one contact that it may be");
  assert.deepEqual(await rules("ben", "email", digest), { "unknown-contact": 1 }, "of which there is none");
  assert.deepEqual(await rules("ben", "user_id", digest), {}, "no kind that is hashed, and no user id");
  assert.deepEqual(await rules("ben", "external_id", digest), { "unknown-contact": 1 }, "the value itself");
  assert.deepEqual(await rules("ben", "", "+12025550111"), { "never-for-ads": 1 });
  assert.deepEqual(await rules("ben", "", "ben@example.com"), { "unknown-contact": 1 });
  assert.deepEqual((await compared(["acme,customers,ben,phone,(202) 555-0111"])).refused, 1);
  assert.deepEqual((await compared(["acme,customers,ben,phone,(202) 555-0111"], { region: "US" })).byRule, {
    "never-for-ads": 1,
  });
});

test("of two grants at one instant the later learned is named; a correction counts for what was given in its span alone", async () => {
  await store.adopt({ id: "recovery", purposes: ["security.recovery"], exclusive: true, sources: ["app"] });
  const give = (account: string, notice: string, given_at: string) => ({ account, kind: "email", notice, given_at });
  const rows = [give("tie", "mfa", LATER), give("tie", "recovery", LATER), give("jon", "unlock", LATER)];
  for (const [source, row] of [
    ["local", rows[0]],
    ["app", rows[1]],
    ["local", rows[2]],
  ] as const)
    await ingest(store.solely, ndjson([{ ...row, value: `${row!.account}@example.com` }]), {
      ...{ source, actor: "test", format: "ndjson" },
    });
  const told = await compared(["gus", "jon", "tie"].map((account) => `acme,customers,${account},,`));
  assert.deepEqual(told.byNotice, { "unlock@1": 2, "recovery@1": 1 });
  assert.deepEqual(told.byRule, { "never-for-ads": 2, "permitted-but-not-matched": 1 });
  assert.deepEqual(told.byPurpose, { "security.unlock": 2, "ads.match": 1, "security.recovery": 1 });
});

test("rows that can't be read are refused and told, whatever they hold, and the others count", async () => {
  const bad = [
    ...[
      ",customers,ann,,",
      "acme,,ann,,",
      "acme,customers,,,",
      "acme,customers,ann,telegram,x",
      "acme,customers,a\u0001b,,",
    ],
    ...["acme,customers,ann,email,no address", `acme,${"l".repeat(SHADOW_LIMITS.nameBytes + 1)},ann,,`],
    ...[
      `acme,customers,${"u".repeat(300)},,`,
      'acme,customers,ann,email,"x"y',
      "acme,customers,ann,email,a@b.example,more",
    ],
  ];
  const bytes = Buffer.concat([
    Buffer.from(`${[HEAD, ...bad, ...matched()].join("\n")}\n`),
    Buffer.from([0x61, 0x2c, 0xff, 0x2c, 0x61, 0x0a]),
    Buffer.from([0xff, 0x2c, 0x61, 0x2c, 0x61, 0x0a]),
    Buffer.from([0x61, 0x2c, 0x61, 0x2c, 0xff, 0x0a]),
  ]);
  const input = (async function* () {
    yield new Uint8Array(bytes);
  })();
  const told = await compare(store.solely, input, { actor: "test", format: "csv", keepRefused: 100 });
  const codes = told.refusedRows.map(({ column, code }) => `${column} ${code}`);
  for (const code of ["list missing-field", "kind unknown-kind", "account account-invalid", "value not-an-email"])
    assert.ok(codes.includes(code), code);
  for (const code of ["list name-too-long", "advertiser not-utf8", "list not-utf8", "account not-utf8"])
    assert.ok(codes.includes(code), code);
  assert.deepEqual([told.refused, told.rows], [bad.length + 3, bad.length + 3 + matched().length]);
  assert.equal(told.there, 11);
  assert.equal((await compared([`acme,${"l".repeat(SHADOW_LIMITS.nameBytes)},ann,,`])).refused, 0);
  await assert.rejects(compare(store.solely, streamOf("advertiser,list\na,b\n"), { actor: "test", format: "csv" }), {
    code: "missing-column",
  });
});

test("a file of very many lists is compared; of more than the limit, the rows are refused and told", async () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => `acme,list ${i},ann,,`);
  const told = await compared([...matched(), ...many(100_000)]);
  assert.deepEqual([told.there, told.unpairedThere.length, told.refused], [11, 100_000, 0]);
  const most = many(SHADOW_LIMITS.lists - 1);
  assert.equal((await compared([...matched(), ...most])).refused, 0);
  const over = await compared([...matched(), ...most, "acme,one more,ann,,"], { keepRefused: 1 });
  assert.deepEqual([over.refused, over.unpairedThere.length], [1, SHADOW_LIMITS.lists - 1]);
  assert.deepEqual([over.refusedRows[0]!.code, over.refusedRows[0]!.column], ["too-many-lists", "list"]);
});

test("the page says the numbers that were found, escapes what people wrote, and asks for nothing from elsewhere", async () => {
  const hostile = '"<img src=x onerror=alert(1)>"';
  const told = await compared([...matched(), `acme,${hostile},ann,,`]);
  const page = shadowPage(told);
  assert.ok(!/<script|<img|javascript:/i.test(page));
  assert.ok(page.includes("&lt;script&gt;alert(&quot;surface&quot;)&lt;/script&gt; &amp; Co"));
  assert.ok(page.includes("&lt;img src=x onerror=alert(1)&gt;"));
  assert.doesNotMatch(page.replaceAll(/&lt;.*?&gt;/g, ""), /\s(?:src|href|xlink:href|on\w+)=|url\(|@import/i);
  for (const { there, here, onlyThere, onlyHere } of [told, ...told.lists])
    for (const number of [there, here, onlyThere, onlyHere]) assert.ok(page.includes(`<data value="${number}">`));
  for (const counts of [told.byRule, told.byPurpose, told.byNotice, told.gained.byNotice])
    for (const name of Object.keys(counts)) assert.ok(page.includes(name), name);
});
