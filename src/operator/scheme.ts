/**
 * Signature schemes: one verifier each, all over the same bytes (the statement's text in UTF-8).
 * A further scheme is one more line in the table; a statement never says how it is to be checked.
 */
import { verify } from "node:crypto";
import { isAsserted, type PasskeyTerms, parseAssertion, passkeySpki } from "./passkey.js";
import { parsePublicKey } from "./public-key.js";

export const SCHEMES = ["ed25519", "webauthn"] as const;
export type SignatureScheme = (typeof SCHEMES)[number];

/** Keys that sign for one operator. */
export interface SignersKeys {
  /** That of the key file: SPKI, base64. */
  readonly publicKey: string;
  readonly passkeys: readonly PasskeyTerms[];
}

type Verifier = (keys: SignersKeys, text: string, signature: string) => string | undefined;

const VERIFIERS: { readonly [S in SignatureScheme]: Verifier } = {
  ed25519: ({ publicKey }, text, signature) => {
    const bytes = Buffer.from(signature, "base64");
    if (bytes.length !== 64 || bytes.toString("base64") !== signature) return undefined;
    return verify(null, Buffer.from(text, "utf8"), parsePublicKey(publicKey), bytes) ? publicKey : undefined;
  },
  webauthn: ({ passkeys }, text, signature) => {
    const assertion = parseAssertion(signature);
    const passkey = passkeys.find(({ credential }) => credential === assertion?.credential);
    if (assertion === undefined || passkey === undefined || !isAsserted(assertion, passkey, text)) return undefined;
    return passkeySpki(passkey.publicKey);
  },
};

/** Which of an operator's keys signed exactly this text (SPKI, base64); undefined: none did. */
export function keyThatSigned(
  scheme: SignatureScheme,
  keys: SignersKeys,
  text: string,
  signature: string,
): string | undefined {
  return VERIFIERS[scheme](keys, text, signature);
}
