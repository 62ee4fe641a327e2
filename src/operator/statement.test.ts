import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, verify } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { makePasskey } from "../../test/authenticator.js";
import { type Action, actionSchema } from "./action.js";
import { OperatorError } from "./error.js";
import { MAX_CONFIRMED_PURPOSES, MAX_STATEMENT_BYTES } from "./limits.js";
import { publicKeyText } from "./public-key.js";
import {
  decodeSigned,
  encodeSigned,
  parseApproval,
  parseProposal,
  parseSigned,
  type Signed,
  signApproval,
  signProposal,
  statementId,
} from "./statement.js";

const { privateKey: key, publicKey } = generateKeyPairSync("ed25519");
const storeId = "5".repeat(64);
const atMs = Date.parse("2026-01-02T03:04:05.678Z");
const frame = { key, name: "alice", storeId, atMs };
const isMalformed = (error: unknown) => error instanceof OperatorError && error.code === "malformed";
const source: Action = { type: "source.set", name: "shop", vouches: false, freedLimit: 10 };

test("a signature is over exactly the text's bytes, and the id is their digest", () => {
  const signed = signProposal({ ...frame, action: source });
  const bytes = Buffer.from(signed.statement, "utf8");
  assert.ok(verify(null, bytes, publicKey, Buffer.from(signed.signature, "base64")));
  assert.equal(statementId(signed), createHash("sha256").update(bytes).digest("hex"));
  const nonce = parseProposal(signed).nonce;
  assert.equal(
    signed.statement,
    `{"action":{"freedLimit":10,"name":"shop","type":"source.set","vouches":false},"at":"2026-01-02T03:04:05.678Z","by":"alice","nonce":"${nonce}","solely":1,"statement":"propose","store":"${storeId}"}`,
  );
});

test("an approval names the proposal, and its purposes once, sorted", () => {
  const signed = signApproval({
    ...frame,
    proposal: "a".repeat(64),
    confirm: ["ads.measure", "ads.match", "ads.match"],
  });
  const { nonce, confirm } = parseApproval(signed);
  assert.deepEqual(confirm, ["ads.match", "ads.measure"]);
  assert.equal(
    signed.statement,
    `{"at":"2026-01-02T03:04:05.678Z","by":"alice","confirm":["ads.match","ads.measure"],"nonce":"${nonce}","proposal":"${"a".repeat(64)}","solely":1,"statement":"approve","store":"${storeId}"}`,
  );
});

test("two equal wishes are two proposals", () => {
  assert.notEqual(
    statementId(signProposal({ ...frame, action: source })),
    statementId(signProposal({ ...frame, action: source })),
  );
});

test("a signed statement comes back from its bytes as it was, whatever is in a notice's text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), fc.string({ unit: "grapheme" }), (text, surface) => {
      const signed = signProposal({
        ...frame,
        action: { type: "notice.adopt", notice: { text, surface, version: 1 } },
      });
      assert.deepEqual(decodeSigned(encodeSigned(signed)), signed);
      assert.deepEqual(parseSigned(JSON.parse(JSON.stringify(signed))), signed);
      assert.deepEqual(parseProposal(signed).action, { type: "notice.adopt", notice: { text, surface, version: 1 } });
    }),
  );
});

test("the longest notice with every character escaped fits, and no statement beyond the limit does", () => {
  const notice = { text: "\u0001".repeat(64 * 1024) };
  const signed = signProposal({ ...frame, action: { type: "notice.adopt", notice } });
  assert.deepEqual(decodeSigned(encodeSigned(signed)), signed);
  const room =
    MAX_STATEMENT_BYTES -
    Buffer.byteLength(signProposal({ ...frame, action: { type: "notice.adopt", notice: { text: "" } } }).statement);
  const longest = signProposal({ ...frame, action: { type: "notice.adopt", notice: { text: '"'.repeat(room >> 1) } } });
  assert.deepEqual(parseProposal(decodeSigned(encodeSigned(longest))), parseProposal(longest));
  assert.throws(
    () => signProposal({ ...frame, action: { type: "notice.adopt", notice: { text: "x".repeat(room + 1) } } }),
    isMalformed,
  );
});

test("every action has its form, and nothing beside it", () => {
  const spki = publicKeyText(publicKey);
  const { credential, publicKey: cose, host } = makePasskey();
  const good: Action[] = [
    { type: "notice.adopt", notice: { id: "signup" } },
    { type: "notice.retire", id: "signup@2", from: "2026-01-02T03:04:05.678Z" },
    { ...source, freedLimit: null },
    { type: "run.free", source: "shop", digest: "0".repeat(64), freed: 7 },
    { type: "contact.reveal", contacts: [7, 8], purpose: "security.mfa", reason: "ticket 12" },
    { type: "incident.contain", incident: "unlock-2014", claim: "0".repeat(64) },
    { type: "incident.undo", incident: "unlock-2014", claim: "0".repeat(64) },
    { type: "incident.tell", incident: "unlock-2014", claim: "0".repeat(64) },
    { type: "store.recover", position: 7, root: "0".repeat(64), givenUp: { digest: "0".repeat(64), size: 9 } },
    { type: "matching.resume", halt: 7 },
    { type: "operator.add", name: "carol", publicKey: spki },
    { type: "operator.remove", name: "carol" },
    { type: "operator.replace", name: "carol", publicKey: spki },
    { type: "operator.passkey", name: "carol", credential, publicKey: cose, host },
    { type: "operator.passkey-end", name: "carol", credential },
  ];
  assert.equal(new Set(good.map(({ type }) => type)).size, actionSchema.options.length);
  for (const action of good) {
    assert.deepEqual(parseProposal(signProposal({ ...frame, action })).action, action);
    assert.ok(!actionSchema.safeParse({ ...action, more: 1 }).success);
  }
  const bad: unknown[] = [
    { type: "notice.drop", id: "signup" },
    { type: "notice.adopt", notice: "text" },
    { type: "notice.retire", id: "signup@0", from: "2026-01-02T03:04:05.678Z" },
    { type: "notice.retire", id: "signup", from: "2026-01-02T03:04:05Z" },
    { type: "notice.retire", id: "signup", from: "2026-02-30T03:04:05.000Z" },
    { type: "notice.retire", id: "signup", from: "2026-01-02T03:04:05.678+01:00" },
    { type: "source.set", name: "shop", vouches: false },
    { type: "source.set", name: "shop", vouches: false, freedLimit: -1 },
    { type: "source.set", name: "shop", vouches: false, freedLimit: 0.5 },
    { type: "run.free", source: "shop", digest: "ABC", freed: 7 },
    { type: "contact.reveal", contacts: [], purpose: "security.mfa", reason: "ticket 12" },
    { type: "contact.reveal", contacts: [-1], purpose: "security.mfa", reason: "ticket 12" },
    { type: "contact.reveal", contacts: [7], purpose: "security", reason: "ticket 12" },
    { type: "contact.reveal", contacts: [7], purpose: "security.mfa", reason: " " },
    { type: "contact.reveal", contacts: [7], purpose: "security.mfa", reason: "x".repeat(201) },
    { type: "incident.contain", incident: "unlock-2014" },
    { type: "incident.undo", incident: "Unlock", claim: "0".repeat(64) },
    { type: "operator.add", name: "Carol", publicKey: spki },
    { type: "operator.add", name: "carol", publicKey: `${spki} ` },
  ];
  for (const action of bad) assert.ok(!actionSchema.safeParse(action).success, JSON.stringify(action));
});

test("a statement of another shape is refused, and its words are not repeated in the reason", () => {
  const good = signProposal({ ...frame, action: source });
  const secret = "mary@example.com";
  const texts = [
    good.statement.replace('"by":"alice"', `"by":"${secret}"`),
    good.statement.replace('"solely":1', '"solely":2'),
    good.statement.replace('"statement":"propose"', '"statement":"approve"'),
    good.statement.replace('"nonce":"', `"more":"${secret}","nonce":"`),
    good.statement.replace('"type":"source.set"', `"type":"${secret}"`),
    good.statement.replace('"by":"alice"', '"by":"bob"'),
    `${good.statement} `,
    `"${secret}"`,
  ];
  for (const statement of texts) {
    assert.notEqual(statement, good.statement);
    assert.throws(
      () => parseProposal({ ...good, statement }),
      (error) => isMalformed(error) && !String(error).includes(secret),
      statement,
    );
  }
  assert.throws(() => parseApproval(good), isMalformed);
  assert.throws(() => parseProposal(signApproval({ ...frame, proposal: "a".repeat(64) })), isMalformed);
});

test("a signed form with another scheme, more members or missing ones is refused", () => {
  const good = signProposal({ ...frame, action: source });
  const { signature: _, ...unsigned } = good;
  const values: unknown[] = [
    { ...good, scheme: "none" },
    { ...good, more: 1 },
    unsigned,
    { ...good, operator: "A" },
    { ...good, statement: 1 },
    null,
    [],
  ];
  for (const value of values) assert.throws(() => parseSigned(value), isMalformed);
  const bytes = encodeSigned(good);
  assert.throws(() => decodeSigned(bytes.subarray(1)), isMalformed);
  assert.throws(() => decodeSigned(Buffer.concat([bytes, Buffer.from(" ")])), isMalformed);
});

test("what can't be signed is refused before it is signed", () => {
  const proposal = "a".repeat(64);
  const attempts: (() => Signed)[] = [
    () => signProposal({ ...frame, name: "Alice", action: source }),
    () => signProposal({ ...frame, storeId: "5", action: source }),
    () => signProposal({ ...frame, atMs: Number.NaN, action: source }),
    () => signProposal({ ...frame, action: { type: "notice.adopt", notice: { when: new Date(0) } } }),
    () => signApproval({ ...frame, proposal: "aaaaaaaa" }),
    () => signApproval({ ...frame, proposal, confirm: ["Ads"] }),
    () =>
      signApproval({
        ...frame,
        proposal,
        confirm: Array.from({ length: MAX_CONFIRMED_PURPOSES + 1 }, (_, i) => `ads.${"x".repeat(i + 1)}`),
      }),
  ];
  for (const attempt of attempts) assert.throws(attempt, isMalformed);
});
