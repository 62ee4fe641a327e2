/** Advertisers and API keys over a real store, on the embedded PostgreSQL. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { LeafKind } from "../ledger/index.js";
import { Log, payloadOf } from "../log/index.js";
import { type FactRow, Store } from "../store/index.js";
import {
  Access,
  AccessError,
  type AccessErrorCode,
  type AccessRooms,
  addAdvertiser,
  createKey,
  type KeyOptions,
  requireName,
  revokeKey,
  SCOPES,
} from "./index.js";

const home = mkdtempSync(join(tmpdir(), "solely-access-"));
let store: Store | undefined;
let rooms: AccessRooms;

before(async () => {
  store = await Store.open({ dataDir: join(home, "data") });
  await store.acquireWriter({ pid: process.pid });
  rooms = await opened(store);
});
after(async () => {
  await store?.close();
  rmSync(home, { recursive: true, force: true });
});

/** The log with a fold of its own, from the first fact. */
async function opened(store: Store): Promise<AccessRooms> {
  const access = new Access();
  const log = await Log.open({ store, folds: [access], folder: join(home, "snapshots"), key: randomBytes(32) });
  return { log, access };
}

const refusedWith = (code: AccessErrorCode) => (error: unknown) => error instanceof AccessError && error.code === code;
const isSource = (name: string) => assert.equal(name, "shop");
const newKey = (over: Partial<KeyOptions> = {}) =>
  createKey(rooms, { scopes: ["serve"], actor: "test", ...over }, isSource);

async function factsFrom(position: number): Promise<FactRow[]> {
  const facts: FactRow[] = [];
  for await (const fact of rooms.log.store.facts(position)) facts.push(fact);
  return facts;
}

/** Runs what must be refused, and makes sure that nothing of it was kept. */
async function leavesNothing(attempt: () => Promise<unknown>, code: AccessErrorCode, what?: string): Promise<void> {
  const { position } = rooms.log;
  const known = JSON.stringify([rooms.access.keys(), rooms.access.advertisers()]);
  await assert.rejects(attempt, refusedWith(code), what);
  assert.equal(rooms.log.position, position);
  assert.equal(await rooms.log.store.length(), position);
  assert.equal(JSON.stringify([rooms.access.keys(), rooms.access.advertisers()]), known);
}

test("a key is shown once: its hash is kept, and the secret is in no fact, leaf or list", async () => {
  const { position } = rooms.log;
  const { id, secret, scopes } = await newKey({ scopes: ["serve", "events"], actor: "alice" });
  const [prefix, idAgain, ...rest] = secret.split("_");
  const secretPart = rest.join("_");
  assert.deepEqual([prefix, idAgain, scopes], ["solely", id, ["serve", "events"]]);
  assert.equal(Buffer.from(secretPart, "base64url").length, 32);
  const facts = await factsFrom(position);
  assert.deepEqual(
    facts.map(({ kind, position: at }) => [kind, at]),
    [[LeafKind.key, position]],
  );
  const hash = createHash("sha256").update(secretPart).digest("hex");
  assert.deepEqual(JSON.parse(Buffer.from(payloadOf(facts[0]!.body)).toString()), {
    type: "key",
    actor: "alice",
    key: { id, hash, scopes: ["serve", "events"] },
  });
  const bytes = [...facts.flatMap(({ body, keys }) => [body, keys])];
  for await (const { body } of rooms.log.store.leaves(position)) bytes.push(body);
  const forms = [secretPart, Buffer.from(secretPart, "base64url"), Buffer.from(secretPart).toString("hex")];
  for (const form of forms) for (const each of bytes) assert.equal(Buffer.from(each).includes(form), false);
  const listed = rooms.access.keys().find((key) => key.id === id);
  assert.deepEqual(listed, { id, scopes: ["serve", "events"], createdAtMs: facts[0]!.timeMs });
});

test("a key's secret opens that key, and what it opens has no hash", async () => {
  await addAdvertiser(rooms, { name: "Opened", actor: "test" });
  const { id, secret } = await newKey({
    scopes: ["lists", "contacts", "lists"],
    advertiser: "Opened",
    source: "shop",
  });
  const key = rooms.access.authenticate(secret);
  const { createdAtMs } = rooms.access.keys().at(-1)!;
  assert.deepEqual(key, { id, scopes: ["lists", "contacts"], advertiser: "Opened", source: "shop", createdAtMs });
  assert.ok(Math.abs(createdAtMs - Date.now()) < 60_000);
});

test("a secret that is wrong in any way opens nothing", async () => {
  const one = await newKey();
  const other = await newKey();
  const part = (secret: string) => secret.split("_").slice(2).join("_");
  const wrong = [
    ...["", "_", "__", "solely", "solely_", `solely_${one.id}`, `solely_${one.id}_`, "solely_constructor_x"],
    ...[part(one.secret), `${one.id}_${part(one.secret)}`, `_${one.id}_${part(one.secret)}`],
    ...[`solely_${other.id}_${part(one.secret)}`, `solely_${one.id}_${part(other.secret)}`],
    ...[`${one.secret}=`, `${one.secret}_`, `${one.secret}\n`, ` ${one.secret}`, `${one.secret}${one.secret}`],
    ...[one.secret.toUpperCase(), `Solely${one.secret.slice(6)}`, `Bearer ${one.secret}`, one.secret.slice(0, -1)],
    `solely_${one.id}_${createHash("sha256").update(part(one.secret)).digest("hex")}`,
  ];
  for (const secret of wrong) assert.equal(rooms.access.authenticate(secret), undefined, secret);
  fc.assert(
    fc.property(fc.nat(one.secret.length - 1), fc.string({ minLength: 0, maxLength: 2 }), (at, letters) => {
      const garbled = one.secret.slice(0, at) + letters + one.secret.slice(at + 1);
      assert.equal(rooms.access.authenticate(garbled)?.id, garbled === one.secret ? one.id : undefined);
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => assert.equal(rooms.access.authenticate(text), undefined)));
  assert.equal(rooms.access.authenticate(one.secret)?.id, one.id);
  assert.equal(rooms.access.authenticate(other.secret)?.id, other.id);
});

test("a revoked key opens nothing any more, is still listed, and the others go on", async () => {
  const [gone, stays] = [await newKey(), await newKey()];
  await revokeKey(rooms, gone.id, "alice");
  assert.equal(rooms.access.authenticate(gone.secret), undefined);
  assert.equal(rooms.access.authenticate(stays.secret)?.id, stays.id);
  const [fact] = await factsFrom(rooms.log.position - 1);
  const listed = rooms.access.keys().filter(({ id }) => [gone.id, stays.id].includes(id));
  assert.deepEqual(
    listed.map(({ revokedAtMs }) => revokedAtMs),
    [fact!.timeMs, undefined],
  );
  for (const id of ["", gone.secret, gone.id.toUpperCase(), "0".repeat(12), "constructor"]) {
    await leavesNothing(() => revokeKey(rooms, id, "alice"), "unknown-key", id);
  }
});

test("a key is bound to an advertiser exactly for lists, to a source for contacts, to a purpose for reveals", async () => {
  await addAdvertiser(rooms, { name: "Bound", actor: "test" });
  for (let mask = 0; mask < 1 << SCOPES.length; mask++) {
    const scopes = SCOPES.filter((_, i) => (mask & (1 << i)) !== 0);
    for (const advertiser of [undefined, "Bound"]) {
      for (const source of [undefined, "shop"]) {
        for (const purpose of [undefined, "security.mfa"]) {
          const isRight =
            scopes.length > 0 &&
            scopes.includes("lists") === (advertiser !== undefined) &&
            scopes.includes("contacts") === (source !== undefined) &&
            scopes.includes("reveal") === (purpose !== undefined);
          const options = { scopes, advertiser, source, purpose };
          if (!isRight) await leavesNothing(() => newKey(options), "invalid-scopes", inspect(options));
          else {
            const { id, secret } = await newKey(options);
            const { createdAtMs: _, ...key } = rooms.access.authenticate(secret)!;
            const reveals = purpose && { reveals: { purpose, perMinute: 600, perDay: 50_000 } };
            const bound = { ...(advertiser && { advertiser }), ...(source && { source }), ...reveals };
            assert.deepEqual(key, { id, scopes, ...bound });
          }
        }
      }
    }
  }
});

test("a scope that does not exist is refused, and the known ones are named", async () => {
  for (const scope of ["", "Serve", "admin", "*", "serve ", "constructor"]) {
    await leavesNothing(() => newKey({ scopes: ["serve", scope] }), "invalid-scopes", scope);
  }
  await assert.rejects(
    () => newKey({ scopes: ["x".repeat(10_000)] }),
    ({ message, fix = "" }: AccessError) => message.length < 100 && SCOPES.every((scope) => fix.includes(scope)),
  );
});

test("a key for an advertiser or a source that is not there is refused and leaves nothing", async () => {
  await leavesNothing(() => newKey({ scopes: ["lists"], advertiser: "Nobody" }), "unknown-advertiser");
  const { position } = rooms.log;
  await assert.rejects(() => newKey({ scopes: ["contacts"], source: "elsewhere" }), assert.AssertionError);
  assert.equal(await rooms.log.store.length(), position);
  assert.throws(() => rooms.access.advertiser("Nobody"), refusedWith("unknown-advertiser"));
  assert.equal(rooms.access.hasAdvertiser("constructor"), false);
});

test("an advertiser exists once, also when two ask at the same time, and keeps its entity", async () => {
  const name = "Acme Ltd";
  const asked = await Promise.allSettled(
    ["One Ltd", "Two Ltd", "Three Ltd"].map((entity) => addAdvertiser(rooms, { name, entity, actor: "test" })),
  );
  assert.deepEqual(
    asked.map(({ status }) => status),
    ["fulfilled", "rejected", "rejected"],
  );
  for (const each of asked.slice(1)) {
    assert.ok(each.status === "rejected" && refusedWith("advertiser-exists")(each.reason));
  }
  await leavesNothing(() => addAdvertiser(rooms, { name, actor: "test" }), "advertiser-exists");
  assert.equal(rooms.access.advertiser(name).entity, "One Ltd");
  assert.equal(rooms.access.advertisers().filter((each) => each.name === name).length, 1);
  await addAdvertiser(rooms, { name: "acme ltd", actor: "test" });
  assert.equal(rooms.access.advertiser("acme ltd").entity, "acme ltd");
});

test("a name of 1 to 200 characters is allowed, and none shorter, longer or of another form", async () => {
  const longest = "é".repeat(200);
  await addAdvertiser(rooms, { name: longest, entity: "E".repeat(200), actor: "test" });
  await addAdvertiser(rooms, { name: "A", entity: "B", actor: "test" });
  const wrong = ["", "A".repeat(201), " A", "A ", "\u00a0A", "A\n", "A\tB", "A\u0000B", "\u007f", "A\u009fB", "  "];
  for (const name of wrong) {
    await leavesNothing(() => addAdvertiser(rooms, { name, actor: "test" }), "invalid-name", inspect(name));
    await leavesNothing(() => addAdvertiser(rooms, { name: "C", entity: name, actor: "test" }), "invalid-name");
  }
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 210, size: "max" }), (name) => {
      const isBlank = (letter: string | undefined) => letter === undefined || /\s/u.test(letter);
      const letters = [...name];
      const isRight = !isBlank(letters[0]) && !isBlank(letters.at(-1)) && name.length <= 200 && !/\p{Cc}/u.test(name);
      if (isRight) requireName(name);
      else assert.throws(() => requireName(name), refusedWith("invalid-name"));
    }),
  );
});

test("what was set up is all there again when the facts are folded anew", async () => {
  const key = await newKey();
  const again = await opened(rooms.log.store);
  assert.ok(rooms.access.keys().some(({ revokedAtMs }) => revokedAtMs !== undefined));
  assert.deepEqual(again.access.keys(), rooms.access.keys());
  assert.deepEqual(again.access.advertisers(), rooms.access.advertisers());
  assert.deepEqual(again.access.authenticate(key.secret), rooms.access.authenticate(key.secret));
});
