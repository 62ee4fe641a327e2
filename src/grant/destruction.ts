/**
 * Destruction of keys: what a row of facts or tokens keeps of its key trees once contact points and accounts in it were
 * erased. With the keys go the salts of their facts, the pads over identities, names and tokens, and nothing else.
 */
import { KeyTree, LeafKind } from "../ledger/index.js";
import { decodeColumns, type FactRow, type TokenRow, viewU32 } from "../store/index.js";
import { decodeEvents, decodeGrants, hasBit, type RowNumbers } from "./contact-facts.js";
import type { Arrival } from "./contacts.js";
import { decodeErasures } from "./erasure.js";

/** What was erased of a leaf. */
export interface Gone {
  readonly points: ReadonlySet<number>;
  readonly accounts: ReadonlySet<number>;
  /** Those of the accounts whose names came with the leaf. */
  readonly named: readonly number[];
}

/**
 * The keys of a row of facts without those of what is gone.
 * @param arrival what the leaf added, if it added anything
 */
export function remainingFactKeys({ kind, body, keys }: FactRow, arrival: Arrival | undefined, gone: Gone): Uint8Array {
  const [factTree, nameTree] = KeyTree.decode(keys);
  const { numbers, whole } = subjects(kind, body, arrival?.first ?? 0);
  const items: number[] = [];
  numbers.forEach((number, item) => {
    if ((whole?.[item] === 1 ? gone.accounts : gone.points).has(number)) items.push(item);
  });
  const names = gone.named.map((account) => account - (arrival?.firstAccount ?? 0));
  const trees = [factTree!.puncture(items)];
  if (nameTree !== undefined) trees.push(nameTree.puncture(names));
  return KeyTree.encode(trees);
}

/** The contact point, or the account where `whole` is 1, that each fact of a body is about. */
function subjects(kind: number, body: Uint8Array, first: number): { numbers: Uint32Array; whole?: Uint8Array } {
  switch (kind) {
    case LeafKind.contacts: {
      const { numbers, what } = decodeGrants(body);
      return { numbers: rowNumbers(numbers, what.length, first) };
    }
    case LeafKind.events: {
      const { numbers, whole } = decodeEvents(body);
      return { numbers: rowNumbers(numbers, whole.length, first), whole };
    }
    case LeafKind.erasure: {
      const { number, whole } = decodeErasures(body).rows;
      return { numbers: number, whole };
    }
    default: {
      const numbers = viewU32(decodeColumns(body)[ACCOUNT_COLUMN]!);
      return { numbers, whole: new Uint8Array(numbers.length).fill(1) };
    }
  }
}

/** Place of the accounts' numbers in a body of accounts. */
const ACCOUNT_COLUMN = 3;

function rowNumbers({ isArrival, others }: RowNumbers, count: number, first: number): Uint32Array {
  const numbers = new Uint32Array(count);
  let [next, other] = [first, 0];
  for (let row = 0; row < count; row++) numbers[row] = hasBit(isArrival, row) ? next++ : others[other++]!;
  return numbers;
}

/** The keys of a row of tokens without those of some contact points; undefined if it has no token of theirs. */
export function remainingTokenKeys({ body, keys }: TokenRow, points: ReadonlySet<number>): Uint8Array | undefined {
  const [number] = decodeColumns(body);
  const items: number[] = [];
  viewU32(number!).forEach((one, item) => {
    if (points.has(one)) items.push(item);
  });
  if (items.length === 0) return undefined;
  const [tree] = KeyTree.decode(keys);
  return KeyTree.encode([tree!.puncture(items)]);
}
