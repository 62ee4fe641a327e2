/**
 * A person's own page: nothing of anybody else by any means; a switch is in effect at once wherever ads are chosen, and
 * its receipt is checked offline; on needs the very contact that was verified, and a text that two operators adopted for it.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { EvidenceError, verifyReceipt } from "../../src/evidence/index.js";
import { matchList } from "../../src/index.js";
import { formatVerifier } from "../../src/ledger/index.js";
import { PERSON_LIMITS, type PersonView } from "../../src/person/index.js";
import { program } from "../cli/command-line.js";
import { streamOf } from "../fresh-store.js";
import { type Answer, assertProblem, contact, emails, type Json, lines, ServedStore } from "./served-store.js";

const RUNS = Number(process.env.SOLELY_RUNS ?? 300);
const HISTORIES = Number(process.env.SOLELY_RUNS ?? 12);

let served: ServedStore;
let keys: { contacts: string; events: string; lists: string; serve: string };
let audience: string;
before(async () => {
  served = await ServedStore.make();
  const { store } = served;
  await store.decide({ type: "source.set", name: "person", vouches: false, freedLimit: 0 });
  await store.adopt({ id: "ads-again", purposes: ["ads.match"], surface: "Your contacts", sources: ["person"] });
  const both = ["ads.match", "marketing.message"];
  await store.adopt({ id: "both", purposes: both, sources: ["person", "local"], surface: "Offers" });
  const [contacts, events, serve] = await Promise.all([
    served.key("contacts", { source: "local" }),
    served.key("events"),
    served.key("serve"),
  ]);
  keys = { contacts, events, serve, lists: await served.advertiser("acme") };
  await give([
    ...["ann", "ben", "cid", "dan", "eva", "fay", "gus"].map((name) => contact(name, `${name}@example.com`)),
    contact("ann", "+493012345678", { kind: "phone", notice: "mfa" }),
  ]);
  const made = await served.ask("POST /v1/advertisers/acme/lists?name=all", {
    ...{ key: keys.lists, body: emails("ann@example.com", "ben@example.com", "cid@example.com", "eva@example.com") },
  });
  audience = String(made.json.audience);
  await store.release();
});
after(() => served.remove());

const give = (rows: Json[]) => served.ask("POST /v1/contacts", { key: keys.contacts, body: lines(rows) });
const numberOf = (name: string): number => served.solely.contacts.account(name);

/** Asks as the person of an account. */
function as(account: number | string) {
  const number = typeof account === "number" ? account : numberOf(account);
  return withCookie(`solely=${served.solely.sessions.open({ is: "person", account: number })}`);
}
function withCookie(cookie: string) {
  const headers = { cookie, origin: served.server.origin };
  return (what: string, body?: Json): Promise<Answer> =>
    served.ask(what, { headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}
const view = async (name: string): Promise<PersonView> => {
  const answer = await as(name)("GET /v1/person");
  assert.equal(answer.status, 200, answer.text);
  return answer.json as unknown as PersonView;
};
const audiencesOf = async (name: string) =>
  (await served.ask(`GET /v1/accounts/${name}/audiences`, { key: keys.serve })).json.audiences;
const on = (over: Json = {}): Json => ({ to: "on", purpose: "ads.match", notice: "ads-again@1", ...over });
const off = (purpose = "ads.match"): Json => ({ to: "off", purpose });

test("a person sees their contacts by masks, the text shown then, what they are for, and who matched them", async () => {
  const { contacts, notices, switches } = await view("ann");
  const [email, phone] = contacts;
  assert.equal(email?.mask, "a••@e••.com");
  assert.deepEqual(email?.purposes, ["ads.match"]);
  assert.deepEqual(
    email?.matched.map(({ advertiser, list, to, ended }) => ({ advertiser, list, to, ended })),
    [{ advertiser: "acme", list: "all", to: null, ended: null }],
  );
  assert.deepEqual([phone?.purposes, phone?.matched], [["security.mfa"], []]);
  const mfa = notices.find(({ notice }) => notice === phone?.given[0]?.notice);
  assert.deepEqual([mfa?.surface, mfa?.isExclusive], ["mfa", true]);
  assert.equal(mfa?.text, served.solely.notices.find("mfa").notice.text);
  const ads = switches.find(({ purpose }) => purpose === "ads.match");
  // A text for two purposes is no offer of one; what the platform's pages offer is told as that.
  assert.deepEqual(
    ads?.offers.map(({ notice }) => notice),
    ["ads-again@1"],
  );
  assert.deepEqual(ads?.elsewhere, ["ads", "Offers"]);
});

test("nothing of another account is to be had: by number, by position, by what is typed, or without a session", async () => {
  const ben = await view("ben");
  const ann = as("ann");
  const whole = JSON.stringify([await view("ann"), (await ann("POST /v1/person/export", {})).json]);
  assert.doesNotMatch(whole, /ben|b••|@example/);
  const theirs = ben.contacts[0]!.number;
  const switched = await as("ben")("POST /v1/person/switch", off("share.partner"));
  const { position } = switched.json as { position: number };
  const tries: [Json, Json][] = [
    [on({ contact: theirs, value: "ben@example.com" }), on({ contact: 4_000_000, value: "ben@example.com" })],
    [on({ contact: theirs, value: "ann@example.com" }), on({ contact: 4_000_000, value: "ann@example.com" })],
  ];
  for (const [of, none] of tries) {
    const [answer, nothing] = await Promise.all([
      ann("POST /v1/person/switch", of),
      ann("POST /v1/person/switch", none),
    ]);
    assertProblem(answer, 404, "unknown-contact-point");
    assert.equal(answer.whole, nothing.whole);
  }
  for (const body of [{ position }, { position: 10_000_000 }, { position: 0 }]) {
    assertProblem(await ann("POST /v1/person/receipt", body), 404, "unknown-receipt");
  }
  assert.equal((await ann("POST /v1/person/export", { account: "ben" })).json.account, "ann");
  assertProblem(await ann("GET /v1/person?account=ben"), 400, "malformed-request");
  assertProblem(await served.ask("GET /v1/person"), 401, "unauthorized");
  const cookie = `solely=${served.solely.sessions.open({ is: "operator", name: "alice" })}`;
  assertProblem(await served.ask("GET /v1/person", { headers: { cookie } }), 403, "forbidden");
  const mine = `solely=${served.solely.sessions.open({ is: "person", account: numberOf("ann") })}`;
  const foreign = { headers: { cookie: mine, origin: "https://evil.example" }, body: JSON.stringify(off()) };
  assertProblem(await served.ask("POST /v1/person/switch", foreign), 403, "foreign-origin");
});

test("off is in effect everywhere when it is answered; on again needs the very contact, and a new match", async () => {
  const cid = as("cid");
  assert.deepEqual(await audiencesOf("cid"), [audience]);
  const answer = await cid("POST /v1/person/switch", off());
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(await audiencesOf("cid"), []);
  assert.ok(!served.members(audience).includes("cid"));
  const after = await view("cid");
  const [own] = after.contacts;
  assert.deepEqual(own?.purposes, []);
  assert.equal(own?.matched[0]?.ended, "permission");
  assert.equal(own?.matched[0]?.to, (answer.json as { at: string }).at);
  assert.deepEqual(after.changes[0], {
    ...{ position: (answer.json as { position: number }).position, at: (answer.json as { at: string }).at },
    ...{ what: "off", purposes: ["ads.match"], contact: null, isHere: true },
  });

  const number = own!.number;
  const { position } = served.solely.log;
  const other = await cid("POST /v1/person/switch", on({ contact: number, value: "eva@example.com" }));
  assertProblem(other, 409, "other-contact");
  assert.doesNotMatch(other.text, /eva/);
  assertProblem(
    await cid("POST /v1/person/switch", on({ contact: number, value: "no address" })),
    400,
    "malformed-value",
  );
  for (const notice of ["both@1", "ads@1", "none@1"]) {
    const refused = await cid("POST /v1/person/switch", on({ contact: number, value: "cid@example.com", notice }));
    assertProblem(refused, 409, "not-offered");
  }
  assert.equal(served.solely.log.position, position);

  const given = await cid("POST /v1/person/switch", on({ contact: number, value: "CID@example.com" }));
  assert.equal(given.status, 200, given.text);
  assert.match(String(given.json.receipt), /was given by its account/);
  const again = await view("cid");
  assert.deepEqual(again.contacts[0]?.purposes, ["ads.match"]);
  // What was matched before stays ended; the audience gets them back when a list finds them anew.
  assert.deepEqual(await audiencesOf("cid"), []);
  assert.equal(again.contacts[0]?.matched.length, 1);
});

test("what was given for security is not freed beyond the source's limit, and what nobody verified is not given", async () => {
  const { contacts } = await view("ann");
  const phone = contacts.find(({ kind }) => kind === "phone")!;
  const ann = as("ann");
  const asked = on({ contact: phone.number, value: "+49 30 12345678" });
  assertProblem(await ann("POST /v1/person/switch", asked), 409, "held-back");
  assert.deepEqual((await view("ann")).contacts.find(({ kind }) => kind === "phone")?.purposes, ["security.mfa"]);
  await served.store.decide({ type: "source.set", name: "doubtful", vouches: false, freedLimit: null });
  await served.store.adopt({ id: "unproved", purposes: ["ads.match"], sources: ["doubtful"] });
  const key = await served.key("contacts", { source: "doubtful" });
  const row = contact("gus", "gus.new@example.com", { notice: "unproved" });
  await served.ask("POST /v1/contacts", { key, body: lines([row]) });
  const unproved = (await view("gus")).contacts.find(({ purposes }) => purposes.length === 0)!;
  const refused = await as("gus")("POST /v1/person/switch", on({ contact: unproved.number, value: row.value }));
  assertProblem(refused, 409, "not-verified");
});

test("off counts against what was given by a clock that is ahead", async () => {
  const ahead = new Date(Date.now() + 60_000).toISOString();
  await give([contact("dan", "dan@example.com", { given_at: ahead })]);
  assert.equal((await as("dan")("POST /v1/person/switch", off())).status, 200);
  assert.deepEqual((await view("dan")).contacts[0]?.purposes, []);
});

const steps = ["ads", "mfa", "withdraw", "disown", "append", "remove", "replace", "empty"] as const;
let histories = 0;

/** One thing a day, of one contact and one list: when it was on the list and might be, by a plain reading. */
async function play(days: readonly (typeof steps)[number][]): Promise<void> {
  const name = `h${histories++}`;
  const value = `${name}@example.com`;
  const atMs = (day: number) => Date.UTC(2024, 5, 1 + day);
  const at = (day: number) => new Date(atMs(day)).toISOString();
  const list = (day: number, operation: "create" | "append" | "remove" | "replace", rows: readonly string[]) =>
    matchList(served.solely, streamOf(emails("nobody@example.com", ...rows)), {
      ...{ advertiser: "acme", name, actor: "test", operation, atMs: atMs(day) },
    });
  await list(0, "create", []);
  const expected: { from: string; to: string | null; ended: string | null }[] = [];
  let [granted, taken, isOn] = [-1, -1, false];
  const end = (day: number, ended: string) => {
    if (isOn) Object.assign(expected.at(-1)!, { to: at(day), ended });
    isOn = false;
  };
  for (const [i, step] of ["ads" as const, ...days].entries()) {
    const day = i + 1;
    if (step === "ads" || step === "mfa") {
      await give([contact(name, value, { notice: step, given_at: at(day) })]);
      if (step === "ads") granted = day;
      else taken = day;
    } else if (step === "withdraw" || step === "disown") {
      const event = { type: step, account: name, at: at(day) };
      await served.ask("POST /v1/events", { key: keys.events, body: lines([event]) });
      taken = day;
    } else {
      await list(day, step === "empty" ? "replace" : step, step === "empty" ? [] : [value]);
      if (step === "remove" || step === "empty") end(day, "list");
      else if (!isOn && granted > taken) {
        expected.push({ from: at(day), to: null, ended: null });
        isOn = true;
      }
    }
    if (granted <= taken) end(day, "permission");
  }
  const [own] = (await view(name)).contacts;
  assert.deepEqual(
    own?.matched.map(({ from, to, ended }) => ({ from, to, ended })),
    expected,
    days.join(", "),
  );
}

test("each time on a list is told, from the match to its end, whatever ended it", () =>
  fc.assert(fc.asyncProperty(fc.array(fc.constantFrom(...steps), { minLength: 4, maxLength: 10 }), play), {
    numRuns: HISTORIES,
    examples: [[["append", "withdraw", "ads", "append", "mfa", "ads", "replace", "remove"]]],
  }));

test("a receipt is checked offline with the log's key, and with any byte changed it is none", async () => {
  const { json } = await as("eva")("POST /v1/person/switch", off("marketing.message"));
  const receipt = String(json.receipt);
  const key = formatVerifier(served.solely.checkpoints.verifier);
  const checked = verifyReceipt(receipt, { key });
  assert.deepEqual([checked.isWhole, checked.position, checked.kind], [true, json.position, "events"]);
  assert.match(receipt, /permission for marketing\.message was taken back/);
  assert.doesNotMatch(receipt, /eva|example/);
  const holds = (text: string): boolean => {
    try {
      return verifyReceipt(text, { key }).isWhole;
    } catch (error) {
      assert.ok(error instanceof EvidenceError, String(error));
      return false;
    }
  };
  const changed = fc.tuple(fc.nat({ max: receipt.length - 1 }), fc.integer({ min: 1, max: 127 }));
  fc.assert(
    fc.property(changed, ([at, by]) => {
      const bytes = Buffer.from(receipt);
      bytes[at]! ^= by;
      assert.equal(holds(bytes.toString("latin1")), false, `byte ${at}`);
    }),
    { numRuns: RUNS },
  );
  assert.equal(holds(`${receipt}\n`), false);
  const file = join(served.store.folder, "receipt.txt");
  const verify = (text: string) => {
    writeFileSync(file, text);
    return spawnSync(process.execPath, [program, "ledger", "verify", file, "--key", key], { encoding: "utf8" });
  };
  const [kept, spoilt] = [verify(receipt), verify(receipt.replace("taken", "takes"))];
  assert.deepEqual([kept.status, spoilt.status], [0, 1], kept.stderr + spoilt.stdout);
  assert.match(kept.stdout, /proved/);
  // The same is to be had again, against a newer checkpoint.
  const again = await as("eva")("POST /v1/person/receipt", { position: json.position });
  assert.ok(holds(String(again.json.receipt)));
});

test("of a leaf about several people each has a receipt of their own part alone", async () => {
  const names = ["h0", "h1", "h2"];
  const events = names.map((account) => ({ type: "withdraw", account, purpose: "share.partner" }));
  await served.ask("POST /v1/events", { key: keys.events, body: lines(events) });
  const changes = await Promise.all(names.map(async (name) => (await view(name)).changes[0]!));
  assert.equal(new Set(changes.map(({ position }) => position)).size, 1);
  for (const [i, { position, isHere }] of changes.entries()) {
    assert.equal(isHere, false);
    const { receipt } = (await as(names[i]!)("POST /v1/person/receipt", { position })).json;
    const told = [...String(receipt).matchAll(/of account number (\d+)/g)].map(([, number]) => Number(number));
    assert.deepEqual(told, [numberOf(names[i]!)]);
    assert.equal(verifyReceipt(String(receipt)).facts.length, 1);
  }
});

test("a contact that was erased is told as that, and can't be allowed", async () => {
  const event = { type: "erase", account: "h1", kind: "email", value: "h1@example.com" };
  await served.ask("POST /v1/events", { key: keys.events, body: lines([event]) });
  const [own] = (await view("h1")).contacts;
  assert.deepEqual([own?.isErased, own?.mask, own?.purposes], [true, null, []]);
  const asked = on({ contact: own!.number, value: "h1@example.com" });
  assertProblem(await as("h1")("POST /v1/person/switch", asked), 409, "not-verified");
});

test("switching is bounded for each account, and turning on does not use up turning off", async () => {
  const fay = as("fay");
  const wrong = on({ contact: (await view("fay")).contacts[0]!.number, value: "wrong@example.com" });
  const codes = [];
  for (let i = 0; i <= PERSON_LIMITS.on; i++) codes.push((await fay("POST /v1/person/switch", wrong)).json.code);
  assert.deepEqual(codes, [...new Array(PERSON_LIMITS.on).fill("other-contact"), "too-many-requests"]);
  assert.equal((await fay("POST /v1/person/switch", off())).status, 200);
  assert.equal((await as("ben")("POST /v1/person/switch", off())).status, 200);
});

test("the session of an account that was erased says so once, and is over", async () => {
  const made = await served.ask("POST /v1/people/gus/link", { key: await served.key("people") });
  const token = String(made.json.url).split("=")[1];
  const arrived = await served.ask("POST /v1/session/link", {
    ...{ headers: { origin: served.server.origin }, body: JSON.stringify({ token }) },
  });
  const gus = withCookie(arrived.headers.getSetCookie()[0]!.split(";")[0]!);
  assert.equal((await gus("GET /v1/person")).status, 200);
  await served.ask("POST /v1/events", { key: keys.events, body: lines([{ type: "erase", account: "gus" }]) });
  assertProblem(await gus("POST /v1/person/switch", off()), 410, "account-erased");
  assertProblem(await gus("GET /v1/person"), 401, "unauthorized");
});
