/**
 * Tombstones: up to which instant an account or a contact point was erased, by a keyed digest that tells nothing else.
 *
 * What was given up to that instant is refused when a full feed brings it again. A digest is AES-256, under a key for
 * this alone, of a contact point's identity, or of the first 128 bits of SHA-256 of an account's name. 96 bits of it are
 * compared. Additions can be undone in reverse order.
 */
import { createCipheriv } from "node:crypto";
import { grown, Slots } from "../column/index.js";
import { DIGEST_BYTES as HASH_BYTES, sha256Batch } from "../kernel/index.js";

export const TOMBSTONE_BYTES = 16;
const HASH_WORDS = HASH_BYTES / 4;
const WORDS = 4;
const KEPT_WORDS = 3;

/** What `add` did, for undoing it. */
export interface TombstoneChange {
  readonly entry: number;
  /** The instant before; -1 if there was none. */
  readonly beforeMs: number;
}

export class Tombstones {
  count = 0;
  #digests: Uint32Array = new Uint32Array(KEPT_WORDS << 6);
  #atMs: Float64Array = new Float64Array(1 << 6);
  readonly #slots = new Slots();

  /**
   * The instant up to which it was erased, or -1.
   * @param digests 4 words each
   */
  find(digests: Uint32Array, row: number): number {
    if (this.count === 0) return -1;
    const entry = this.#find(digests, row);
    return entry < 0 ? -1 : this.#atMs[entry]!;
  }

  /** Of two instants the later one counts. */
  add(digests: Uint32Array, row: number, atMs: number): TombstoneChange {
    const known = this.#find(digests, row);
    if (known >= 0) {
      const beforeMs = this.#atMs[known]!;
      this.#atMs[known] = Math.max(beforeMs, atMs);
      return { entry: known, beforeMs };
    }
    if (this.#slots.isFull) {
      this.#slots.enlarge();
      this.#placeAll();
    }
    const entry = this.count++;
    this.#digests = grown(this.#digests, KEPT_WORDS * (entry + 1));
    this.#atMs = grown(this.#atMs, entry + 1);
    for (let word = 0; word < KEPT_WORDS; word++) {
      this.#digests[KEPT_WORDS * entry + word] = digests[WORDS * row + word]!;
    }
    this.#atMs[entry] = atMs;
    this.#place(entry);
    return { entry, beforeMs: -1 };
  }

  undo({ entry, beforeMs }: TombstoneChange): void {
    if (beforeMs >= 0) {
      this.#atMs[entry] = beforeMs;
      return;
    }
    this.#slots.remove(this.#digests[KEPT_WORDS * entry]!, entry, (other) => this.#digests[KEPT_WORDS * other]!);
    this.count = entry;
  }

  /** Views for a snapshot, in the order that `restore` takes. */
  sections(): [Uint32Array, Float64Array] {
    return [this.#digests.subarray(0, KEPT_WORDS * this.count), this.#atMs.subarray(0, this.count)];
  }

  restore(digests: Uint32Array, atMs: Float64Array): void {
    this.#digests = digests;
    this.#atMs = atMs;
    this.count = atMs.length;
    this.#slots.makeFor(this.count);
    this.#placeAll();
  }

  #find(digests: Uint32Array, row: number): number {
    const at = WORDS * row;
    return this.#slots.findKey(this.#digests, digests[at]!, digests[at + 1]!, digests[at + 2]!);
  }

  #place(entry: number): void {
    this.#slots.add(this.#digests[KEPT_WORDS * entry]!, this.#digests[KEPT_WORDS * entry + 1]!, entry);
  }

  #placeAll(): void {
    for (let entry = 0; entry < this.count; entry++) this.#place(entry);
  }
}

/**
 * Digests of contact points.
 * @param identities 16 bytes each
 * @returns 4 words each
 */
export function identityDigests(key: Uint8Array, identities: Uint8Array): Uint32Array {
  const cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  const digests = new Uint32Array(identities.length / 4);
  new Uint8Array(digests.buffer).set(cipher.update(identities));
  return digests;
}

/**
 * Digests of accounts.
 * @param ends where each name ends in `names`
 * @returns 4 words each
 */
export function nameDigests(key: Uint8Array, names: Uint8Array, ends: Uint32Array): Uint32Array {
  const hashes = new Uint32Array(HASH_WORDS * ends.length);
  sha256Batch(names, ends, ends.length, new Uint8Array(hashes.buffer));
  const blocks = new Uint32Array(WORDS * ends.length);
  for (let i = 0; i < ends.length; i++) blocks.set(hashes.subarray(HASH_WORDS * i, HASH_WORDS * i + WORDS), WORDS * i);
  return identityDigests(key, new Uint8Array(blocks.buffer));
}
