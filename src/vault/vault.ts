/**
 * The vault: the one place where contacts' values are, sealed; nothing else opens one.
 *
 * A value comes out under a permit for its purpose alone, and only as it was given for that purpose. Masks come out for
 * anybody who may see that the contact is there. Nothing is kept in memory but the sealing keys: where a value lies is
 * told by the history of its contact point.
 */
import { type Contacts, grantLeaves, standingGrants } from "../grant/index.js";
import { type NoticeBook, type Permit, requirePermit } from "../purpose/index.js";
import type { SealedQuery, SealedRow, Store } from "../store/index.js";
import { openChunk, type Values, valueIn } from "./chunk.js";
import { type Compartment, compartmentCode, type SealedPurpose } from "./compartment.js";
import type { SealingKeys } from "./sealing-keys.js";

export interface VaultRooms {
  readonly store: Store;
  readonly contacts: Contacts;
  readonly notices: NoticeBook;
}

/** A value as the account gave it for one purpose. */
export interface GivenValue {
  readonly value: string;
  readonly givenAtMs: number;
}

export class Vault {
  readonly keys: SealingKeys;
  /** Whether values are kept, or masks alone. */
  readonly keepsValues: boolean;
  readonly #rooms: VaultRooms;

  constructor(keys: SealingKeys, keepsValues: boolean, rooms: VaultRooms) {
    this.keys = keys;
    this.keepsValues = keepsValues;
    this.#rooms = rooms;
  }

  /**
   * The values of the contact points that the permit lets be used, as they were last given for its purpose; those that
   * are not kept are left out.
   * @throws {PurposeError} codes `forged-permit`, `wrong-purpose`
   * @throws {VaultError} code `unopenable`
   */
  async open<P extends SealedPurpose>(permit: Permit<P>, numbers: readonly number[]): Promise<Map<number, GivenValue>> {
    requirePermit(permit, permit.purpose);
    const { contacts } = this.#rooms;
    const places = numbers
      .filter((number) => permit.ordinals.has(number))
      .map((number) => ({
        number,
        given: standingGrants(contacts, number, permit.purpose).map(({ leaf, givenAtMs }) => ({
          position: leaf,
          givenAtMs,
        })),
      }));
    const found = await this.#find(permit.purpose, places);
    return new Map([...found].map(([number, { value, place }]) => [number, { value, givenAtMs: place.givenAtMs }]));
  }

  /** The masks of contact points, where there are any. */
  async masks(numbers: readonly number[]): Promise<Map<number, string>> {
    const { contacts } = this.#rooms;
    const places = numbers.map((number) => ({
      number,
      given: grantLeaves(contacts, number).map((position) => ({ position })),
    }));
    const found = await this.#find("mask", places);
    return new Map([...found].map(([number, { value }]) => [number, value]));
  }

  /** For each contact point what lies in the first of its places that has anything. */
  async #find<Place extends { readonly position: number }>(
    compartment: Compartment,
    wanted: readonly { readonly number: number; readonly given: readonly Place[] }[],
  ): Promise<Map<number, { value: string; place: Place }>> {
    const found = new Map<number, { value: string; place: Place }>();
    const opened = new Map<string, Values>();
    let waiting = wanted.filter(({ given }) => given.length > 0);
    for (let turn = 0; waiting.length > 0; turn++) {
      const queries = waiting.map(
        ({ number, given }): SealedQuery => ({
          position: given[turn]!.position,
          compartment: compartmentCode(compartment),
          number,
        }),
      );
      const rows = await this.#rooms.store.findSealed(queries);
      waiting.forEach(({ number, given }, i) => {
        const row = rows[i];
        const value = row === undefined ? undefined : valueIn(this.#opened(opened, compartment, row), number);
        if (value !== undefined) found.set(number, { value, place: given[turn]! });
      });
      waiting = waiting.filter(({ number, given }) => !found.has(number) && given.length > turn + 1);
    }
    for (const { bytes } of opened.values()) bytes.fill(0);
    return found;
  }

  #opened(opened: Map<string, Values>, compartment: Compartment, row: SealedRow): Values {
    const place = `${row.position} ${row.first}`;
    const known = opened.get(place);
    if (known !== undefined) return known;
    const values = openChunk(this.keys, compartment, row);
    opened.set(place, values);
    return values;
  }
}
