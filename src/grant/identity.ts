/**
 * Identities of contact points: 16 bytes from account, kind and the coarsest form of the value, under a key.
 *
 * AES-256 of the first 128 bits of SHA-256(account ‖ 0 ‖ kind ‖ coarsest form). An account's name holds no
 * zero byte, so the parts can't run into each other. Since the account is inside, an identity can't be
 * compared across accounts; since it is keyed, it can't be guessed from a value.
 */
import { createCipheriv } from "node:crypto";
import { digestMessages, type KindCode, kindCode, Messages, Normaliser, refusal } from "../contact/index.js";
import type { ByteStrings } from "../kernel/index.js";
import { GrantError } from "./error.js";

export const IDENTITY_BYTES = 16;
export const IDENTITY_KEY_BYTES = 32;

/** Builds the identities of a batch. */
export class Identities {
  readonly #normaliser: Normaliser;
  readonly #key: Uint8Array;
  readonly #messages = new Messages();
  readonly #separator = new Uint8Array(2);

  /** @param key 32 bytes */
  constructor(normaliser: Normaliser, key: Uint8Array) {
    if (key.length !== IDENTITY_KEY_BYTES) throw new RangeError("the identity key has 32 bytes");
    this.#normaliser = normaliser;
    this.#key = key;
  }

  get count(): number {
    return this.#messages.count;
  }

  /**
   * Appends the identity of a value of an account; both lie in `src`.
   * @returns 0, or the contact room's refusal code, and nothing is appended
   */
  add(
    src: Uint8Array,
    accountStart: number,
    accountEnd: number,
    kind: KindCode,
    valueStart: number,
    valueEnd: number,
  ): number {
    const messages = this.#messages;
    messages.append(src, accountStart, accountEnd);
    this.#separator[1] = kind;
    messages.append(this.#separator);
    return this.#normaliser.coarsest(kind, src, valueStart, valueEnd, messages);
  }

  /** Appends identities by what they are made of, as `add` writes it. */
  addAll(messages: ByteStrings): void {
    this.#messages.addAll(messages);
  }

  /** The identities that were added, 16 bytes each; what they were made of is overwritten. */
  take(): Uint8Array {
    const { count } = this.#messages;
    const blocks = digestMessages(this.#messages);
    const cipher = createCipheriv("aes-256-ecb", this.#key, null).setAutoPadding(false);
    const identities = new Uint8Array(count * IDENTITY_BYTES);
    identities.set(cipher.update(blocks));
    blocks.fill(0);
    return identities;
  }
}

/**
 * The identity of one contact point, as the four words that tables compare.
 * @throws {GrantError} code `malformed-value` when the value is none of its kind
 */
export function identityOf(
  key: Uint8Array,
  account: string,
  contact: { kind: string; value: string; region?: string | undefined },
): Uint32Array {
  const identities = new Identities(
    new Normaliser(contact.region === undefined ? {} : { region: contact.region }),
    key,
  );
  const name = Buffer.from(account);
  const src = Buffer.concat([name, Buffer.from(contact.value)]);
  const code = identities.add(src, 0, name.length, kindCode(contact.kind), name.length, src.length);
  if (code !== 0) {
    const { reason, fix } = refusal(code) ?? { reason: "the value is none of its kind", fix: "check kind and value" };
    throw new GrantError("malformed-value", reason, { field: "value", fix });
  }
  return new Uint32Array(identities.take().slice().buffer);
}
