/**
 * Scratch: memory that a step of work needs for its own time only, kept for the next one, so that large batches one after
 * the other leave no garbage. What lies in it from before is not cleared.
 */
type Array = Uint8Array | Uint32Array | Uint16Array | Float64Array;

/** More than this is not kept. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

export class Scratch<T extends Array> {
  readonly #type: new (
    length: number,
  ) => T;
  #kept: T;

  constructor(type: new (length: number) => T) {
    this.#type = type;
    this.#kept = new type(0);
  }

  /** A view of so many elements, whatever they are; good until the next call. */
  of(length: number): T {
    if (length <= this.#kept.length) return this.#kept.subarray(0, length) as T;
    const larger = new this.#type(length);
    if (larger.byteLength <= MAX_KEPT_BYTES) this.#kept = larger;
    return larger;
  }
}
