/**
 * Advertiser acme can by no means see or change what is beta's: every route of the table is asked about beta's things and
 * about things that there are not, with a key of every scope, and the answers are the same byte for byte.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SCOPES, type Scope } from "../../src/access/index.js";
import { commands } from "../../src/command/index.js";
import { findServer } from "../../src/http/index.js";
import type { Route } from "../../src/http/route.js";
import { routes } from "../../src/http/routes.js";
import { type Answer, assertProblem, contact, emails, type Json, lines, ServedStore } from "./served-store.js";

/** Names of a thing that is beta's, and of one that there is not, of one length. */
interface Names {
  readonly advertiser: string;
  readonly audience: string;
  readonly account: string;
}

let served: ServedStore;
/** Of acme, for the scope `lists`; of the platform, for the others. */
const keys: Partial<Record<Scope, string>> = {};
let beta: Names & { readonly key: string; readonly list: string };
let acme: Names;
const nothing: Names = { advertiser: "zeta", audience: "a0123456789abcdef", account: "bob" };

before(async () => {
  served = await ServedStore.make();
  for (const scope of ["accounts", "events", "serve", "showings", "audit", "people"] as const)
    keys[scope] = await served.key(scope);
  keys.contacts = await served.key("contacts", { source: "local" });
  keys.reveal = await served.key("reveal", { purpose: "security.mfa" });
  keys.lists = await served.advertiser("acme");
  const key = await served.advertiser("beta");
  const people = ["ann", "ben", "cid"].map((account) => contact(account, `${account}@example.com`));
  await served.ask("POST /v1/contacts", { key: keys.contacts, body: lines(people) });
  const [own, theirs] = await Promise.all([
    served.ask("POST /v1/advertisers/acme/lists?name=mine", { key: keys.lists, body: emails("cid@example.com") }),
    served.ask("POST /v1/advertisers/beta/lists?name=gold&session=s&part=1", { key, body: emails("ann@example.com") }),
  ]);
  acme = { advertiser: "acme", audience: String(own.json.audience), account: "cid" };
  beta = { key, advertiser: "beta", audience: String(theirs.json.audience), account: "ann", list: "gold" };
});
after(() => served.remove());

const nameOf = ({ method, path }: Pick<Route, "method" | "path">): string => `${method} ${path}`;
const filled = (what: string, names: Names): string =>
  what.replace(/:(\w+)/g, (_, name: keyof Names) => encodeURIComponent(names[name]));
const bodyOf = ({ method }: Route) => (method === "POST" ? { body: emails("ann@example.com") } : {});
const ask = (route: Route, names: Names, key?: string, query = "") =>
  served.ask(filled(nameOf(route), names) + query, { key, ...bodyOf(route) });

/** All that beta has, as it sees it, and as it is. */
async function stateOfBeta(): Promise<unknown> {
  const view = await served.ask("GET /v1/advertisers/beta/audiences", { key: beta.key });
  const { matched, parts, ...facts } = served.solely.audiences.get(beta.audience);
  return [view.whole, served.members(beta.audience), [...matched.toArray()], [...parts], facts];
}

/** Whatever is tried, beta's things stay as they are, and the ledger gets nothing. */
async function changesNothing<T>(attempt: () => Promise<T>): Promise<T> {
  const [state, { position }] = [await stateOfBeta(), served.solely.log];
  const outcome = await attempt();
  assert.equal(served.solely.log.position, position);
  assert.deepEqual(await stateOfBeta(), state);
  return outcome;
}

/** The same answer to both, but for what the request itself says. */
function assertSame(theirs: Answer, none: Answer, said: readonly [string, string] = ["", ""]): void {
  assert.equal(theirs.whole.replaceAll(said[0], said[1]), none.whole);
}

const open = [
  "GET /v1/health",
  "GET /tlog/checkpoint",
  "GET /tlog/verifier",
  "GET /tlog/tile/*",
  "GET /v1/ledger/inclusion",
  "GET /v1/ledger/consistency",
];
/** Routes for the platform itself: they show and change what is everybody's, and are closed to advertisers. */
const ofPlatform = [
  "POST /v1/contacts",
  "POST /v1/accounts",
  "POST /v1/events",
  "POST /v1/showings",
  "POST /v1/reveal",
  "GET /v1/accounts/:account/audiences",
  "GET /v1/audiences",
  "GET /v1/audiences/changes",
  "POST /v1/audiences/:audience/export",
  "GET /tlog/tile/entries/*",
  "POST /v1/people/:account/link",
];
/** Routes that only a person's own session opens. */
const ofPerson = ["GET /v1/person", "POST /v1/person/switch", "POST /v1/person/receipt", "POST /v1/person/export"];
/** Routes that only the session of who is signed in for an advertiser opens. */
const ofLogins = [
  "GET /v1/advertisers/:advertiser/keys",
  "POST /v1/advertisers/:advertiser/keys",
  "DELETE /v1/advertisers/:advertiser/keys/:key",
];
/** What acme tries on beta's, by route: what is asked of beta's, and the same of what there is not. */
const ofAdvertisers: Readonly<Record<string, (route: Route) => Promise<readonly (readonly [Answer, Answer])[]>>> = {
  "GET /v1/advertisers/:advertiser/audiences": async () => [],
  "GET /v1/advertisers/:advertiser/audiences/:audience": async (route) => [
    await Promise.all([
      ask(route, { ...acme, audience: beta.audience }, keys.lists),
      ask(route, { ...acme, audience: nothing.audience }, keys.lists),
    ]),
  ],
  "DELETE /v1/advertisers/:advertiser/audiences/:audience": async (route) => [
    await Promise.all([
      ask(route, { ...acme, audience: beta.audience }, keys.lists),
      ask(route, { ...acme, audience: nothing.audience }, keys.lists),
    ]),
  ],
  "POST /v1/advertisers/:advertiser/audiences": (route) =>
    Promise.all(
      ["include", "exclude"].map(async (operand) => {
        const asked = [beta.audience, nothing.audience].map((id) => {
          const expression = { name: "both", include: [acme.audience], [operand]: [acme.audience, id] };
          return served.ask(filled(nameOf(route), acme), { key: keys.lists!, body: JSON.stringify(expression) });
        });
        return (await Promise.all(asked)) as [Answer, Answer];
      }),
    ),
  "GET /v1/advertisers/:advertiser/audiences/:audience/history": async (route) => [
    await Promise.all([
      ask(route, { ...acme, audience: beta.audience }, keys.lists),
      ask(route, { ...acme, audience: nothing.audience }, keys.lists),
    ]),
  ],
  "GET /v1/advertisers/:advertiser/lists/parts": async () => [],
  "GET /v1/advertisers/:advertiser/budget": async () => [],
  "POST /v1/advertisers/:advertiser/lists": (route) =>
    Promise.all(
      ["append", "remove"].map(async (operation) => {
        const query = (name: string) => `?name=${name}&operation=${operation}`;
        const asked = [beta.list, "none"].map((name) => ask(route, acme, keys.lists, query(name)));
        return (await Promise.all(asked)) as [Answer, Answer];
      }),
    ),
};

test("every route is open to all, the platform's, or tried below", () => {
  assert.deepEqual(
    routes.map(nameOf).sort(),
    [...open, ...ofPlatform, ...ofPerson, ...ofLogins, ...Object.keys(ofAdvertisers)].sort(),
  );
  for (const route of routes) {
    const name = nameOf(route);
    const isOfAdvertisers = name in ofAdvertisers;
    assert.equal(route.scope === null, open.includes(name), name);
    assert.equal(route.scope === "lists", isOfAdvertisers, name);
    const isOwn = isOfAdvertisers || ofLogins.includes(name);
    assert.equal(route.path.includes(":advertiser"), isOwn, "whose it is stands in the path");
  }
});

test("a key opens no route but those of its scope, and says the same of what there is and what there is not", async () => {
  await changesNothing(async () => {
    const tried = routes.flatMap((route) =>
      SCOPES.filter((scope) => route.scope !== null && scope !== route.scope).map(async (scope) => {
        const asked = [beta, acme, nothing].map((names) => ask(route, names, keys[scope]));
        const [theirs, own, none] = (await Promise.all(asked)) as [Answer, Answer, Answer];
        assertProblem(none, 403, "forbidden");
        assertSame(theirs, none);
        assertSame(own, none);
      }),
    );
    const ofSessions = ofPerson.length + ofLogins.length;
    const ofKeys = routes.length - open.length - ofSessions;
    assert.equal(tried.length, ofKeys * (SCOPES.length - 1) + ofSessions * SCOPES.length);
    await Promise.all(tried);
  });
});

test("without a key no route but the open ones says anything, and says it of everything", async () => {
  await changesNothing(async () => {
    const tried = routes.map(async (route) => {
      const [theirs, none] = await Promise.all([ask(route, beta), ask(route, nothing)]);
      assertSame(theirs, none);
      if (open.includes(nameOf(route))) assert.ok([200, 400, 404].includes(none.status), nameOf(route));
      else assertProblem(none, 401, "unauthorized");
    });
    await Promise.all(tried);
  });
});

test("of beta, acme's key hears on every route what it hears of an advertiser that there is not", async () => {
  await changesNothing(async () => {
    const tried = routes
      .filter(({ scope }) => scope === "lists")
      .map(async (route) => {
        const query = route.method === "POST" ? "?name=gold&operation=replace" : "";
        const asked = [beta, { ...beta, advertiser: "zeta" }, nothing].map((n) => ask(route, n, keys.lists, query));
        const [theirs, none, noneAtAll] = (await Promise.all(asked)) as [Answer, Answer, Answer];
        assertProblem(none, 404, "unknown-advertiser");
        assertSame(theirs, none);
        assertSame(noneAtAll, none);
      });
    await Promise.all(tried);
  });
});

test("under its own name, too, acme hears of beta's things what it hears of none", async () => {
  for (const route of routes.filter(({ scope }) => scope === "lists")) {
    const pairs = await changesNothing(() => ofAdvertisers[nameOf(route)]!(route));
    for (const [theirs, none] of pairs) {
      assert.equal(none.status, 404, none.text);
      assertSame(theirs, none, [beta.list, "none"]);
    }
  }
});

test("acme's list of the same name, session and part as beta's is another list", async () => {
  const state = await stateOfBeta();
  const what = "POST /v1/advertisers/acme/lists?name=gold&session=s&part=1";
  const made = await served.ask(what, { key: keys.lists, body: emails("ben@example.com") });
  assert.notEqual(made.json.audience, beta.audience);
  assert.deepEqual(served.members(made.json.audience), ["ben"]);
  for (const operation of ["replace", "remove"]) {
    const query = `?name=gold&operation=${operation}`;
    await served.ask(`POST /v1/advertisers/acme/lists${query}`, { key: keys.lists, body: emails("ann@example.com") });
  }
  assert.deepEqual(await stateOfBeta(), state);
});

test("acme's own view holds acme's audiences alone", async () => {
  const { json, text } = await served.ask("GET /v1/advertisers/acme/audiences", { key: keys.lists });
  const audiences = json.audiences as Json[];
  assert.ok(audiences.length > 0);
  for (const { advertiser } of audiences) assert.equal(advertiser, "acme");
  assert.ok(!text.includes("beta") && !text.includes(beta.audience));
});

test("a name that is nearly acme's is not acme's", async () => {
  await changesNothing(async () => {
    const near = [
      "ACME",
      "acme%20",
      "%20acme",
      "acme%00",
      "acme%2F",
      "acme%2F..%2Fbeta",
      "beta%2F..%2Facme",
      "acm",
      "",
    ];
    for (const name of [...near, "acme%E2%80%8B", "acme%252F", "*", "null", "undefined"]) {
      const answer = await served.ask(`GET /v1/advertisers/${name}/audiences`, { key: keys.lists });
      assertProblem(answer, 404, "unknown-advertiser");
    }
  });
});

test("a source's key feeds as that source alone, and its Idempotency-Key is no other's", async () => {
  await served.store.decide({ type: "source.set", name: "shop", vouches: true, freedLimit: null });
  await served.store.adopt({ id: "shop-ads", purposes: ["ads.match"], sources: ["shop"] });
  const shop = await served.key("contacts", { source: "shop" });
  const feed = (key: string | undefined, account: string, notice: string) =>
    served.ask("POST /v1/contacts", {
      ...{ key, body: lines([contact(account, `${account}@example.com`, { notice })]) },
      headers: { "idempotency-key": "1" },
    });
  assert.equal((await feed(keys.contacts, "dan", "ads")).json.accepted, 1);
  assert.equal((await feed(shop, "eve", "shop-ads")).json.accepted, 1);
  for (const account of ["dan", "eve"]) assert.ok(served.solely.contacts.findAccount(account) !== undefined);
  const query = await served.ask("POST /v1/contacts?source=local", { key: shop, body: "" });
  assertProblem(query, 400, "malformed-request");
});

test("the channel of commands opens to no API key, and its key opens no route", async () => {
  const channel = findServer(served.store.data)!;
  const body = '{"actor":"test","input":{}}\n';
  await changesNothing(async () => {
    for (const name of [...Object.keys(commands), "none"]) {
      const asked = [undefined, ...SCOPES.map((scope) => keys[scope])].map((key) =>
        served.ask(`POST /v1/commands/${name}`, { key, body }),
      );
      const answers = await Promise.all(asked);
      assertProblem(answers[0]!, 401, "unauthorized");
      for (const answer of answers) assertSame(answer, answers[0]!);
    }
    const answered = await served.ask("POST /v1/commands/advertisers", { key: channel.key, body });
    assert.deepEqual(
      (JSON.parse(answered.text) as { result: Json[] }).result.map(({ name }) => name),
      ["acme", "beta"],
    );
    for (const route of routes.filter(({ scope, isTicked }) => scope !== null && isTicked !== true)) {
      assertProblem(await ask(route, acme, channel.key), 401, "unauthorized");
    }
  });
});
