/**
 * Sealing keys: for each compartment the key in force, and while it is rotated the next one, in memory only.
 *
 * They wrap the data keys of chunks: AES-256-GCM under a random nonce, with the chunk's place as additional data, 60
 * bytes: nonce, wrapped key, tag. Made, read and destroyed here and nowhere else; copies of those in force go with the rows
 * that are to be sealed, and are wiped with them.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import {
  KEY_BYTES,
  type KeyFolder,
  type KeyHistory,
  type KeyName,
  keyCheck,
  keyName,
  requireKey,
} from "../token/index.js";
import { COMPARTMENTS, type Compartment, compartmentCode, keyFamily } from "./compartment.js";
import { VaultError } from "./error.js";
import { freshBytes } from "./fresh-bytes.js";
import type { KeyService } from "./key-service.js";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = "aes-256-gcm";

/** A key that chunks are sealed under. Plain data, for another thread, which wipes its own copy. */
export interface SealingKey {
  /** Code of its compartment. */
  readonly compartment: number;
  readonly epoch: number;
  readonly key: Uint8Array;
}

/** Bytes of a wrapped data key. */
export const WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/** A data key under a sealing key. @param place what it is bound to */
export function wrapKey({ key }: Pick<SealingKey, "key">, dataKey: Uint8Array, place: Uint8Array): Uint8Array {
  const nonce = freshBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(place);
  const wrapped = new Uint8Array(WRAPPED_BYTES);
  wrapped.set(nonce);
  wrapped.set(cipher.update(dataKey), NONCE_BYTES);
  cipher.final();
  wrapped.set(cipher.getAuthTag(), NONCE_BYTES + KEY_BYTES);
  return wrapped;
}

export class SealingKeys {
  readonly #folder: KeyFolder;
  readonly #service: KeyService | undefined;
  readonly #keys = new Map<KeyName, Uint8Array>();
  readonly #epochs = new Map<Compartment, number>();

  private constructor(folder: KeyFolder, service: KeyService | undefined) {
    this.#folder = folder;
    this.#service = service;
  }

  /**
   * Reads the keys that are needed and holds them against their check values.
   * @param service that guards them at rest; a key that was made without it is still read as it is
   * @throws {TokenError} codes `missing-key`, `malformed-key`, `wrong-key`
   * @throws {VaultError} code `key-service-failed`
   */
  static async open(folder: KeyFolder, history: KeyHistory, service: KeyService | undefined): Promise<SealingKeys> {
    const keys = new SealingKeys(folder, service);
    const names = COMPARTMENTS.flatMap((compartment) => {
      const family = keyFamily(compartment);
      keys.#epochs.set(compartment, history.epochOf(family));
      return history.neededEpochs(family).map((epoch) => keyName(family, epoch));
    });
    await Promise.all(names.map(async (name) => keys.#keys.set(name, await keys.#read(name, history.check(name)))));
    return keys;
  }

  async #read(name: KeyName, check = ""): Promise<Uint8Array> {
    const wrapped = this.#folder.wrapped(name);
    if (wrapped === undefined) return this.#folder.read(name, check);
    if (this.#service === undefined) {
      throw new VaultError(
        "key-service-failed",
        `the key ${name} is guarded by a key service, and solely.json names none`,
        "restore keyService in solely.json",
      );
    }
    const key = await this.#service.unwrap(name, wrapped);
    requireKey(key, name, check, this.#folder.file(name));
    return key;
  }

  /** Keys whose files hold the key itself though there is a service to guard it. */
  get unguarded(): KeyName[] {
    if (this.#service === undefined) return [];
    return [...this.#keys.keys()].filter((name) => this.#folder.wrapped(name) === undefined);
  }

  /** Epoch that new chunks are sealed in. */
  epoch(compartment: Compartment): number {
    return this.#epochs.get(compartment)!;
  }

  /** The key that new chunks of a compartment are sealed under; it is the vault's own, not a copy. */
  inForce(compartment: Compartment): SealingKey {
    const epoch = this.epoch(compartment);
    return { compartment: compartmentCode(compartment), epoch, key: this.#key(compartment, epoch) };
  }

  /** Makes the key of an epoch; returns its check value. What a try that was cut off has left is replaced. */
  async create(compartment: Compartment, epoch: number): Promise<string> {
    const name = keyName(keyFamily(compartment), epoch);
    this.#folder.destroy(name);
    let key: Uint8Array;
    if (this.#service === undefined) key = this.#folder.create(name);
    else {
      key = randomBytes(KEY_BYTES);
      this.#folder.createWrapped(name, await this.#service.wrap(name, key));
    }
    this.#keys.set(name, key);
    return keyCheck(key);
  }

  /** From now on chunks are sealed in this epoch, whose key is here. */
  use(compartment: Compartment, epoch: number): void {
    this.#epochs.set(compartment, epoch);
  }

  /** Forgets and destroys the key of an epoch that is over. */
  destroy(compartment: Compartment, epoch: number): void {
    const name = keyName(keyFamily(compartment), epoch);
    this.#keys.get(name)?.fill(0);
    this.#keys.delete(name);
    this.#folder.destroy(name);
  }

  /** @param place what the wrapped key is bound to */
  wrap(compartment: Compartment, epoch: number, dataKey: Uint8Array, place: Uint8Array): Uint8Array {
    return wrapKey({ key: this.#key(compartment, epoch) }, dataKey, place);
  }

  /** @throws {VaultError} code `unopenable` */
  unwrap(compartment: Compartment, epoch: number, wrapped: Uint8Array, place: Uint8Array): Uint8Array {
    try {
      const nonce = wrapped.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(ALGORITHM, this.#key(compartment, epoch), nonce).setAAD(place);
      decipher.setAuthTag(wrapped.subarray(NONCE_BYTES + KEY_BYTES));
      const key = decipher.update(wrapped.subarray(NONCE_BYTES, NONCE_BYTES + KEY_BYTES));
      decipher.final();
      return key;
    } catch {
      throw unopenable();
    }
  }

  #key(compartment: Compartment, epoch: number): Uint8Array {
    const key = this.#keys.get(keyName(keyFamily(compartment), epoch));
    if (key === undefined) throw unopenable();
    return key;
  }
}

export const unopenable = (): VaultError =>
  new VaultError(
    "unopenable",
    "a chunk of the vault does not open: it is not what was sealed there, or its key is another one",
    "restore the database and the keys from backups of one store",
  );
