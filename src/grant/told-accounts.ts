/**
 * Which leaves of accounts tell of an account, so that an erasure finds the rows whose salts it destroys.
 *
 * A full feed tells of accounts in order: such a leaf is a range of numbers, 16 bytes here. Of a leaf with gaps the set is
 * kept beside. Searched from the first to the last: some milliseconds for a million leaves.
 */
import { grown } from "../column/index.js";
import { columnSections, type Section } from "../log/index.js";
import { OrdinalSet } from "../set/index.js";
import { viewF64, viewU32 } from "../store/index.js";

const SET_PREFIX = "told-set.";

export class ToldAccounts {
  #count = 0;
  #leaf: Float64Array = new Float64Array(1 << 8);
  #low: Uint32Array = new Uint32Array(1 << 8);
  #high: Uint32Array = new Uint32Array(1 << 8);
  /** By place in the columns. */
  readonly #sets = new Map<number, OrdinalSet>();

  /** Notes a leaf, in order of position. */
  add(leaf: number, accounts: Uint32Array): void {
    if (accounts.length === 0) return;
    const set = OrdinalSet.from(accounts);
    const numbers = set.toArray();
    const [low, high] = [numbers[0]!, numbers.at(-1)!];
    const place = this.#count++;
    this.#leaf = grown(this.#leaf, this.#count);
    this.#low = grown(this.#low, this.#count);
    this.#high = grown(this.#high, this.#count);
    this.#leaf[place] = leaf;
    this.#low[place] = low;
    this.#high[place] = high;
    if (numbers.length === high - low + 1) set.dispose();
    else this.#sets.set(place, set);
  }

  /** Positions of the leaves that tell of an account, in order. */
  leavesOf(account: number): number[] {
    const leaves: number[] = [];
    for (let place = 0; place < this.#count; place++) {
      if (account < this.#low[place]! || account > this.#high[place]!) continue;
      if (this.#sets.get(place)?.has(account) ?? true) leaves.push(this.#leaf[place]!);
    }
    return leaves;
  }

  save(): Section[] {
    const columns = [this.#leaf, this.#low, this.#high].map((column) => column.slice(0, this.#count));
    const sets = [...this.#sets].map(([place, set]) => ({ name: `${SET_PREFIX}${place}`, bytes: set.toBytes() }));
    return [...columnSections("told", columns), ...sets];
  }

  restore(sections: ReadonlyMap<string, Uint8Array>): void {
    const column = (i: number): Uint8Array => sections.get(`told.${i}`)!;
    [this.#leaf, this.#low, this.#high] = [viewF64(column(0)), viewU32(column(1)), viewU32(column(2))];
    this.#count = this.#leaf.length;
    for (const [name, bytes] of sections) {
      if (name.startsWith(SET_PREFIX))
        this.#sets.set(Number(name.slice(SET_PREFIX.length)), OrdinalSet.fromBytes(bytes));
    }
  }
}
