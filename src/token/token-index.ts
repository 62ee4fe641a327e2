/**
 * The live index of one purpose: token -> ordinals, with the schemes whose form each token is.
 *
 * Entries are columns in order of arrival: 96 bits of the token, ordinal, mask of schemes and the
 * spelling's tag. The token's bits are the hash, and because tokens are made under a key that the list's
 * owner does not hold, no list can make the probes slow. Equal tokens (one value, several accounts) hang
 * on the first entry. Entries of one ordinal lie side by side.
 */
import { Slots } from "../column/index.js";
import { TokenError } from "./error.js";

const MAX_ENTRIES = 2 ** 31;
const GONE = 0xffff_ffff;
/** Holes are closed when they are this share of the entries. */
const MAX_HOLES = 0.25;

export class TokenIndex {
  /** Entries, holes included. */
  #count = 0;
  #holes = 0;
  #tokens: Uint32Array = new Uint32Array(3 << 12);
  #ordinals: Uint32Array = new Uint32Array(1 << 12);
  /** Schemes in the low four bits, tag in the high four. */
  #marks: Uint8Array = new Uint8Array(1 << 12);
  readonly #slots = new Slots();
  /** First entry + 1 of each ordinal. */
  #firstOf: Uint32Array = new Uint32Array(1 << 12);
  /** Further entries with the same token, by the entry that has the slot. */
  readonly #twins = new Map<number, number[]>();

  /** Live entries. */
  get size(): number {
    return this.#count - this.#holes;
  }

  /**
   * @param tokens 16 bytes each; entries of one ordinal side by side
   * @param marks schemes | tag << 4
   */
  insert(tokens: Uint8Array, ordinals: Uint32Array, marks: Uint8Array): void {
    const words = words32(tokens);
    for (let i = 0; i < ordinals.length; ) {
      const ordinal = ordinals[i]!;
      let end = i + 1;
      while (end < ordinals.length && ordinals[end] === ordinal) end++;
      if (this.has(ordinal)) this.#moveToEnd(ordinal, this.#entriesOf(ordinal));
      if (!this.has(ordinal)) this.#setFirst(ordinal, this.#count + 1);
      for (; i < end; i++) this.#append(words[4 * i]!, words[4 * i + 1]!, words[4 * i + 2]!, ordinal, marks[i]!);
    }
  }

  has(ordinal: number): boolean {
    return ordinal < this.#firstOf.length && this.#firstOf[ordinal] !== 0;
  }

  /**
   * Takes out the entries of ordinals.
   * @param tags for each ordinal, bits of the tags to take out
   */
  drop(ordinals: Uint32Array, tags: Uint16Array): void {
    for (let i = 0; i < ordinals.length; i++) {
      const ordinal = ordinals[i]!;
      if (!this.has(ordinal)) continue;
      const entries = this.#entriesOf(ordinal);
      const kept = entries.filter((entry) => (tags[i]! & (1 << (this.#marks[entry]! >> 4))) === 0);
      if (kept.length === entries.length) continue;
      for (const entry of entries) if (!kept.includes(entry)) this.#remove(entry);
      this.#moveToEnd(ordinal, kept);
    }
    if (this.#holes > 1024 && this.#holes > this.#count * MAX_HOLES) this.#compact();
  }

  /**
   * Which ordinals have one of the tokens as a form of one of the schemes.
   * @returns ordinals, in the tokens' order, repeats possible
   */
  match(tokens: Uint8Array, schemes: number): Uint32Array {
    const words = words32(tokens);
    const n = words.length >>> 2;
    let found = new Uint32Array(n);
    let count = 0;
    const take = (entry: number) => {
      if ((this.#marks[entry]! & schemes & 0x0f) === 0) return;
      if (count === found.length) {
        const larger = new Uint32Array(found.length * 2 + 16);
        larger.set(found);
        found = larger;
      }
      found[count++] = this.#ordinals[entry]!;
    };
    for (let i = 0; i < n; i++) {
      const entry = this.#find(words[4 * i]!, words[4 * i + 1]!, words[4 * i + 2]!);
      if (entry < 0) continue;
      take(entry);
      if (this.#twins.size > 0) for (const twin of this.#twins.get(entry) ?? []) take(twin);
    }
    return found.slice(0, count);
  }

  /**
   * The tag under which each ordinal has each token already.
   * @returns tags, 255 where it has not
   */
  tagsOf(tokens: Uint8Array, ordinals: Uint32Array): Uint8Array {
    const words = words32(tokens);
    const tags = new Uint8Array(ordinals.length).fill(255);
    for (let i = 0; i < ordinals.length; i++) {
      const ordinal = ordinals[i]!;
      if (!this.has(ordinal)) continue;
      for (let entry = this.#firstOf[ordinal]! - 1; this.#isOf(entry, ordinal); entry++) {
        if (this.#isToken(entry, words[4 * i]!, words[4 * i + 1]!, words[4 * i + 2]!))
          tags[i] = this.#marks[entry]! >> 4;
      }
    }
    return tags;
  }

  /** Every ordinal that has an entry, in order of entry, repeats removed where they lie side by side. */
  ordinals(): Uint32Array {
    const found = new Uint32Array(this.size);
    let count = 0;
    for (let entry = 0; entry < this.#count; entry++) {
      const ordinal = this.#ordinals[entry]!;
      if (ordinal !== GONE && (count === 0 || found[count - 1] !== ordinal)) found[count++] = ordinal;
    }
    return found.slice(0, count);
  }

  /** Columns for a snapshot, without holes. */
  sections(): { tokens: Uint32Array; ordinals: Uint32Array; marks: Uint8Array } {
    if (this.#holes > 0) this.#compact();
    return {
      tokens: this.#tokens.subarray(0, 3 * this.#count),
      ordinals: this.#ordinals.subarray(0, this.#count),
      marks: this.#marks.subarray(0, this.#count),
    };
  }

  restore(tokens: Uint32Array, ordinals: Uint32Array, marks: Uint8Array): void {
    this.#tokens = tokens;
    this.#ordinals = ordinals;
    this.#marks = marks;
    this.#count = ordinals.length;
    this.#holes = 0;
    this.#rebuild();
  }

  #append(a: number, b: number, c: number, ordinal: number, mark: number): void {
    const entry = this.#count;
    if (entry >= MAX_ENTRIES) throw new TokenError("index-full", `an index holds at most ${MAX_ENTRIES} tokens`);
    if (entry >= this.#ordinals.length) this.#grow();
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
    const other = this.#find(this.#tokens[at]!, this.#tokens[at + 1]!, this.#tokens[at + 2]!);
    if (other < 0) {
      this.#slots.add(this.#tokens[at]!, this.#tokens[at + 1]! & 0xff, entry);
      return;
    }
    const twins = this.#twins.get(other);
    if (twins === undefined) this.#twins.set(other, [entry]);
    else twins.push(entry);
  }

  /** The entry that stands in a slot for a token, or -1. */
  #find(a: number, b: number, c: number): number {
    return this.#slots.findKey(this.#tokens, a, b, c);
  }

  #isToken(entry: number, a: number, b: number, c: number): boolean {
    const at = 3 * entry;
    return this.#tokens[at] === a && this.#tokens[at + 1] === b && this.#tokens[at + 2] === c;
  }

  #isOf(entry: number, ordinal: number): boolean {
    return entry < this.#count && this.#ordinals[entry] === ordinal;
  }

  #setFirst(ordinal: number, first: number): void {
    if (ordinal >= this.#firstOf.length) {
      const larger = new Uint32Array(Math.max(ordinal + 1, this.#firstOf.length * 2));
      larger.set(this.#firstOf);
      this.#firstOf = larger;
    }
    this.#firstOf[ordinal] = first;
  }

  /** Removes an entry from its slot or from its twins, and wipes it; the caller mends the ordinal's first. */
  #remove(entry: number): void {
    this.#unplace(entry);
    this.#tokens.fill(0, 3 * entry, 3 * entry + 3);
    this.#ordinals[entry] = GONE;
    this.#holes++;
  }

  #unplace(entry: number): void {
    const head = this.#find(this.#tokens[3 * entry]!, this.#tokens[3 * entry + 1]!, this.#tokens[3 * entry + 2]!);
    const twins = this.#twins.get(head);
    if (head !== entry) {
      if (twins === undefined) return;
      const rest = twins.filter((twin) => twin !== entry);
      if (rest.length === 0) this.#twins.delete(head);
      else this.#twins.set(head, rest);
      return;
    }
    const hash = this.#tokens[3 * entry]!;
    if (twins !== undefined) {
      const [heir, ...rest] = twins;
      this.#slots.replace(hash, entry, heir!);
      this.#twins.delete(entry);
      if (rest.length > 0) this.#twins.set(heir!, rest);
      return;
    }
    this.#slots.remove(hash, entry, (other) => this.#tokens[3 * other]!);
  }

  #entriesOf(ordinal: number): number[] {
    const entries: number[] = [];
    for (let entry = this.#firstOf[ordinal]! - 1; this.#isOf(entry, ordinal); entry++) entries.push(entry);
    return entries;
  }

  /** Moves entries of one ordinal to the end, so that they lie side by side and more can be put beside them. */
  #moveToEnd(ordinal: number, entries: readonly number[]): void {
    const copies = entries.map(
      (entry) => [...this.#tokens.subarray(3 * entry, 3 * entry + 3), this.#marks[entry]!] as const,
    );
    for (const entry of entries) this.#remove(entry);
    this.#setFirst(ordinal, entries.length === 0 ? 0 : this.#count + 1);
    for (const [a, b, c, mark] of copies) this.#append(a!, b!, c!, ordinal, mark!);
  }

  #grow(): void {
    const capacity = this.#ordinals.length * 2;
    const [tokens, ordinals, marks] = [this.#tokens, this.#ordinals, this.#marks];
    this.#tokens = new Uint32Array(3 * capacity);
    this.#ordinals = new Uint32Array(capacity);
    this.#marks = new Uint8Array(capacity);
    this.#tokens.set(tokens);
    this.#ordinals.set(ordinals);
    this.#marks.set(marks);
  }

  #compact(): void {
    let to = 0;
    for (let entry = 0; entry < this.#count; entry++) {
      if (this.#ordinals[entry] === GONE) continue;
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
    for (let entry = this.#count - 1; entry >= 0; entry--) this.#setFirst(this.#ordinals[entry]!, entry + 1);
    this.#slots.makeFor(this.#count);
    this.#placeAll(this.#count);
  }

  #placeAll(entries: number): void {
    this.#twins.clear();
    for (let entry = 0; entry < entries; entry++) if (this.#ordinals[entry] !== GONE) this.#place(entry);
  }
}

/** Tokens as 32-bit words; copied only if they don't lie on a word. */
function words32(tokens: Uint8Array): Uint32Array {
  const aligned = tokens.byteOffset % 4 === 0 ? tokens : tokens.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 2);
}
