/**
 * Folds: what keeps its state by applying the log's facts in order, and nothing else.
 *
 * Facts of decisions (kinds below the store's control limit) are folded from the first at every start, so that their
 * signatures are checked each time. A fold of data begins at its snapshot, when there is one that can be believed.
 */
import { decodeLeaf, factRoot, SALT_BYTES } from "../ledger/index.js";
import type { FactRow, LeafRow, Store } from "../store/index.js";
import { LogError } from "./error.js";

export interface Fold {
  /** Kinds of facts that it applies. */
  readonly kinds: readonly number[];
  /** Applies one fact of the store. A fact of a decision that does not hold must change nothing, and not throw. */
  apply(fact: FactRow): void;
  /** What it keeps over a restart; a fold of decisions keeps nothing. */
  readonly kept?: Kept;
}

/** Hot state that a snapshot holds. */
export interface Kept {
  /** Prefix of its sections; unique among those of one log. */
  readonly name: string;
  /** Sections that are seldom looked at once they are restored; a large store keeps them in files. */
  readonly isPaged?: (section: string) => boolean;
  save(): Section[] | Promise<Section[]>;
  /** @param sections by name, as `save` gave them */
  restore(sections: ReadonlyMap<string, Uint8Array>): void;
}

export interface Section {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export type FoldProgress = (position: number, length: number) => void;

/**
 * Applies the store's facts to the folds: decisions from the first, data from position `from` on, up to `length`.
 *
 * Each leaf must have its facts, of its kind and time. A decision's fact must besides be the very one that its leaf
 * commits to, so that none can be taken away, slipped in or altered in the database without a trace.
 * @returns bytes of data that were folded
 * @throws {LogError} codes `unfoldable-fact`, `altered`, naming the position
 */
export async function foldFacts(
  store: Store,
  folds: readonly Fold[],
  { from, length, onProgress = () => {} }: { from: number; length: number; onProgress?: FoldProgress | undefined },
): Promise<number> {
  const byKind = foldsByKind(folds);
  let bytes = 0;
  for (const only of ["control", "data"] as const) {
    const first = only === "control" ? 0 : from;
    const leaves = store.leaves(first, length, only);
    try {
      let leaf: LeafRow | undefined;
      for await (const fact of store.facts(first, { to: length, only })) {
        if (leaf?.position !== fact.position) leaf = await nextLeaf(leaves);
        if (leaf === undefined || !isOfLeaf(fact, leaf, only === "control")) throw altered(fact.position);
        applyFact(byKind, fact);
        if (only === "control") continue;
        bytes += fact.body.byteLength;
        onProgress(fact.position, length);
      }
      const factless = await nextLeaf(leaves);
      if (factless !== undefined) throw altered(factless.position);
    } finally {
      await leaves.return(undefined);
    }
  }
  return bytes;
}

async function nextLeaf(leaves: AsyncGenerator<LeafRow>): Promise<LeafRow | undefined> {
  const next = await leaves.next();
  return next.done === true ? undefined : next.value;
}

/** @param isWhole whether the leaf has this fact alone, and its root is to be made of it */
function isOfLeaf({ position, part, kind, timeMs, body }: FactRow, leaf: LeafRow, isWhole: boolean): boolean {
  const stated = decodeLeaf(leaf.body);
  if (position !== leaf.position || kind !== stated.kind || timeMs !== stated.timeMs) return false;
  if (!isWhole) return true;
  const payload = body.subarray(SALT_BYTES);
  return (
    part === 0 && Buffer.compare(factRoot(body.subarray(0, SALT_BYTES), payload, payload.length, 1), stated.root) === 0
  );
}

const altered = (position: number): LogError =>
  new LogError("altered", `the facts of leaf ${position} are not those that were written`, {
    fix: "somebody changed the database: restore it from a backup; until then nothing is served",
  });

/** Folds by the kind of fact; facts of a kind that has none need no fold. */
export type FoldsByKind = ReadonlyMap<number, Fold>;

export function foldsByKind(folds: readonly Fold[]): FoldsByKind {
  const byKind = new Map<number, Fold>();
  for (const fold of folds) {
    for (const kind of fold.kinds) {
      if (byKind.has(kind)) throw new LogError("two-folds", `two folds apply facts of kind ${kind}`);
      byKind.set(kind, fold);
    }
  }
  return byKind;
}

/** @throws {LogError} code `unfoldable-fact` */
export function applyFact(folds: FoldsByKind, fact: FactRow): void {
  try {
    folds.get(fact.kind)?.apply(fact);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LogError("unfoldable-fact", `the fact at position ${fact.position} can't be applied: ${reason}`, {
      fix: "restore the database from a backup; until then nothing is served",
      cause,
    });
  }
}

/** Typed arrays as sections `name.0`, `name.1`, … */
export function columnSections(name: string, arrays: readonly ArrayBufferView[]): Section[] {
  return arrays.map((array, i) => ({ name: `${name}.${i}`, bytes: bytesOf(array) }));
}

export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

export const jsonSection = (name: string, value: unknown): Section => ({
  name,
  bytes: Buffer.from(JSON.stringify(value)),
});

/** The value of a section that `jsonSection` made; undefined if there is none. */
export function readJson(sections: ReadonlyMap<string, Uint8Array>, name: string): unknown {
  const bytes = sections.get(name);
  return bytes === undefined ? undefined : JSON.parse(Buffer.from(bytes).toString("utf8"));
}
