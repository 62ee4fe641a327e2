/**
 * What a request is about goes into no log, whatever becomes of the request: no contact, account, digest, key, name or query.
 * And no problem tells it back.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Writable } from "node:stream";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { findServer } from "../../src/http/index.js";
import { revokeKey } from "../../src/index.js";
import {
  type Answer,
  type Asked,
  assertProblem,
  contact,
  emails,
  type Json,
  lines,
  ServedStore,
} from "./served-store.js";

/** In every text that a request holds and that must stay out; a word that the product never says. */
const WORD = "zebra";
const EMAIL = `mary.${WORD}@example.com`;
const PHONE_DIGITS = "15198765432";
const DIGEST = createHash("sha256").update(EMAIL).digest("hex");
const ACCOUNT = `${WORD}-17`;
const WAIT_MS = 5000;
/** Past the whole second at which a list would be answered. */
const UNTIL_ANSWERED_MS = 1300;

const logged: string[] = [];
const log = new Writable({
  write(chunk: Buffer, _encoding, done) {
    logged.push(chunk.toString());
    done();
  },
});

let served: ServedStore;
const keys: Record<string, string> = {};
before(async () => {
  served = await ServedStore.make(log);
  for (const scope of ["accounts", "events", "serve"]) keys[scope] = await served.key(scope);
  keys.contacts = await served.key("contacts", { source: "local" });
  keys.lists = await served.advertiser(`${WORD} & co`);
  keys.revoked = await served.key("serve");
  await revokeKey(served.solely, keys.revoked.split("_")[1]!, "test");
});
after(() => served.remove());

const LISTS = `/v1/advertisers/${encodeURIComponent(`${WORD} & co`)}/lists`;
const rows = lines([contact(ACCOUNT, EMAIL), contact(ACCOUNT, `+49${PHONE_DIGITS}`, { kind: "phone" })]);
const list = emails(EMAIL, DIGEST, `no ${WORD}`);
const formHead = (name: string): string => `Content-Disposition: form-data; name="${name}"`;
const cutForm = `--b\r\n${formHead("file")}; filename="${WORD}.csv"\r\n\r\n${list}`;
const formType = { "content-type": "multipart/form-data; boundary=b" };

function form(fields: Readonly<Record<string, string>>, fileName = `${WORD}.csv`): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) made.append(name, value);
  made.append("file", new Blob([list]), fileName);
  return made;
}

/** Requests that are done. */
const done: readonly [what: string, asked: Asked][] = [
  ["GET /v1/health", {}],
  ["POST /v1/contacts", { key: "contacts", body: rows, headers: { "idempotency-key": `key ${WORD}` } }],
  ["POST /v1/contacts", { key: "contacts", body: rows, headers: { "idempotency-key": `key ${WORD}` } }],
  ["POST /v1/contacts", { key: "contacts", body: rows.replaceAll("example.com", "@").replaceAll("+49", "99") }],
  ["POST /v1/contacts", { key: "contacts", body: `${EMAIL}\n{"value":"${EMAIL}"` }],
  ["POST /v1/accounts", { key: "accounts", body: lines([{ account: ACCOUNT, cohort: WORD }, { country: WORD }]) }],
  [`POST ${LISTS}?name=${WORD}&session=${WORD}&part=1`, { key: "lists", body: list }],
  [`POST ${LISTS}`, { key: "lists", body: form({ name: `${WORD} form` }) }],
  [`GET ${LISTS.replace("lists", "audiences")}`, { key: "lists" }],
  [`GET /v1/accounts/${ACCOUNT}/audiences`, { key: "serve" }],
  ["GET /v1/audiences", { key: "serve" }],
  ["GET /v1/audiences/changes?since=0", { key: "serve" }],
  [
    "POST /v1/events",
    { key: "events", body: lines([{ type: "withdraw", account: ACCOUNT, kind: "email", value: EMAIL }]) },
  ],
];

/** Requests that are refused or fail. */
const failing: readonly [what: string, asked: Asked][] = [
  [`GET /${WORD}?${WORD}=${EMAIL}`, {}],
  [`PUT /v1/accounts/${ACCOUNT}/audiences`, { key: "serve", body: rows }],
  [`GET /v1/accounts/${ACCOUNT}/audiences`, { key: "revoked" }],
  [`GET /v1/accounts/${ACCOUNT}/audiences`, { headers: { authorization: `Basic ${EMAIL}` } }],
  [`GET /v1/accounts/${ACCOUNT}/audiences`, { key: "lists" }],
  [`GET /v1/audiences/changes?since=${EMAIL}`, { key: "serve" }],
  [`POST /v1/audiences/${EMAIL}/export`, { key: "serve" }],
  [`POST /v1/audiences/${WORD}/export?format=${WORD}`, { key: "serve" }],
  [`POST /v1/contacts?region=${EMAIL}`, { key: "contacts", body: rows }],
  ["POST /v1/contacts", { key: "contacts", body: rows, headers: { "content-type": `${WORD} / ${EMAIL}` } }],
  ["POST /v1/contacts", { key: "contacts", body: gzipSync(rows).subarray(0, -9) }],
  ["POST /v1/events", { key: "events", body: gzipSync(rows).subarray(0, -9) }],
  [`GET /v1/advertisers/${EMAIL}/audiences`, { key: "lists" }],
  [`GET ${LISTS.replace("lists", "audiences")}/${EMAIL}`, { key: "lists" }],
  [`POST /v1/advertisers/${EMAIL}/lists?name=x`, { key: "lists", body: list }],
  [`POST ${LISTS}`, { key: "lists", body: list }],
  [`POST ${LISTS}?name=%20${WORD}`, { key: "lists", body: list }],
  [`POST ${LISTS}?name=x&operation=${WORD}`, { key: "lists", body: list }],
  [`POST ${LISTS}?name=x&scheme=${EMAIL}`, { key: "lists", body: list }],
  [`POST ${LISTS}?name=x&session=${EMAIL}`, { key: "lists", body: list }],
  [`POST ${LISTS}?name=x&part=${EMAIL}`, { key: "lists", body: list }],
  [`POST ${LISTS}?name=x&region=${EMAIL}`, { key: "lists", body: list }],
  [`POST ${LISTS}?name=x`, { key: "lists", body: `${WORD}\nanother ${WORD}\n` }],
  [`POST ${LISTS}?name=x`, { key: "lists", body: gzipSync(list).subarray(0, -9) }],
  [`POST ${LISTS}`, { key: "lists", body: form({ name: "x", scheme: EMAIL }) }],
  [`POST ${LISTS}?name=x`, { key: "lists", body: cutForm, headers: formType }],
  [`POST ${LISTS}?name=x`, { key: "lists", body: list, headers: { "content-type": `multipart/form-data; x=${WORD}` } }],
];

/** Requests whose problems may name what the sender named; they stay out of the log all the same. */
const named: readonly [what: string, asked: Asked][] = [
  [`GET /v1/audiences?${EMAIL}=${WORD}`, { key: "serve" }],
  [`GET /v1/accounts/%ZZ${EMAIL}/audiences?${WORD}`, { key: "serve" }],
  [`GET /v1/accounts/${WORD.repeat(200)}/audiences`, { key: "serve" }],
  [`POST ${LISTS}?name=${WORD}`, { key: "lists", body: list }],
  [`POST ${LISTS}?name=${EMAIL}&operation=append`, { key: "lists", body: list }],
  [`POST ${LISTS}?name=x`, { key: "lists", body: form({ [EMAIL]: WORD }) }],
];

const askAll = (requests: readonly [what: string, asked: Asked][]): Promise<Answer[]> =>
  Promise.all(requests.map(([what, asked]) => served.ask(what, { ...asked, key: asked.key && keys[asked.key] })));

/** What must be in no log line. */
function assertSilent(text: string): void {
  const secrets = Object.values(keys).flatMap((secret) => [secret, secret.split("_").slice(2).join("_")]);
  for (const kept of [WORD, "example.com", PHONE_DIGITS, DIGEST.slice(0, 16), "Bearer", ...secrets]) {
    assert.ok(!text.toLowerCase().includes(kept.toLowerCase()), `${kept} in ${text}`);
  }
}

/** Log lines, as soon as there are so many of one kind. */
async function logLines(isWanted: (line: Json) => boolean, count: number): Promise<Json[]> {
  for (const since = Date.now(); ; await sleep(10)) {
    const all = logged.map((line): Json => JSON.parse(line));
    if (all.filter(isWanted).length >= count) return all;
    assert.ok(Date.now() < since + WAIT_MS, `fewer than ${count} of the lines in ${logged.join("")}`);
  }
}

test("what is done is logged by route, status and time alone", async () => {
  for (const request of done) {
    const [answer] = await askAll([request]);
    assert.equal(answer?.status, 200, answer?.text);
  }
  const [audience] = served.solely.audiences.list();
  await askAll([[`POST /v1/audiences/${audience!.id}/export`, { key: "serve" }]]);
  const all = await logLines(({ status }) => status === 200, 9);
  const finished = all.filter(({ msg }) => msg === "done");
  for (const line of finished) {
    assert.deepEqual(Object.keys(line), ["level", "time", "reqId", "method", "route", "status", "ms", "msg"]);
  }
  assert.deepEqual([...new Set(finished.map(({ route }) => route))].sort(), [
    "/v1/accounts",
    "/v1/advertisers/:advertiser/lists",
    "/v1/audiences/:audience/export",
    "/v1/contacts",
    "/v1/events",
  ]);
  assertSilent(logged.join(""));
  assert.ok(!logged.join("").includes(audience!.id));
});

test("who signs in and out is logged: an operator by name, others by no more than what they are", async () => {
  const { links } = served.solely;
  const visitors = [
    { is: "operator", name: "alice" },
    { is: "advertiser", advertiser: `${WORD} & co`, login: `${WORD}@example.com` },
    { is: "person", account: served.solely.contacts.account(ACCOUNT) },
  ] as const;
  const headers = { origin: served.server.origin };
  for (const visitor of visitors) {
    const body = JSON.stringify({ token: links.make(visitor, 1) });
    const answer = await served.ask("POST /v1/session/link", { headers, body });
    const cookie = answer.headers.getSetCookie()[0]!.split(";")[0]!;
    await served.ask("DELETE /v1/session", { headers: { ...headers, cookie } });
    assert.ok(!logged.join("").includes(cookie.split("=")[1]!));
  }
  const lines = (await logLines(({ who }) => who !== undefined, 6)).filter(({ who }) => who !== undefined);
  assert.deepEqual(
    lines.map(({ who, msg }) => `${who} ${msg}`),
    ["operator:alice", "advertiser", "person"].flatMap((who) => [`${who} signed in`, `${who} signed out`]),
  );
  assertSilent(logged.join(""));
});

test("what is refused or fails stays out of the log, and its problem does not tell it back", async () => {
  const [answers, others] = await Promise.all([askAll(failing), askAll(named)]);
  for (const [i, answer] of answers.entries()) {
    const { status, json, text } = answer;
    assert.ok(status >= 400, `${failing[i]![0]}: ${status}`);
    assertProblem(answer, status, String(json.code));
    assertSilent(text.replace("send Authorization: Bearer KEY", ""));
  }
  for (const { status } of others) assert.ok(status >= 400);
  await logLines(({ status }) => Number(status) >= 400, failing.filter(([what]) => /^P/.test(what)).length);
  assertSilent(logged.join(""));
});

test("requests whose sender hangs up, and commands that are refused, leave no word of theirs", async () => {
  const key = keys.lists;
  await Promise.all([
    served.hangUp("/v1/contacts", { key: keys.contacts, body: rows }),
    served.hangUp(`${LISTS}?name=x`, { key, body: list }),
    served.hangUp(`${LISTS}?name=x`, { key, body: cutForm, headers: formType }),
  ]);
  const channel = findServer(served.store.data)!;
  for (const [command, input] of [
    ["explainAccount", { account: `${ACCOUNT}-x`, contact: { kind: "email", value: EMAIL } }],
    ["explainAccount", { account: ACCOUNT, contact: { kind: "email", value: `no ${WORD}` } }],
    ["match", { file: `/nowhere/${WORD}`, advertiser: WORD, name: EMAIL }],
    [WORD, { [EMAIL]: EMAIL }],
  ] as const) {
    const body = `${JSON.stringify({ actor: `operator:${WORD}`, input })}\n`;
    const answer = await served.ask(`POST /v1/commands/${command}`, { key: channel.key, body });
    assert.ok("problem" in answer.json, answer.text);
  }
  await sleep(UNTIL_ANSWERED_MS);
  assertSilent(logged.join(""));
  assert.ok(!logged.join("").includes(channel.key));
});

test("what fails because the matcher or the database is away is logged without what it was about", async () => {
  await served.solely.matcher.close();
  const more = rows.replaceAll("2024", "2025").replace(ACCOUNT, `${ACCOUNT}-new`);
  const asked: [string, Asked][] = [
    ["POST /v1/contacts", { key: "contacts", body: more }],
    [`POST ${LISTS}?name=x`, { key: "lists", body: list }],
  ];
  const stopped = await askAll(asked);
  await served.solely.store.close();
  const events = lines([{ type: "erase", account: ACCOUNT, kind: "email", value: EMAIL }]);
  const closed = await askAll([
    ["POST /v1/events", { key: "events", body: events }],
    ["POST /v1/accounts", { key: "accounts", body: lines([{ account: ACCOUNT, cohort: WORD }]) }],
    [`POST /v1/audiences/${served.solely.audiences.list()[0]!.id}/export`, { key: "serve" }],
  ]);
  for (const { status, text } of [...stopped, ...closed]) {
    assert.equal(status, 503, text);
    assertSilent(text);
  }
  await logLines(({ level, err }) => level === 50 && err !== undefined, 5);
  assertSilent(logged.join(""));
});
