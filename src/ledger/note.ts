/**
 * Signed notes (https://c2sp.org/signed-note) with Ed25519, and cosignatures of witnesses
 * (https://c2sp.org/tlog-cosignature).
 *
 *     text, ending in a line's end
 *     an empty line
 *     — NAME BASE64(4 bytes of the key's id, signature)
 *
 * A key is published as `NAME+HEX(id)+BASE64(type, key)`. A key's id is the beginning of SHA-256 of its name, a line's end,
 * its type and itself. A cosignature's signature is preceded by its time, and covers that too.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { LedgerError } from "./error.js";

/** What a key signs: notes as they are, or checkpoints with the time at which they were seen. */
export const SIGNATURE_TYPE = { ed25519: 0x01, cosignature: 0x04 } as const;
export type SignatureType = (typeof SIGNATURE_TYPE)[keyof typeof SIGNATURE_TYPE];

const ID_BYTES = 4;
const SEED_BYTES = 32;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const TIME_BYTES = 8;
/** DER before the 32 bytes of a private and of a public key (RFC 8410). */
const PRIVATE_DER = Buffer.from("302e020100300506032b657004220420", "hex");
const PUBLIC_DER = Buffer.from("302a300506032b6570032100", "hex");
/** More signatures than anybody adds to a note. */
const MAX_SIGNATURES = 100;

/** Who may sign: a name, a key, and what it signs. */
export interface Verifier {
  readonly name: string;
  readonly type: SignatureType;
  readonly id: Uint8Array;
  readonly publicKey: Uint8Array;
}

export interface Signer {
  readonly verifier: Verifier;
  readonly key: KeyObject;
}

export interface NoteSignature {
  readonly name: string;
  readonly id: Uint8Array;
  /** Of a cosignature, its time before. */
  readonly signature: Uint8Array;
}

export interface Note {
  /** With the line's end that ends it. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A signer of a seed of 32 bytes; the key of a seed is always the same. */
export function signerOf(name: string, type: SignatureType, seed: Uint8Array): Signer {
  if (seed.length !== SEED_BYTES) throw malformed(`a signer's seed has ${SEED_BYTES} bytes`);
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE_DER, seed]), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(PUBLIC_DER.length);
  return { verifier: verifierOf(name, type, publicKey), key };
}

export function verifierOf(name: string, type: SignatureType, publicKey: Uint8Array): Verifier {
  if (!isName(name)) throw malformed("a signer's name has no blanks and no plus");
  const id = createHash("sha256")
    .update(`${name}\n`)
    .update(Uint8Array.of(type))
    .update(publicKey)
    .digest()
    .subarray(0, ID_BYTES);
  return { name, type, id, publicKey: new Uint8Array(publicKey) };
}

/** How a key is published. */
export function formatVerifier({ name, type, id, publicKey }: Verifier): string {
  return `${name}+${Buffer.from(id).toString("hex")}+${Buffer.from([type, ...publicKey]).toString("base64")}`;
}

/** @throws {LedgerError} code `malformed-note` */
export function parseVerifier(text: string): Verifier {
  const [, name, id, key] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text.trim()) ?? [];
  const bytes = Buffer.from(key ?? "", "base64");
  const type = Object.values(SIGNATURE_TYPE).find((one) => one === bytes[0]);
  if (name === undefined || type === undefined || bytes.length !== 1 + KEY_BYTES) {
    throw malformed("a key is written as NAME+ID+KEY, of Ed25519 or of a cosignature");
  }
  const verifier = verifierOf(name, type, bytes.subarray(1));
  if (Buffer.from(verifier.id).toString("hex") !== id) throw malformed("the key's id is not its own");
  return verifier;
}

/** Signs a text; to be joined with what is signed already. */
export function signNote(text: string, signer: Signer, timeMs = 0): NoteSignature {
  const { name, id, type } = signer.verifier;
  const seconds = Math.floor(timeMs / 1000);
  const bytes = sign(null, signedBytes(text, type, seconds), signer.key);
  return { name, id, signature: type === SIGNATURE_TYPE.cosignature ? Buffer.concat([time(seconds), bytes]) : bytes };
}

/** Whether one of the note's signatures is this verifier's; of a cosignature when it was made, in seconds since 1970. */
export function verifiedBy({ text, signatures }: Note, verifier: Verifier): { seconds: number } | undefined {
  const key = createPublicKey({ key: Buffer.concat([PUBLIC_DER, verifier.publicKey]), format: "der", type: "spki" });
  for (const { name, id, signature } of signatures) {
    if (name !== verifier.name || Buffer.compare(id, verifier.id) !== 0) continue;
    const isTimed = verifier.type === SIGNATURE_TYPE.cosignature;
    if (signature.length !== SIGNATURE_BYTES + (isTimed ? TIME_BYTES : 0)) continue;
    const seconds = isTimed ? Number(Buffer.from(signature).readBigUInt64BE()) : 0;
    const own = isTimed ? signature.subarray(TIME_BYTES) : signature;
    if (verify(null, signedBytes(text, verifier.type, seconds), key, own)) return { seconds };
  }
  return undefined;
}

function signedBytes(text: string, type: SignatureType, seconds: number): Uint8Array {
  return Buffer.from(type === SIGNATURE_TYPE.cosignature ? `cosignature/v1\ntime ${seconds}\n${text}` : text);
}

function time(seconds: number): Buffer {
  const bytes = Buffer.alloc(TIME_BYTES);
  bytes.writeBigUInt64BE(BigInt(seconds));
  return bytes;
}

export function formatNote({ text, signatures }: Note): string {
  const lines = signatures.map(
    ({ name, id, signature }) => `\u2014 ${name} ${Buffer.concat([id, signature]).toString("base64")}\n`,
  );
  return `${text}\n${lines.join("")}`;
}

/** @throws {LedgerError} code `malformed-note` */
export function parseNote(note: string): Note {
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) throw malformed("a note is a text, an empty line and signatures");
  const lines = note.slice(end + 2, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) throw malformed(`a note has at most ${MAX_SIGNATURES} signatures`);
  const signatures = lines.map((line): NoteSignature => {
    const [, name, text] = /^\u2014 ([^ +]+) ([A-Za-z0-9+/]+=*)$/.exec(line) ?? [];
    const bytes = Buffer.from(text ?? "", "base64");
    if (name === undefined || bytes.length <= ID_BYTES || bytes.toString("base64") !== text) {
      throw malformed("a line below its text is no signature");
    }
    return { name, id: bytes.subarray(0, ID_BYTES), signature: bytes.subarray(ID_BYTES) };
  });
  return { text: note.slice(0, end + 1), signatures };
}

const isName = (name: string): boolean => name !== "" && !/[\s+]/u.test(name);
const malformed = (what: string): LedgerError => new LedgerError("malformed-note", what);
