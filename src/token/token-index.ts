/**
 * The live index of one purpose, as one thread has it: frozen runs, which all threads share, and the tokens that came since.
 *
 * Every change is told to every thread, in one order. What is taken out is gone from answers at once, and from the runs'
 * memory when the keeper (index-keeper.ts) has wiped it. Tokens are made under a key that the list's owner does not
 * hold, and their bits alone say where they lie, so no list can make the probes slow.
 */
import { type TokenKernels, tokenKernels } from "../kernel/index.js";
import { DroppedTags } from "./dropped-tags.js";
import { type EntryColumns, SCHEME_BITS, TAG_SHIFT } from "./entries.js";
import { FreshTokens } from "./fresh-tokens.js";
import {
  ASKED_BYTES,
  ORDER_PARTS,
  type Ordered,
  type OrderRange,
  orderTokens,
  segment,
  WHOLE_ORDER,
} from "./ordered.js";
import { ASKED_AT_ONCE, deskOf, ELSEWHERE, HIT_WORDS, markOf, type Run, type Shard } from "./run.js";
import { TOKEN_BYTES } from "./token.js";
import { Workbench } from "./workbench.js";

const UNKNOWN_TAG = 255;
/** In a hit: the code of the mark, and below it the place of the entry. */
const CODE_SHIFT = 28;
const PLACE_BITS = 2 ** CODE_SHIFT - 1;
/** A token with so many entries is answered once where it is asked for again and again. */
const MANY = 64;
const NEVER = 0xffffffff;
/** What the kernel that puts ordinals in order needs beside them. */
const ASCEND_PLACES = 2 ** 11;

/** Hits in one shard: three words each from `from` on. */
interface Hits {
  readonly run: Run;
  readonly shard: Shard;
  readonly words: Uint32Array;
  readonly from: number;
  readonly count: number;
}

export class TokenIndex {
  /** Which of the threads that look into the runs this is; each has a desk of its own in their memory. */
  readonly #thread: number;
  #fresh = new FreshTokens();
  /** What a run is being made of. */
  #sealed: FreshTokens | undefined;
  #runs: readonly Run[] = [];
  readonly #dropped = new DroppedTags();
  readonly #bench = new Workbench();
  readonly #kernels = new WeakMap<object, TokenKernels>();

  constructor(thread: number) {
    this.#thread = thread;
  }

  insert(columns: EntryColumns): void {
    this.#fresh.insert(columns);
  }

  /**
   * Takes out the entries of ordinals.
   * @param tags for each ordinal, bits of the tags to take out
   * @param sequence number of the change; it grows
   */
  drop(ordinals: Uint32Array, tags: Uint16Array, sequence: number): void {
    this.#fresh.drop(ordinals, tags);
    this.#sealed?.drop(ordinals, tags);
    // Also where it has no run yet: the keeper may have made one that it is not told of yet.
    this.#dropped.add({ sequence, ordinals, tags });
  }

  /** What it looks into beside what is fresh. */
  get runs(): readonly Run[] {
    return this.#runs;
  }

  /** From here on a run is made of what is fresh; what comes next is fresh anew. */
  seal(): void {
    this.#sealed = this.#fresh;
    this.#fresh = new FreshTokens();
  }

  /**
   * Looks into these runs from now on.
   * @param wiped number of the last change whose tokens are wiped in all of them
   * @param isSealedIn whether what was sealed is in them
   */
  adopt(runs: readonly Run[], wiped: number, isSealedIn: boolean): void {
    this.#runs = runs;
    if (isSealedIn) this.#sealed = undefined;
    this.#dropped.forget(wiped);
  }

  /**
   * Which ordinals have one of the tokens, of one of its kinds, as a form of one of the schemes.
   * @param range what of the order is looked up
   * @returns ordinals, ascending, none twice
   */
  match(ordered: readonly Ordered[], { from, to }: OrderRange, schemes: number): Uint32Array {
    const found: Uint32Array[] = [];
    for (const fresh of [this.#fresh, this.#sealed]) {
      if (fresh === undefined || fresh.size === 0) continue;
      for (const one of ordered) found.push(fresh.match(segment(one, from, to), schemes));
    }
    const dropped = this.#dropped;
    this.#probe(ordered, { from, to }, schemes, MANY, ({ run, shard, words, from, count }) => {
      const ordinals = new Uint32Array(count);
      let kept = 0;
      for (let at = from; at < from + HIT_WORDS * count; at += HIT_WORDS) {
        const ordinal = words[at]!;
        const code = words[at + 2]! >>> CODE_SHIFT;
        if (code === ELSEWHERE || dropped.size > 0) {
          const mark = markOf(run, shard, code, words[at + 2]! & PLACE_BITS);
          if ((mark & schemes) === 0 || dropped.has(ordinal, mark >> TAG_SHIFT)) continue;
        }
        ordinals[kept++] = ordinal;
      }
      found.push(ordinals.subarray(0, kept));
    });
    return this.#inOrder(found);
  }

  /**
   * The tag under which each ordinal has each token already, as the form of the very same schemes: the same token may be
   * one spelling's form in some schemes and another's in others.
   * @returns tags, 255 where it has not
   */
  tagsOf(tokens: Uint8Array, ordinals: Uint32Array, schemes: Uint8Array, kinds: Uint8Array): Uint8Array {
    const tags = this.#fresh.tagsOf(tokens, ordinals, schemes, kinds);
    const sealed = this.#sealed?.tagsOf(tokens, ordinals, schemes, kinds);
    sealed?.forEach((tag, row) => void (tags[row] === UNKNOWN_TAG && (tags[row] = tag)));
    // An ordinal that is above all in the runs has no token there.
    const most = Math.max(-1, ...this.#runs.map(({ maxOrdinal }) => maxOrdinal));
    const rows = new Uint32Array(ordinals.length);
    let count = 0;
    for (let row = 0; row < ordinals.length; row++) if (ordinals[row]! <= most) rows[count++] = row;
    if (count === 0) return tags;
    const asked = new Uint8Array(TOKEN_BYTES * count);
    const kindBits = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      asked.set(tokens.subarray(TOKEN_BYTES * row, TOKEN_BYTES * (row + 1)), TOKEN_BYTES * i);
      kindBits[i] = 1 << kinds[row]!;
    }
    const ordered = [orderTokens([asked], kindBits, this.#bench)];
    this.#probe(ordered, WHOLE_ORDER, SCHEME_BITS, NEVER, ({ run, shard, words, from, count }) => {
      for (let at = from; at < from + HIT_WORDS * count; at += HIT_WORDS) {
        const row = rows[words[at + 1]!]!;
        if (words[at] !== ordinals[row] || tags[row] !== UNKNOWN_TAG) continue;
        const mark = markOf(run, shard, words[at + 2]! >>> CODE_SHIFT, words[at + 2]! & PLACE_BITS);
        const tag = mark >> TAG_SHIFT;
        if ((mark & SCHEME_BITS) === schemes[row] && !this.#dropped.has(words[at]!, tag)) tags[row] = tag;
      }
    });
    this.#bench.wipe();
    return tags;
  }

  /** Looks up a range of the order in all runs. @param many from so many entries on a token is not answered again */
  #probe(
    ordered: readonly Ordered[],
    { from, to }: OrderRange,
    schemes: number,
    many: number,
    onHits: (hits: Hits) => void,
  ): void {
    for (const run of this.#runs) {
      const step = ORDER_PARTS / run.shards.length;
      run.shards.forEach((shard, number) => {
        const [first, last] = [Math.max(from, number * step), Math.min(to, (number + 1) * step)];
        const range = { from: first, to: last };
        if (first < last) this.#probeShard(run, shard, ordered, range, schemes, many, onHits);
      });
    }
  }

  /** As `#probe`, in a shard that has all of the range: part after part, those of all batches together. */
  #probeShard(
    run: Run,
    shard: Shard,
    ordered: readonly Ordered[],
    { from, to }: OrderRange,
    schemes: number,
    many: number,
    onHits: (hits: Hits) => void,
  ): void {
    const { memory } = shard;
    let kernels = this.#kernels.get(memory);
    if (kernels === undefined) this.#kernels.set(memory, (kernels = tokenKernels(memory)));
    const desk = deskOf(run, shard, this.#thread);
    const words = new Uint32Array(memory.buffer);
    const bytes = new Uint8Array(memory.buffer);
    const state = desk.state / 4;
    let asked = 0;
    const look = () => {
      words.fill(0, state, state + 2);
      while (words[state]! < asked) {
        const count = kernels.probe(desk.asked, asked, schemes, many, desk.state, desk.hits, ASKED_AT_ONCE);
        if (count > 0) onHits({ run, shard, words, from: desk.hits / 4, count });
      }
      // What a list asked for stays nowhere.
      kernels.wipe(desk.state, desk.asked + asked * ASKED_BYTES - desk.state);
      asked = 0;
    };
    for (let part = from; part < to; part++) {
      for (const one of ordered) {
        for (let rest = segment(one, part, part + 1); rest.length > 0; ) {
          const taken = rest.subarray(0, (ASKED_AT_ONCE - asked) * ASKED_BYTES);
          bytes.set(taken, desk.asked + asked * ASKED_BYTES);
          asked += taken.length / ASKED_BYTES;
          rest = rest.subarray(taken.length);
          if (asked === ASKED_AT_ONCE) look();
        }
      }
    }
    look();
  }

  /** Ordinals of several pieces, ascending, none twice. */
  #inOrder(found: readonly Uint32Array[]): Uint32Array {
    const count = found.reduce((sum, ordinals) => sum + ordinals.length, 0);
    // Piece by piece into memory that threads share, half of them would go byte by byte.
    const together = new Uint32Array(count);
    let at = 0;
    for (const ordinals of found) {
      together.set(ordinals, at);
      at += ordinals.length;
    }
    const bench = this.#bench;
    const [all, spare, places] = bench.layOut([4 * count, 4 * count, 4 * ASCEND_PLACES] as const);
    bench.words.set(together, all / 4);
    const distinct = bench.kernels.ascend(all, count, spare, places);
    return bench.words.slice(all / 4, all / 4 + distinct);
  }
}
