/** Which leaf added which contact points and accounts: they are numbered in the order of their leaves. */

/** A leaf that added contact points or accounts, and the first that it did. */
export interface Arrival {
  readonly position: number;
  readonly first: number;
  readonly firstAccount: number;
}

const FIELDS = 3;

export class Arrivals {
  /** Ascending. */
  readonly #all: Arrival[] = [];

  add(arrival: Arrival): void {
    this.#all.push(arrival);
  }

  /** The leaf that added a contact point. */
  ofPoint(number: number): Arrival {
    return this.#last(({ first }) => first <= number)!;
  }

  /** The leaf that added an account. */
  ofAccount(account: number): Arrival {
    return this.#last(({ firstAccount }) => firstAccount <= account)!;
  }

  /** What the leaf at a position added, if it added anything. */
  at(position: number): Arrival | undefined {
    const arrival = this.#last((one) => one.position <= position);
    return arrival?.position === position ? arrival : undefined;
  }

  /** The first leaf from a position on that added anything. */
  since(position: number): Arrival | undefined {
    return this.#all[this.#count((one) => one.position < position)];
  }

  #last(isBefore: (arrival: Arrival) => boolean): Arrival | undefined {
    return this.#all[this.#count(isBefore) - 1];
  }

  /** How many there are before all for which this is not so. */
  #count(isBefore: (arrival: Arrival) => boolean): number {
    let [low, high] = [0, this.#all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(this.#all[middle]!)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Numbers of a snapshot. */
  save(): Float64Array {
    return Float64Array.from(this.#all.flatMap(({ position, first, firstAccount }) => [position, first, firstAccount]));
  }

  restore(numbers: Float64Array): void {
    for (let i = 0; i < numbers.length; i += FIELDS) {
      this.add({ position: numbers[i]!, first: numbers[i + 1]!, firstAccount: numbers[i + 2]! });
    }
  }
}
