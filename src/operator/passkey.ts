/**
 * Passkeys: an operator's signature as an authenticator makes it, checked as W3C Web Authentication level 3, section 7.2
 * (https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion) says, with the runtime's crypto and without waiting, since
 * every fold checks every signature.
 *
 * What is signed is the statement: the challenge is its SHA-256. The user must have been present and verified, on a page
 * of the very host that the passkey is bound to. Stricter than the standard where it leaves a choice: no extensions, and no
 * page within another's. The signature counter is not looked at: a synced passkey has none, and a statement that comes
 * twice is refused as such.
 */
import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { z } from "zod";
import { parseCanonicalBytes } from "./canonical.js";
import { parseCoseKey } from "./cose.js";
import { OperatorError } from "./error.js";
import { MAX_ASSERTION_BYTES } from "./limits.js";
import { parsePublicKey, publicKeyFingerprint } from "./public-key.js";

/** What a page's authenticator answered, base64url each; in the store as canonical JSON in base64. */
export interface Assertion {
  readonly authenticatorData: string;
  readonly clientDataJSON: string;
  readonly credential: string;
  readonly signature: string;
}

/** What an assertion is held against. */
export interface PasskeyTerms {
  /** The credential's id, base64url. */
  readonly credential: string;
  /** COSE key, base64url. */
  readonly publicKey: string;
  /** The relying party's id: the host that the passkey is for. */
  readonly host: string;
}

/** An id has 16 bytes at least, and 1023 at most (level 3, section 4, Credential ID). */
export const credentialSchema = z
  .string()
  .min(22)
  .max(1364)
  .refine((text) => bytesOf(text) !== undefined, "a passkey's id is in base64url");

export const hostSchema = z
  .string()
  .max(253)
  .regex(/^(?!.*\.[0-9]+$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/, "not a host's name");

export const passkeyKeySchema = z
  .string()
  .max(200)
  .refine(isPasskeyKey, "not a passkey's public key (COSE in base64url; ES256 or EdDSA)");

const assertionSchema = z.strictObject({
  authenticatorData: z.string(),
  clientDataJSON: z.string(),
  credential: z.string(),
  signature: z.string(),
});

/** Members that later browsers add are allowed; nothing hangs on them. */
const clientDataSchema = z.object({
  type: z.literal("webauthn.get"),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.literal(false).optional(),
  topOrigin: z.never().optional(),
});

/**
 * Reads a passkey's COSE key.
 * @throws {OperatorError} code `malformed-key`
 */
function parsePasskeyKey(text: string): KeyObject {
  const cose = parseCoseKey(bytesOf(text) ?? new Uint8Array());
  if (cose === undefined) {
    throw new OperatorError("malformed-key", "not a passkey's public key (COSE in base64url; ES256 or EdDSA)");
  }
  const spki = Buffer.from(cose.spki);
  if (cose.algorithm === "EdDSA") return parsePublicKey(spki.toString("base64"));
  try {
    // A point that is not on the curve is refused here.
    return createPublicKey({ key: spki, format: "der", type: "spki" });
  } catch {
    throw new OperatorError("malformed-key", "a passkey's key that is no point of its curve");
  }
}

function isPasskeyKey(text: string): boolean {
  try {
    parsePasskeyKey(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * A passkey's key as other keys are written: SPKI in base64, so that one key is known in whatever form it comes.
 * @throws {OperatorError} code `malformed-key`
 */
export function passkeySpki(publicKey: string): string {
  return parsePasskeyKey(publicKey).export({ type: "spki", format: "der" }).toString("base64");
}

/** What a person compares: SHA-256 of the key as SPKI, in hex. */
export const passkeyFingerprint = ({ publicKey }: { readonly publicKey: string }): string =>
  publicKeyFingerprint(passkeySpki(publicKey));

/** Reads a signature of the scheme `webauthn`; undefined: it is none. */
export function parseAssertion(signature: string): Assertion | undefined {
  const bytes = Buffer.from(signature, "base64");
  if (bytes.toString("base64") !== signature) return undefined;
  try {
    return assertionSchema.safeParse(parseCanonicalBytes(bytes, MAX_ASSERTION_BYTES)).data;
  } catch (error) {
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
}

/** Whether the holder of this passkey signed exactly this text, on a page of the passkey's host. */
export function isAsserted(assertion: Assertion, passkey: PasskeyTerms, text: string): boolean {
  if (assertion.credential !== passkey.credential) return false;
  const authenticatorData = bytesOf(assertion.authenticatorData);
  const clientData = bytesOf(assertion.clientDataJSON);
  const signature = bytesOf(assertion.signature);
  if (authenticatorData === undefined || clientData === undefined || signature === undefined) return false;
  if (!isForStatement(clientData, passkey.host, text) || !isByVerifiedUser(authenticatorData, passkey.host))
    return false;
  const key = parsePasskeyKey(passkey.publicKey);
  // Ed25519 hashes by itself.
  const digest = key.asymmetricKeyType === "ec" ? "sha256" : null;
  return verify(digest, Buffer.concat([authenticatorData, sha256(clientData)]), key, signature);
}

/** Steps 9 to 14: the browser says that a page of this host asked for it, over this text. */
function isForStatement(clientData: Buffer, host: string, text: string): boolean {
  let said: z.infer<typeof clientDataSchema> | undefined;
  try {
    said = clientDataSchema.safeParse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(clientData))).data;
  } catch {
    return false;
  }
  return said?.challenge === sha256(text).toString("base64url") && isOriginOf(said.origin, host);
}

/** An origin of this host, at any port; without TLS only this machine, as browsers do it. */
function isOriginOf(text: string, host: string): boolean {
  const origin = URL.canParse(text) ? new URL(text) : undefined;
  if (origin?.origin !== text || origin.hostname !== host) return false;
  const isLocal = host === "localhost" || host.endsWith(".localhost");
  return origin.protocol === "https:" || (origin.protocol === "http:" && isLocal);
}

const HOST_HASH_BYTES = 32;
const AUTHENTICATOR_DATA_BYTES = HOST_HASH_BYTES + 1 + 4;
const FLAGS = { present: 0x01, verified: 0x04, mayBeBackedUp: 0x08, isBackedUp: 0x10, key: 0x40, extensions: 0x80 };

/** Steps 15 to 19: the authenticator says that it was for this host, and that it verified its user. */
function isByVerifiedUser(data: Buffer, host: string): boolean {
  if (data.length !== AUTHENTICATOR_DATA_BYTES) return false;
  if (!data.subarray(0, HOST_HASH_BYTES).equals(sha256(host))) return false;
  const flags = data.readUInt8(HOST_HASH_BYTES);
  const has = (flag: number): boolean => (flags & flag) !== 0;
  if (has(FLAGS.isBackedUp) && !has(FLAGS.mayBeBackedUp)) return false;
  return has(FLAGS.present) && has(FLAGS.verified) && !has(FLAGS.key) && !has(FLAGS.extensions);
}

/** Bytes of a base64url text without padding, if it is the one spelling of them. */
function bytesOf(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}

const sha256 = (data: string | Buffer): Buffer => createHash("sha256").update(data).digest();
