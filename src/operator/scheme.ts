/**
 * Signature schemes: one verifier each, all over the same bytes (the statement's text in UTF-8).
 * A further scheme is one more line in the table; a statement never says how it is to be checked.
 */
import { verify } from "node:crypto";
import { parsePublicKey } from "./public-key.js";

export const SCHEMES = ["ed25519"] as const;
export type SignatureScheme = (typeof SCHEMES)[number];

type Verifier = (publicKey: string, text: string, signature: string) => boolean;

const VERIFIERS: { readonly [S in SignatureScheme]: Verifier } = {
  ed25519: (publicKey, text, signature) => {
    const bytes = Buffer.from(signature, "base64");
    if (bytes.length !== 64 || bytes.toString("base64") !== signature) return false;
    return verify(null, Buffer.from(text, "utf8"), parsePublicKey(publicKey), bytes);
  },
};

/** Whether the holder of `publicKey` signed exactly this text. */
export function isSignedBy(scheme: SignatureScheme, publicKey: string, text: string, signature: string): boolean {
  return VERIFIERS[scheme](publicKey, text, signature);
}
