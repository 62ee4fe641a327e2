/**
 * The facts of one leaf as they are hashed: when it is written, when it is held against what is stored, and in proofs.
 *
 * A leaf's facts are groups of one width each, one after the other. What comes in batches has three: its rows; the body as
 * it is stored, by its SHA-256, so that nothing in it is left out; and an entry for each hidden name, which commits to the
 * key that shows it (the hidden bytes are the body's). Where an erasure destroyed salts, the hashes that it kept stand in.
 */
import { createHash } from "node:crypto";
import { Scratch } from "../column/index.js";
import { LedgerError } from "./error.js";
import { entryHashes, HASH_BYTES, rootInPlace, SALT_BYTES } from "./fact-tree.js";
import { KEY_BYTES, saltsOf } from "./key-tree.js";

/** Facts of one width. */
export interface FactGroup {
  readonly count: number;
  /** 16 bytes each. */
  readonly salts: Uint8Array;
  readonly facts: Uint8Array;
  /** Bytes of each fact. */
  readonly width: number;
  /** For each fact, 1 if its salt was destroyed; left out where none can be. */
  readonly destroyed?: Uint8Array | undefined;
}

export type LeafFacts = readonly FactGroup[];

/** How the facts begin that are no rows. */
const BODY_MARK = Uint8Array.of(0xff, 0xff, 0xff, 0xff);
const NAME_MARK = Uint8Array.of(0xfe, 0xff, 0xff, 0xff);

/** One fact that nothing erases. */
export const singleFact = (salt: Uint8Array, fact: Uint8Array): LeafFacts => [
  { count: 1, salts: salt, facts: fact, width: fact.length },
];

/** The one fact of a salt, a header and sets: the header's bytes, then the SHA-256 of each set's. */
export function columnFacts([salt, header, ...sets]: readonly Uint8Array[]): LeafFacts {
  if (salt?.length !== SALT_BYTES || header === undefined)
    throw new LedgerError("malformed-facts", "a body lacks its salt or its header");
  return singleFact(salt, Buffer.concat([header, ...sets.map((set) => createHash("sha256").update(set).digest())]));
}

/** Rows of a batch as facts, with the body that they lie in. */
export interface BatchRows {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Bytes of each. */
  readonly width: number;
}

/** Keys of a tree, 16 bytes each, and which are destroyed. */
export interface TreeKeys {
  readonly keys: Uint8Array;
  readonly destroyed?: Uint8Array | undefined;
}

/**
 * The facts of a batch.
 * @param rowKeys a key for each row, and one for the body; in leaves of versions before, which had rows alone, none for it
 */
export function batchFacts(rows: BatchRows, body: Uint8Array, rowKeys: TreeKeys, names?: TreeKeys): LeafFacts {
  const { count, bytes, width } = rows;
  const end = count * KEY_BYTES;
  const salts = saltsOf(rowKeys.keys.subarray(0, end));
  const facts: FactGroup[] = [{ count, salts, facts: bytes, width, destroyed: rowKeys.destroyed }];
  if (rowKeys.keys.length === end) return facts;
  facts.push(bodyFact(rowKeys.keys.subarray(end), body));
  if (names !== undefined) facts.push(nameFacts(names));
  return facts;
}

/** The fact of a body: 36 bytes. */
function bodyFact(key: Uint8Array, body: Uint8Array): FactGroup {
  const facts = Buffer.concat([BODY_MARK, createHash("sha256").update(body).digest()]);
  return { count: 1, salts: saltsOf(key), facts, width: facts.length };
}

/** The entries of hidden names, by their keys. */
export function nameFacts({ keys, destroyed }: TreeKeys): FactGroup {
  const count = keys.length / KEY_BYTES;
  const facts = new Uint8Array(count * NAME_MARK.length);
  for (let i = 0; i < count; i++) facts.set(NAME_MARK, i * NAME_MARK.length);
  return { count, salts: saltsOf(keys), facts, width: NAME_MARK.length, destroyed };
}

export const countFacts = (facts: LeafFacts): number => facts.reduce((sum, { count }) => sum + count, 0);

/**
 * The hash of each fact's entry, 32 bytes each; of a destroyed one it means nothing.
 * @param hashes where they go
 */
export function factHashes(facts: LeafFacts, hashes = new Uint8Array(countFacts(facts) * HASH_BYTES)): Uint8Array {
  let at = 0;
  for (const group of facts) {
    entryHashes(group.salts, group.facts, group.width, group.count, hashes.subarray(at));
    at += group.count * HASH_BYTES;
  }
  return hashes;
}

/** The root over all facts, none of which is destroyed. */
export function leafRoot(facts: LeafFacts): Uint8Array {
  const count = countFacts(facts);
  return rootInPlace(factHashes(facts, HASHES.of(count * HASH_BYTES)), count);
}

const HASHES = new Scratch(Uint8Array);

/** Numbers of the facts whose salts were destroyed, in order. */
export function destroyedFacts(facts: LeafFacts): number[] {
  const items: number[] = [];
  let first = 0;
  for (const { count, destroyed } of facts) {
    for (let i = 0; destroyed !== undefined && i < count; i++) if (destroyed[i] === 1) items.push(first + i);
    first += count;
  }
  return items;
}

/**
 * One fact with its salt.
 * @throws {LedgerError} code `destroyed-fact`, `malformed-facts` if there is none of this number
 */
export function factOf(facts: LeafFacts, item: number): { readonly salt: Uint8Array; readonly fact: Uint8Array } {
  let at = item;
  for (const { count, salts, facts: bytes, width, destroyed } of facts) {
    if (at < count) {
      if (destroyed?.[at] === 1)
        throw new LedgerError("destroyed-fact", "the fact was erased: nobody can show it any more");
      return {
        salt: salts.slice(at * SALT_BYTES, (at + 1) * SALT_BYTES),
        fact: bytes.slice(at * width, (at + 1) * width),
      };
    }
    at -= count;
  }
  throw new LedgerError("malformed-facts", `the leaf has no fact ${item}`);
}
