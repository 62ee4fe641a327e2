/** Place of the first of ascending numbers in [from, to) that is not below a number; `to` if all are. */
export function lowerBound(ascending: ArrayLike<number>, number: number, from = 0, to = ascending.length): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
