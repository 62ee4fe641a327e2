/**
 * Labels: what accounts and values are known by while an audit runs. AES-256 of the first 128 bits of a SHA-256, under a key
 * of this run that nobody keeps: equal for equal values, and nothing that could be looked up.
 *
 * A raw value is labelled by its coarsest form. It may come as a hash elsewhere, of whichever normal form: those labels go
 * with it, so that both are known to be one.
 */
import { createCipheriv } from "node:crypto";
import { grown } from "../column/index.js";
import { digestMessages, FORM_DIGEST_BYTES, type KindCode, Messages, Normaliser } from "../contact/index.js";
import { DIGEST_DIGITS } from "../kernel/index.js";
import { decodeDigest } from "../list/index.js";

/** Words of a label; of a value's, the first two count. */
export const LABEL_WORDS = 4;
export const RUN_KEY_BYTES = 32;

/** Labels of digests, which are overwritten. */
function sealed(digests: Uint8Array, runKey: Uint8Array): Uint32Array {
  const cipher = createCipheriv("aes-256-ecb", runKey, null).setAutoPadding(false);
  const labels = new Uint32Array(digests.length / 4);
  new Uint8Array(labels.buffer).set(cipher.update(digests));
  digests.fill(0);
  return labels;
}

/** Labels of messages, which are gone afterwards. */
export const labelsOf = (messages: Messages, runKey: Uint8Array): Uint32Array =>
  sealed(digestMessages(messages), runKey);

/** Labels of a batch's values. */
interface ValueLabels {
  /** Two words a row; of a row without a value, anything. */
  readonly rows: Uint32Array;
  /** Normal forms that a row's value may be hashed as: the row, and two words, in turn. */
  readonly forms: Uint32Array;
}

const NONE = -1;
const FIRST_ROWS = 1 << 10;

export class ValueColumn {
  readonly #normaliser: Normaliser;
  readonly #runKey: Uint8Array;
  readonly #messages = new Messages();
  /** Hashes as they came, the first half of each. */
  #hashes = new Uint8Array(FIRST_ROWS);
  #hashCount = 0;
  /** By row: the place among the messages; below NONE, among the hashes. */
  #place: Int32Array = new Int32Array(FIRST_ROWS);
  #rows = 0;
  #formRows: number[] = [];
  #formPlaces: number[] = [];

  /** @param region two letters: how phone numbers without "+" are read */
  constructor(region: string | undefined, runKey: Uint8Array) {
    this.#normaliser = new Normaliser({ region });
    this.#runKey = runKey;
  }

  /**
   * Adds a row's value: 64 hex digits are a hash, all else is raw.
   * @returns 0, or the contact room's refusal code, and nothing is added
   */
  add(kind: KindCode, src: Uint8Array, start: number, end: number): number {
    if (end - start === DIGEST_DIGITS) {
      const at = this.#hashCount * FORM_DIGEST_BYTES;
      this.#hashes = grown(this.#hashes, at + FORM_DIGEST_BYTES);
      if (decodeDigest(src, start, this.#hashes, at)) {
        this.#push(NONE - 1 - this.#hashCount++);
        return 0;
      }
    }
    const messages = this.#messages;
    const place = messages.count;
    const code = this.#normaliser.coarsest(kind, src, start, end, messages);
    if (code !== 0) return code;
    const forms = this.#normaliser.forms(kind, src, start, end, messages);
    for (let form = place + 1; form <= place + forms; form++) {
      if (Buffer.compare(messages.message(form), messages.message(place)) === 0) continue;
      this.#formRows.push(this.#rows);
      this.#formPlaces.push(form);
    }
    this.#push(place);
    return 0;
  }

  addNone(): void {
    this.#push(NONE);
  }

  #push(place: number): void {
    if (this.#rows === this.#place.length) {
      const larger = new Int32Array(this.#rows * 2);
      larger.set(this.#place);
      this.#place = larger;
    }
    this.#place[this.#rows++] = place;
  }

  /** Labels of the values that were added; what they were made of is overwritten. */
  take(): ValueLabels {
    const hashBytes = this.#hashCount * FORM_DIGEST_BYTES;
    const made = labelsOf(this.#messages, this.#runKey);
    const hashed = sealed(this.#hashes.subarray(0, hashBytes), this.#runKey);
    const rows = new Uint32Array(2 * this.#rows);
    for (let row = 0; row < this.#rows; row++) {
      const place = this.#place[row]!;
      if (place === NONE) continue;
      const from = place < NONE ? hashed : made;
      const at = LABEL_WORDS * (place < NONE ? NONE - 1 - place : place);
      rows[2 * row] = from[at]!;
      rows[2 * row + 1] = from[at + 1]!;
    }
    const forms = new Uint32Array(3 * this.#formRows.length);
    for (const [i, row] of this.#formRows.entries()) {
      forms[3 * i] = row;
      forms[3 * i + 1] = made[LABEL_WORDS * this.#formPlaces[i]!]!;
      forms[3 * i + 2] = made[LABEL_WORDS * this.#formPlaces[i]! + 1]!;
    }
    this.#rows = 0;
    this.#hashCount = 0;
    this.#formRows.length = 0;
    this.#formPlaces.length = 0;
    return { rows, forms };
  }
}
