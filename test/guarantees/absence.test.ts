/**
 * Absence and permission: what was never permitted has no token, and would not be served if it had; each layer holds
 * alone.
 *
 * A world in which two of five contacts were given for security alone, some of them also for ads by another account,
 * some taken back. Every list is held against the world's truth with one of the layers switched off.
 */
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { type KindCode, kindCode, Messages, Normaliser } from "../../src/contact/index.js";
import { decodeTokens, identityOf } from "../../src/grant/index.js";
import { FLAG } from "../../src/grant/point-table.js";
import { doctor, takeEvents } from "../../src/index.js";
import { PurposeGate } from "../../src/purpose/index.js";
import { OrdinalSet } from "../../src/set/index.js";
import { adsKeyName } from "../../src/token/index.js";
import { Tokeniser } from "../../src/token/tokeniser.js";
import { ndjson } from "../fresh-store.js";
import { WorldStore } from "../world-store.js";

let world: WorldStore;
before(async () => {
  world = await WorldStore.make({ accounts: 6000, seed: 40 });
});
after(() => world.remove());

/** A gate that lets everything through: the layer of permission, switched off. */
function openGate(): PurposeGate {
  const { contacts } = world.store.solely;
  const everything = OrdinalSet.from(Uint32Array.from({ length: contacts.points.count }, (_, i) => i));
  return new PurposeGate(new Map([["ads.match", everything]]), () => 0);
}

async function holdsForEveryList(): Promise<void> {
  for (const list of world.lists) {
    const audience = await world.match(list);
    assert.deepEqual(world.members(audience), world.truth(list.name), list.name);
  }
}

test("of a world where two of five contacts are for security alone, lists reach exactly whom they may", async () => {
  const { securityOnly, contactPoints, permitted } = world.summary;
  assert.ok(securityOnly > 0.38 * contactPoints);
  assert.equal(world.store.solely.contacts.permitted.size, permitted);
  await holdsForEveryList();
});

test("a contact that was never permitted has no token: not in the index, and none was ever stored", async () => {
  const { solely } = world.store;
  const { contacts, matcher, log } = solely;
  for (const ordinals of await matcher.ordinals()) {
    for (const ordinal of ordinals) assert.ok(contacts.permitted.has(ordinal));
  }
  // Tokens of a stretch that ended are gone from the index; the store keeps those of what was permitted once.
  const withToken = new Set<number>();
  for await (const row of log.store.tokens(0))
    for (const number of decodeTokens(row.body, row.keys).number) withToken.add(number);
  assert.ok(withToken.size > 0.4 * contacts.points.numbered);
  for (const ordinal of withToken) {
    const number = contacts.points.numberOf(ordinal);
    assert.ok((contacts.points.flags[number]! & FLAG.begun) !== 0, `contact point ${number} was never permitted`);
    assert.ok(contacts.standing(number).grantedMs >= 0, `contact point ${number} was never given for ads`);
  }
});

test("with the layer of permission off, the index alone keeps out what was never permitted", async () => {
  const { solely } = world.store;
  const gate = openGate();
  for (const list of world.lists) {
    const { log, contacts, matcher, access, audiences, gateResults, refusals } = solely;
    const audience = await world.match(list, {
      log,
      gate,
      contacts,
      matcher,
      access,
      audiences,
      gateResults,
      refusals,
    });
    assert.deepEqual(world.members(audience, gate), world.truth(list.name), list.name);
  }
});

test("with the layer of keys off, permission alone keeps out what was never permitted", async () => {
  const { matcher } = world.store.solely;
  const before = await matcher.size();
  await indexEverything();
  assert.ok((await matcher.size()) > 1.5 * before);
  const { isHealthy } = await doctor(world.store.solely);
  assert.equal(isHealthy, false, "and doctor sees that tokens are there that should not be");
  await holdsForEveryList();
  // The lists do reach them: with both layers off, they are served.
  const gate = openGate();
  const { log, contacts, access, audiences, gateResults, refusals } = world.store.solely;
  const list = world.lists.find(({ name }) => name === "security-contacts")!;
  const audience = await world.match(list, { log, gate, contacts, matcher, access, audiences, gateResults, refusals });
  assert.ok(world.members(audience, gate).length > 100);
  assert.deepEqual(world.members(audience), world.truth(list.name));
  await world.match(list); // puts in order what was matched with both layers off
  await world.store.reopen("facts");
});

/** Puts tokens of every contact that is not permitted into the index, with the ads key, which the product would not. */
async function indexEverything(): Promise<void> {
  const { contacts, matcher, keys, keyHistory, identityKey } = world.store.solely;
  const tokeniser = new Tokeniser("ads.match", keys.read(adsKeyName(keyHistory.epoch)));
  const normaliser = new Normaliser();
  let erased = 0;
  for await (const line of createInterface({ input: createReadStream(join(world.folder, "contacts.csv")) })) {
    const [account, kind, cell] = line.split(",");
    if (account === "account") continue;
    const value = cell!.replaceAll('"', "");
    const point = contacts.points.find(identityOf(identityKey, account!, { kind: kind!, value }), 0);
    if (point < 0) erased++;
    if (point < 0 || contacts.isPermitted(point)) continue;
    const forms = new Messages();
    const bytes = Buffer.from(value);
    const code = kindCode(kind as Parameters<typeof kindCode>[0]) as KindCode;
    const count = normaliser.forms(code, bytes, 0, bytes.length, forms);
    for (let form = 0; form < count; form++) {
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", forms.message(form).slice())).slice(0, 16);
      const token = tokeniser.tokens(digest);
      await matcher.insert({
        tokens: token,
        ordinals: Uint32Array.of(point),
        marks: forms.tags.slice(form, form + 1),
        kinds: Uint8Array.of(code),
      });
    }
  }
  assert.ok(
    erased > 0 && erased < 0.1 * contacts.points.numbered,
    `${erased} rows are of contact points that were erased`,
  );
}

test("a withdrawal counts at once, and its token is gone from the index, also from an old snapshot of it", async () => {
  const { store } = world;
  await store.keepSnapshot();
  const list = world.lists.find(({ name }) => name === "x-emails")!;
  const audience = await world.match(list);
  const [account] = world.members(audience);
  await takeEvents(store.solely, ndjson([{ type: "withdraw", account, at: new Date().toISOString() }]), {
    actor: "test",
  });
  for (const from of ["newest", "kept", "facts"] as const) {
    const { contacts, matcher } = await store.reopen(from);
    assert.ok(!world.members(audience).includes(account!), from);
    const own = contacts.pointsOf(contacts.account(account!)).map((point) => contacts.ordinalOf(point));
    const indexed = new Set((await matcher.ordinals()).flatMap((ordinals) => [...ordinals]));
    assert.ok(!own.some((ordinal) => indexed.has(ordinal)), from);
    assert.ok((await doctor(store.solely)).isHealthy);
  }
});

test("a row without a notice, or under one that nobody approved, is refused: deny is the default", async () => {
  const { ingest } = await import("../../src/index.js");
  const { solely } = world.store;
  const grant = { account: "u-new", kind: "email", value: "new@example.com", given_at: "2024-01-01T00:00:00Z" };
  const rows = [grant, { ...grant, notice: "" }, { ...grant, notice: "no-such" }, { ...grant, notice: "signup-ads@9" }];
  const { position } = solely.log;
  const result = await ingest(solely, ndjson(rows), {
    source: "local",
    actor: "test",
    format: "ndjson",
    keepRefused: 9,
  });
  assert.deepEqual([result.rows, result.accepted, result.refused], [4, 0, 4]);
  assert.equal(solely.log.position, position);
});
