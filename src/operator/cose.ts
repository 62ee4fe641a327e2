/**
 * COSE keys of passkeys (RFC 9052, RFC 9053): ES256 and EdDSA, and the same key as SubjectPublicKeyInfo (RFC 5480, RFC 8410), in
 * which keys are compared and fingerprinted. Bytes alone, for the store and for pages.
 *
 * A key has one spelling, CTAP2's canonical CBOR, which W3C Web Authentication prescribes (level 3, section 6.5.1.1): so it is
 * read by where its numbers stand. Whether they are a point of the curve is not looked at here.
 */

export interface CoseKey {
  readonly algorithm: "ES256" | "EdDSA";
  /** DER. */
  readonly spki: Uint8Array;
}

const NUMBER_BYTES = 32;
/** kty, alg, crv, and that x of 32 bytes follows; then that y does. */
const ES256 = { x: bytesOf("a5010203262001215820"), y: bytesOf("225820") };
const EDDSA = { x: bytesOf("a4010103272006215820") };
/** Before the numbers; of P-256 with the mark of an uncompressed point. */
const P256_SPKI = bytesOf("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
const ED25519_SPKI = bytesOf("302a300506032b6570032100");

/** Reads a COSE key; undefined: it is none of these kinds, or in another spelling. */
export function parseCoseKey(cose: Uint8Array): CoseKey | undefined {
  const xEnd = ES256.x.length + NUMBER_BYTES;
  const yAt = xEnd + ES256.y.length;
  if (cose.length === yAt + NUMBER_BYTES && has(cose, 0, ES256.x) && has(cose, xEnd, ES256.y)) {
    const [x, y] = [cose.subarray(ES256.x.length, xEnd), cose.subarray(yAt)];
    return { algorithm: "ES256", spki: Uint8Array.of(...P256_SPKI, ...x, ...y) };
  }
  if (cose.length === EDDSA.x.length + NUMBER_BYTES && has(cose, 0, EDDSA.x)) {
    return { algorithm: "EdDSA", spki: Uint8Array.of(...ED25519_SPKI, ...cose.subarray(EDDSA.x.length)) };
  }
  return undefined;
}

const has = (bytes: Uint8Array, at: number, part: Uint8Array): boolean =>
  part.every((byte, i) => bytes[at + i] === byte);

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
