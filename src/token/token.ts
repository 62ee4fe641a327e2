/**
 * Tokens: the keyed form in which an identifier is compared for one purpose, and no other.
 */
import type { Purpose } from "../purpose/index.js";
import { TokenError } from "./error.js";

export const TOKEN_BYTES = 16;

declare const purposeOfToken: unique symbol;

/** Tokens of 16 bytes each, for one purpose only. */
export type TokenBatch<P extends Purpose> = Uint8Array & { readonly [purposeOfToken]: P };

/** Tokens as they were stored; the caller says for which purpose they were made. */
export function storedTokens<P extends Purpose>(bytes: Uint8Array): TokenBatch<P> {
  if (bytes.length % TOKEN_BYTES !== 0)
    throw new TokenError("malformed-batch", `${bytes.length} bytes are no whole number of tokens`);
  return branded<P>(bytes);
}

/** The one place where bytes become tokens. */
export function branded<P extends Purpose>(bytes: Uint8Array): TokenBatch<P> {
  return bytes as TokenBatch<P>;
}
