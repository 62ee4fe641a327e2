/**
 * Fresh tokens: those that came last, in a table that takes each change at once; a frozen run takes them over.
 *
 * Entries are columns in order of arrival: 96 bits of the token, ordinal, mask of schemes and the spelling's tag. The kind is
 * mixed into the last 32 of these bits. Entries of one value (several accounts, or kinds) hang on the first of them. To
 * find what an ordinal has, entries of neighbouring ordinals lie side by side, and only the first of them is noted.
 */
import { grown, Slots } from "../column/index.js";
import {
  ENTRY_MARK,
  ENTRY_ORDINAL,
  ENTRY_WORDS,
  type Entries,
  type EntryColumns,
  KIND_WORDS,
  requireColumns,
  SCHEME_BITS,
  TAG_SHIFT,
} from "./entries.js";
import { TokenError } from "./error.js";
import { TOKEN_BYTES } from "./token.js";

const MAX_ENTRIES = 2 ** 31;
/** Holes are closed when they are this share of the entries. */
const MAX_HOLES = 0.25;
const FEW_HOLES = 1024;
/** Ordinals whose entries lie side by side: 2 to this power. */
const BLOCK_BITS = 3;
/** An entry that is no more: it has no scheme, so nothing matches it. */
const HOLE = 0;
/** In the fourth word of a record. */
const KIND_BITS = 0xff;
/** No tag. */
const UNKNOWN_TAG = 255;
const NONE: readonly number[] = [];

export class FreshTokens {
  /** Entries, holes included. */
  #count = 0;
  #holes = 0;
  #tokens: Uint32Array = new Uint32Array(3 << 12);
  #ordinals: Uint32Array = new Uint32Array(1 << 12);
  /** Schemes in the low four bits, tag in the high four. */
  #marks: Uint8Array = new Uint8Array(1 << 12);
  readonly #slots = new Slots();
  /** First entry + 1 of each block of ordinals. */
  #firstOf: Uint32Array = new Uint32Array(1 << 10);
  /** Further entries of the same value, by the entry that has the slot. */
  readonly #twins = new Map<number, number[]>();
  /** A bit for each entry: whether it may have twins. */
  #mayHaveTwins: Uint8Array = new Uint8Array(1 << 9);

  /** Live entries. */
  get size(): number {
    return this.#count - this.#holes;
  }

  /** @throws {TokenError} code `malformed-batch` */
  insert(columns: EntryColumns): void {
    requireColumns(columns);
    const { tokens, ordinals, marks, kinds } = columns;
    const words = words32(tokens);
    const order = inOrder(ordinals);
    for (let i = 0; i < ordinals.length; i++) {
      const row = order === undefined ? i : order[i]!;
      const ordinal = ordinals[row]!;
      this.#makeRoom(ordinal >>> BLOCK_BITS);
      const third = words[4 * row + 2]! ^ KIND_WORDS[kinds[row]!]!;
      this.#append(words[4 * row]!, words[4 * row + 1]!, third >>> 0, ordinal, marks[row]!);
    }
    this.#compactIfDue();
  }

  /**
   * Takes out the entries of ordinals.
   * @param tags for each ordinal, bits of the tags to take out
   */
  drop(ordinals: Uint32Array, tags: Uint16Array): void {
    for (let i = 0; i < ordinals.length; i++) {
      const ordinal = ordinals[i]!;
      for (let entry = this.#first(ordinal); this.#isNear(entry, ordinal); entry++) {
        if (this.#isOf(entry, ordinal) && (tags[i]! & (1 << (this.#marks[entry]! >> TAG_SHIFT))) !== 0) {
          this.#remove(entry);
        }
      }
    }
    this.#compactIfDue();
  }

  /**
   * Which ordinals have one of the tokens, of one of its kinds, as a form of one of the schemes.
   * @param asked records, see ordered.ts
   * @returns ordinals, in the records' order, repeats possible
   */
  match(asked: Uint8Array, schemes: number): Uint32Array {
    const words = words32(asked);
    const n = words.length >>> 2;
    const entries = new Int32Array(n);
    const hits = this.#slots.findPairs(this.#tokens, words, n, entries);
    const [ownTokens, ownMarks, ownOrdinals] = [this.#tokens, this.#marks, this.#ordinals];
    // One column after the other, so that the waits for memory overlap.
    const [thirds, hitMarks] = [new Uint32Array(hits.length), new Uint8Array(hits.length)];
    for (let h = 0; h < hits.length; h++) thirds[h] = ownTokens[3 * entries[hits[h]!]! + 2]!;
    for (let h = 0; h < hits.length; h++) hitMarks[h] = ownMarks[entries[hits[h]!]!]!;
    const isMatch = (mark: number, third: number, i: number): boolean =>
      (mark & schemes & SCHEME_BITS) !== 0 &&
      (kindBit(third ^ words[4 * i + 2]!) & words[4 * i + 3]! & KIND_BITS) !== 0;
    let found = new Uint32Array(hits.length);
    let count = 0;
    for (let h = 0; h < hits.length; h++) {
      const i = hits[h]!;
      const entry = entries[i]!;
      const twins = this.#twinsOf(entry);
      found = grown(found, count + 1 + twins.length);
      if (isMatch(hitMarks[h]!, thirds[h]!, i)) found[count++] = entry;
      for (const twin of twins) if (isMatch(ownMarks[twin]!, ownTokens[3 * twin + 2]!, i)) found[count++] = twin;
    }
    for (let f = 0; f < count; f++) found[f] = ownOrdinals[found[f]!]!;
    return found.slice(0, count);
  }

  /**
   * The tag under which each ordinal has each token already, as the form of the very same schemes: the same token may be
   * one spelling's form in some schemes and another's in others.
   * @returns tags, 255 where it has not
   */
  tagsOf(tokens: Uint8Array, ordinals: Uint32Array, schemes: Uint8Array, kinds: Uint8Array): Uint8Array {
    const words = words32(tokens);
    const tags = new Uint8Array(ordinals.length).fill(UNKNOWN_TAG);
    for (let i = 0; i < ordinals.length; i++) {
      const ordinal = ordinals[i]!;
      for (let entry = this.#first(ordinal); this.#isNear(entry, ordinal); entry++) {
        if (!this.#isOf(entry, ordinal) || (this.#marks[entry]! & SCHEME_BITS) !== schemes[i]) continue;
        const third = (words[4 * i + 2]! ^ KIND_WORDS[kinds[i]!]!) >>> 0;
        if (this.#isToken(entry, words[4 * i]!, words[4 * i + 1]!, third)) {
          tags[i] = this.#marks[entry]! >> TAG_SHIFT;
        }
      }
    }
    return tags;
  }

  /** The entries as they lie in memory, without holes: three words of each token, ordinals, marks; good until the next change. */
  columns(): { tokens: Uint32Array; ordinals: Uint32Array; marks: Uint8Array } {
    if (this.#holes > 0) this.#compact();
    return {
      tokens: this.#tokens.subarray(0, 3 * this.#count),
      ordinals: this.#ordinals.subarray(0, this.#count),
      marks: this.#marks.subarray(0, this.#count),
    };
  }

  entries(): Entries {
    const { tokens, ordinals, marks } = this.columns();
    const words = new Uint32Array(ENTRY_WORDS * this.#count);
    for (let entry = 0; entry < this.#count; entry++) {
      const at = ENTRY_WORDS * entry;
      for (let word = 0; word < 3; word++) words[at + word] = tokens[3 * entry + word]!;
      words[at + ENTRY_ORDINAL] = ordinals[entry]!;
      words[at + ENTRY_MARK] = marks[entry]!;
    }
    return { words };
  }

  /** Where the entries of an ordinal's block begin, or -1. */
  #first(ordinal: number): number {
    const block = ordinal >>> BLOCK_BITS;
    return block < this.#firstOf.length ? this.#firstOf[block]! - 1 : -1;
  }

  /** Whether an entry, or the hole in its place, is of the ordinal's block. */
  #isNear(entry: number, ordinal: number): boolean {
    return entry >= 0 && entry < this.#count && this.#ordinals[entry]! >>> BLOCK_BITS === ordinal >>> BLOCK_BITS;
  }

  #isOf(entry: number, ordinal: number): boolean {
    return this.#ordinals[entry] === ordinal && this.#marks[entry] !== HOLE;
  }

  /** Sees to it that the block's entries, if it has any, are the last ones, so that one more can be put beside them. */
  #makeRoom(block: number): void {
    if (block >= this.#firstOf.length) this.#firstOf = grown(this.#firstOf, block + 1);
    const first = this.#firstOf[block]! - 1;
    const isLast = this.#count > 0 && this.#ordinals[this.#count - 1]! >>> BLOCK_BITS === block;
    if (first >= 0 && isLast) return;
    this.#firstOf[block] = this.#count + 1;
    if (first < 0) return;
    for (let entry = first; this.#ordinals[entry]! >>> BLOCK_BITS === block; entry++) {
      const mark = this.#marks[entry]!;
      if (mark === HOLE) continue;
      const [a, b, c] = this.#tokens.subarray(3 * entry, 3 * entry + 3);
      this.#remove(entry);
      this.#append(a!, b!, c!, this.#ordinals[entry]!, mark);
    }
  }

  #append(a: number, b: number, c: number, ordinal: number, mark: number): void {
    const entry = this.#count;
    if (entry >= MAX_ENTRIES) throw new TokenError("index-full", `an index holds at most ${MAX_ENTRIES} tokens`);
    this.#ordinals = grown(this.#ordinals, entry + 1);
    this.#tokens = grown(this.#tokens, 3 * (entry + 1));
    this.#marks = grown(this.#marks, entry + 1);
    this.#tokens[3 * entry] = a;
    this.#tokens[3 * entry + 1] = b;
    this.#tokens[3 * entry + 2] = c;
    this.#ordinals[entry] = ordinal;
    this.#marks[entry] = mark;
    this.#count = entry + 1;
    if (this.#slots.isFull) {
      this.#slots.enlarge();
      this.#placeAll(entry);
    }
    this.#place(entry);
  }

  #place(entry: number): void {
    const at = 3 * entry;
    const other = this.#find(this.#tokens[at]!, this.#tokens[at + 1]!);
    if (other < 0) {
      this.#slots.add(this.#tokens[at]!, this.#tokens[at + 1]!, entry);
      return;
    }
    const twins = this.#twins.get(other);
    if (twins === undefined) this.#setTwins(other, [entry]);
    else twins.push(entry);
  }

  #twinsOf(entry: number): readonly number[] {
    return (this.#mayHaveTwins[entry >>> 3]! & (1 << (entry & 7))) === 0 ? NONE : (this.#twins.get(entry) ?? NONE);
  }

  #setTwins(entry: number, twins: number[]): void {
    this.#twins.set(entry, twins);
    this.#mayHaveTwins = grown(this.#mayHaveTwins, (entry >>> 3) + 1);
    this.#mayHaveTwins[entry >>> 3]! |= 1 << (entry & 7);
  }

  #placeAll(entries: number): void {
    this.#twins.clear();
    this.#mayHaveTwins.fill(0);
    for (let entry = 0; entry < entries; entry++) if (this.#marks[entry] !== HOLE) this.#place(entry);
  }

  /** The entry that stands in a slot for a value, or -1. */
  #find(a: number, b: number): number {
    return this.#slots.findPair(this.#tokens, a, b);
  }

  #isToken(entry: number, a: number, b: number, c: number): boolean {
    const at = 3 * entry;
    return this.#tokens[at] === a && this.#tokens[at + 1] === b && this.#tokens[at + 2] === c;
  }

  /** Takes an entry out of its slot or from its twins, and wipes it; its place stays as a hole. */
  #remove(entry: number): void {
    this.#unplace(entry);
    this.#tokens.fill(0, 3 * entry, 3 * entry + 3);
    this.#marks[entry] = HOLE;
    this.#holes++;
  }

  #unplace(entry: number): void {
    const hash = this.#tokens[3 * entry]!;
    const head = this.#find(hash, this.#tokens[3 * entry + 1]!);
    const twins = this.#twins.get(head);
    if (head !== entry) {
      const rest = (twins ?? []).filter((twin) => twin !== entry);
      if (rest.length === 0) this.#twins.delete(head);
      else this.#twins.set(head, rest);
    } else if (twins !== undefined) {
      const [heir, ...rest] = twins;
      this.#slots.replace(hash, entry, heir!);
      this.#twins.delete(entry);
      if (rest.length > 0) this.#setTwins(heir!, rest);
    } else this.#slots.remove(hash, entry, (other) => this.#tokens[3 * other]!);
  }

  #compactIfDue(): void {
    if (this.#holes > FEW_HOLES && this.#holes > this.#count * MAX_HOLES) this.#compact();
  }

  #compact(): void {
    let to = 0;
    for (let entry = 0; entry < this.#count; entry++) {
      if (this.#marks[entry] === HOLE) continue;
      if (to !== entry) {
        this.#tokens.copyWithin(3 * to, 3 * entry, 3 * entry + 3);
        this.#ordinals[to] = this.#ordinals[entry]!;
        this.#marks[to] = this.#marks[entry]!;
      }
      to++;
    }
    this.#tokens.fill(0, 3 * to, 3 * this.#count);
    this.#count = to;
    this.#holes = 0;
    this.#rebuild();
  }

  #rebuild(): void {
    this.#firstOf.fill(0);
    for (let entry = this.#count - 1; entry >= 0; entry--) {
      const block = this.#ordinals[entry]! >>> BLOCK_BITS;
      this.#firstOf = grown(this.#firstOf, block + 1);
      this.#firstOf[block] = entry + 1;
    }
    this.#slots.makeFor(this.#count);
    this.#placeAll(this.#count);
  }
}

/** The rows in ascending order of ordinal, those of one ordinal as they come; undefined where they are so already. */
function inOrder(ordinals: Uint32Array): Uint32Array | undefined {
  let isSorted = true;
  for (let i = 1; i < ordinals.length && isSorted; i++) isSorted = ordinals[i - 1]! <= ordinals[i]!;
  if (isSorted) return undefined;
  // Ordinal and row in one number that is exact: 32 bits and 21.
  const span = 2 ** 21;
  if (ordinals.length > span) throw new TokenError("malformed-batch", `at most ${span} tokens are inserted at once`);
  const keys = Float64Array.from(ordinals, (ordinal, row) => ordinal * span + row).sort();
  return Uint32Array.from(keys, (key) => key % span);
}

/** The bit of the kind whose word this is, or 0. */
function kindBit(word: number): number {
  const code = KIND_WORDS.indexOf(word >>> 0);
  return code < 0 ? 0 : 1 << code;
}

/** Tokens as 32-bit words; copied only if they don't lie on a word. */
function words32(tokens: Uint8Array): Uint32Array {
  if (tokens.length % TOKEN_BYTES !== 0) throw new TokenError("malformed-batch", "no whole number of tokens");
  const aligned = tokens.byteOffset % 4 === 0 ? tokens : new Uint8Array(tokens);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 2);
}
