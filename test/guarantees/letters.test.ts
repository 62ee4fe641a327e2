/**
 * Letters: each affected person is told what is so of them and no more, in words that a platform can change; and no
 * letter goes to a contact that was given for security, but by an operator's signed word.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { exportToFile, ingest, matchList, takeEvents } from "../../src/index.js";
import { LETTERS, tell } from "../../src/letter/index.js";
import { type Action, readOperatorKey, signProposal } from "../../src/operator/index.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

const PHONES = { both: "+4915112345678", locked: "+4915112345679", gone: "+4915112345680", fine: "+4915112345681" };
const UNLOCK = "We use this number to unlock your account.\nFor nothing else.";
let store: FreshStore;
let contain: Extract<Action, { type: "incident.contain" }>;

before(async () => {
  store = await FreshStore.make();
  const config = join(store.data, "solely.json");
  const letters = { platform: "Chirp_er", ask: "privacy@chirper.example", tellsLists: true };
  await store.close();
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, "utf8")), letters }));
  await store.open();
  await store.adopt({ id: "account", purposes: ["service.account"], surface: "Settings" });
  await store.adopt({ id: "ads", purposes: ["service.account", "ads.match"], surface: "Settings" });
  const unlock = {
    ...{ id: "unlock", version: 1, language: "en", text: UNLOCK },
    purposes: ["security.unlock", "ads.match"],
  };
  const notice = { ...unlock, surface: "Unlock *now*", effective_from: "2000-01-01T00:00:00Z" };
  await store.decide({ type: "notice.adopt", notice }, ["ads.match"]);

  const phone = (account: keyof typeof PHONES, notice: string) => ({
    ...{ account, kind: "phone", value: PHONES[account], notice, given_at: "2015-03-01T12:00:00Z" },
  });
  const rows = [
    { account: "both", kind: "email", value: "both@example.com", notice: "account", given_at: "2014-01-01T00:00:00Z" },
    ...[phone("both", "unlock"), phone("locked", "unlock"), phone("gone", "unlock"), phone("fine", "ads")],
  ];
  await ingest(store.solely, ndjson(rows), { source: "local", actor: "test", format: "ndjson" });
  const list = streamOf(`phone\n${Object.values(PHONES).join("\n")}\n`);
  const { audience } = await matchList(store.solely, list, {
    ...{ advertiser: "acme", name: "spring [sale]", actor: "test", atMs: Date.UTC(2016, 4, 1) },
  });
  const out = join(store.folder, "export.csv");
  await exportToFile(store.solely, { audience, out, actor: "job", expiryHours: 1 });
  await takeEvents(store.solely, ndjson([{ type: "erase", account: "gone" }]), { actor: "test" });
  const corrected = { purposes: ["security.unlock"], exclusive: true };
  const claims = [
    { surface: "Unlock *now*", given_from: "2014-01-01T00:00:00Z", given_to: "2019-09-17T00:00:00Z", corrected },
  ];
  const claim = { id: "unlock-2014", title: "Unlock fed to ads", purpose: "ads.match", claims };
  const { digest } = await store.solely.incidents.open(store.solely, claim, "operator:alice");
  contain = { type: "incident.contain", incident: "unlock-2014", claim: digest };
});
after(() => store.remove());

interface Line {
  readonly account: string;
  readonly number: number;
  readonly address: { readonly kind: string; readonly contact: number } | null;
  readonly why: string;
  readonly markdown?: string;
  readonly text?: string;
}
let made = 0;
async function letters(options: Partial<Parameters<typeof tell>[1]> = {}) {
  const out = join(store.folder, `letters-${made++}`);
  const told = await tell(store.solely, {
    incident: "unlock-2014",
    out,
    language: "en",
    actor: "cli:tester",
    ...options,
  });
  const lines = readFileSync(join(out, "letters.ndjson"), "utf8").trim().split("\n");
  const list = lines.map((line): Line => JSON.parse(line));
  const read = (account: string, form: "markdown" | "text") =>
    readFileSync(join(out, list.find((line) => line.account === account)![form]!), "utf8");
  return { told, out, list, read };
}
const today = (): string => new Date().toISOString().slice(0, 10);

test("before it is contained a letter says so; afterwards it says since when", async () => {
  assert.match((await letters()).read("both", "text"), /We are working on stopping it/);
  await store.decide(contain);
  const { read } = await letters();
  assert.ok(read("both", "text").includes(`On ${today()} we stopped it`));
});

test("a letter tells which contact, when and for what, how it was used and until when, and what left the company", async () => {
  const { read, list, told } = await letters();
  assert.deepEqual({ people: told.people, addressed: told.addressed }, { people: 3, addressed: 1 });
  const letter = read("both", "text");
  for (const said of [
    /Phone number \+49 [• ]+78/,
    /You gave it on 2015-03-01, at "Unlock \*now\*"/,
    / {2}We use this number to unlock your account\.\n {2}For nothing else\./,
    /It was for: unlocking your account\./,
    new RegExp(`From 2016-05-01 to ${today()} we compared it`),
    /one advertiser uploaded/,
    new RegExp(`- acme: spring \\[sale\\], from 2016-05-01 to ${today()}`),
    new RegExp(`- ${today()}: the name of your account, in an export`),
    /privacy@chirper\.example/,
    /reference unlock-2014/,
  ])
    assert.match(letter, said);
  assert.ok(!letter.includes("{{"));
  const markdown = read("both", "markdown");
  assert.match(markdown, /^# How we used/);
  assert.ok(
    markdown.includes("Chirp\\_er") && markdown.includes("Unlock \\*now\\*") && markdown.includes("spring \\[sale\\]"),
  );
  assert.ok(markdown.includes("> We use this number to unlock your account.\n> For nothing else."));
  const all = list.flatMap(({ account, text }) =>
    text === undefined ? [] : [read(account, "text"), read(account, "markdown")],
  );
  for (const clear of [...Object.values(PHONES), "both@example.com"])
    assert.ok(!all.some((one) => one.includes(clear)));
});

test("lists are named only where the platform's setting lets them be", async () => {
  const { config } = store.solely;
  const quiet = Object.create(store.solely, {
    config: { value: { ...config, letters: { ...config.letters, tellsLists: false } } },
  });
  const out = join(store.folder, "quiet");
  await tell(quiet, { incident: "unlock-2014", out, language: "en", actor: "test" });
  const [line] = readFileSync(join(out, "letters.ndjson"), "utf8").split("\n");
  const letter = readFileSync(join(out, JSON.parse(line!).text), "utf8");
  assert.ok(!/acme|spring/.test(letter) && /one advertiser uploaded/.test(letter));
});

test("it goes to the contact that was given for the service; to a security contact by an operator's signed word alone", async () => {
  const { contacts } = store.solely;
  const { list } = await letters();
  const of = (lines: readonly Line[], account: string) => lines.find((line) => line.account === account)!;
  assert.deepEqual([of(list, "both").address?.kind, of(list, "both").why], ["email", "given for service.account"]);
  assert.deepEqual([of(list, "locked").address, of(list, "locked").why], [null, "security contact only"]);
  assert.ok(!list.some(({ account }) => account === "fine"));

  const word = async (name: string, action: Action, as = name) => {
    const { privateKey: key } = await readOperatorKey(store.operators, name);
    return signProposal({ key, name: as, storeId: store.solely.config.root, atMs: Date.now(), action });
  };
  const action: Action = { ...contain, type: "incident.tell" };
  await assert.rejects(letters({ onlyChannel: await word("bob", action, "alice") }), { code: "bad-signature" });
  await assert.rejects(letters({ onlyChannel: await word("alice", { ...action, claim: "0".repeat(64) }) }), {
    code: "claim-changed",
  });
  await assert.rejects(letters({ onlyChannel: await word("alice", contain) }), { code: "claim-changed" });
  const { list: all } = await letters({ onlyChannel: await word("alice", action), actor: "operator:alice" });
  const [locked] = contacts.pointsOf(contacts.account("locked"));
  assert.deepEqual(of(all, "locked").address?.contact, locked);
  assert.match(of(all, "locked").why, /operator's word/);
  assert.equal(of(all, "both").address?.kind, "email", "who has another channel is still written to there");
});

test("a person who was erased is told of as such: no letter, no name, no address", async () => {
  const { list, out, told } = await letters();
  const [erased] = list.filter(({ account }) => account === "erased");
  assert.deepEqual([erased!.address, erased!.why, erased!.text], [null, "erased", undefined]);
  assert.ok(!existsSync(join(out, "0", `${erased!.number}.md`)));
  assert.equal(told.withoutAddress.erased, 1);
});

test("in German, and in a platform's own words; a place that letters don't have is an error before anything is written", async () => {
  const german = (await letters({ language: "de" })).read("both", "text");
  assert.match(german, /Telefonnummer \+49/);
  assert.match(german, /Er war bestimmt für: Entsperren Ihres Kontos\./);
  assert.ok(!german.includes("{{"));
  const own = await letters({
    template: "# Dear\n\n{{#contacts}}{{kind}} ({{usedFrom}}){{/contacts}}{{#nothing}}{{/nothing}}",
  }).catch((error) => error);
  assert.equal(own.code, "malformed-template");
  const { read } = await letters({ template: "# Dear\n\n{{#contacts}}{{kind}}, **since** {{usedFrom}}{{/contacts}}" });
  assert.equal(read("both", "text"), "Dear\n\nPhone number, since 2016-05-01\n");
  for (const template of ["{{#lists}}", "{{/lists}}", "{{ date }}", "{{#lists}}{{/exports}}"]) {
    const before = store.solely.log.position;
    await assert.rejects(letters({ template }), { code: "malformed-template" });
    assert.equal(store.solely.log.position, before);
  }
  for (const language of ["en", "de"] as const)
    assert.ok(LETTERS[language].split("\n").every((line) => line.length <= 180));
});

test("where a match was wrong, and no notice, the letter says that, with the claim's reason", async () => {
  const { match } = await matchList(store.solely, streamOf(`phone\n${PHONES.fine}\n`), {
    ...{ advertiser: "broker", name: "bought", actor: "test", atMs: Date.UTC(2018, 0, 1) },
  });
  const claims = [{ matches: [match], reason: "the list was another's" }];
  const claim = { id: "bought", title: "A bought list", purpose: "ads.match", claims };
  await store.solely.incidents.open(store.solely, claim, "operator:alice");
  const { read, list } = await letters({ incident: "bought" });
  assert.deepEqual(
    list.map(({ account }) => account),
    ["fine"],
  );
  const letter = read("fine", "text");
  assert.match(letter, /in a way that was wrong \(the list was another's\)/);
  assert.match(letter, /- broker: bought, from 2018-01-01 to/);
  assert.match(letter, /Nothing: no export was made/);
  assert.ok(!/You gave .* one thing|It was for:/.test(letter));
});

test("that letters were made is in the ledger with its actor, and never over others", async () => {
  const { told, out } = await letters();
  for await (const { body } of store.solely.log.store.facts(told.position, { to: told.position + 1 })) {
    const { type, actor, incident } = JSON.parse(Buffer.from(body).subarray(16).toString("utf8"));
    assert.deepEqual([type, actor, incident], ["telling", "cli:tester", "unlock-2014"]);
  }
  await assert.rejects(tell(store.solely, { incident: "unlock-2014", out, language: "en", actor: "test" }), {
    code: "unwritable-file",
  });
});
