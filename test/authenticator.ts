/**
 * An authenticator for tests: makes passkeys and assertions as a browser and its authenticator would (W3C Web
 * Authentication level 3, sections 5.8.1 and 6.1), with the runtime's crypto; any part can be made otherwise.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import type { Signed } from "../src/operator/index.js";

export type Algorithm = "ES256" | "EdDSA";

export interface TestPasskey {
  readonly credential: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  readonly host: string;
  readonly algorithm: Algorithm;
  readonly key: KeyObject;
}

/** What may be made otherwise than an honest browser and authenticator make it. */
export interface Otherwise {
  readonly challenge?: string;
  readonly clientData?: Readonly<Record<string, unknown>>;
  readonly host?: string;
  readonly flags?: number;
  /** After the authenticator data. */
  readonly more?: Buffer;
  readonly counter?: number;
}

const PRESENT_AND_VERIFIED = 0x05;

export function makePasskey(algorithm: Algorithm = "ES256", host = "localhost"): TestPasskey {
  const pair =
    algorithm === "ES256" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("ed25519");
  const { x = "", y = "" } = pair.publicKey.export({ format: "jwk" });
  const number = (text: string) => Buffer.from(text, "base64url").toString("hex");
  const cose =
    algorithm === "ES256" ? `a5010203262001215820${number(x)}225820${number(y)}` : `a4010103272006215820${number(x)}`;
  return {
    credential: randomBytes(32).toString("base64url"),
    publicKey: Buffer.from(cose, "hex").toString("base64url"),
    ...{ host, algorithm, key: pair.privateKey },
  };
}

/** The parts of an assertion over a text, base64url each. */
export function assertionOf(passkey: TestPasskey, text: string, otherwise: Otherwise = {}) {
  const { host = passkey.host, flags = PRESENT_AND_VERIFIED, more = Buffer.alloc(0), counter = 0 } = otherwise;
  const challenge = otherwise.challenge ?? sha256(text).toString("base64url");
  const origin = passkey.host === "localhost" ? "http://localhost:7400" : `https://${passkey.host}`;
  const clientData = Buffer.from(
    JSON.stringify({ type: "webauthn.get", challenge, origin, crossOrigin: false, ...otherwise.clientData }),
  );
  const rest = Buffer.alloc(5);
  rest.writeUInt8(flags, 0);
  rest.writeUInt32BE(counter, 1);
  const authenticatorData = Buffer.concat([sha256(host), rest, more]);
  const covered = Buffer.concat([authenticatorData, sha256(clientData)]);
  const signature = sign(passkey.algorithm === "ES256" ? "sha256" : null, covered, passkey.key);
  return {
    authenticatorData: authenticatorData.toString("base64url"),
    clientDataJSON: clientData.toString("base64url"),
    credential: passkey.credential,
    signature: signature.toString("base64url"),
  };
}

/** An assertion as a signature of the scheme `webauthn`: its members are in canonical order. */
export const signatureOf = (assertion: ReturnType<typeof assertionOf>): string =>
  Buffer.from(JSON.stringify(assertion)).toString("base64");

/** A statement's text, signed with a passkey. */
export const signedByPasskey = (
  passkey: TestPasskey,
  operator: string,
  statement: string,
  otherwise?: Otherwise,
): Signed => ({
  ...{ scheme: "webauthn", operator, statement },
  signature: signatureOf(assertionOf(passkey, statement, otherwise)),
});

const sha256 = (data: string | Buffer): Buffer => createHash("sha256").update(data).digest();
