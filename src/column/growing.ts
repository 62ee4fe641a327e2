/**
 * Typed arrays that double when they are full.
 *
 * Fresh pages are zero and cost no memory until they are written, so doubling costs address space only.
 */
type Growable = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** `array` itself while it holds `length` elements, else a copy at least twice as long. */
export function grown<T extends Growable>(array: T, length: number): T {
  if (length <= array.length) return array;
  const larger = new (array.constructor as new (length: number) => T)(Math.max(length, array.length * 2));
  larger.set(array);
  return larger;
}
