/**
 * An operator's public key: Ed25519 (RFC 8032), written as SPKI in base64 (RFC 8410).
 *
 * One key has one spelling, so that two operators can't hold the same key in two forms. Points of small
 * order are refused: under such a key there are signatures that nobody made.
 */
import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { OperatorError } from "./error.js";

/** DER of SubjectPublicKeyInfo for Ed25519, before the 32 bytes of the key. */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const KEY_BYTES = 32;

/** Encodings of the points whose order divides 8, with the sign bit cleared. */
const SMALL_ORDER = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

/** The written form of a key. */
export function publicKeyText(key: KeyObject): string {
  const text = key.export({ type: "spki", format: "der" }).toString("base64");
  parsePublicKey(text);
  return text;
}

/**
 * Reads a written key.
 * @throws {OperatorError} code `malformed-key`
 */
export function parsePublicKey(text: string): KeyObject {
  const spki = Buffer.from(text, "base64");
  const isOneSpelling = spki.toString("base64") === text;
  if (
    !isOneSpelling ||
    spki.length !== SPKI_PREFIX.length + KEY_BYTES ||
    !spki.subarray(0, SPKI_PREFIX.length).equals(SPKI_PREFIX)
  ) {
    throw new OperatorError("malformed-key", "not an Ed25519 public key (SPKI in base64)");
  }
  const y = Buffer.from(spki.subarray(SPKI_PREFIX.length));
  y.writeUInt8(y.readUInt8(KEY_BYTES - 1) & 0x7f, KEY_BYTES - 1);
  if (SMALL_ORDER.has(y.toString("hex")) || !isReduced(y)) {
    throw new OperatorError("malformed-key", "an Ed25519 key that is not a proper point of the curve");
  }
  return createPublicKey({ key: spki, format: "der", type: "spki" });
}

/** Whether y (little-endian) is below the field's prime 2^255 - 19. */
function isReduced(y: Buffer): boolean {
  if (y.readUInt8(KEY_BYTES - 1) !== 0x7f) return true;
  for (let i = 1; i < KEY_BYTES - 1; i++) if (y.readUInt8(i) !== 0xff) return true;
  return y.readUInt8(0) < 0xed;
}

export function isPublicKey(text: string): boolean {
  try {
    parsePublicKey(text);
    return true;
  } catch {
    return false;
  }
}

/** What a person compares when a key is passed on: SHA-256 of the SPKI, in hex. */
export function publicKeyFingerprint(publicKey: string): string {
  return createHash("sha256").update(Buffer.from(publicKey, "base64")).digest("hex");
}
