/**
 * Reads signed notes (https://c2sp.org/signed-note), checkpoints (https://c2sp.org/tlog-checkpoint) and witnesses'
 * cosignatures (https://c2sp.org/tlog-cosignature), and checks their Ed25519 signatures by WebCrypto.
 */
import { type Bytes, HASH_BYTES, hexOf, isSame, joined, Malformed, ofBase64, sha256, utf8 } from "./bytes.js";
import type { Tree } from "./tree.js";

export const NOTE_KEY = 0x01;
const COSIGNATURE_KEY = 0x04;
const ID_BYTES = 4;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const TIME_BYTES = 8;

export interface Verifier {
  readonly name: string;
  readonly type: typeof NOTE_KEY | typeof COSIGNATURE_KEY;
  readonly id: Bytes;
  readonly key: Bytes;
}

export interface Signature {
  readonly name: string;
  readonly id: Bytes;
  readonly bytes: Bytes;
  /** When a witness says that it saw it, in seconds since 1970; undefined: not a witness's signature. */
  readonly seconds: number | undefined;
}

export interface Checkpoint extends Tree {
  readonly origin: string;
  /** The note's text: what is signed. */
  readonly text: string;
  readonly signatures: readonly Signature[];
}

/**
 * A key as it is published: `NAME+ID+KEY`.
 * @throws {Malformed}
 */
export async function parseVerifier(published: string): Promise<Verifier> {
  const [, name, id, text] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(published.trim()) ?? [];
  const bytes = ofBase64(text ?? "");
  const type = [NOTE_KEY, COSIGNATURE_KEY].find((one) => one === bytes?.[0]) as Verifier["type"] | undefined;
  if (name === undefined || bytes?.length !== 1 + KEY_BYTES || type === undefined) throw new Malformed("key");
  const own = (await sha256(utf8(`${name}\n`), bytes)).slice(0, ID_BYTES);
  if (hexOf(own) !== id) throw new Malformed("key");
  return { name, type, id: own, key: bytes.slice(1) };
}

/** @throws {Malformed} */
export function parseCheckpoint(note: string): Checkpoint {
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) throw new Malformed("note");
  const text = note.slice(0, end + 1);
  const signatures = note
    .slice(end + 2, -1)
    .split("\n")
    .map(parseSignature);
  const [origin = "", digits = "", hash = ""] = text.split("\n");
  const [size, root] = [Number(digits), ofBase64(hash)];
  const isForm = origin !== "" && /^(0|[1-9]\d*)$/.test(digits) && Number.isSafeInteger(size);
  if (!isForm || root?.length !== HASH_BYTES) throw new Malformed("checkpoint");
  return { origin, size, root, text, signatures };
}

function parseSignature(line: string): Signature {
  const [, name, text] = /^\u2014 ([^ +]+) ([A-Za-z0-9+/]+=*)$/.exec(line) ?? [];
  const all = ofBase64(text ?? "");
  if (name === undefined || all === undefined || all.length <= ID_BYTES) throw new Malformed("note");
  const [id, bytes] = [all.slice(0, ID_BYTES), all.slice(ID_BYTES)];
  const isTimed = bytes.length === TIME_BYTES + SIGNATURE_BYTES;
  return { name, id, bytes, seconds: isTimed ? Number(new DataView(bytes.buffer).getBigUint64(0)) : undefined };
}

/** `absent`: the key has not signed it; `unsupported`: this browser has no Ed25519, so that nobody knows. */
export type Signed = "good" | "wrong" | "absent" | "unsupported";

/** Whether a key has signed a checkpoint. */
export async function signedBy({ text, signatures }: Checkpoint, verifier: Verifier): Promise<Signed> {
  const isTimed = verifier.type === COSIGNATURE_KEY;
  const own = signatures.filter(
    ({ name, id, seconds }) => name === verifier.name && isSame(id, verifier.id) && (seconds !== undefined) === isTimed,
  );
  if (own.length === 0) return "absent";
  const key = await crypto.subtle
    .importKey("raw", verifier.key, { name: "Ed25519" }, false, ["verify"])
    .catch((error: Error) => (error.name === "NotSupportedError" ? "unsupported" : undefined));
  if (key === "unsupported") return key;
  for (const { bytes, seconds } of key === undefined ? [] : own) {
    const signed = utf8(isTimed ? `cosignature/v1\ntime ${seconds}\n${text}` : text);
    const signature = isTimed ? bytes.slice(TIME_BYTES) : bytes;
    if (await crypto.subtle.verify("Ed25519", key!, signature, signed)) return "good";
  }
  return "wrong";
}

/** The same key, published twice. */
export const isSameKey = (a: Verifier, b: Verifier): boolean =>
  a.name === b.name && isSame(joined(Uint8Array.of(a.type), a.key), joined(Uint8Array.of(b.type), b.key));
