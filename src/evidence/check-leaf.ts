/**
 * One leaf against everything that is stored of it: its facts rebuilt, with the kept hashes in the place of erased ones, and
 * the root compared. Pure; it sees rows and knows no store.
 */
import { countArrivals } from "../grant/index.js";
import {
  countFacts,
  decodeLeaf,
  destroyedFacts,
  factHashes,
  HASH_BYTES,
  type Leaf,
  type LeafFacts,
  LeafKind,
  type LeafKindName,
  LedgerError,
  leafKindName,
  treeRoot,
} from "../ledger/index.js";
import type { StoredRow } from "../store/index.js";
import { factsOf, hasKeys, type StoredFacts } from "./facts-of.js";

/** Tables of the store that hold what a leaf commits to. */
export type StoredTable = "leaf" | "fact" | "fact_key" | "erased_fact";

/** What is wrong, and where. */
export interface Finding {
  readonly position: number;
  readonly part: number;
  /** What the leaf, or else the row of facts, says that it is. */
  readonly kind: LeafKindName | null;
  /** Where; several, if only their disagreement shows. */
  readonly tables: readonly StoredTable[];
  readonly fault: "missing" | "extra" | "altered";
  /** Number of the fact among the leaf's, where it can be told. */
  readonly fact?: number;
  readonly what: string;
}

export interface CheckedLeaf {
  readonly findings: readonly Finding[];
  /** Facts under the leaf, and those of them that were erased. */
  readonly facts: number;
  readonly erased: number;
  /** Erased facts whose hashes were not kept: then the root can't be made. */
  readonly withoutHash: readonly number[];
  /** Contact points that it adds; undefined if that can't be read. */
  readonly arrivals: number | undefined;
  /** Whether it is a leaf of erasures of a version that kept no hashes. */
  readonly isBareErasure: boolean;
}

const ERASED_BYTES = 4 + HASH_BYTES;

/**
 * @param rows all rows of the position, in order of parts
 * @param first number of the first contact point that it adds; undefined if that is lost
 */
export function checkLeaf(position: number, rows: readonly StoredRow[], first: number | undefined): CheckedLeaf {
  const findings: Finding[] = [];
  const [row] = rows;
  const leaf = row?.leaf === undefined ? undefined : readLeaf(row.leaf);
  const find: Find = (tables, fault, what, where = {}) =>
    findings.push({ position, part: where.part ?? 0, kind: nameOf(leaf, row), tables, fault, ...fact(where), what });
  const nothing = { facts: 0, erased: 0, withoutHash: [], isBareErasure: false };
  for (const { part, fact, keys } of rows) {
    if (part !== 0 && fact !== undefined) find(["fact"], "extra", "a leaf has one row of facts, with part 0", { part });
    if (part !== 0 && keys !== undefined)
      find(["fact_key"], "extra", "a leaf has one row of keys, with part 0", { part });
  }
  if (row?.leaf === undefined) find(["leaf"], "missing", "there is no leaf at this position");
  else if (leaf === undefined) find(["leaf"], "altered", "these bytes are no leaf");
  if (row === undefined || row.part !== 0 || row.fact === undefined) {
    find(["fact"], "missing", "the leaf has no facts");
    if (row?.keys !== undefined && row.part === 0) find(["fact_key"], "extra", "keys without facts");
    return { ...nothing, findings, arrivals: undefined };
  }
  const { kind, timeMs, body } = row.fact;
  if (leaf !== undefined && kind !== leaf.kind) find(["fact"], "altered", "its kind is not its leaf's");
  if (leaf !== undefined && timeMs !== leaf.timeMs) find(["fact"], "altered", "its time is not its leaf's");
  const stored: StoredFacts = { kind: leaf?.kind ?? kind, body, keys: row.keys ?? new Uint8Array(0) };
  const arrivals = arrivalsOf(stored);
  if (hasKeys(stored.kind) && row.keys === undefined) {
    find(["fact_key"], "missing", "without keys nothing of it can be shown");
    return { ...nothing, findings, arrivals };
  }
  if (!hasKeys(stored.kind) && row.keys !== undefined) find(["fact_key"], "extra", "facts of this kind have no keys");
  if (first === undefined && arrivals !== 0) {
    find(["fact"], "altered", "can't be checked: what was altered before it hides where its numbers begin");
    return { ...nothing, findings, arrivals };
  }
  try {
    const facts = factsOf(stored, first ?? 0);
    const hashes = factHashes(facts);
    const { withoutHash, notErased, isTorn } = fillKept(hashes, facts, row.erased);
    if (isTorn) find(["erased_fact"], "altered", "a hash has not its length");
    for (const item of notErased)
      find(["erased_fact"], "extra", "a hash of a fact that was not erased", { fact: item });
    const count = countFacts(facts);
    const isRoot = leaf === undefined || Buffer.compare(treeRoot(hashes, count), leaf.root) === 0;
    if (withoutHash.length === 0 && !isRoot)
      find(["fact", "fact_key", "leaf"], "altered", "the leaf's root is not that of its facts");
    const isBareErasure = stored.kind === LeafKind.erasure && facts.length === 1;
    return { findings, facts: count, erased: destroyedFacts(facts).length, withoutHash, arrivals, isBareErasure };
  } catch (error) {
    const isKeys = error instanceof LedgerError && error.code === "malformed-keys";
    find([isKeys ? "fact_key" : "fact"], "altered", `can't be read: ${error instanceof Error ? error.message : "?"}`);
    return { ...nothing, findings, arrivals };
  }
}

type Find = (
  tables: readonly StoredTable[],
  fault: Finding["fault"],
  what: string,
  where?: { readonly part?: number; readonly fact?: number },
) => void;

const fact = ({ fact }: { readonly fact?: number }): { fact?: number } => (fact === undefined ? {} : { fact });

function readLeaf(bytes: Uint8Array): Leaf | undefined {
  try {
    return decodeLeaf(bytes);
  } catch {
    return undefined;
  }
}

function nameOf(leaf: Leaf | undefined, row: StoredRow | undefined): LeafKindName | null {
  try {
    return leafKindName(leaf?.kind ?? row?.fact?.kind ?? 0);
  } catch {
    return null;
  }
}

/** Undefined where the body can't be read. */
function arrivalsOf(stored: StoredFacts): number | undefined {
  if (stored.kind !== LeafKind.contacts && stored.kind !== LeafKind.events) return 0;
  try {
    return countArrivals(stored);
  } catch {
    return undefined;
  }
}

/**
 * Puts kept hashes in the place of erased facts.
 * @returns numbers of erased facts that have none, and what else is wrong with them
 */
export function fillKept(
  hashes: Uint8Array,
  facts: LeafFacts,
  kept: Uint8Array,
): { withoutHash: number[]; notErased: number[]; isTorn: boolean } {
  const left = new Set(destroyedFacts(facts));
  const notErased: number[] = [];
  const view = new DataView(kept.buffer, kept.byteOffset, kept.byteLength);
  for (let at = 0; at + ERASED_BYTES <= kept.length; at += ERASED_BYTES) {
    const item = view.getUint32(at);
    if (left.delete(item)) hashes.set(kept.subarray(at + 4, at + ERASED_BYTES), item * HASH_BYTES);
    else notErased.push(item);
  }
  return { withoutHash: [...left], notErased, isTorn: kept.length % ERASED_BYTES !== 0 };
}
