/**
 * No plain contact at rest: after everything that Solely does with contacts, nothing in the data folder (database and
 * write-ahead log included), in temporary files or in the logs holds a value, its digest or, for rows that did not match,
 * its token.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { explain, ingest, matchList, rotateAdsKey, takeEvents } from "../../src/index.js";
import { adsKeyName } from "../../src/token/index.js";
import { Tokeniser } from "../../src/token/tokeniser.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

const given = Array.from({ length: 40 }, (_, i) => `Given.Person${i}@sentinel-${i % 7}.example`);
const secret = Array.from({ length: 40 }, (_, i) => `Secret.Person${i}@sentinel-${i % 7}.example`);
const listed = Array.from({ length: 40 }, (_, i) => `Listed.Stranger${i}@sentinel-${i % 7}.example`);
const phones = Array.from({ length: 40 }, (_, i) => `+49151234567${String(i).padStart(2, "0")}`);

let store: FreshStore;
const startedMs = Date.now();
/** Tokens of the rows that did not match, under every ads key that there was. */
const strangersTokens: Buffer[] = [];

before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["service.account", "ads.match"] });
  await store.adopt({ id: "mfa", purposes: ["security.mfa"], exclusive: true });
  await everythingThatIsDone();
});
after(() => store.remove());

async function everythingThatIsDone(): Promise<void> {
  const { solely } = store;
  const grant = (value: string, i: number, notice: string, kind = "email") => ({
    ...{ account: `u${i}`, kind, value, notice, given_at: "2024-01-01T00:00:00Z" },
  });
  const rows = [
    ...given.map((value, i) => grant(value, i, "ads")),
    ...secret.map((value, i) => grant(value, i, "mfa")),
    ...phones.map((value, i) => grant(value, i, i % 2 === 0 ? "ads" : "mfa", "phone")),
    // Refused, with a value in every place.
    grant(`not an address ${given[0]}`, 1, "ads"),
    { ...grant(given[1]!, 1, given[2]!), extra: given[3] },
    { ...grant(given[4]!, 1, "ads"), given_at: given[5] },
    { ...grant(given[6]!, 1, "ads"), kind: given[7] },
  ];
  const options = { source: "local", actor: "test", rejectFile: join(store.data, "contacts.rejects.csv") };
  const taken = await ingest(solely, ndjson(rows), { ...options, format: "ndjson" });
  assert.equal(taken.accepted, 120);
  const file = join(store.folder, "list.csv");
  const digests = listed.map((value) => createHash("sha256").update(value.toLowerCase()).digest("hex"));
  writeFileSync(file, ["email", ...given, ...secret, ...listed, ...digests, `broken ${listed[0]}`].join("\n"));
  rememberTokens();
  for (const input of [file, streamOf(readFileSync(file, "utf8"))]) {
    await matchList(solely, input, {
      ...{ advertiser: "acme", name: "list", operation: "replace", actor: "test" },
      rejectFile: join(store.data, "list.rejects.csv"),
    });
  }
  const event = { type: "withdraw", account: "u3", kind: "email", value: given[3], at: new Date().toISOString() };
  await takeEvents(solely, ndjson([event, { ...event, at: "x" }, { ...event, kind: "x" }]), {
    ...{ actor: "test", rejectFile: join(store.data, "events.rejects.csv") },
  });
  await explain(solely, { account: "u4", contact: { kind: "email", value: given[4]! } });
  await rotateAdsKey(solely, { actor: "test" });
  rememberTokens();
  await solely.log.snapshot();
  await store.close();
}

function rememberTokens(): void {
  const { keys, keyHistory } = store.solely;
  const tokeniser = new Tokeniser("ads.match", keys.read(adsKeyName(keyHistory.epoch)));
  for (const value of listed) {
    const digest = new Uint8Array(createHash("sha256").update(value.toLowerCase()).digest().subarray(0, 16));
    strangersTokens.push(Buffer.from(tokeniser.tokens(Uint8Array.from(digest))));
  }
}

/** Every file below a folder, as bytes; other processes' files may go while we look, or be closed to us. */
function* filesBelow(folder: string, isWanted = (_: string) => true): Generator<{ path: string; bytes: Buffer }> {
  for (const entry of orNone(() => readdirSync(folder, { withFileTypes: true }))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path, isWanted);
    else if (entry.isFile()) yield* orNone(() => (isWanted(path) ? [{ path, bytes: readFileSync(path) }] : []));
  }
}

function orNone<T>(look: () => T[]): T[] {
  try {
    return look();
  } catch {
    return [];
  }
}

/** Ways in which a value could lie somewhere: as it is, in lower case, in UTF-16, as a digest in bytes, hex or base64. */
function traces(value: string): Buffer[] {
  const forms = [value, value.toLowerCase()];
  return forms.flatMap((form) => {
    const digest = createHash("sha256").update(form).digest();
    return [
      Buffer.from(form),
      Buffer.from(form, "utf16le"),
      digest.subarray(0, 16),
      Buffer.from(digest.toString("hex").slice(0, 32)),
      Buffer.from(digest.toString("base64").slice(0, 20)),
    ];
  });
}

function assertNowhere(files: Iterable<{ path: string; bytes: Buffer }>, needles: readonly Buffer[]): number {
  let bytesSeen = 0;
  for (const { path, bytes } of files) {
    bytesSeen += bytes.length;
    for (const needle of needles) assert.ok(!bytes.includes(needle), `${path} holds ${needle.toString("latin1")}`);
  }
  return bytesSeen;
}

test("no value and no digest of one lies anywhere in the data folder", () => {
  assert.ok(existsSync(join(store.data, "contacts.rejects.csv")));
  assert.ok(existsSync(join(store.data, "list.rejects.csv")));
  const values = [...given, ...secret, ...listed, ...phones];
  const seen = assertNowhere(filesBelow(store.data), values.flatMap(traces));
  if (store.databaseUrl === undefined) assert.ok(seen > 16_000_000, "the write-ahead log was looked at");
});

test("of a row that did not match, no token lies anywhere in the data folder", () => {
  assert.equal(strangersTokens.length, 80);
  assertNowhere(
    filesBelow(store.data),
    strangersTokens.flatMap((token) => [token.subarray(0, 12), Buffer.from(token.toString("hex").slice(0, 24))]),
  );
});

test("the search finds what does lie there: an account's name in the facts would be found", () => {
  const needle = Buffer.from("sentinel-3.example");
  const planted = join(store.folder, "planted");
  writeFileSync(planted, `something ${needle} something`);
  assert.throws(() => assertNowhere([{ path: planted, bytes: readFileSync(planted) }], [needle]));
});

test("no temporary file is left with one", () => {
  const isOurs = (path: string) => !path.startsWith(store.folder) && statSync(path).mtimeMs >= startedMs;
  assertNowhere(
    filesBelow(tmpdir(), isOurs),
    [...given, ...secret, ...listed, ...phones].map((value) => Buffer.from(value)),
  );
});
