/** Bytes, what is not in its form, and the only hash that the ledger has: SHA-256, by the browser's own WebCrypto. */

export type Bytes = Uint8Array<ArrayBuffer>;

export const HASH_BYTES = 32;

/** What is not in the form that it must have. */
export class Malformed extends Error {
  constructor(readonly what: "note" | "checkpoint" | "key" | "leaf" | "bundle" | "tile") {
    super(`malformed ${what}`);
    this.name = "Malformed";
  }
}

export async function sha256(...parts: readonly Bytes[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
}

export function joined(...parts: readonly Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export const isSame = (a: Bytes, b: Bytes): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

export const hexOf = (bytes: Bytes): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

export const base64Of = (bytes: Bytes): string => btoa(String.fromCharCode(...bytes));

/** Bytes of base64 in its one form; undefined: it is none. */
export function ofBase64(text: string): Bytes | undefined {
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return base64Of(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}
