/** Keys as people pass them on: what an enrolment page saved, and the public half of a key file; with their fingerprints. */
import { parseCoseKey } from "../../operator/cose.js";

/** A passkey as the enrolment page tells it; in force for nobody yet. */
export interface Enrolment {
  readonly operator: string;
  readonly credential: string;
  readonly publicKey: string;
  readonly host: string;
}

/** Reads the code of an enrolment page; undefined: it is none. */
export function readEnrolment(text: string): Enrolment | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { operator, credential, publicKey, host } = value as Record<string, unknown>;
  if (![operator, credential, publicKey, host].every((part) => typeof part === "string")) return undefined;
  const enrolment = { operator, credential, publicKey, host } as Enrolment;
  return spkiOfPasskey(enrolment) === undefined ? undefined : enrolment;
}

export function spkiOfPasskey({ publicKey }: Pick<Enrolment, "publicKey">): Uint8Array<ArrayBuffer> | undefined {
  const bytes = bytesOf(publicKey.replaceAll("-", "+").replaceAll("_", "/"));
  const key = bytes === undefined ? undefined : parseCoseKey(bytes);
  return key === undefined ? undefined : Uint8Array.from(key.spki);
}

const PEM = /^\s*-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END PUBLIC KEY-----\s*$/;

/** The key of a `.pub` file, SPKI in base64; undefined: it is none. */
export function readPublicKeyFile(text: string): string | undefined {
  const base64 = PEM.exec(text)?.[1]?.replace(/\s+/g, "");
  return base64 === undefined || bytesOf(base64) === undefined ? undefined : base64;
}

/** What people compare: SHA-256 of the key's SPKI, in hex. */
export async function fingerprintOf(spki: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const bytes = typeof spki === "string" ? bytesOf(spki) : spki;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes ?? new Uint8Array()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
