/**
 * Destruction of keys: what a row of facts or tokens keeps of its key trees once contact points and accounts in it were
 * erased. With the keys go the salts of their facts, the pads over identities, names and tokens, and nothing else.
 */
import { KeyTree, LeafKind } from "../ledger/index.js";
import { decodeColumns, type FactRow, type TokenRow, viewU32 } from "../store/index.js";
import { decodeAccounts } from "./account-facts.js";
import type { Arrival } from "./arrivals.js";
import { decodeEvents, decodeGrants } from "./contact-facts.js";
import { decodeErasures } from "./erasure.js";
import { type EntryHash, rowNumbers, someHashes } from "./stored-facts.js";

/** What was erased of a leaf. */
export interface Gone {
  readonly points: ReadonlySet<number>;
  readonly accounts: ReadonlySet<number>;
  /** Those of the accounts whose names came with the leaf. */
  readonly named: readonly number[];
}

/** What a row of facts keeps of what is gone in it. */
export interface Remains {
  /** Its keys without those that are destroyed. */
  readonly keys: Uint8Array;
  /** Hashes of the entries that nobody can rebuild without them: the leaf's root stands on these. */
  readonly hashes: readonly EntryHash[];
}

/** @param arrival what the leaf added, if it added anything */
export function remainsOf(row: FactRow, arrival: Arrival | undefined, gone: Gone): Remains {
  const [factTree, nameTree] = KeyTree.decode(row.keys);
  const first = arrival?.first ?? 0;
  const { numbers, whole } = subjects(row, first);
  const items: number[] = [];
  numbers.forEach((number, item) => {
    if ((whole?.[item] === 1 ? gone.accounts : gone.points).has(number)) items.push(item);
  });
  const names = gone.named.map((account) => account - (arrival?.firstAccount ?? 0));
  const hashes = someHashes(row, first, Uint32Array.from(items), Uint32Array.from(names));
  const trees = [factTree!.puncture(items)];
  if (nameTree !== undefined) trees.push(nameTree.puncture(names));
  return { keys: KeyTree.encode(trees), hashes };
}

/** Whom each row of a body is about. */
export interface Subjects {
  /** Numbers of contact points, or of accounts where `whole` is 1. */
  readonly numbers: Uint32Array;
  readonly whole?: Uint8Array | undefined;
}

export function subjects({ kind, body }: Pick<FactRow, "kind" | "body">, first: number): Subjects {
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
      const numbers = decodeAccounts(body).rows.account;
      return { numbers, whole: new Uint8Array(numbers.length).fill(1) };
    }
  }
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
