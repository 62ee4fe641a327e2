/**
 * Entries of the token index: 96 bits of a token, the ordinal that has it, and a mark: the schemes whose form it is and
 * the tag of the spelling that it was made of.
 */
import { createHash } from "node:crypto";
import { KINDS } from "../contact/index.js";
import { TokenError } from "./error.js";
import { TOKEN_BYTES } from "./token.js";
import type { Workbench } from "./workbench.js";

/** Schemes in a mark's low half, the tag in its high half; no scheme: an entry that is no more. */
export const SCHEME_BITS = 0x0f;
export const TAG_SHIFT = 4;

/** What is mixed into the third word of an entry, by its kind's code. */
export const KIND_WORDS = Uint32Array.from(KINDS, (kind) =>
  createHash("sha256").update(`solely token kind ${kind}`).digest().readUInt32LE(),
);

/** An entry is five words: three of the token, the kind's mixed into the third; the ordinal; the mark. */
export const ENTRY_WORDS = 5;
export const ENTRY_BYTES = 4 * ENTRY_WORDS;
export const ENTRY_ORDINAL = 3;
export const ENTRY_MARK = 4;

/** Entries, one after the other. */
export interface Entries {
  readonly words: Uint32Array;
}

export const NO_ENTRIES: Entries = { words: new Uint32Array(0) };

/** Entries as they are to get into an index, column by column. */
export interface EntryColumns {
  /** 16 bytes each. */
  readonly tokens: Uint8Array;
  readonly ordinals: Uint32Array;
  /** Schemes | tag << 4; at least one scheme. */
  readonly marks: Uint8Array;
  /** Kind codes. */
  readonly kinds: Uint8Array;
}

/** @throws {TokenError} code `malformed-batch` */
export function requireColumns({ tokens, ordinals, marks, kinds }: EntryColumns): void {
  let isGood = [tokens.length / TOKEN_BYTES, marks.length, kinds.length].every((n) => n === ordinals.length);
  for (let i = 0; i < ordinals.length && isGood; i++) {
    isGood = (marks[i]! & SCHEME_BITS) !== 0 && kinds[i]! < KINDS.length;
  }
  if (isGood) return;
  const what = "an entry is a token, an ordinal, a kind and a mark of at least one scheme";
  throw new TokenError("malformed-batch", what);
}

/** Columns as entries. @throws {TokenError} code `malformed-batch` */
export function entriesOfColumns(columns: EntryColumns, bench: Workbench): Entries {
  requireColumns(columns);
  const { tokens, ordinals, marks, kinds } = columns;
  const count = ordinals.length;
  const sizes = [tokens.length, 4 * count, count, count, KIND_WORDS.byteLength, ENTRY_BYTES * count] as const;
  const [tokensAt, ordinalsAt, marksAt, kindsAt, kindWords, entries] = bench.layOut(sizes);
  bench.bytes.set(tokens, tokensAt);
  bench.words.set(ordinals, ordinalsAt / 4);
  bench.bytes.set(marks, marksAt);
  bench.bytes.set(kinds, kindsAt);
  bench.words.set(KIND_WORDS, kindWords / 4);
  bench.kernels.compose(tokensAt, ordinalsAt, marksAt, kindsAt, count, kindWords, entries);
  return { words: bench.words.slice(entries / 4, entries / 4 + ENTRY_WORDS * count) };
}

/** The ordinals of entries that are still there, repeats possible. */
export function ordinalsOf({ words }: Entries): Uint32Array {
  const ordinals = new Uint32Array(words.length / ENTRY_WORDS);
  let count = 0;
  for (let at = 0; at < words.length; at += ENTRY_WORDS) {
    if (words[at + ENTRY_MARK] !== 0) ordinals[count++] = words[at + ENTRY_ORDINAL]!;
  }
  return ordinals.subarray(0, count);
}
