import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { OperatorError, type OperatorErrorCode } from "./error.js";
import {
  createOperatorKey,
  notTwoPeople,
  operatorNameOfFile,
  operatorsFolder,
  readOperatorKey,
  readPublicKey,
} from "./key.js";
import { MAX_KEY_FILE_BYTES } from "./limits.js";
import { isPublicKey, publicKeyFingerprint } from "./public-key.js";
import { keyThatSigned } from "./scheme.js";

const SPKI_PREFIX = "302a300506032b6570032100";
const refusedWith = (code: OperatorErrorCode) => (error: unknown) =>
  error instanceof OperatorError && error.code === code;
const isSignedBy = (publicKey: string, text: string, signature: string): boolean =>
  keyThatSigned("ed25519", { publicKey, passkeys: [] }, text, signature) === publicKey;
const spki = (hex: string) => Buffer.from(SPKI_PREFIX + hex, "hex").toString("base64");

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "solely-operators-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("a new key can be read by its owner alone, and signs under the public key that is passed on", async (t) => {
  const folder = join(await folderFor(t), "deep", "operators");
  const made = await createOperatorKey(folder, "alice");
  assert.equal((await stat(made.privateFile)).mode & 0o777, 0o600);
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  const key = await readOperatorKey(folder, "alice");
  assert.deepEqual(key.warnings, []);
  assert.equal(key.publicKey, made.publicKey);
  assert.equal(await readPublicKey(made.publicFile), made.publicKey);
  assert.equal(operatorNameOfFile(made.publicFile), "alice");
  assert.match(publicKeyFingerprint(made.publicKey), /^[0-9a-f]{64}$/);
  const pem = await readFile(made.privateFile, "utf8");
  assert.match(pem, /^-----BEGIN PRIVATE KEY-----/);
  assert.equal(createPrivateKey(pem).asymmetricKeyType, "ed25519");
});

test("a key that is there is never replaced", async (t) => {
  const folder = await folderFor(t);
  const { privateFile, publicFile } = await createOperatorKey(folder, "alice");
  const before = await readFile(privateFile, "utf8");
  await assert.rejects(createOperatorKey(folder, "alice"), refusedWith("key-exists"));
  assert.equal(await readFile(privateFile, "utf8"), before);
  await rm(privateFile);
  await assert.rejects(createOperatorKey(folder, "alice"), refusedWith("key-exists"));
  assert.equal(existsSync(privateFile), false, "no private key without its public one");
  assert.ok(await readPublicKey(publicFile));
});

test("a private key that others can read works, with a warning", async (t) => {
  const folder = await folderFor(t);
  const { privateFile } = await createOperatorKey(folder, "alice");
  await chmod(privateFile, 0o640);
  const { warnings } = await readOperatorKey(folder, "alice");
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /mode 0640.*chmod 600/);
});

test("a file that is no proper key is refused by its own code", async (t) => {
  const folder = await folderFor(t);
  const { privateFile } = await createOperatorKey(folder, "alice");
  const file = (name: string) => join(folder, name);
  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
  await writeFile(file("rsa.pem"), rsa.privateKey.export({ type: "pkcs8", format: "pem" }));
  await writeFile(file("rsa.pub"), rsa.publicKey.export({ type: "spki", format: "pem" }));
  await writeFile(file("text.pem"), "no key");
  await writeFile(file("large.pem"), "x".repeat(MAX_KEY_FILE_BYTES + 1));
  await mkdir(file("folder.pem"));
  await assert.rejects(readOperatorKey(folder, "bob"), refusedWith("key-missing"));
  await assert.rejects(readOperatorKey(folder, "rsa"), refusedWith("malformed-key"));
  await assert.rejects(readOperatorKey(folder, "text"), refusedWith("malformed-key"));
  await assert.rejects(readOperatorKey(folder, "large"), refusedWith("malformed-key"));
  await assert.rejects(readOperatorKey(folder, "folder"), refusedWith("key-unreadable"));
  await assert.rejects(readPublicKey(file("bob.pub")), refusedWith("key-missing"));
  await assert.rejects(readPublicKey(file("rsa.pub")), refusedWith("malformed-key"));
  await assert.rejects(readPublicKey(file("text.pem")), refusedWith("malformed-key"));
  await assert.rejects(
    readPublicKey(privateFile),
    refusedWith("malformed-key"),
    "a private key is not to be passed on",
  );
});

test("a name that is no operator's name is refused before any file is touched", async (t) => {
  const folder = await folderFor(t);
  for (const name of ["", "Alice", "1a", "../alice", "a/b", "a b", `a${"b".repeat(64)}`, "a\0"]) {
    await assert.rejects(createOperatorKey(folder, name), refusedWith("bad-name"), name);
    await assert.rejects(readOperatorKey(folder, name), refusedWith("bad-name"), name);
  }
  await createOperatorKey(folder, `a${"b".repeat(63)}`);
  assert.throws(() => operatorNameOfFile("/tmp/Key 1.pub"), refusedWith("bad-name"));
});

test("the folder is the one that is set, else in the user's config folder, and never in the data folder", async (t) => {
  assert.equal(operatorsFolder({ SOLELY_OPERATORS: "/keys", HOME: "/home/a" }), "/keys");
  assert.equal(operatorsFolder({ XDG_CONFIG_HOME: "/config", HOME: "/home/a" }), "/config/solely/operators");
  assert.equal(operatorsFolder({ HOME: "/home/a" }), "/home/a/.config/solely/operators");
  assert.equal(operatorsFolder({ XDG_CONFIG_HOME: "relative", HOME: "/home/a" }), "/home/a/.config/solely/operators");
  const data = await folderFor(t);
  const link = join(await folderFor(t), "link");
  await symlink(data, link);
  for (const inside of [
    data,
    join(data, "keys", "deep"),
    join(link, "keys"),
    `${data}/x/../keys`,
    join(data, "..keys"),
  ]) {
    assert.throws(() => operatorsFolder({ SOLELY_OPERATORS: inside }, data), refusedWith("key-in-data-folder"), inside);
  }
  assert.equal(operatorsFolder({ SOLELY_OPERATORS: `${data}-keys` }, data), `${data}-keys`);
  assert.equal(operatorsFolder({ SOLELY_OPERATORS: dirname(data) }, data), dirname(data));
});

test("whoever can read two operators' keys is told so, whatever the files are called", async (t) => {
  const folder = await folderFor(t);
  const elsewhere = await folderFor(t);
  const alice = await createOperatorKey(folder, "alice");
  const bob = await createOperatorKey(elsewhere, "bob");
  const operators = [bob, alice];
  await writeFile(join(folder, "junk.pem"), "no key");
  assert.deepEqual(await notTwoPeople(folder, operators), ["alice"]);
  await cp(bob.privateFile, join(folder, "holiday-photo.pem"));
  assert.deepEqual(await notTwoPeople(folder, operators), ["alice", "bob"]);
  assert.deepEqual(await notTwoPeople(folder, [alice]), ["alice"]);
  assert.deepEqual(await notTwoPeople(join(folder, "none"), operators), []);
});

test("signatures of RFC 8032 hold, and not with one bit changed", () => {
  let root = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(root, "package.json"))) root = dirname(root);
  const vector = z.object({ publicKey: z.string(), message: z.string(), signature: z.string() });
  const { vectors } = z
    .object({ vectors: z.array(vector) })
    .parse(JSON.parse(readFileSync(join(root, "src/operator/vectors/rfc8032.json"), "utf8")));
  assert.equal(vectors.length, 2);
  for (const { publicKey, message, signature } of vectors) {
    const text = Buffer.from(message, "hex").toString("utf8");
    const bytes = Buffer.from(signature, "hex");
    assert.ok(isSignedBy(spki(publicKey), text, bytes.toString("base64")));
    bytes.writeUInt8(bytes.readUInt8(5) ^ 1, 5);
    assert.ok(!isSignedBy(spki(publicKey), text, bytes.toString("base64")));
    assert.ok(!isSignedBy(spki(publicKey), `${text}.`, Buffer.from(signature, "hex").toString("base64")));
    assert.ok(!isSignedBy(spki(publicKey), text, `${Buffer.from(signature, "hex").toString("base64")}\n`));
  }
});

test("a key under which anybody could sign, or one in a second spelling, is no operator's key", () => {
  const zero = "00".repeat(32);
  const identity = `01${"00".repeat(31)}`;
  const p = `ed${"ff".repeat(30)}7f`;
  for (const hex of [
    zero,
    identity,
    `01${"00".repeat(30)}80`,
    p,
    `ee${"ff".repeat(30)}7f`,
    `ec${"ff".repeat(30)}ff`,
    `f0${"ff".repeat(31)}`,
  ]) {
    assert.ok(!isPublicKey(spki(hex)), hex);
  }
  const good = spki("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  assert.ok(isPublicKey(good));
  for (const other of [
    `${good}=`,
    ` ${good}`,
    good.slice(0, -1),
    good.replaceAll("+", "-"),
    `${good}AAAA`,
    "",
    "AAAA",
  ]) {
    if (other !== good) assert.ok(!isPublicKey(other), other);
  }
});
