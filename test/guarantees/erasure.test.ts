/**
 * Erasure is erasure: value, mask, token, identity, the account's name and the salts of its leaves are destroyed before it
 * is acknowledged, and leave the bytes on disk by compaction. A bare number stays, so that counts stay exact; a tombstone
 * refuses what tomorrow's full feed brings again.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { audit } from "../../src/evidence/index.js";
import { decodeTokens, identityOf } from "../../src/grant/index.js";
import {
  compact,
  doctor,
  explain,
  ingest,
  matchList,
  rotateAdsKey,
  rotateSealingKey,
  takeAccounts,
  takeEvents,
} from "../../src/index.js";
import { formatVerifier, KeyTree, LeafKind } from "../../src/ledger/index.js";
import { adsKeyName } from "../../src/token/index.js";
import { Tokeniser } from "../../src/token/tokeniser.js";
import { VAULT_LIMITS } from "../../src/vault/index.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

const PEOPLE = 600;
const ERASED = "gone-for-good-217";
const KEPT = "person-218";
const GIVEN = "2024-01-01T00:00:00Z";
const ERASED_AT = "2025-01-01T00:00:00Z";

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "signup", purposes: ["service.account", "marketing.message", "ads.match"] });
  await store.adopt({ id: "mfa", purposes: ["security.mfa"], exclusive: true });
  await feed();
});
after(() => store.remove());

const nameOf = (i: number): string => (i === 217 ? ERASED : `person-${i}`);
const emailOf = (i: number): string => `mail.of.${nameOf(i)}@example.com`;
const phoneOf = (i: number): string => `+1202555${String(1000 + i)}`;

function rows(): Record<string, unknown>[] {
  return Array.from({ length: PEOPLE }, (_, i) => [
    { account: nameOf(i), kind: "email", value: emailOf(i), notice: "signup", given_at: GIVEN },
    { account: nameOf(i), kind: "phone", value: phoneOf(i), notice: "mfa", given_at: GIVEN },
  ]).flat();
}

const take = (grants: readonly unknown[], keepRefused = 0) =>
  ingest(store.solely, ndjson(grants), { source: "local", actor: "test", format: "ndjson", keepRefused });

/** The platform's full feed, as it comes every day. */
async function feed() {
  const taken = await take(rows(), 10);
  const accounts = Array.from({ length: PEOPLE }, (_, i) => ({ account: nameOf(i), country: "DE" }));
  const told = await takeAccounts(store.solely, ndjson(accounts), { actor: "test", format: "ndjson", keepRefused: 10 });
  return { taken, told };
}

const erase = (...events: Record<string, unknown>[]) =>
  takeEvents(store.solely, ndjson(events.map((event) => ({ type: "erase", at: ERASED_AT, ...event }))), {
    actor: "test",
    keepRefused: 10,
  });

async function servedTo(name: string): Promise<string[]> {
  const { audience } = await matchList(
    store.solely,
    streamOf(
      `email\n${rows()
        .map((row) => row.value)
        .join("\n")}\n`,
    ),
    {
      ...{ advertiser: "acme", name, operation: "replace", actor: "test" },
    },
  );
  const { audiences, gate, contacts } = store.solely;
  const served = audiences.members(gate.permit("ads.match"), audiences.get(audience));
  return Array.from(contacts.accountsOf(served.toArray()), (account) => contacts.accountName(account));
}

/** What must be nowhere once it is erased, by what it is. */
interface Traces {
  readonly [what: string]: Buffer;
}

/** Everything that the store has of one account, as bytes that can be looked for. */
async function tracesOf(i: number): Promise<Traces> {
  const { contacts, identityKey, keys, keyHistory, store: tables } = store.solely;
  const traces: Record<string, Buffer> = { name: Buffer.from(nameOf(i)) };
  for (const [kind, value] of [
    ["email", emailOf(i)],
    ["phone", phoneOf(i)],
  ] as const) {
    const identity = identityOf(identityKey, nameOf(i), { kind, value });
    const point = contacts.points.find(identity, 0);
    assert.ok(point >= 0);
    traces[`identity of ${kind}`] = Buffer.from(identity.buffer, 0, 12);
    const digest = createHash("sha256").update(value).digest().subarray(0, 16);
    const tokeniser = new Tokeniser("ads.match", keys.read(adsKeyName(keyHistory.epoch)));
    const token = tokeniser.tokens(new Uint8Array(digest));
    // As the index keeps it: of the first word what the bucket does not imply, elsewhere; the kind is mixed into the third.
    const rest = Buffer.from(token.slice(4, 12));
    const kindWord = createHash("sha256").update(`solely token kind ${kind}`).digest().readUInt32LE();
    rest.writeUInt32LE((rest.readUInt32LE(4) ^ kindWord) >>> 0, 4);
    traces[`token of ${kind}`] = rest;
    const leaf = contacts.arrivals.ofPoint(point).position;
    for (const compartment of [0, 4, 6, 1000]) {
      const [row] = await tables.findSealed([{ position: leaf, compartment, number: point }]);
      if (row === undefined) continue;
      traces[`sealed ${kind} in ${compartment}`] = Buffer.from(row.body.subarray(-200));
      traces[`wrapped key of ${kind} in ${compartment}`] = Buffer.from(row.wrapped);
    }
    for await (const { position, part, keys: kept } of tables.facts(leaf, { to: leaf + 1 })) {
      traces[`salts at ${position}.${part}`] = Buffer.from(kept.subarray(-16));
    }
    for await (const { position, part, keys: kept } of tables.tokens(leaf, leaf + 1)) {
      traces[`token keys at ${position}.${part}`] = Buffer.from(kept.subarray(-16));
    }
  }
  return traces;
}

/** Where the traces are in the files below a folder. */
function found(folder: string, traces: Traces): Map<string, string[]> {
  const places = new Map<string, string[]>();
  const look = (dir: string): void => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) look(path);
      else if (entry.isFile()) {
        const bytes = readFileSync(path);
        for (const [what, trace] of Object.entries(traces)) {
          if (bytes.includes(trace)) places.set(what, [...(places.get(what) ?? []), path.slice(folder.length)]);
        }
      }
    }
  };
  look(folder);
  return places;
}

let traces: Traces;
let point: number;
let counts: Record<string, number>;

const countsNow = (): Record<string, number> => ({
  points: store.solely.contacts.points.numbered,
  accounts: store.solely.contacts.accounts.count,
});

test("an erasure names the audiences that the account left, and is in effect when it is acknowledged", async () => {
  assert.ok((await servedTo("everybody")).includes(ERASED));
  traces = await tracesOf(217);
  counts = countsNow();
  await store.keepSnapshot();
  if (store.databaseUrl === undefined) {
    const there = found(store.data, traces);
    for (const what of ["name", "identity of email", "identity of phone", "token of email"]) {
      assert.ok(there.has(what), `the search finds what is there: ${what}`);
    }
    assert.ok(!there.has("token of phone"), "it never had one");
  }
  point = store.solely.contacts.pointsOf(store.solely.contacts.account(ERASED))[0]!;
  const { accepted, erased } = await erase({ account: ERASED });
  assert.equal(accepted, 1);
  const audience = store.solely.audiences.find("acme", "everybody")!.id;
  assert.deepEqual(erased, [{ account: ERASED, audiences: [audience] }]);
  assert.deepEqual(countsNow(), counts, "bare numbers stay");
});

test("in memory and in every row nothing of it is left, and neighbours have lost nothing", async () => {
  const { contacts, vault, store: tables, matcher } = store.solely;
  assert.equal(contacts.findAccount(ERASED), undefined);
  assert.equal(contacts.points.isForgotten(point), true);
  assert.deepEqual(await vault.masks([point]), new Map());
  assert.ok((await matcher.ordinals()).every((ordinals) => !ordinals.includes(point)));
  const neighbour = contacts.pointsOf(contacts.account(KEPT));
  assert.equal((await vault.masks(neighbour)).size, 2);
  const leaf = contacts.arrivals.ofPoint(point).position;
  for await (const { body, keys } of tables.tokens(leaf, leaf + 1)) {
    const { number } = decodeTokens(body, keys);
    const { destroyed } = KeyTree.decode(keys)[0]!.keys();
    number.forEach((one, item) => {
      assert.equal(destroyed[item], one === point || one === point - 1 ? 1 : 0, `token ${item}`);
    });
  }
  for await (const { keys } of tables.facts(leaf, { to: leaf + 1 })) {
    const [facts, names] = KeyTree.decode(keys).map((tree) => tree.keys().destroyed.reduce((sum, one) => sum + one, 0));
    assert.deepEqual([facts, names], [2, 1]);
  }
  // What the platform said of the account is told by one leaf, whose salt of that row is gone too.
  const told: number[] = [];
  for await (const { kind, keys } of tables.facts(0)) {
    if (kind === LeafKind.accounts) told.push(...KeyTree.decode(keys)[0]!.keys().destroyed);
  }
  assert.deepEqual([told.length, told.indexOf(1), told.lastIndexOf(1)], [PEOPLE + 1, 217, 217]);
  const { isWhole, erased } = await audit(tables, {
    verifier: formatVerifier(store.solely.checkpoints.verifier),
    firstOf: (position) => contacts.arrivals.at(position)?.first ?? 0,
  });
  assert.deepEqual([isWhole, erased], [true, 2 + 1 + 1]);
  await assert.rejects(explain(store.solely, { account: ERASED }), { code: "unknown-account" });
  assert.equal((await explain(store.solely, { account: KEPT })).contactPoints.length, 2);
});

test("the store is the same when it is folded again: from a snapshot of before, of now, and from the facts alone", async () => {
  for (const from of ["kept", "newest", "facts"] as const) {
    const { contacts } = await store.reopen(from);
    assert.equal(contacts.findAccount(ERASED), undefined, from);
    assert.equal(contacts.points.isForgotten(point), true, from);
    assert.deepEqual(countsNow(), counts, from);
    const { isHealthy, findings } = await doctor(store.solely);
    assert.ok(isHealthy, JSON.stringify(findings));
  }
});

test("tomorrow's full feed brings the person again: refused with the reason, nothing kept, nothing counted twice", async () => {
  const again: Record<string, unknown>[] = rows().map((row) => ({ ...row, given_at: "2024-01-01T00:00:00.000Z" }));
  again.push({ account: "new-1", kind: "email", value: "new@example.com", notice: "signup", given_at: GIVEN });
  const taken = await take(again, 10);
  assert.deepEqual([taken.rows, taken.accepted, taken.duplicates, taken.refused], [1201, 1, 1198, 2]);
  assert.deepEqual(
    taken.refusedRows.map(({ line, code }) => [line, code]),
    [
      [435, "erased"],
      [436, "erased"],
    ],
  );
  const { told } = await feed();
  assert.deepEqual([told.accepted, told.refused], [PEOPLE - 1, 1]);
  assert.equal(told.refusedRows[0]!.code, "erased");
  assert.equal(store.solely.contacts.findAccount(ERASED), undefined);
  const gift = { account: KEPT, kind: "email", value: "gift@example.com", notice: "signup", given_by: ERASED };
  assert.equal((await take([{ ...gift, given_at: GIVEN }])).refused, 1, "nor is its name as a giver");
  const late = { type: "withdraw", account: ERASED, at: "2024-06-01T00:00:00Z" };
  assert.equal((await takeEvents(store.solely, ndjson([late]), { actor: "test" })).accepted, 1);
  const repeated = await erase({ account: ERASED });
  assert.deepEqual([repeated.accepted, repeated.erased], [1, []]);
  assert.equal(store.solely.contacts.findAccount(ERASED), undefined);
});

test("before a compaction the disk may still hold it; after it no file does", async (t) => {
  if (store.databaseUrl !== undefined) return t.skip("the server's files are not ours to read");
  const before = [...found(store.data, traces).keys()];
  for (const what of ["sealed", "wrapped", "salts", "token keys"]) {
    assert.ok(
      before.some((one) => one.startsWith(what)),
      `the search finds what is there: ${what} in ${before.join(", ")}`,
    );
  }
  assert.ok(store.solely.grants.erasedSinceMs !== undefined);
  const { isLogClean } = await compact(store.solely, "test");
  assert.equal(isLogClean, true);
  assert.equal(store.solely.grants.erasedSinceMs, undefined);
  assert.deepEqual(found(store.data, traces), new Map());
  await store.close();
  assert.deepEqual(found(store.data, traces), new Map());
  await store.open();
  assert.ok(found(store.data, { kept: Buffer.from(KEPT) }).size > 0, "the snapshot has the names of those who stay");
});

test("who comes back later is a new number, and what was given before stays refused", async () => {
  const back = { account: ERASED, kind: "email", value: emailOf(217), notice: "signup" };
  const taken = await take([
    { ...back, given_at: "2025-02-01T00:00:00Z" },
    { ...back, given_at: GIVEN },
  ]);
  assert.deepEqual([taken.accepted, taken.refused], [1, 1]);
  const { contacts } = store.solely;
  const [fresh] = contacts.pointsOf(contacts.account(ERASED));
  assert.ok(fresh! > point);
  assert.ok((await servedTo("again")).includes(ERASED));
  assert.ok(!contacts.permitted.has(point));
});

test("one contact of an account: the rest stays, and what was given again after the instant stays too", async () => {
  const { contacts, vault } = store.solely;
  const later = { account: KEPT, kind: "email", value: emailOf(218), notice: "signup" };
  await take([{ ...later, given_at: "2025-03-01T00:00:00Z" }]);
  const [phone, email] = contacts.pointsOf(contacts.account(KEPT)).slice(-2);
  await erase(
    { account: KEPT, kind: "email", value: emailOf(218) },
    { account: KEPT, kind: "phone", value: phoneOf(218) },
  );
  assert.equal(contacts.points.isForgotten(phone!), true);
  assert.equal(contacts.points.isForgotten(email!), false);
  assert.ok(contacts.isPermitted(email!));
  assert.deepEqual(await vault.masks([phone!, email!]), new Map([[email!, "m••@e••.com"]]));
  const permit = store.solely.gate.permitOf("service.account", [email!]);
  const opened = await vault.open(permit, [email!]);
  assert.equal(opened.get(email!)!.givenAtMs, Date.parse("2025-03-01T00:00:00Z"));
  assert.ok((await doctor(await store.reopen("facts"))).isHealthy);
  assert.ok(store.solely.contacts.isPermitted(email!));
});

test("keys may be rotated while people are erased: nothing of them comes back", async () => {
  const gone = Array.from({ length: 40 }, (_, i) => 300 + i);
  const erasing = (async () => {
    for (const i of gone) await erase({ account: nameOf(i) });
  })();
  await Promise.all([
    erasing,
    rotateAdsKey(store.solely, { actor: "test" }),
    rotateSealingKey(store.solely, "service.account", { actor: "test" }),
    rotateSealingKey(store.solely, "mask", { actor: "test" }),
  ]);
  const { contacts, store: tables } = store.solely;
  const left = new Set<number>();
  for (let number = 0; number < contacts.points.count; number++)
    if (contacts.points.isForgotten(number)) left.add(number);
  assert.equal(left.size, 2 + 1 + 2 * gone.length);
  for await (const { body, keys } of tables.tokens(0)) {
    const { number } = decodeTokens(body, keys);
    const { destroyed } = KeyTree.decode(keys)[0]!.keys();
    number.forEach((one, item) => {
      if (left.has(one)) assert.equal(destroyed[item], 1, `a token of ${one}`);
    });
  }
  assert.deepEqual(await store.solely.vault.masks([...left]), new Map());
  assert.ok((await doctor(await store.reopen("facts"))).isHealthy);
});

test("many erasures at once are some leaves, and an account that is not known yet is refused when it comes", async () => {
  const { position } = store.solely.log;
  const strangers = Array.from({ length: VAULT_LIMITS.erasureRows + 1 }, (_, i) => ({ account: `stranger-${i}` }));
  const { accepted, erased } = await erase(...strangers);
  assert.deepEqual([accepted, erased], [strangers.length, []]);
  assert.equal(store.solely.log.position, position + 2);
  const row = { kind: "email", value: "x@example.com", notice: "signup", given_at: GIVEN };
  const taken = await take([strangers[0]!, strangers.at(-1)!].map(({ account }) => ({ account, ...row })));
  assert.equal(taken.refused, 2);
  assert.equal(store.solely.contacts.findAccount("stranger-0"), undefined);
});

test("a compaction comes by itself when an erasure has waited for half of the time that is promised", async () => {
  await erase({ account: nameOf(500) });
  const file = join(store.data, "solely.json");
  const config = JSON.parse(readFileSync(file, "utf8"));
  const since = store.solely.grants.erasedSinceMs!;
  for (const [promisedMs, isDone] of [
    [4 * (Date.now() - since + 60_000), false],
    [Date.now() - since, true],
  ] as const) {
    await store.close();
    writeFileSync(file, JSON.stringify({ ...config, compactionHours: promisedMs / 3_600_000 }));
    await store.open();
    await store.close();
    await store.open();
    assert.equal(store.solely.grants.erasedSinceMs === undefined, isDone);
  }
});

test("an erasure and a compaction are leaves of the ledger with their actors", async () => {
  const kinds: number[] = [];
  for await (const { kind } of store.solely.store.facts(0)) kinds.push(kind);
  assert.ok(kinds.filter((kind) => kind === LeafKind.erasure).length > 40);
  const compactions = kinds.filter((kind) => kind === LeafKind.compaction).length;
  assert.equal(compactions, store.databaseUrl === undefined ? 2 : 1);
});
