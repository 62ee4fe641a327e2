/**
 * Signing in, threat by threat: what is stolen, guessed, sent twice, sent from elsewhere or kept too long lets nobody in. Each
 * test first shows that the rightful one gets in.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPasskey } from "../../src/access/index.js";
import { runCommand } from "../../src/command/index.js";
import { readOperatorKey, signSignIn } from "../../src/operator/index.js";
import { assertionOf, makePasskey, type TestPasskey } from "../authenticator.js";
import { type Answer, assertProblem, contact, lines, ServedStore } from "./served-store.js";

const PASSWORD = "correct horse battery";
const OTHER = "another long password";

let served: ServedStore;
before(async () => {
  served = await ServedStore.make();
  await served.advertiser("acme");
  await served.advertiser("beta");
  const key = await served.key("contacts", { source: "local" });
  await served.ask("POST /v1/contacts", { key, body: lines([contact("ann", "ann@example.com")]) });
});
after(() => served.remove());

/** A browser: it keeps its cookies, and says where its requests come from. */
class Browser {
  readonly cookies = new Map<string, string>();

  async ask(what: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
    const cookie = [...this.cookies].map((pair) => pair.join("=")).join("; ");
    const answer = await served.ask(what, {
      headers: { origin: served.server.origin, "sec-fetch-site": "same-origin", cookie, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const said of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(said) ?? [];
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(said)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  async visitor(): Promise<unknown> {
    return (await this.ask("GET /v1/session")).json.visitor;
  }

  signIn(password: string, login = "jane", advertiser = "acme"): Promise<Answer> {
    return this.ask("POST /v1/session/password", { advertiser, login, password });
  }
}

/** The token at the end of a link. */
const tokenOf = ({ url }: { url: string }): string => url.slice(url.indexOf("=") + 1);

async function invite(login: string, advertiser = "acme"): Promise<string> {
  const made = await runCommand(served.solely, "loginInvite", { advertiser, login }, { actor: "operator:alice" });
  return tokenOf(made as { url: string });
}

/** Somebody whose login has a password, in the browser in which they set it. */
async function invited(login: string, advertiser = "acme"): Promise<Browser> {
  const browser = new Browser();
  const token = await invite(login, advertiser);
  const answer = await browser.ask("POST /v1/invitation/password", { token, password: PASSWORD });
  assert.equal(answer.status, 200, answer.text);
  return browser;
}

async function withPasskey(browser: Browser, passkey: TestPasskey, over: object = {}): Promise<Answer> {
  const begun = await browser.ask("POST /v1/session/passkey/begin");
  return browser.ask("POST /v1/session/passkey", { response: responseOf(passkey, begun, over) });
}

function responseOf(passkey: TestPasskey, begun: Answer, over: object = {}) {
  const { credential: id, ...response } = assertionOf(passkey, "", {
    challenge: String(begun.json.challenge),
    clientData: { origin: served.server.origin },
    ...over,
  });
  return { id, rawId: id, type: "public-key", clientExtensionResults: {}, response };
}

test("an invitation lets one person set a password, once, and each step is in the ledger with its actor", async () => {
  const token = await invite("jane");
  const browser = new Browser();
  const seen = await browser.ask("POST /v1/invitation", { token });
  assert.deepEqual([seen.json.advertiser, seen.json.login], ["acme", "jane"]);
  assertProblem(await browser.ask("POST /v1/invitation/password", { token, password: "short" }), 400, "unfit-password");
  assert.equal((await browser.ask("POST /v1/invitation/password", { token, password: PASSWORD })).status, 200);
  assert.deepEqual(await browser.visitor(), { is: "advertiser", advertiser: "acme", login: "jane" });
  const again = await new Browser().ask("POST /v1/invitation/password", { token, password: OTHER });
  assertProblem(again, 410, "link-over");
  const facts: { type: string; actor: string }[] = [];
  let whole = "";
  for await (const { body } of served.solely.log.store.facts(0)) {
    const text = Buffer.from(body).toString("latin1");
    whole += text;
    const json = /\{"type":"login-.*\}/s.exec(text)?.[0];
    if (json !== undefined) facts.push(JSON.parse(json));
  }
  assert.deepEqual(
    facts.map(({ type, actor }) => [type, actor]),
    [
      ["login-invited", "operator:alice"],
      ["login-password", "login:jane"],
    ],
  );
  assert.ok(!whole.includes(token) && !whole.includes(PASSWORD), "neither token nor password is kept");
});

test("a password that is tried first is refused, whoever sets it, and tells why", async () => {
  const token = await invite("lou.hartmann");
  const browser = new Browser();
  for (const password of [
    "password1234",
    "123456789012",
    "qwertyuiop12",
    "P4ssw0rd2024",
    "lou.hartmann1",
    "x".repeat(128),
  ]) {
    const answer = await browser.ask("POST /v1/invitation/password", { token, password });
    assertProblem(answer, 400, "unfit-password");
    assert.match(String(answer.json.detail), /tried first/, password);
  }
  assert.equal((await browser.ask("POST /v1/invitation/password", { token, password: PASSWORD })).status, 200);
  const change = { current: PASSWORD, password: "iloveyou2024!" };
  assertProblem(await browser.ask("POST /v1/login/password", change), 400, "unfit-password");
  assert.equal((await new Browser().signIn(PASSWORD, "lou.hartmann")).status, 200);
});

test("a session's cookie is no script's, goes to no other site, and is another after each sign-in", async () => {
  const browser = new Browser();
  const planted = served.solely.sessions.open({ is: "person", account: 0 });
  browser.cookies.set("solely", planted);
  const answer = await browser.signIn(PASSWORD);
  const said = answer.headers.getSetCookie().find((cookie) => cookie.startsWith("solely="))!;
  for (const part of [/; Path=\/(;|$)/, /; HttpOnly/, /; SameSite=Strict/]) assert.match(said, part);
  assert.doesNotMatch(said, /Domain/i);
  assert.notEqual(browser.cookies.get("solely"), planted);
  assert.equal(served.solely.sessions.find(planted), undefined, "the one before is over");
  assert.equal(answer.headers.get("cache-control"), "no-store");
  const { value } = { value: browser.cookies.get("solely")! };
  await browser.ask("DELETE /v1/session");
  browser.cookies.set("solely", value);
  assert.equal(await browser.visitor(), null, "signing out ends it on the server, too");
});

test("a wrong password, a login and an advertiser that there are not are told the same, and take as long", async () => {
  const tries = [
    ["wrong password here", "jane", "acme"],
    [PASSWORD, "nobody", "acme"],
    [PASSWORD, "jane", "zeta"],
  ] as const;
  const answers: Answer[] = [];
  const least = tries.map(() => Number.POSITIVE_INFINITY);
  // In turn, so that what else the machine does is felt by all.
  for (let round = 0; round < 6; round++) {
    for (const [i, [password, login, advertiser]] of tries.entries()) {
      const answer = await new Browser().signIn(password, login, advertiser);
      assertProblem(answer, 403, "not-signed-in");
      answers.push(answer);
      least[i] = Math.min(least[i]!, answer.ms);
    }
  }
  assert.equal(new Set(answers.map(({ whole }) => whole)).size, 1);
  // Hashing takes tens of milliseconds; without it the answer would be there in two.
  assert.ok(Math.min(...least) > Math.max(...least) / 4, `${least}`);
});

test("who guesses is slowed down, and locks out nobody who has been here before, nor a passkey", async () => {
  const known = await invited("gus");
  const attacker = new Browser();
  const codes: unknown[] = [];
  for (let i = 0; i < 12; i++) codes.push((await attacker.signIn(`guess number ${i} of many`, "gus")).json.code);
  assert.deepEqual(new Set(codes.slice(0, 10)), new Set(["not-signed-in"]));
  assert.deepEqual(new Set(codes.slice(10)), new Set(["too-many-attempts"]));
  assertProblem(await attacker.signIn(PASSWORD, "gus"), 429, "too-many-attempts");
  const same = await Promise.all([new Browser().signIn(PASSWORD, "gus"), known.signIn(PASSWORD, "gus")]);
  assert.deepEqual(
    same.map(({ status }) => status),
    [429, 200],
  );
  // Another login's cookie, and one that is made up, are those of a browser that nobody knows.
  const other = await invited("hal");
  assertProblem(await other.signIn(PASSWORD, "gus"), 429, "too-many-attempts");
  known.cookies.set("solely-browser", `AAAA.${known.cookies.get("solely-browser")!.split(".")[1]}`);
  assertProblem(await known.signIn(PASSWORD, "gus"), 429, "too-many-attempts");
});

test("guesses that come all at once count all the same", async () => {
  await invited("ina");
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => new Browser().signIn(`a guess ${i} at it`, "ina")),
  );
  const refused = answers.filter(({ json }) => json.code === "too-many-attempts");
  assert.equal(refused.length, 10);
});

test("a session is over when its password is another, its login has ended, or an invitation was accepted anew", async () => {
  const first = await invited("kim");
  const second = new Browser();
  await second.signIn(PASSWORD, "kim");
  const changed = await first.ask("POST /v1/login/password", { current: PASSWORD, password: OTHER });
  assert.equal(changed.status, 200, changed.text);
  assert.notEqual(await first.visitor(), null);
  assert.equal(await second.visitor(), null);
  assertProblem(
    await first.ask("POST /v1/login/password", { current: PASSWORD, password: OTHER }),
    403,
    "not-signed-in",
  );
  const third = await invited("kim");
  assert.equal(await first.visitor(), null, "who had it before the recovery is out");
  const passkey = makePasskey();
  const { credential, publicKey } = passkey;
  const kim = { advertiser: "acme", login: "kim" };
  await addPasskey(served.solely, { ...kim, actor: "login:kim", credential, publicKey });
  const fourth = new Browser();
  assert.equal((await withPasskey(fourth, passkey)).status, 200);
  await runCommand(served.solely, "loginEnd", kim, { actor: "operator:bob" });
  assert.deepEqual([await third.visitor(), await fourth.visitor()], [null, null]);
  assertProblem(await new Browser().signIn(PASSWORD, "kim"), 403, "not-signed-in");
});

test("a stolen session guesses no more at the present password than a browser does, with its cookie or without", async () => {
  const owner = await invited("oda");
  owner.cookies.delete("solely-browser");
  const codes: unknown[] = [];
  for (let i = 0; i < 12; i++) {
    const guess = { current: `guess number ${i} of many`, password: OTHER };
    codes.push((await owner.ask("POST /v1/login/password", guess)).json.code);
  }
  assert.deepEqual(codes, [...Array(10).fill("not-signed-in"), ...Array(2).fill("too-many-attempts")]);
  assert.equal((await new Browser().signIn(PASSWORD, "oda")).status, 200, "signing in is counted apart");
});

test("an old sign-in changes nothing of how one gets in", async () => {
  const browser = await invited("lea");
  const holds = served.solely.sessions.open(
    { is: "advertiser", advertiser: "acme", login: "lea" },
    undefined,
    Date.now() - 11 * 60_000,
  );
  // Used in between, so that it is not idle.
  assert.equal(served.solely.sessions.find(holds, Date.now() - 60_000)?.visitor.is, "advertiser");
  assert.equal((await browser.ask("POST /v1/login/passkey/begin")).status, 200);
  browser.cookies.set("solely", holds);
  for (const path of ["password", "passkey/begin", "passkey", "passkey/end"]) {
    const answer = await browser.ask(`POST /v1/login/${path}`, { current: PASSWORD, password: OTHER, credential: "x" });
    assertProblem(answer, 403, "sign-in-again");
  }
});

test("an operator's passkey opens a session while it is in force, and a challenge serves once, here, for that", async () => {
  const passkey = makePasskey();
  const { credential, publicKey, host } = passkey;
  const browser = new Browser();
  assertProblem(await withPasskey(browser, passkey), 403, "passkey-refused");
  await served.store.decide({ type: "operator.passkey", name: "bob", credential, publicKey, host });
  for (const over of [
    { flags: 0x01 },
    { flags: 0x04 },
    { host: "evil.example" },
    { clientData: { origin: "https://evil.example" } },
    { challenge: "AAAA" },
    { clientData: { origin: served.server.origin, type: "webauthn.create" } },
  ]) {
    assertProblem(await withPasskey(browser, passkey, over), 403, "passkey-refused");
  }
  const stranger = { ...makePasskey(), credential };
  assertProblem(await withPasskey(browser, stranger), 403, "passkey-refused");

  const begun = await browser.ask("POST /v1/session/passkey/begin");
  assert.deepEqual([begun.json.userVerification, begun.json.rpId], ["required", "localhost"]);
  const response = responseOf(passkey, begun);
  assertProblem(await new Browser().ask("POST /v1/session/passkey", { response }), 403, "passkey-refused");
  const cookie = browser.cookies.get("solely-ceremony")!;
  assert.equal((await browser.ask("POST /v1/session/passkey", { response })).status, 200);
  assert.deepEqual(await browser.visitor(), { is: "operator", name: "bob" });
  const replayer = new Browser();
  replayer.cookies.set("solely-ceremony", cookie);
  assertProblem(await replayer.ask("POST /v1/session/passkey", { response }), 403, "passkey-refused");

  await served.store.decide({ type: "operator.passkey-end", name: "bob", credential });
  assert.equal(await browser.visitor(), null);
  assertProblem(await withPasskey(browser, passkey), 403, "passkey-refused");
});

test("no login takes an operator's passkey from them by giving its own the same id", async () => {
  const passkey = makePasskey();
  const { credential, publicKey, host } = passkey;
  await served.store.decide({ type: "operator.passkey", name: "bob", credential, publicKey, host });
  await invited("eve");
  const own = { ...makePasskey(), credential };
  const eve = { advertiser: "acme", login: "eve", actor: "login:eve" };
  await addPasskey(served.solely, { ...eve, credential, publicKey: own.publicKey });
  assert.equal(served.solely.access.logins.passkey(credential)?.login, "eve");
  const browser = new Browser();
  assertProblem(await withPasskey(browser, own), 403, "passkey-refused");
  assert.equal((await withPasskey(browser, passkey)).status, 200);
  assert.deepEqual(await browser.visitor(), { is: "operator", name: "bob" });
  await served.store.decide({ type: "operator.passkey-end", name: "bob", credential });
});

test("an operator's key file opens a session, once, and no command but the operators' own", async () => {
  const { privateKey: key } = await readOperatorKey(served.store.operators, "alice");
  const signed = signSignIn({ key, name: "alice", storeId: served.solely.config.root, atMs: Date.now() });
  const entered = (await runCommand(served.solely, "operatorSignIn", { signed }, { actor: "cli" })) as { url: string };
  assert.ok(entered.url.startsWith(`${served.server.origin}/#enter=`));
  await assert.rejects(runCommand(served.solely, "operatorSignIn", { signed }, { actor: "cli" }), { code: "repeated" });
  const browser = new Browser();
  assert.equal((await browser.ask("POST /v1/session/link", { token: tokenOf(entered) })).status, 200);
  assert.deepEqual(await browser.visitor(), { is: "operator", name: "alice" });
  assertProblem(await browser.ask("GET /v1/login"), 403, "forbidden");
  assertProblem(await browser.ask("GET /v1/person"), 403, "forbidden");
  const again = await new Browser().ask("POST /v1/session/link", { token: tokenOf(entered) });
  assertProblem(again, 410, "link-over");
});

test("the platform's link lets a person in once, for ten minutes", async () => {
  const key = await served.key("people");
  const made = await served.ask("POST /v1/people/ann/link", { key });
  assert.match(String(made.json.url), /\/#person=[\w-]{43}$/);
  const token = tokenOf(made.json as { url: string });
  const browser = new Browser();
  assert.equal((await browser.ask("POST /v1/session/link", { token })).status, 200);
  assert.deepEqual(await browser.visitor(), { is: "person" });
  assertProblem(await new Browser().ask("POST /v1/session/link", { token }), 410, "link-over");
  assertProblem(await served.ask("POST /v1/people/nobody/link", { key }), 404, "unknown-account");
  const { links } = served.solely;
  const late = links.make({ is: "person", account: 0 }, 10, undefined, Date.now() - 10 * 60_000);
  assertProblem(await browser.ask("POST /v1/session/link", { token: late }), 410, "link-over");
});

test("nothing that lets somebody in is taken from another site's page, or under another host's name", async () => {
  const paths = [
    ...["session/link", "session/password", "session/passkey/begin", "session/passkey"],
    ...["invitation", "invitation/password", "invitation/passkey/begin", "invitation/passkey"],
  ];
  for (const path of paths) {
    for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "same-site" }, { origin: "null" }]) {
      assertProblem(await new Browser().ask(`POST /v1/${path}`, {}, headers), 403, "foreign-origin");
    }
  }
  const browser = await invited("mia");
  assert.equal((await browser.ask("GET /v1/login")).status, 200);
  assertProblem(
    await browser.ask("GET /v1/login", undefined, { "sec-fetch-site": "same-site" }),
    403,
    "foreign-origin",
  );
  const { request } = await import("node:http");
  const { port } = new URL(served.server.url);
  const cookie = `solely=${browser.cookies.get("solely")}`;
  const statusAs = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port, path: "/v1/login", headers: { host, cookie } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.on("error", reject).end();
    });
  assert.deepEqual([await statusAs(`localhost:${port}`), await statusAs(`rebound.example:${port}`)], [200, 401]);
});

test("one advertiser's login sees and changes nothing of another's", async () => {
  const [own, theirs] = [await invited("nat"), await invited("nat", "beta")];
  assertProblem(await own.ask("GET /v1/advertisers/beta/audiences"), 404, "unknown-advertiser");
  assertProblem(await own.ask("POST /v1/console/logins", {}), 403, "forbidden");
  await own.ask("POST /v1/login/password", { current: PASSWORD, password: OTHER });
  assert.notEqual(await theirs.visitor(), null);
  assert.equal((await theirs.signIn(PASSWORD, "nat", "beta")).status, 200);
});
