import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { verifyAuthenticationResponse } from "@simplewebauthn/server";
import { cose, decodeCredentialPublicKey } from "@simplewebauthn/server/helpers";
import fc from "fast-check";
import { type Algorithm, assertionOf, makePasskey, type Otherwise, signatureOf } from "../../test/authenticator.js";
import { actionSchema } from "./action.js";
import { type Assertion, isAsserted, parseAssertion, passkeySpki } from "./passkey.js";
import { keyThatSigned } from "./scheme.js";

const ALGORITHMS: readonly Algorithm[] = ["ES256", "EdDSA"];
const TEXT = '{"statement":"…","by":"alice"}';

/** Whether the library for WebAuthn holds the same assertion to be good. */
async function libraryHolds(
  { authenticatorData, clientDataJSON, credential, signature }: Assertion,
  passkey: { credential: string; publicKey: string; host: string },
  origin: string,
): Promise<boolean> {
  try {
    const { verified } = await verifyAuthenticationResponse({
      response: {
        ...{ id: credential, rawId: credential, type: "public-key", clientExtensionResults: {} },
        response: { authenticatorData, clientDataJSON, signature },
      },
      expectedChallenge: createHash("sha256").update(TEXT).digest("base64url"),
      ...{ expectedOrigin: origin, expectedRPID: passkey.host, requireUserVerification: true },
      credential: {
        id: passkey.credential,
        publicKey: new Uint8Array(Buffer.from(passkey.publicKey, "base64url")),
        counter: 0,
      },
    });
    return verified;
  } catch {
    return false;
  }
}

test("an assertion holds for the passkey, the text and the host that it was made for, and the library agrees", async () => {
  for (const algorithm of ALGORITHMS) {
    for (const [host, origin] of [
      ["localhost", "http://localhost:7400"],
      ["console.example.com", "https://console.example.com"],
    ] as const) {
      const passkey = makePasskey(algorithm, host);
      const assertion = assertionOf(passkey, TEXT);
      assert.ok(isAsserted(assertion, passkey, TEXT));
      assert.ok(await libraryHolds(assertion, passkey, origin));
      assert.deepEqual(parseAssertion(signatureOf(assertion)), assertion);
      const other = { ...makePasskey(algorithm, host), credential: passkey.credential };
      assert.ok(!isAsserted(assertion, other, TEXT), "another's key");
      assert.ok(!isAsserted(assertion, { ...passkey, credential: other.publicKey }, TEXT), "another's id");
      assert.ok(!isAsserted(assertion, { ...passkey, host: "example.com" }, TEXT), "another host");
      assert.ok(!isAsserted(assertion, passkey, `${TEXT} `), "another text");
    }
  }
});

test("what an honest page and authenticator would not say is refused, though its signature is right", async () => {
  const challenge = createHash("sha256").update(TEXT).digest();
  const wrong: readonly (readonly [string, Otherwise, boolean?])[] = [
    ["another challenge", { challenge: randomBytes(32).toString("base64url") }],
    ["another spelling of the challenge", { challenge: challenge.toString("base64") }],
    ["a registration", { clientData: { type: "webauthn.create" } }],
    ["another origin", { clientData: { origin: "https://evil.example" } }],
    ["a host that only begins so", { clientData: { origin: "http://localhost.evil.example" } }],
    ["a host beneath it", { clientData: { origin: "https://a.localhost" } }],
    ["a path", { clientData: { origin: "http://localhost:7400/" } }],
    ["a name before the host", { clientData: { origin: "http://me@localhost:7400" } }],
    ["no origin", { clientData: { origin: undefined } }],
    ["an app", { clientData: { origin: "android:apk-key-hash:localhost" } }],
    ["a page within another's", { clientData: { crossOrigin: true } }, true],
    ["a page within another's, by its name", { clientData: { topOrigin: "https://evil.example" } }],
    ["another host's authenticator", { host: "evil.example" }],
    ["a user who was not there", { flags: 0x04 }],
    ["a user who was not verified", { flags: 0x01 }],
    ["nobody", { flags: 0 }],
    ["backed up, and may not be", { flags: 0x15 }],
    ["a key within", { flags: 0x45, more: Buffer.alloc(60) }],
    ["extensions", { flags: 0x85, more: Buffer.from("a0", "hex") }, true],
    ["bytes that nothing announces", { more: Buffer.from([0]) }],
  ];
  for (const algorithm of ALGORITHMS) {
    const passkey = makePasskey(algorithm);
    for (const [what, otherwise, libraryTakesIt = false] of wrong) {
      const assertion = assertionOf(passkey, TEXT, otherwise);
      assert.ok(!isAsserted(assertion, passkey, TEXT), what);
      const isTaken = await libraryHolds(assertion, passkey, "http://localhost:7400");
      assert.equal(isTaken, libraryTakesIt, `the library, of ${what}`);
    }
    const allowed: readonly Otherwise[] = [
      { counter: 7 },
      { flags: 0x1d },
      { flags: 0x0d },
      { clientData: { origin: "https://localhost" } },
      { clientData: { crossOrigin: undefined } },
      { clientData: { other_keys_can_be_added_here: "do not compare clientDataJSON against a template" } },
    ];
    for (const otherwise of allowed) {
      assert.ok(isAsserted(assertionOf(passkey, TEXT, otherwise), passkey, TEXT), JSON.stringify(otherwise));
    }
  }
  const remote = makePasskey("ES256", "console.example.com");
  const withoutTls = assertionOf(remote, TEXT, { clientData: { origin: "http://console.example.com" } });
  assert.ok(!isAsserted(withoutTls, remote, TEXT), "without TLS only this machine");
});

test("every bit of an assertion counts", () => {
  for (const algorithm of ALGORITHMS) {
    const passkey = makePasskey(algorithm);
    const assertion = assertionOf(passkey, TEXT);
    for (const part of ["authenticatorData", "clientDataJSON", "credential", "signature"] as const) {
      const bytes = Buffer.from(assertion[part], "base64url");
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const altered = { ...assertion, [part]: flipped.toString("base64url") };
        assert.ok(!isAsserted(altered, passkey, TEXT), `${algorithm}, ${part}, bit ${bit}`);
      }
      assert.ok(!isAsserted({ ...assertion, [part]: `${assertion[part]}=` }, passkey, TEXT), "one spelling");
      assert.ok(!isAsserted({ ...assertion, [part]: "" }, passkey, TEXT));
    }
  }
});

test("a signature that is no assertion is nobody's, whatever its bytes", () => {
  const passkey = makePasskey();
  const keys = { publicKey: "", passkeys: [passkey] };
  const signature = signatureOf(assertionOf(passkey, TEXT));
  assert.equal(keyThatSigned("webauthn", keys, TEXT, signature), passkeySpki(passkey.publicKey));
  assert.equal(keyThatSigned("webauthn", { ...keys, passkeys: [] }, TEXT, signature), undefined);
  const json = Buffer.from(signature, "base64").toString();
  for (const other of [` ${json}`, json.replace("}", ',"more":1}'), "null", "[]", "{}"]) {
    assert.equal(keyThatSigned("webauthn", keys, TEXT, Buffer.from(other).toString("base64")), undefined, other);
  }
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
      assert.equal(keyThatSigned("webauthn", keys, TEXT, text), undefined);
    }),
  );
});

test("a passkey's key is read as the library reads it, in one spelling, and only of a kind that signs here", () => {
  for (const algorithm of ALGORITHMS) {
    const { publicKey, key } = makePasskey(algorithm);
    const decoded = decodeCredentialPublicKey(new Uint8Array(Buffer.from(publicKey, "base64url")));
    assert.equal(decoded.get(cose.COSEKEYS.alg), algorithm === "ES256" ? -7 : -8);
    const spki = Buffer.from(passkeySpki(publicKey), "base64").toString("latin1");
    assert.ok(cose.isCOSEPublicKeyEC2(decoded) || cose.isCOSEPublicKeyOKP(decoded));
    assert.ok(spki.includes(Buffer.from(decoded.get(cose.COSEKEYS.x)!).toString("latin1")));
    assert.equal(key.asymmetricKeyType, algorithm === "ES256" ? "ec" : "ed25519");
  }
  const { credential, publicKey, host } = makePasskey();
  const action = { type: "operator.passkey", name: "alice", credential, publicKey, host };
  const isAction = (over: object) => actionSchema.safeParse({ ...action, ...over }).success;
  assert.ok(isAction({}));
  const bytes = Buffer.from(publicKey, "base64url");
  const keyOf = (hex: string) => ({ publicKey: Buffer.from(hex, "hex").toString("base64url") });
  const off = Buffer.from(bytes);
  off[off.length - 1]! ^= 1;
  assert.ok(!isAction(keyOf(off.toString("hex"))), "a point that is not on the curve");
  assert.ok(!isAction(keyOf(`${bytes.toString("hex")}00`)), "a byte more");
  assert.ok(!isAction(keyOf(bytes.subarray(0, -1).toString("hex"))), "a byte less");
  assert.ok(!isAction({ publicKey: `${publicKey}=` }), "another spelling");
  assert.ok(!isAction(keyOf(`a4010103272006215820${"00".repeat(32)}`)), "a point of small order");
  assert.ok(!isAction(keyOf(bytes.toString("hex").replace("a50102", "a50103"))), "another kind");
  for (const wrong of [
    "",
    "LOCALHOST",
    "a b",
    "127.0.0.1",
    "[::1]",
    "https://a.example",
    "a.example:1",
    "a..example",
    "-a.example",
  ]) {
    assert.ok(!isAction({ host: wrong }), wrong);
  }
  for (const right of ["localhost", "a.example", "xn--bcher-kva.example", "a-b.c1.example"]) {
    assert.ok(isAction({ host: right }), right);
  }
  for (const wrong of ["", "short", "=".repeat(30), `${credential}+`, "a".repeat(1365)]) {
    assert.ok(!isAction({ credential: wrong }), wrong);
  }
});
