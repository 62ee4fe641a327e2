import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type EntryColumns, KIND_WORDS } from "./entries.js";
import { IndexKeeper, type KeptRuns } from "./index-keeper.js";
import { orderRanges, orderTokens } from "./ordered.js";
import { blocksOf, type Run, SHARD_ENTRIES } from "./run.js";
import { decodeRuns, encodeRuns } from "./run-file.js";
import { TokenIndex } from "./token-index.js";
import { Tokeniser } from "./tokeniser.js";
import { Workbench } from "./workbench.js";

/** What the index should hold. */
interface Entry {
  readonly token: Buffer;
  readonly ordinal: number;
  readonly schemes: number;
  readonly tag: number;
  readonly kind: number;
}

const NO_TAG = 255;
const EVERY_SCHEME = 0x0f;
const EVERY_TAG = 0xffff;
const EVERY_KIND = 0x3f;
const KINDS_HERE = [0, 3] as const;
const THREADS = 2;
const bench = new Workbench();

/** A token's first 96 bits are what is compared. */
const nameOf = (token: Buffer) => token.toString("hex", 0, 12);

/**
 * Two threads, the keeper, and their model, an array of entries. Threads are told each change at once; the keeper works,
 * and what it made is taken over, when the test says so.
 */
class Held {
  threads = Array.from({ length: THREADS }, (_, thread) => new TokenIndex(thread));
  keeper: IndexKeeper;
  model: Entry[] = [];
  #sequence = 0;
  #work: (() => void)[] = [];
  #made: { readonly kept: KeptRuns; readonly isSealedIn: boolean }[] = [];
  #isSealed = false;

  /** @param shardEntries entries of a shard, as few as it takes for several */
  constructor(readonly shardEntries: number) {
    this.keeper = new IndexKeeper(THREADS, undefined, shardEntries);
  }

  insert(entries: readonly Entry[]): void {
    const columns = columnsOf(entries);
    for (const thread of this.threads) thread.insert(columns);
    this.#work.push(() => this.keeper.insert(columns));
    this.model.push(...entries);
  }

  /** Many at once: a run by themselves, which counts when the threads have it; some may be taken out before they do. */
  add(entries: readonly Entry[], meanwhile: readonly { ordinal: number; tags: number }[]): void {
    this.work();
    this.#made.push({ kept: this.keeper.add(columnsOf(entries)), isSealedIn: false });
    this.model.push(...entries);
    this.drop(
      meanwhile.map(({ ordinal }) => ordinal),
      meanwhile.map(({ tags }) => tags),
    );
    while (this.#made.length > 0) this.adopt();
  }

  drop(ordinals: readonly number[], tags: readonly number[]): void {
    const columns = [Uint32Array.from(ordinals), Uint16Array.from(tags), ++this.#sequence] as const;
    for (const thread of this.threads) thread.drop(...columns);
    this.#work.push(() => this.keeper.drop(...columns));
    const dropped = new Map<number, number>();
    ordinals.forEach((ordinal, i) => void dropped.set(ordinal, (dropped.get(ordinal) ?? 0) | tags[i]!));
    this.model = this.model.filter((entry) => ((dropped.get(entry.ordinal) ?? 0) & (1 << entry.tag)) === 0);
  }

  /** One run is made at a time. */
  seal(isIdle: boolean): void {
    if (this.#isSealed) return;
    this.#isSealed = true;
    for (const thread of this.threads) thread.seal();
    this.#work.push(
      () => this.keeper.seal(),
      () => this.#made.push({ kept: this.keeper.build(isIdle), isSealedIn: true }),
    );
  }

  wipe(): void {
    this.#work.push(() => this.#made.push({ kept: this.keeper.wipe(), isSealedIn: false }));
  }

  work(): void {
    for (const work of this.#work.splice(0)) work();
  }

  /** The next thing that the keeper made. */
  adopt(): void {
    const made = this.#made.shift();
    if (made === undefined) return;
    for (const thread of this.threads) thread.adopt(made.kept.runs, made.kept.wiped, made.isSealedIn);
    if (made.isSealedIn) this.#isSealed = false;
  }

  /** Everything that is under way comes to its end. */
  settle(): readonly Run[] {
    this.seal(false);
    this.wipe();
    this.work();
    while (this.#made.length > 0) this.adopt();
    this.seal(false);
    this.work();
    const runs = this.#made.at(-1)?.kept.runs ?? [];
    while (this.#made.length > 0) this.adopt();
    return runs;
  }

  /** The runs in threads that start anew, by way of a snapshot. */
  restart(): void {
    const sections = new Map([...encodeRuns(this.settle())].map(([name, bytes]) => [name, bytes.slice()]));
    this.threads = Array.from({ length: THREADS }, (_, thread) => new TokenIndex(thread));
    this.keeper = new IndexKeeper(THREADS, undefined, this.shardEntries);
    const { runs, wiped } = this.keeper.restore(decodeRuns(sections, THREADS)!);
    for (const thread of this.threads) thread.adopt(runs, wiped, false);
    this.#sequence = 0;
  }

  match(tokens: readonly Buffer[], kinds: number, schemes: number): number[] {
    const batches = [tokens.slice(0, 3), tokens.slice(3)].map((some) => {
      const { records, ends } = orderTokens(some, new Uint8Array(some.length).fill(kinds), bench);
      return { records: records.slice(), ends: ends.slice() };
    });
    const ranges = orderRanges(THREADS);
    const found = this.threads.map((thread, i) => [...thread.match(batches, ranges[i]!, schemes)]);
    for (const ordinals of found)
      assert.deepEqual(
        ordinals,
        [...new Set(ordinals)].sort((a, b) => a - b),
      );
    return [...new Set(found.flat())].sort((a, b) => a - b);
  }

  check(tokens: readonly Buffer[], ordinals: readonly number[]): void {
    for (const schemes of [EVERY_SCHEME, 1, 6]) this.#checkMatch(tokens, EVERY_KIND, schemes);
    for (const kinds of [0, 1, 8, 2]) this.#checkMatch(tokens, kinds, EVERY_SCHEME);
    this.#checkTags(tokens, ordinals);
  }

  #checkMatch(tokens: readonly Buffer[], kinds: number, schemes: number): void {
    const asked = new Set(tokens.map(nameOf));
    const isWanted = ({ token, schemes: own, kind }: Entry) =>
      asked.has(nameOf(token)) && (own & schemes) !== 0 && (kinds & (1 << kind)) !== 0;
    const wanted = new Set(this.model.filter(isWanted).map(({ ordinal }) => ordinal));
    assert.deepEqual(
      this.match(tokens, kinds, schemes),
      [...wanted].sort((a, b) => a - b),
    );
  }

  /** Each token asked for each ordinal, for masks of schemes that it has there and that it may not have. */
  #checkTags(tokens: readonly Buffer[], ordinals: readonly number[]): void {
    const known = new Map<string, Set<number>>();
    for (const { token, ordinal, schemes, tag, kind } of this.model) {
      const name = `${nameOf(token)} ${ordinal} ${schemes} ${kind}`;
      known.set(name, (known.get(name) ?? new Set()).add(tag));
    }
    const asked = tokens.flatMap((token) =>
      ordinals.flatMap((ordinal) =>
        [1, 2, 7].flatMap((schemes) => KINDS_HERE.map((kind) => ({ token, ordinal, schemes, kind }))),
      ),
    );
    const columns = [
      Buffer.concat(asked.map(({ token }) => token)),
      Uint32Array.from(asked, ({ ordinal }) => ordinal),
      Uint8Array.from(asked, ({ schemes }) => schemes),
      Uint8Array.from(asked, ({ kind }) => kind),
    ] as const;
    for (const thread of this.threads) {
      thread.tagsOf(...columns).forEach((tag, i) => {
        const { token, ordinal, schemes, kind } = asked[i]!;
        const tags = known.get(`${nameOf(token)} ${ordinal} ${schemes} ${kind}`) ?? new Set([NO_TAG]);
        assert.ok(tags.has(tag), `tag ${tag} and not ${[...tags]}`);
      });
    }
  }

  /** After `settle`: the keeper has the entries and nothing else. */
  checkWhole(): void {
    this.settle();
    assert.equal(this.keeper.size, this.model.length);
    const ordinals = [...this.keeper.ordinals()].flatMap((piece) => [...piece]);
    const ascending = (list: number[]) => list.sort((a, b) => a - b);
    assert.deepEqual(ascending(ordinals), ascending(this.model.map(({ ordinal }) => ordinal)));
  }
}

const columnsOf = (entries: readonly Entry[]): EntryColumns => ({
  tokens: Buffer.concat(entries.map((entry) => entry.token)),
  ordinals: Uint32Array.from(entries, (entry) => entry.ordinal),
  marks: Uint8Array.from(entries, (entry) => entry.schemes | (entry.tag << 4)),
  kinds: Uint8Array.from(entries, (entry) => entry.kind),
});

function tokenOf(...words: [number, number, number, number]): Buffer {
  return Buffer.from(Uint32Array.from(words).buffer);
}

/** Few tokens, which differ in one word of four each, so that probes meet others; the fourth word does not count. */
const TOKENS = [0, 1, 0x100, 0xffff_ffff].flatMap((a) =>
  [5, 6, 0x105].flatMap((b) => [tokenOf(a, b, 7, 1), tokenOf(a, b, 8, 1), tokenOf(a, b, 8, 2)]),
);
const ORDINALS = [0, 1, 2, 3, 7, 8, 9, 15, 16, 4000, 70_000, 70_001];

const anyTag = fc.constantFrom(0, 1, 2, 15);
const anyEntry: fc.Arbitrary<Entry> = fc.record({
  token: fc.constantFrom(...TOKENS),
  ordinal: fc.constantFrom(...ORDINALS),
  schemes: fc.oneof(fc.constantFrom(1, 2, 7), fc.integer({ min: 1, max: 15 })),
  tag: anyTag,
  kind: fc.constantFrom(...KINDS_HERE),
});
const anyDrop = fc.record({
  ordinal: fc.constantFrom(...ORDINALS),
  tags: fc.oneof(
    anyTag.map((tag) => 1 << tag),
    fc.constantFrom(0, 3, EVERY_TAG),
  ),
});
type Step =
  | { readonly insert: Entry[] }
  | { readonly add: Entry[]; readonly meanwhile: { ordinal: number; tags: number }[] }
  | { readonly drop: { ordinal: number; tags: number }[] }
  | "seal"
  | "seal when idle"
  | "wipe"
  | "work"
  | "adopt"
  | "restart";
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ insert: fc.array(anyEntry, { maxLength: 12 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      add: fc.array(anyEntry, { minLength: 1, maxLength: 20 }),
      meanwhile: fc.array(anyDrop, { maxLength: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ drop: fc.array(anyDrop, { maxLength: 5 }) }) },
  { weight: 8, arbitrary: fc.constantFrom<Step>("seal", "seal when idle", "wipe", "work", "work", "adopt", "adopt") },
  { weight: 1, arbitrary: fc.constant<Step>("restart") },
);

function take(held: Held, step: Step): void {
  if (step === "seal" || step === "seal when idle") held.seal(step !== "seal");
  else if (step === "wipe" || step === "work" || step === "adopt" || step === "restart") held[step]();
  else if ("insert" in step) held.insert(step.insert);
  else if ("add" in step) held.add(step.add, step.meanwhile);
  else {
    held.drop(
      step.drop.map(({ ordinal }) => ordinal),
      step.drop.map(({ tags }) => tags),
    );
  }
}

test("after any history, with the keeper as far behind as may be, the threads answer as a plain list of entries", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 30 }), fc.constantFrom(3, 1000), (steps, shardEntries) => {
      const held = new Held(shardEntries);
      const asked = [...TOKENS, TOKENS[0]!, tokenOf(9, 9, 9, 9)];
      for (const step of steps) {
        take(held, step);
        held.check(asked, [...ORDINALS, 4, 17, 8200, 900_000]);
      }
      held.checkWhole();
      held.check(asked, ORDINALS);
    }),
    { numRuns: 100 },
  );
});

/** Entries by the thousand from one number: tokens that some share, ordinals in no order, each tag. */
function many(count: number, seed: number): Entry[] {
  let state = seed;
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count }, () => {
    const value = next(count / 2);
    return {
      token: tokenOf(Math.imul(value, 0x9e37_79b1), value, value, 0),
      ordinal: next(2000),
      schemes: 1 + next(15),
      tag: next(16),
      kind: KINDS_HERE[next(2)]!,
    };
  });
}

/** Of some entries' tokens and ordinals: enough to see a fault, few enough to ask for each pair. */
function checkSome(held: Held, entries: readonly Entry[]): void {
  const some = entries.filter((_, i) => i % Math.ceil(entries.length / 40) === 0);
  held.check(
    some.map((entry) => entry.token),
    some.map((entry) => entry.ordinal),
  );
}

test("runs of some thousand entries, joined, wiped and made anew, answer as a plain list does", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1000, max: 60_000 }), fc.nat({ max: 3 }), (seed, count, kept) => {
      const held = new Held(2 ** (10 + (seed % 7)));
      const entries = many(count, seed);
      const seen = [...entries];
      held.insert(entries);
      held.seal(false);
      held.work();
      held.adopt();
      checkSome(held, seen);
      for (let round = 0; round < 3; round++) {
        const leaving = Array.from({ length: 2000 }, (_, i) => i).filter((i) => i % 4 !== kept);
        held.drop(
          leaving,
          leaving.map((i) => (i % 3 === round ? EVERY_TAG : 1 << (i % 16))),
        );
        checkSome(held, seen);
        const more = many(1000 * 4 ** round, seed + round + 1);
        held.insert(more);
        seen.push(...more);
        held.seal(round === 2);
        if (round > 0) held.work();
        checkSome(held, seen);
        held.adopt();
        checkSome(held, seen);
      }
      held.checkWhole();
      held.restart();
      held.insert(many(10, seed));
      checkSome(held, seen);
    }),
    { numRuns: 4 },
  );
});

test("a value that very many have is found whole, and costs a list that repeats it no more than once a look", () => {
  const held = new Held(SHARD_ENTRIES);
  const [shared, other] = [tokenOf(0xabcd_ef01, 2, 3, 0), tokenOf(0xabcd_ef02, 2, 3, 0)];
  const entryOf = (token: Buffer, ordinal: number) => ({ token, ordinal, schemes: 1, tag: 0, kind: 0 });
  held.insert([...Array.from({ length: 30_000 }, (_, i) => entryOf(shared, 7 * i)), entryOf(other, 1)]);
  held.settle();
  const wanted = Array.from({ length: 30_000 }, (_, i) => 7 * i);
  assert.deepEqual(held.match([shared], 1, 1), wanted);
  // Without the rule this would be 3 × 10^8 hits.
  assert.deepEqual(held.match([...new Array<Buffer>(10_000).fill(shared), other], 1, 1), [0, 1, ...wanted.slice(1)]);
});

test("what was taken out is wiped from the runs' memory, and nothing else", () => {
  const held = new Held(SHARD_ENTRIES);
  const entries = Array.from({ length: 20_000 }, (_, i) => {
    return {
      token: tokenOf(Math.imul(i, 0x9e37_79b1), 0x7a11_0000 + i, 77, 0),
      ordinal: i,
      schemes: 1,
      tag: i % 3,
      kind: 0,
    };
  });
  held.insert(entries);
  const [run] = held.settle();
  const bytes = Buffer.from(run!.shards[0]!.memory.buffer, blocksOf(run!));
  const isThere = (i: number) => {
    const rest = Buffer.from(Uint32Array.of(0x7a11_0000 + i, (77 ^ KIND_WORDS[0]!) >>> 0, i).buffer);
    return bytes.includes(rest);
  };
  const leaving = entries.slice(0, 1000).map(({ ordinal }) => ordinal);
  assert.ok(leaving.every(isThere));
  held.drop(
    leaving,
    leaving.map(() => 0b011),
  );
  held.wipe();
  held.work();
  for (const i of leaving) assert.equal(isThere(i), i % 3 === 2, `entry ${i}`);
  for (const { ordinal } of entries.slice(1000)) assert.ok(isThere(ordinal));
});

test("no list can choose where its tokens lie: with digests that begin alike no bucket is asked for more than others", () => {
  // What a hostile list holds is made tokens first, under a key that it does not know; see the tokeniser's tests.
  const digests = new Uint8Array(16 * 65_536);
  for (let i = 0; i < 65_536; i++) digests.set([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, i >> 16, i >> 8, i], 16 * i);
  const tokens = new Tokeniser("ads.match", Buffer.alloc(32, 7)).tokens(digests);
  const { ends } = orderTokens([tokens], new Uint8Array(65_536), bench);
  const expected = 65_536 / ends.length;
  let chiSquare = 0;
  ends.forEach((end, part) => {
    chiSquare += (end - (ends[part - 1] ?? 0) - expected) ** 2 / expected;
  });
  // 1023 degrees of freedom: mean 1023, standard deviation 45.
  assert.ok(Math.abs(chiSquare - 1023) < 6 * 45, `χ² ${chiSquare}`);
  // The digests themselves would all be in one part.
  const own = orderTokens([digests], new Uint8Array(65_536), bench).ends;
  assert.equal(own[0], 65_536);
});
