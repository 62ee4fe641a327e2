/**
 * A set of ordinals (or of account numbers): a roaring bitmap, or where its members lie far apart an array of them (thin.ts).
 *
 * Its file form is the public RoaringFormatSpec with the 64-bit extension
 * (https://github.com/RoaringBitmap/RoaringFormatSpec): a count of buckets, then for each bucket its
 * high half (the shard, 0 until there are more) and a portable 32-bit bitmap. Members here are low halves.
 * A bitmap's memory lives in the library's WebAssembly heap, of 2 GiB for all; call `dispose` on sets that will not be kept.
 */
import { RoaringBitmap32, roaringLibraryInitialize } from "roaring-wasm";
import { lowerBound } from "../column/index.js";
import { SetError } from "./error.js";
import { isPortableBitmap, portableBitmap } from "./portable.js";
import { distinct, sorted } from "./sorted.js";
import {
  areEqual,
  difference,
  haveCommon,
  intersection,
  intersectionSize,
  isMember,
  isThin,
  staysThin,
  union,
} from "./thin.js";

await roaringLibraryInitialize();

/** What may be asked of a set that is somebody else's. */
export interface ReadonlyOrdinalSet extends Iterable<number> {
  readonly size: number;
  has(ordinal: number): boolean;
  /** Members in ascending order. */
  toArray(): Uint32Array;
  /** Members in [from, to), in ascending order; they are not to be changed. */
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
const PORTABLE_HEADER_BYTES = 8;

/** So many ordinals are worth a set of their own: one by one they would move what is there. */
const MANY_ORDINALS = 4096;

/** So many are looked for in a bitmap one by one. */
const FEW_ORDINALS = 1024;

export class OrdinalSet implements ReadonlyOrdinalSet {
  /** Members of a thin set (see thin.ts), never changed; of another one undefined. */
  #members: Uint32Array | undefined;
  #bitmap: RoaringBitmap32 | undefined;

  private constructor(members: Uint32Array | undefined, bitmap?: RoaringBitmap32) {
    this.#members = members;
    this.#bitmap = bitmap;
  }

  static empty(): OrdinalSet {
    return new OrdinalSet(NONE);
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
      return OrdinalSet.#of(RoaringBitmap32.deserialize("portable", bytes.subarray(BUCKET_HEADER_BYTES)));
    } catch (cause) {
      throw new SetError("malformed", "not a portable roaring bitmap", { cause });
    }
  }

  /** A set of what a bitmap holds, which is the set's from now on. */
  static #of(bitmap: RoaringBitmap32): OrdinalSet {
    const set = new OrdinalSet(undefined, bitmap);
    const { size } = bitmap;
    // A header, 8 bytes for each container, and 2 for each member where there are few; a full one has less, and is not thin.
    const containers = (bitmap.getSerializationSizeInBytes("portable") - PORTABLE_HEADER_BYTES - 2 * size) / 8;
    if (isThin(size, containers)) set.#become(bitmap.toUint32Array());
    return set;
  }

  get size(): number {
    return this.#members?.length ?? this.#bits.size;
  }

  has(ordinal: number): boolean {
    return this.#members === undefined ? this.#bits.has(ordinal) : isMember(this.#members, ordinal);
  }

  /** @param ordinals any order, repeats allowed */
  addAll(ordinals: Uint32Array): void {
    if (this.#members !== undefined) this.#become(union(this.#members, distinct(sorted(ordinals))));
    else if (ordinals.length >= MANY_ORDINALS) withBits(ordinals, (bits) => this.#bits.orInPlace(bits));
    else this.#bits.addMany(sorted(ordinals));
  }

  /** @param ordinals any order, repeats allowed */
  removeAll(ordinals: Uint32Array): void {
    if (this.#members !== undefined) this.#become(difference(this.#members, distinct(sorted(ordinals))));
    else if (ordinals.length >= MANY_ORDINALS) withBits(ordinals, (bits) => this.#bits.andNotInPlace(bits));
    else this.#bits.removeMany(sorted(ordinals));
  }

  addSet(other: ReadonlyOrdinalSet): void {
    const { members, bitmap } = partsOf(other);
    if (members !== undefined) this.addAll(members);
    else if (this.#members === undefined) this.#bits.orInPlace(bitmap!);
    else {
      const own = this.#members;
      this.#take(bitmap!.clone());
      this.addAll(own);
    }
  }

  removeSet(other: ReadonlyOrdinalSet): void {
    const { members, bitmap } = partsOf(other);
    // The library can't take a bitmap out of itself.
    if (other === this) this.clear();
    else if (members !== undefined) this.removeAll(members);
    else if (this.#members === undefined) this.#bits.andNotInPlace(bitmap!);
    else this.#become(inBitmap(this.#members, bitmap!, false));
  }

  keepSet(other: ReadonlyOrdinalSet): void {
    if (this.#members !== undefined || partsOf(other).members !== undefined) this.#become(this.#common(other));
    else this.#bits.andInPlace(partsOf(other).bitmap!);
  }

  clear(): void {
    this.#become(NONE);
  }

  and(other: ReadonlyOrdinalSet): OrdinalSet {
    const { members, bitmap } = partsOf(other);
    if (this.#members === undefined && members === undefined)
      return OrdinalSet.#of(RoaringBitmap32.and(this.#bits, bitmap!));
    const set = OrdinalSet.empty();
    set.#become(this.#common(other));
    return set;
  }

  /** Members of both, where one is thin. */
  #common(other: ReadonlyOrdinalSet): Uint32Array {
    const { members, bitmap } = partsOf(other);
    if (this.#members === undefined) return inBitmap(members!, this.#bits, true);
    return members === undefined ? inBitmap(this.#members, bitmap!, true) : intersection(this.#members, members);
  }

  /** A new set: members of this that the other lacks. */
  andNot(other: ReadonlyOrdinalSet): OrdinalSet {
    const { bitmap } = partsOf(other);
    if (this.#members === undefined && bitmap !== undefined)
      return OrdinalSet.#of(RoaringBitmap32.andNot(this.#bits, bitmap));
    const set = this.clone();
    set.removeSet(other);
    return set;
  }

  andSize(other: ReadonlyOrdinalSet): number {
    const { members, bitmap } = partsOf(other);
    if (this.#members === undefined && members === undefined) return this.#bits.andCardinality(bitmap!);
    if (this.#members !== undefined && members !== undefined) return intersectionSize(this.#members, members);
    return this.#common(other).length;
  }

  intersects(other: ReadonlyOrdinalSet): boolean {
    const { members, bitmap } = partsOf(other);
    if (this.#members !== undefined && members !== undefined) return haveCommon(this.#members, members);
    if (this.#members === undefined && members === undefined) return this.#bits.intersects(bitmap!);
    const dense = this.#bitmap ?? bitmap!;
    return (this.#members ?? members!).some((ordinal) => dense.has(ordinal));
  }

  countOf(pieces: readonly Uint32Array[]): number {
    let count = 0;
    for (const ordinals of pieces) for (const ordinal of ordinals) if (this.has(ordinal)) count++;
    return count;
  }

  equals(other: ReadonlyOrdinalSet): boolean {
    const { members, bitmap } = partsOf(other);
    if (this.#members === undefined && members === undefined) return this.#bits.isEqual(bitmap!);
    return (
      this.size === other.size &&
      areEqual(this.#members ?? this.#bits.toUint32Array(), members ?? bitmap!.toUint32Array())
    );
  }

  clone(): OrdinalSet {
    return new OrdinalSet(this.#members, this.#bitmap?.clone());
  }

  toArray(): Uint32Array {
    return this.#members?.slice() ?? this.#bits.toUint32Array();
  }

  range(from: number, to: number): Uint32Array {
    const members = this.#members;
    if (members === undefined) return this.#bits.rangeUint32Array(from, to);
    const first = lowerBound(members, from);
    return members.subarray(first, lowerBound(members, to, first));
  }

  [Symbol.iterator](): Iterator<number> {
    return (this.#members ?? this.#bits)[Symbol.iterator]();
  }

  toBytes(): Uint8Array {
    if (this.#members !== undefined) return withBits(this.#members, fileOf);
    return fileOf(this.#bits);
  }

  /** Gives the memory back; the set can't be used any more. */
  dispose(): void {
    this.#become(NONE);
  }

  get #bits(): RoaringBitmap32 {
    return this.#bitmap!;
  }

  /** @param members its own, if they are to be kept */
  #become(members: Uint32Array): void {
    if (staysThin(members)) {
      this.#bitmap?.dispose();
      this.#bitmap = undefined;
      this.#members = members;
    } else this.#take(bitmapOf(members));
  }

  #take(bitmap: RoaringBitmap32): void {
    this.#bitmap?.dispose();
    this.#bitmap = bitmap;
    this.#members = undefined;
  }

  /** One of the two; they are not to be changed. */
  static parts(set: OrdinalSet): Parts {
    return { members: set.#members, bitmap: set.#bitmap };
  }
}

interface Parts {
  readonly members: Uint32Array | undefined;
  readonly bitmap: RoaringBitmap32 | undefined;
}

const NONE = new Uint32Array(0);

/** @param members ascending, none twice */
const bitmapOf = (members: Uint32Array): RoaringBitmap32 =>
  RoaringBitmap32.deserialize("portable", portableBitmap(members));

/** Those of some members that a bitmap has, or lacks. */
function inBitmap(members: Uint32Array, bitmap: RoaringBitmap32, has: boolean): Uint32Array {
  if (members.length <= FEW_ORDINALS) return members.filter((ordinal) => bitmap.has(ordinal) === has);
  return withBits(members, (bits) => {
    if (has) bits.andInPlace(bitmap);
    else bits.andNotInPlace(bitmap);
    return bits.toUint32Array();
  });
}

/** Of equal sets equal bytes. */
function fileOf(bits: RoaringBitmap32): Uint8Array {
  bits.runOptimize();
  const bitmap = bits.serialize("portable");
  const bytes = new Uint8Array(bits.size === 0 ? 8 : BUCKET_HEADER_BYTES + bitmap.byteLength);
  if (bits.size > 0) {
    new DataView(bytes.buffer).setBigUint64(0, 1n, true);
    bytes.set(bitmap, BUCKET_HEADER_BYTES);
  }
  return bytes;
}

/** Some ordinals as a bitmap, for as long as it is used. */
function withBits<T>(ordinals: Uint32Array, use: (bits: RoaringBitmap32) => T): T {
  const bits = bitmapOf(distinct(sorted(ordinals)));
  try {
    return use(bits);
  } finally {
    bits.dispose();
  }
}

function partsOf(set: ReadonlyOrdinalSet): Parts {
  if (set instanceof OrdinalSet) return OrdinalSet.parts(set);
  throw new SetError("foreign-set", "only sets of this room can be combined");
}
