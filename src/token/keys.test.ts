/** Key files, and what the facts say of them. */
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { LeafKind } from "../ledger/index.js";
import { recordEntry } from "../log/index.js";
import type { FactRow } from "../store/index.js";
import {
  adsKeyName,
  createKeys,
  firstKeyNames,
  KeyFolder,
  KeyHistory,
  type KeyName,
  keyCheck,
  TokenError,
} from "./index.js";

const home = mkdtempSync(join(tmpdir(), "solely-keys-"));
after(() => rmSync(home, { recursive: true, force: true }));
let folders = 0;
/** A folder that is not there yet. */
const newFolder = () => new KeyFolder(join(home, `${folders++}`, "keys"));

const isTokenError = (code: string) => (error: unknown) => error instanceof TokenError && error.code === code;
const hex = (key: Uint8Array) => Buffer.from(key).toString("hex");
const SETUP_NAMES: readonly KeyName[] = ["identity", "batch", "snapshot", "tombstone", "ledger", "ads.match.1"];

test("a new key is 32 bytes in hex in a file that only its owner may read, in a folder that only its owner may enter", () => {
  const keys = newFolder();
  const key = keys.create("identity");
  assert.equal(key.length, 32);
  assert.equal(readFileSync(keys.file("identity"), "utf8"), `${hex(key)}\n`);
  assert.equal(statSync(keys.file("identity")).mode & 0o777, 0o600);
  assert.equal(statSync(keys.folder).mode & 0o777, 0o700);
  assert.notEqual(hex(keys.create("batch")), hex(key));
  assert.deepEqual(keys.names().sort(), ["batch", "identity"]);
});

test("a key file has mode 600 whatever the mask of the process", () => {
  const keys = newFolder();
  mkdirSync(keys.folder, { recursive: true });
  const mask = process.umask();
  try {
    for (const [name, other] of [
      ["identity", 0o000],
      ["batch", 0o277],
    ] as const) {
      process.umask(other);
      keys.create(name);
      assert.equal(statSync(keys.file(name)).mode & 0o777, 0o600);
    }
  } finally {
    process.umask(mask);
  }
});

test("a key file that is there is never overwritten, not even a spoilt one", () => {
  const keys = newFolder();
  const key = keys.create("batch");
  assert.throws(() => keys.create("batch"), { code: "EEXIST" });
  assert.equal(hex(keys.read("batch")), hex(key));
  writeFileSync(keys.file("batch"), "");
  assert.throws(() => keys.create("batch"), { code: "EEXIST" });
  assert.equal(readFileSync(keys.file("batch"), "utf8"), "");
});

test("a key is read back with its own check value or none, and with no other", () => {
  const keys = newFolder();
  const key = keys.create("ads.match.1");
  const check = keyCheck(key);
  assert.equal(hex(keys.read("ads.match.1")), hex(key));
  assert.equal(hex(keys.read("ads.match.1", check)), hex(key));
  for (const other of [keyCheck(keys.create("ads.match.2")), check.slice(0, -1), check.toUpperCase(), ""]) {
    if (other !== check) assert.throws(() => keys.read("ads.match.1", other), isTokenError("wrong-key"), other);
  }
  // A file with the ends of lines of another system, or without any.
  for (const text of [hex(key), `${hex(key)}\r\n`]) {
    writeFileSync(keys.file("ads.match.1"), text);
    assert.equal(hex(keys.read("ads.match.1", check)), hex(key));
  }
});

test("a key file that is not there, or not 64 hex digits, is an error that says which file to restore", () => {
  const keys = newFolder();
  const isOf = (code: string) => (error: unknown) =>
    isTokenError(code)(error) && error instanceof TokenError && error.fix?.includes(keys.file("snapshot")) === true;
  assert.equal(keys.has("snapshot"), false);
  assert.throws(() => keys.read("snapshot"), isOf("missing-key"));
  assert.throws(() => keys.read("snapshot", keyCheck(new Uint8Array(32))), isOf("missing-key"));
  const text = hex(keys.create("snapshot"));
  assert.equal(keys.has("snapshot"), true);
  const spoilt = ["", "\n", text.slice(1), `${text}0`, `g${text.slice(1)}`, `${text}\n${text}`, `0x${text.slice(2)}`];
  for (const bytes of [...spoilt, "A".repeat(64), Buffer.from(text, "hex")]) {
    writeFileSync(keys.file("snapshot"), bytes);
    assert.throws(() => keys.read("snapshot"), isOf("malformed-key"), String(bytes));
    assert.throws(() => keys.read("snapshot", keyCheck(Buffer.from(text, "hex"))), isOf("malformed-key"));
  }
  writeFileSync(keys.file("snapshot"), text);
  assert.throws(() => keys.read("snapshot", keyCheck(new Uint8Array(32))), isOf("wrong-key"));
});

test("an error about a key does not say the key", () => {
  const keys = newFolder();
  const [one, other] = [hex(keys.create("identity")), hex(randomBytes(31))];
  writeFileSync(keys.file("batch"), other);
  writeFileSync(keys.file("snapshot"), one);
  for (const fail of [
    () => keys.read("identity", keyCheck(new Uint8Array(32))),
    () => keys.read("batch"),
    () => keys.requireDistinct(["identity", "snapshot"]),
  ]) {
    assert.throws(fail, (error) => {
      assert.ok(error instanceof TokenError);
      const said = `${error.message} ${error.fix} ${error.stack}`;
      return !said.includes(one) && !said.includes(other);
    });
  }
});

test("two names with one key are refused, wherever they stand among the others, and distinct keys are not", () => {
  const names: readonly KeyName[] = ["identity", "batch", "snapshot", "ads.match.1", "ads.match.2"];
  for (const [i, one] of names.entries()) {
    for (const other of names.slice(0, i)) {
      const keys = newFolder();
      for (const name of names) keys.create(name);
      keys.requireDistinct(names);
      writeFileSync(keys.file(one), readFileSync(keys.file(other)));
      assert.throws(() => keys.requireDistinct(names), isTokenError("shared-key"), `${one} and ${other}`);
      keys.requireDistinct(names.filter((name) => name !== other));
    }
  }
});

test("a destroyed key is overwritten where it lay, then gone; destroying it again does nothing", () => {
  const keys = newFolder();
  const key = keys.create("ads.match.1");
  keys.create("ads.match.2");
  const link = join(keys.folder, "link");
  linkSync(keys.file("ads.match.1"), link);
  keys.destroy("ads.match.1");
  assert.equal(existsSync(keys.file("ads.match.1")), false);
  const left = readFileSync(link, "utf8");
  assert.equal(left.includes(hex(key).slice(0, 8)), false);
  assert.match(left, /^0{64}\n$/);
  keys.destroy("ads.match.1");
  assert.deepEqual(keys.names(), ["ads.match.2"]);
  assert.throws(() => keys.read("ads.match.1"), isTokenError("missing-key"));
  assert.notEqual(hex(keys.create("ads.match.1")), hex(key));
});

test("the names of a folder are those of its key files, and a folder that is not there has none", () => {
  const keys = newFolder();
  assert.deepEqual(keys.names(), []);
  keys.destroy("identity");
  assert.deepEqual(keys.names(), []);
  for (const name of SETUP_NAMES) keys.create(name);
  writeFileSync(join(keys.folder, "README"), "");
  assert.deepEqual(keys.names().sort(), [...SETUP_NAMES].sort());
});

test("a check value is 128 bits of an HMAC of a fixed text, so it shows no part of the key", () => {
  const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(anyKey, fc.nat({ max: 255 }), (key, bit) => {
      const check = keyCheck(key);
      assert.equal(check, createHmac("sha256", key).update("solely key check").digest("hex").slice(0, 32));
      assert.equal(keyCheck(Uint8Array.from(key)), check);
      const other = Uint8Array.from(key);
      other[bit >> 3]! ^= 1 << (bit & 7);
      assert.notEqual(keyCheck(other), check);
    }),
  );
});

/** A fact as the log hands it to a fold. */
function factOf(kind: typeof LeafKind.setup | typeof LeafKind.rotation, payload: Uint8Array): FactRow {
  const entry = recordEntry(kind, payload, 1_700_000_000_000);
  return { position: 1, part: 0, kind, timeMs: entry.timeMs, body: entry.facts[0]!.body, keys: new Uint8Array(0) };
}

interface Rotation {
  readonly type: "rotation-begun" | "rotation-ended";
  readonly from: number;
  readonly to: number;
  readonly check: string;
}
const rotationOf = (rotation: Rotation) =>
  factOf(LeafKind.rotation, Buffer.from(JSON.stringify({ actor: "tess", ...rotation })));

/** A folder with a new store's keys, and the history that its first fact gives. */
function setUp(): { keys: KeyFolder; history: KeyHistory } {
  const keys = newFolder();
  const history = new KeyHistory();
  history.apply(factOf(LeafKind.setup, createKeys(keys, firstKeyNames([]), "tess")));
  return { keys, history };
}

test("a new store has six distinct keys, and its first fact holds their check values and no key", () => {
  const keys = newFolder();
  const payload = Buffer.from(createKeys(keys, firstKeyNames([]), "tess")).toString("utf8");
  assert.deepEqual(keys.names().sort(), [...SETUP_NAMES].sort());
  keys.requireDistinct(SETUP_NAMES);
  const checks = Object.fromEntries(SETUP_NAMES.map((name) => [name, keyCheck(keys.read(name))]));
  assert.deepEqual(JSON.parse(payload), { type: "setup", actor: "tess", checks });
  for (const name of SETUP_NAMES) assert.equal(payload.includes(hex(keys.read(name))), false);
  assert.throws(() => createKeys(keys, firstKeyNames([]), "tess"), { code: "EEXIST" });
});

test("a history folds the facts of its two kinds, and says what was set up", () => {
  const { keys, history } = setUp();
  assert.deepEqual([...history.kinds].sort(), [LeafKind.setup, LeafKind.rotation].sort());
  assert.equal(history.epoch, 1);
  assert.equal(history.rotation, undefined);
  for (const name of SETUP_NAMES) assert.equal(history.check(name), keyCheck(keys.read(name)));
  assert.equal(history.check("ads.match.2"), undefined);
  history.require(keys);
});

test("a store stops at each of its keys that is missing, spoilt, another store's or another purpose's", () => {
  for (const name of SETUP_NAMES) {
    const { keys, history } = setUp();
    const file = keys.file(name);
    const own = readFileSync(file);
    const spoil = (bytes: string | Uint8Array, code: string) => {
      writeFileSync(file, bytes);
      assert.throws(() => history.require(keys), isTokenError(code), `${name} ${code}`);
    };
    spoil("", "malformed-key");
    spoil(hex(randomBytes(32)), "wrong-key");
    const other = SETUP_NAMES.find((one) => one !== name)!;
    spoil(readFileSync(keys.file(other)), "wrong-key");
    rmSync(file);
    assert.throws(() => history.require(keys), isTokenError("missing-key"), name);
    writeFileSync(file, own);
    history.require(keys);
  }
});

test("a store whose facts were made with one key for two purposes stops, though each check value is right", () => {
  const keys = newFolder();
  for (const name of SETUP_NAMES) keys.create(name);
  writeFileSync(keys.file("ads.match.1"), readFileSync(keys.file("identity")));
  const checks = Object.fromEntries(SETUP_NAMES.map((name) => [name, keyCheck(keys.read(name))]));
  const history = new KeyHistory();
  history.apply(factOf(LeafKind.setup, Buffer.from(JSON.stringify({ type: "setup", actor: "tess", checks }))));
  assert.throws(() => history.require(keys), isTokenError("shared-key"));
});

test("from the beginning of a rotation to its end both ads keys are needed, afterwards the new one only", () => {
  const { keys, history } = setUp();
  for (let from = 1; from < 4; from++) {
    const to = from + 1;
    const [oldName, newName] = [adsKeyName(from), adsKeyName(to)];
    const rotation = { from, to, check: keyCheck(keys.create(newName)) };
    history.apply(rotationOf({ type: "rotation-begun", ...rotation }));
    assert.equal(history.epoch, from);
    assert.deepEqual(history.rotation, { from, to });
    assert.equal(history.check(newName), rotation.check);
    history.require(keys);
    for (const name of [oldName, newName]) {
      const own = readFileSync(keys.file(name));
      rmSync(keys.file(name));
      assert.throws(() => history.require(keys), isTokenError("missing-key"), name);
      writeFileSync(keys.file(name), hex(randomBytes(32)));
      assert.throws(() => history.require(keys), isTokenError("wrong-key"), name);
      writeFileSync(keys.file(name), own);
    }
    history.apply(rotationOf({ type: "rotation-ended", ...rotation }));
    assert.equal(history.epoch, to);
    assert.equal(history.rotation, undefined);
    keys.destroy(oldName);
    history.require(keys);
    const own = readFileSync(keys.file(newName));
    rmSync(keys.file(newName));
    assert.throws(() => history.require(keys), isTokenError("missing-key"));
    writeFileSync(keys.file(newName), own);
  }
  assert.deepEqual(keys.names().sort(), ["ads.match.4", "batch", "identity", "ledger", "snapshot", "tombstone"]);
});

test("the folder has its file's name for each epoch's ads key", () => {
  assert.equal(adsKeyName(1), "ads.match.1");
  assert.equal(adsKeyName(12), "ads.match.12");
  assert.equal(new KeyFolder("/keys").file(adsKeyName(12)), "/keys/ads.match.12.key");
});
