/**
 * A column of names that repeat: each row holds the place of its name, and each name is kept once.
 */
import { isUtf8 } from "node:buffer";
import { randomBytes } from "node:crypto";
import { sameBytes } from "./byte-names.js";
import { grown } from "./growing.js";

export type NameHash = (src: Uint8Array, start: number, end: number) => number;

export class NamesColumn {
  #column: Uint32Array = new Uint32Array(1 << 4);
  #rows = 0;
  #names: Uint8Array[] = [];
  /** Places of names by their hashes; a name whose hash another has is by `#next` behind it. */
  readonly #places = new Map<number, number>();
  #next: number[] = [];
  readonly #hash: NameHash;

  /** @param hash of names; another one for tests */
  constructor(hash: NameHash = hashOf) {
    this.#hash = hash;
  }

  /** False if it is not UTF-8; then nothing is added. */
  add(src: Uint8Array, start: number, end: number): boolean {
    const place = this.placeOf(src, start, end);
    if (place < 0) return false;
    this.#column = grown(this.#column, this.#rows + 1);
    this.#column[this.#rows++] = place;
    return true;
  }

  /** Adds rows by the places of their names. */
  addPlaces(places: Uint32Array): void {
    this.#column = grown(this.#column, this.#rows + places.length);
    this.#column.set(places, this.#rows);
    this.#rows += places.length;
  }

  /** Place of a name, which gets one if it has none yet, until the names are taken; -1 if it is not UTF-8. */
  placeOf(src: Uint8Array, start: number, end: number): number {
    const hash = this.#hash(src, start, end);
    const first = this.#places.get(hash) ?? -1;
    let place = first;
    while (place >= 0 && !sameBytes(this.#names[place]!, src, start, end)) place = this.#next[place]!;
    if (place < 0) {
      // Not `slice`: of a Buffer it is no copy.
      const bytes = new Uint8Array(src.subarray(start, end));
      if (!isUtf8(bytes)) return -1;
      place = this.#names.push(bytes) - 1;
      this.#next.push(first);
      this.#places.set(hash, place);
    }
    return place;
  }

  drop(): void {
    this.#rows--;
  }

  take(): { column: Uint32Array; names: string[] } {
    const names = this.#names.map((bytes) => Buffer.from(bytes).toString("utf8"));
    const taken = { column: this.#column.slice(0, this.#rows), names };
    this.#rows = 0;
    this.#names = [];
    this.#next = [];
    this.#places.clear();
    return taken;
  }
}

/** Nobody knows it, so that nobody can send names that all have one hash. */
const BASIS = randomBytes(4).readInt32LE();

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/) from a basis of this process, mixed. */
function hashOf(src: Uint8Array, start: number, end: number): number {
  let hash = BASIS;
  for (let i = start; i < end; i++) {
    hash = Math.imul(hash ^ src[i]!, 0x01000193);
    // Without this only the lowest byte of the basis would decide which names meet.
    hash ^= hash >>> 15;
  }
  return hash;
}
