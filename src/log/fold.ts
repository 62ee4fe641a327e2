/**
 * Folds: what keeps its state by applying the log's facts in order, and nothing else.
 *
 * Facts of decisions (kinds below the store's control limit) are folded from the first at every start, so that their
 * signatures are checked each time. A fold of data begins at its snapshot, when there is one that can be believed.
 */
import type { FactRow, Store } from "../store/index.js";
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
 * @returns bytes of data that were folded
 * @throws {LogError} code `unfoldable-fact`, naming its position
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
    for await (const fact of store.facts(first, { to: length, only })) {
      applyFact(byKind, fact);
      if (only === "control") continue;
      bytes += fact.body.byteLength;
      onProgress(fact.position, length);
    }
  }
  return bytes;
}

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
