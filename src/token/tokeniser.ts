/**
 * The tokeniser: holds the key of one purpose and makes its tokens. Only the matcher's worker may have one.
 *
 * normal form -> SHA-256 -> first 128 bits, XOR a constant of the kind -> AES-256 of that one block under
 * the purpose's key (FIPS 197; a pseudorandom permutation of an already random block, so the same digest
 * gives the same token and nothing else is shown). A batch is one native call.
 */
import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { KINDS } from "../contact/index.js";
import type { Purpose } from "../purpose/index.js";
import { TokenError } from "./error.js";
import { branded, TOKEN_BYTES, type TokenBatch } from "./token.js";

const KIND_WORDS = new Uint32Array(4 * 256);
KINDS.forEach((kind, code) => {
  const digest = createHash("sha256").update(`solely token kind ${kind}`).digest();
  KIND_WORDS.set(new Uint32Array(digest.buffer.slice(digest.byteOffset, digest.byteOffset + TOKEN_BYTES)), 4 * code);
});

/** Makes tokens for one purpose; holds that purpose's key and no other. */
export class Tokeniser<P extends Purpose> {
  readonly purpose: P;
  readonly #key: Uint8Array;

  constructor(purpose: P, key: Uint8Array) {
    this.purpose = purpose;
    this.#key = key;
  }

  /**
   * @param digests first 128 bits of the SHA-256 of a normal form, 16 bytes each; overwritten
   * @param kinds kind code of each
   * @throws {TokenError} code `malformed-batch`
   */
  tokens(digests: Uint8Array, kinds: Uint8Array): TokenBatch<P> {
    if (digests.length !== kinds.length * TOKEN_BYTES || digests.byteOffset % 4 !== 0) {
      throw new TokenError(
        "malformed-batch",
        `${digests.length} bytes are not ${kinds.length} digests of ${TOKEN_BYTES} bytes`,
      );
    }
    const words = new Uint32Array(digests.buffer, digests.byteOffset, kinds.length * 4);
    for (let i = 0, at = 0; i < kinds.length; i++, at += 4) {
      const constant = 4 * kinds[i]!;
      words[at]! ^= KIND_WORDS[constant]!;
      words[at + 1]! ^= KIND_WORDS[constant + 1]!;
      words[at + 2]! ^= KIND_WORDS[constant + 2]!;
      words[at + 3]! ^= KIND_WORDS[constant + 3]!;
    }
    return branded<P>(encrypt(this.#key, digests));
  }

  /** The same contacts' tokens under another key: the permutation is undone with the old key, which one must hold. */
  rekey(tokens: TokenBatch<P>, from: Tokeniser<P>): TokenBatch<P> {
    const cipher = createDecipheriv("aes-256-ecb", from.#key, null).setAutoPadding(false);
    return branded<P>(encrypt(this.#key, cipher.update(tokens)));
  }
}

function encrypt(key: Uint8Array, blocks: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  return cipher.update(blocks);
}
