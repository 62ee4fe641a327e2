/**
 * A set of ordinals (or of account numbers): a roaring bitmap.
 *
 * Its file form is the public RoaringFormatSpec with the 64-bit extension
 * (https://github.com/RoaringBitmap/RoaringFormatSpec): a count of buckets, then for each bucket its
 * high half (the shard, 0 until there are more) and a portable 32-bit bitmap. Members here are low halves.
 * Memory lives in the bitmap library's WebAssembly heap; call `dispose` on sets that will not be kept.
 */
import { RoaringBitmap32, roaringLibraryInitialize } from "roaring-wasm";
import { SetError } from "./error.js";
import { isPortableBitmap, portableBitmap } from "./portable.js";
import { distinct, sorted } from "./sorted.js";

await roaringLibraryInitialize();

/** What may be asked of a set that is somebody else's. */
export interface ReadonlyOrdinalSet extends Iterable<number> {
  readonly size: number;
  has(ordinal: number): boolean;
  /** Members in ascending order. */
  toArray(): Uint32Array;
  /** Members in [from, to), in ascending order. */
  range(from: number, to: number): Uint32Array;
  /** A new set: members of both. */
  and(other: ReadonlyOrdinalSet): OrdinalSet;
  /** How many members both have, without making the set. */
  andSize(other: ReadonlyOrdinalSet): number;
  intersects(other: ReadonlyOrdinalSet): boolean;
  /** How many of these are members, each counted as often as it is there. */
  countOf(pieces: readonly Uint32Array[]): number;
  equals(other: ReadonlyOrdinalSet): boolean;
  clone(): OrdinalSet;
  /** RoaringFormatSpec, 64-bit extension, one bucket. */
  toBytes(): Uint8Array;
}

const BUCKET_HEADER_BYTES = 12;

/** So many ordinals are worth a set of their own: one by one they would move what is there. */
const MANY_ORDINALS = 4096;

export class OrdinalSet implements ReadonlyOrdinalSet {
  readonly #bits: RoaringBitmap32;

  private constructor(bits: RoaringBitmap32) {
    this.#bits = bits;
  }

  static empty(): OrdinalSet {
    return new OrdinalSet(new RoaringBitmap32());
  }

  /** @param ordinals any order, repeats allowed */
  static from(ordinals: Uint32Array): OrdinalSet {
    const set = OrdinalSet.empty();
    set.addAll(ordinals);
    return set;
  }

  /**
   * Reads the 64-bit file form.
   * @throws {SetError} code `malformed` or `too-many-shards`
   */
  static fromBytes(bytes: Uint8Array): OrdinalSet {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const buckets = bytes.byteLength < 8 ? -1n : view.getBigUint64(0, true);
    if (buckets === 0n && bytes.byteLength === 8) return OrdinalSet.empty();
    if (buckets > 1n) throw new SetError("too-many-shards", `a set of one shard was expected, this one has ${buckets}`);
    if (buckets !== 1n || !isPortableBitmap(bytes.subarray(BUCKET_HEADER_BYTES))) {
      throw new SetError("malformed", "not the file form of a set");
    }
    if (view.getUint32(8, true) !== 0) {
      throw new SetError("too-many-shards", "a set of the first shard was expected, this one is of another");
    }
    try {
      return new OrdinalSet(RoaringBitmap32.deserialize("portable", bytes.subarray(BUCKET_HEADER_BYTES)));
    } catch (cause) {
      throw new SetError("malformed", "not a portable roaring bitmap", { cause });
    }
  }

  get size(): number {
    return this.#bits.size;
  }

  has(ordinal: number): boolean {
    return this.#bits.has(ordinal);
  }

  /** @param ordinals any order, repeats allowed */
  addAll(ordinals: Uint32Array): void {
    if (ordinals.length >= MANY_ORDINALS) withBits(ordinals, (bits) => this.#bits.orInPlace(bits));
    else this.#bits.addMany(sorted(ordinals));
  }

  /** @param ordinals any order, repeats allowed */
  removeAll(ordinals: Uint32Array): void {
    if (ordinals.length >= MANY_ORDINALS) withBits(ordinals, (bits) => this.#bits.andNotInPlace(bits));
    else this.#bits.removeMany(sorted(ordinals));
  }

  addSet(other: ReadonlyOrdinalSet): void {
    this.#bits.orInPlace(bitsOf(other));
  }

  removeSet(other: ReadonlyOrdinalSet): void {
    // The library can't take a bitmap out of itself.
    if (other === this) this.clear();
    else this.#bits.andNotInPlace(bitsOf(other));
  }

  keepSet(other: ReadonlyOrdinalSet): void {
    this.#bits.andInPlace(bitsOf(other));
  }

  clear(): void {
    this.#bits.clear();
  }

  and(other: ReadonlyOrdinalSet): OrdinalSet {
    return new OrdinalSet(RoaringBitmap32.and(this.#bits, bitsOf(other)));
  }

  /** A new set: members of this that the other lacks. */
  andNot(other: ReadonlyOrdinalSet): OrdinalSet {
    return new OrdinalSet(RoaringBitmap32.andNot(this.#bits, bitsOf(other)));
  }

  andSize(other: ReadonlyOrdinalSet): number {
    return this.#bits.andCardinality(bitsOf(other));
  }

  intersects(other: ReadonlyOrdinalSet): boolean {
    return this.#bits.intersects(bitsOf(other));
  }

  countOf(pieces: readonly Uint32Array[]): number {
    let count = 0;
    for (const ordinals of pieces) for (const ordinal of ordinals) if (this.#bits.has(ordinal)) count++;
    return count;
  }

  equals(other: ReadonlyOrdinalSet): boolean {
    return this.#bits.isEqual(bitsOf(other));
  }

  clone(): OrdinalSet {
    return new OrdinalSet(this.#bits.clone());
  }

  toArray(): Uint32Array {
    return this.#bits.toUint32Array();
  }

  range(from: number, to: number): Uint32Array {
    return this.#bits.rangeUint32Array(from, to);
  }

  [Symbol.iterator](): Iterator<number> {
    return this.#bits[Symbol.iterator]();
  }

  toBytes(): Uint8Array {
    this.#bits.runOptimize();
    const bitmap = this.#bits.serialize("portable");
    const bytes = new Uint8Array(this.size === 0 ? 8 : BUCKET_HEADER_BYTES + bitmap.byteLength);
    if (this.size > 0) {
      new DataView(bytes.buffer).setBigUint64(0, 1n, true);
      bytes.set(bitmap, BUCKET_HEADER_BYTES);
    }
    return bytes;
  }

  /** Gives the memory back; the set can't be used any more. */
  dispose(): void {
    this.#bits.dispose();
  }

  static bits(set: OrdinalSet): RoaringBitmap32 {
    return set.#bits;
  }
}

/** Some ordinals as a bitmap, for as long as it is used. */
function withBits(ordinals: Uint32Array, use: (bits: RoaringBitmap32) => void): void {
  const bits = RoaringBitmap32.deserialize("portable", portableBitmap(distinct(sorted(ordinals))));
  try {
    use(bits);
  } finally {
    bits.dispose();
  }
}

function bitsOf(set: ReadonlyOrdinalSet): RoaringBitmap32 {
  if (set instanceof OrdinalSet) return OrdinalSet.bits(set);
  throw new SetError("foreign-set", "only sets of this room can be combined");
}
