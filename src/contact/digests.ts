/**
 * Digests of normal forms as tokens and identities are made of them: the first 128 bits of SHA-256.
 */
import { DIGEST_BYTES as HASH_BYTES, sha256Batch } from "../kernel/index.js";
import type { Messages } from "./messages.js";

export const FORM_DIGEST_BYTES = 16;

/** The first 128 bits of SHA-256 of each message, one after the other; the messages are overwritten. */
export function digestMessages(messages: Messages): Uint8Array {
  const { count } = messages;
  const hashes = new Uint8Array(count * HASH_BYTES);
  sha256Batch(messages.bytes, messages.ends, count, hashes);
  messages.wipe();
  const words = new Uint32Array(hashes.buffer);
  const digests = new Uint32Array(count * 4);
  for (let i = 0, from = 0, to = 0; i < count; i++, from += 8, to += 4) {
    digests[to] = words[from]!;
    digests[to + 1] = words[from + 1]!;
    digests[to + 2] = words[from + 2]!;
    digests[to + 3] = words[from + 3]!;
  }
  hashes.fill(0);
  return new Uint8Array(digests.buffer);
}
