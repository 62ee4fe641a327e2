/**
 * The tokeniser: holds the key of one purpose and makes its tokens. Only the matcher's worker may have one.
 *
 * normal form -> SHA-256 -> first 128 bits -> AES-256 of that one block under the purpose's key (FIPS 197; a pseudorandom
 * permutation of an already random block, so the same digest gives the same token and nothing else is shown). The kind is
 * no part of it but of the index's entries, so that a digest of unknown kind is looked up once. A batch is one native call.
 */
import { type Cipher, createCipheriv, createDecipheriv } from "node:crypto";
import type { Purpose } from "../purpose/index.js";
import { TokenError } from "./error.js";
import { branded, TOKEN_BYTES, type TokenBatch } from "./token.js";

/** Tokens of one piece: few enough that they stay in the processor's cache on their way. */
const PIECE_TOKENS = 4096;

/** Makes tokens for one purpose; holds that purpose's key and no other. */
export class Tokeniser<P extends Purpose> {
  readonly purpose: P;
  readonly #key: Uint8Array;
  readonly #cipher: Cipher;

  constructor(purpose: P, key: Uint8Array) {
    this.purpose = purpose;
    this.#key = key;
    // Block by block it keeps no state, and so makes every batch's tokens.
    this.#cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  }

  /**
   * @param digests first 128 bits of the SHA-256 of a normal form, 16 bytes each
   * @throws {TokenError} code `malformed-batch`
   */
  tokens(digests: Uint8Array): TokenBatch<P> {
    if (digests.length % TOKEN_BYTES !== 0) {
      throw new TokenError("malformed-batch", `${digests.length} bytes are no digests of ${TOKEN_BYTES} bytes`);
    }
    return branded<P>(this.#cipher.update(digests));
  }

  /** As `tokens`, piece by piece. */
  *pieces(digests: Uint8Array): Generator<TokenBatch<P>> {
    const step = PIECE_TOKENS * TOKEN_BYTES;
    for (let at = 0; at < digests.length; at += step) yield this.tokens(digests.subarray(at, at + step));
  }

  /** The same contacts' tokens under another key: the permutation is undone with the old key, which one must hold. */
  rekey(tokens: TokenBatch<P>, from: Tokeniser<P>): TokenBatch<P> {
    const cipher = createDecipheriv("aes-256-ecb", from.#key, null).setAutoPadding(false);
    return branded<P>(this.#cipher.update(cipher.update(tokens)));
  }
}
