import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ENTRY_BYTES, ENTRY_WORDS, KIND_WORDS } from "./entries.js";
import { ASKED_BYTES } from "./ordered.js";
import { blockAt, codesFor, ELSEWHERE, HEADER_BYTES, type Spread, shardHeader } from "./run.js";
import { Workbench } from "./workbench.js";

// Each kernel against a model that is plain and slow.

type Words = readonly [number, number, number];

/** An entry as the kernels have it: the kind's word is in the third. */
interface Entry {
  readonly words: Words;
  readonly ordinal: number;
  readonly mark: number;
}

const bench = new Workbench();
const ODD_BYTES = 8;
const HIT_WORDS = 3;
const FOUND_WORDS = 3;
const STATE_BYTES = 4096;

/** Few words, so that entries share buckets, lowest bytes, and all of their token. */
const anyFirst = fc.constantFrom(0, 1, 0x100, 0x0100_0001, 0x4000_0001, 0x7fff_ff01, 0x8000_0000, 0xffff_ffff);
const anyWord = fc.constantFrom(5, 0x105, 0xffff_ffff);
const anyWords = fc.tuple(fc.oneof(anyFirst, fc.nat({ max: 0x3fff_ffff })), anyWord, anyWord);
const anyMark = fc.oneof(fc.constantFrom(1, 0x0f, 0x17, 0x28), fc.integer({ min: 0, max: 255 }));
const anyEntry: fc.Arbitrary<Entry> = fc.record({
  words: anyWords,
  ordinal: fc.nat({ max: 2 ** 31 - 2 }),
  mark: anyMark,
});
const anySpread = fc
  .record({ prefixBits: fc.nat({ max: 2 }), bucketBits: fc.nat({ max: 6 }), more: fc.nat({ max: 1 }) })
  .map(({ prefixBits, bucketBits, more }): Spread => {
    const furtherBytes = Math.min(3, Math.ceil((24 - prefixBits - bucketBits) / 8) + more);
    return { prefixBits, bucketBits, furtherBytes };
  });

const bucketOf = ({ prefixBits, bucketBits }: Spread, [first]: Words): number =>
  Math.floor(((first * 2 ** prefixBits) % 2 ** 32) / 2 ** (32 - bucketBits));
const shardOf = ({ prefixBits }: Spread, [first]: Words): number => Math.floor(first / 2 ** (32 - prefixBits));
const rowsOf = (entries: readonly Entry[]) =>
  entries.map(({ words, ordinal, mark }) => [...words, ordinal, mark].join());

function putEntries(entries: readonly Entry[], at: number): void {
  entries.forEach(
    ({ words, ordinal, mark }, i) => void bench.words.set([...words, ordinal, mark], at / 4 + ENTRY_WORDS * i),
  );
}

/** Entries of one shard, packed; and where everything is. */
interface Packed {
  readonly spread: Spread;
  readonly kept: readonly Entry[];
  readonly header: number;
  readonly directory: number;
  readonly blocks: number;
  /** Marks that are kept elsewhere, by place. */
  readonly odd: ReadonlyMap<number, number>;
  readonly spare: readonly [number, number, number];
}

function packed(entries: readonly Entry[], spread: Spread, codes: Uint8Array, spareBytes: number): Packed {
  const buckets = 2 ** spread.bucketBits;
  const count = entries.length;
  const sizes = [
    ...([HEADER_BYTES, 4 * (buckets + 1), blockAt(spread, count, buckets) + 64] as const),
    ...([ENTRY_BYTES * count, 256, 4 * buckets, ODD_BYTES * count, spareBytes, spareBytes, spareBytes] as const),
  ] as const;
  const [header, directory, blocks, entriesAt, codesAt, places, oddAt, ...spare] = bench.layOut(sizes);
  bench.bytes.set(shardHeader(spread, codes), header);
  bench.words.set([directory, blocks], header / 4);
  const codeOf = new Uint8Array(256).fill(ELSEWHERE);
  codes.forEach((mark, code) => void (mark !== 0 && (codeOf[mark] = code)));
  bench.bytes.set(codeOf, codesAt);
  putEntries(entries, entriesAt);
  const odds = bench.kernels.pack(
    ...([header, entriesAt, count, 0, buckets, 0] as const),
    ...([codesAt, directory, places, blocks, oddAt] as const),
  );
  const odd = new Map<number, number>();
  for (let i = 0; i < odds; i++) odd.set(bench.words[oddAt / 4 + 2 * i]!, bench.words[oddAt / 4 + 2 * i + 1]!);
  return { spread, kept: entries.filter(({ mark }) => mark !== 0), header, directory, blocks, odd, spare };
}

const anyShard = fc
  .record({ spread: anySpread, all: fc.array(anyEntry, { maxLength: 60, size: "max" }), codes: fc.boolean() })
  .map(({ spread, all, codes }) => {
    const entries = all.filter(({ words }) => shardOf(spread, words) === 0);
    const tally = new Uint32Array(256);
    for (const { mark } of entries) tally[mark]!++;
    tally[0] = 0;
    // Without codes every mark is kept elsewhere.
    return { spread, entries, codes: codes ? codesFor(tally) : new Uint8Array(16) };
  });

test("what is packed is unpacked again, but for entries without a mark, bucket after bucket", () => {
  fc.assert(
    fc.property(anyShard, ({ spread, entries, codes }) => {
      const { kept, header, directory, blocks, odd, spare } = packed(entries, spread, codes, ENTRY_BYTES * 64);
      const buckets = 2 ** spread.bucketBits;
      assert.equal(bench.words[directory / 4 + buckets], kept.length);
      bench.kernels.unpack(header, 0, 0, buckets, directory, blocks, spare[0]);
      const got = kept.map((_, place): Entry => {
        const [a, b, c, ordinal, mark] = bench.words.subarray(spare[0] / 4 + ENTRY_WORDS * place);
        return { words: [a!, b!, c!], ordinal: ordinal!, mark: mark === 256 ? odd.get(place)! : mark! };
      });
      const inOrder = got.map(({ words }) => bucketOf(spread, words));
      assert.deepEqual(
        inOrder,
        inOrder.toSorted((a, b) => a - b),
      );
      assert.deepEqual(rowsOf(got).sort(), rowsOf(kept).sort());
    }),
    { numRuns: 500 },
  );
});

/** A token of an entry, or another one. */
const anyAsked = fc.record({ entry: fc.nat({ max: 80 }), words: anyWords, kinds: fc.nat({ max: 63 }) });

test("a probe finds every entry of a token, of its kinds and schemes, however little room there is for hits", () => {
  fc.assert(
    fc.property(
      anyShard,
      fc.array(anyAsked, { maxLength: 200, size: "max" }),
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 1, max: 15 }),
      ({ spread, entries, codes }, asked, room, schemes) => {
        // What is asked for is a list's token: the kind's word is not in it, and any of the kinds' may be.
        const all = asked.map(({ entry, words, kinds }) => ({ words: entries[entry]?.words ?? words, kinds }));
        const own = all.filter(({ words }) => shardOf(spread, words) === 0);
        const mixed = entries.map((entry, i) => {
          const [a, b, c] = entry.words;
          return { ...entry, kind: i % 6, words: [a, b, (c ^ KIND_WORDS[i % 6]!) >>> 0] as const };
        });
        const spareBytes = Math.max(STATE_BYTES, ASKED_BYTES * 200, 4 * HIT_WORDS * 70);
        // The header lies at the beginning, as in a shard's memory.
        const { header, odd, spare } = packed(mixed, spread, codes, spareBytes);
        assert.equal(header, 0);
        const [state, records, out] = spare;
        own.forEach(({ words, kinds }, row) => {
          bench.words.set([...words, ((row << 8) | kinds) >>> 0], records / 4 + 4 * row);
        });
        bench.words.fill(0, state / 4, state / 4 + 2);
        const hits: string[] = [];
        while (bench.words[state / 4]! < own.length) {
          const count = bench.kernels.probe(records, own.length, schemes, 0xffff_ffff, state, out, room);
          assert.ok(count <= room);
          for (let at = out / 4; at < out / 4 + HIT_WORDS * count; at += HIT_WORDS) {
            const [ordinal, row, place] = bench.words.subarray(at, at + HIT_WORDS);
            const isElsewhere = place! >>> 28 === ELSEWHERE;
            const mark = isElsewhere ? odd.get(place! & 0x0fff_ffff)! : codes[place! >>> 28]!;
            if (!isElsewhere || (mark & schemes) !== 0) hits.push(`${row} ${ordinal} ${mark}`);
          }
        }
        const wanted = own.flatMap(({ words: [a, b, c], kinds }, row) =>
          mixed.flatMap(({ words, kind, ordinal, mark }) => {
            const isSame = words[0] === a && words[1] === b && words[2] === (c ^ KIND_WORDS[kind]!) >>> 0;
            return isSame && (kinds & (1 << kind)) !== 0 && (mark & schemes) !== 0 ? [`${row} ${ordinal} ${mark}`] : [];
          }),
        );
        assert.deepEqual(hits.sort(), wanted.sort());
      },
    ),
    { numRuns: 500 },
  );
});

test("a look through a shard finds the entries of the ordinals that are asked for, and no others", () => {
  fc.assert(
    fc.property(anyShard, fc.array(fc.nat({ max: 70 })), ({ spread, entries, codes }, chosen) => {
      const ordinals = [...new Set(chosen.map((i) => entries[i]?.ordinal ?? i))];
      const { kept, header, directory, blocks, spare } = packed(entries, spread, codes, 4 * 1024);
      const [table, ordinalsAt, out] = spare;
      const bits = Math.ceil(Math.log2(2 * ordinals.length + 2));
      bench.words.set(ordinals, ordinalsAt / 4);
      bench.words.fill(0, table / 4, table / 4 + 2 ** bits);
      bench.kernels.tabulate(ordinalsAt, ordinals.length, table, bits);
      const found = bench.kernels.find(header, 2 ** spread.bucketBits, directory, blocks, table, bits, out);
      const got = Array.from({ length: found }, (_, i) => {
        const [bucket, , ordinal] = bench.words.subarray(out / 4 + FOUND_WORDS * i);
        return `${bucket} ${ordinal}`;
      });
      const wanted = kept.filter(({ ordinal }) => ordinals.includes(ordinal));
      assert.deepEqual(got.sort(), wanted.map(({ words, ordinal }) => `${bucketOf(spread, words)} ${ordinal}`).sort());
    }),
    { numRuns: 500 },
  );
});

test("columns become entries, and entries of a range lie together, those of one range as they came", () => {
  const anyRow = fc.record({
    words: anyWords,
    ordinal: fc.nat(),
    mark: fc.nat({ max: 255 }),
    kind: fc.nat({ max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 100 }), fc.nat({ max: 8 }), (rows, bits) => {
      const count = rows.length;
      const sizes = [
        16 * count,
        4 * count,
        count,
        count,
        24,
        ENTRY_BYTES * count,
        4 * 2 ** bits,
        ENTRY_BYTES * count,
      ] as const;
      const [tokens, ordinals, marks, kinds, kindWords, entries, ends, arranged] = bench.layOut(sizes);
      rows.forEach(({ words, ordinal, mark, kind }, i) => {
        bench.words.set([...words, 0xdead_beef], tokens / 4 + 4 * i);
        bench.words[ordinals / 4 + i] = ordinal;
        bench.bytes[marks + i] = mark;
        bench.bytes[kinds + i] = kind;
      });
      bench.words.set(KIND_WORDS, kindWords / 4);
      bench.kernels.compose(tokens, ordinals, marks, kinds, count, kindWords, entries);
      bench.kernels.arrange(entries, count, bits, ends, arranged);
      const rangeOf = (first: number) => Math.floor(first / 2 ** (32 - bits));
      const wanted = rows
        .map(({ words: [a, b, c], ordinal, mark, kind }) => [a, b, (c ^ KIND_WORDS[kind]!) >>> 0, ordinal, mark])
        .sort(([a], [b]) => rangeOf(a!) - rangeOf(b!));
      const got = wanted.map((_, i) => [...bench.words.subarray(arranged / 4 + 5 * i, arranged / 4 + 5 * i + 5)]);
      assert.deepEqual(got, wanted);
      for (let range = 0; range < 2 ** bits; range++) {
        const until = wanted.filter(([first]) => rangeOf(first!) <= range).length;
        assert.equal(bench.words[ends / 4 + range], until);
      }
    }),
    { numRuns: 300 },
  );
});

test("tokens are put in the order of their upper bits, each with its row and its kinds", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyWords, fc.nat({ max: 255 })), { maxLength: 300 }),
      fc.nat({ max: 10 }),
      (rows, bits) => {
        const count = rows.length;
        const sizes = [16 * count, count, 4 * 2 ** bits, ASKED_BYTES * count] as const;
        const [tokens, kinds, ends, records] = bench.layOut(sizes);
        rows.forEach(([words, kind], i) => {
          bench.words.set([...words, i], tokens / 4 + 4 * i);
          bench.bytes[kinds + i] = kind;
        });
        bench.kernels.partition(tokens, kinds, count, bits, ends, records);
        const partOf = (first: number) => Math.floor(first / 2 ** (32 - bits));
        const wanted = rows
          .map(([words, kind], row) => [...words, ((row << 8) | kind) >>> 0])
          .sort(([a], [b]) => partOf(a!) - partOf(b!));
        const got = wanted.map((_, i) => [...bench.words.subarray(records / 4 + 4 * i, records / 4 + 4 * i + 4)]);
        assert.deepEqual(got, wanted);
        for (let part = 0; part < 2 ** bits; part++) {
          assert.equal(bench.words[ends / 4 + part], rows.filter(([[first]]) => partOf(first) <= part).length);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("ordinals come out in ascending order, none twice, and memory is overwritten to the byte", () => {
  const anyOrdinals = fc.oneof(
    fc.array(fc.nat({ max: 2 ** 32 - 1 }), { maxLength: 3000, size: "max" }),
    fc.array(fc.nat({ max: 40 }), { maxLength: 100 }),
    fc.array(fc.nat({ max: 2 ** 23 }), { maxLength: 300 }),
  );
  fc.assert(
    fc.property(anyOrdinals, fc.nat({ max: 20 }), fc.nat({ max: 20 }), (ordinals, from, bytes) => {
      const count = ordinals.length;
      const [all, spare, places, behind] = bench.layOut([4 * count, 4 * count, 4 * 2 ** 11, 64] as const);
      bench.bytes.fill(7, behind, behind + 64);
      bench.words.set(ordinals, all / 4);
      const distinct = bench.kernels.ascend(all, count, spare, places);
      const expected = [...new Set(ordinals)].sort((a, b) => a - b);
      assert.deepEqual([...bench.words.subarray(all / 4, all / 4 + distinct)], expected);
      bench.kernels.wipe(behind + from, bytes);
      const left = Array.from({ length: 64 }, (_, i) => (i >= from && i < from + bytes ? 0 : 7));
      assert.deepEqual([...bench.bytes.subarray(behind, behind + 64)], left);
    }),
    { numRuns: 300 },
  );
});
