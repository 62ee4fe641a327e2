import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { KINDS } from "../contact/index.js";
import { TokenError } from "./error.js";
import { TOKEN_BYTES } from "./token.js";
import { TokenIndex } from "./token-index.js";

/** What the index should hold, in order of arrival. */
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
const EVERY_KIND = 0xff;
const KINDS_HERE = [0, 3] as const;

/** A token's first 96 bits are what is compared. */
const nameOf = (token: Buffer) => token.toString("hex", 0, 12);

/** The index and its model, an array of entries, after the same history. */
class Held {
  index = new TokenIndex();
  model: Entry[] = [];

  insert(entries: readonly Entry[]): void {
    this.index.insert(
      Buffer.concat(entries.map((entry) => entry.token)),
      Uint32Array.from(entries, (entry) => entry.ordinal),
      Uint8Array.from(entries, (entry) => entry.schemes | (entry.tag << 4)),
      Uint8Array.from(entries, (entry) => entry.kind),
    );
    // Of one ordinal in their order; it is the only one that anybody can see.
    this.model.push(...entries);
  }

  drop(ordinals: readonly number[], tags: readonly number[]): void {
    this.index.drop(Uint32Array.from(ordinals), Uint16Array.from(tags));
    const dropped = new Map<number, number>();
    ordinals.forEach((ordinal, i) => void dropped.set(ordinal, (dropped.get(ordinal) ?? 0) | tags[i]!));
    this.model = this.model.filter((entry) => ((dropped.get(entry.ordinal) ?? 0) & (1 << entry.tag)) === 0);
  }

  /** The index's columns in another index, as a restart does it; what that one held before is gone. */
  restart(): void {
    const { tokens, ordinals, marks } = this.index.sections();
    this.index = new TokenIndex();
    const before = [tokenOf(0, 5, 7, 1), tokenOf(0, 5, 7, 1), tokenOf(3, 3, 3, 3)];
    this.index.insert(
      Buffer.concat(before),
      Uint32Array.of(1, 4, 17),
      Uint8Array.of(0xff, 0xff, 0xff),
      new Uint8Array(3),
    );
    this.index.drop(Uint32Array.of(4), Uint16Array.of(EVERY_TAG));
    this.index.restore(tokens.slice(), ordinals.slice(), marks.slice());
  }

  check(tokens: readonly Buffer[], ordinals: readonly number[]): void {
    assert.equal(this.index.size, this.model.length);
    this.#checkOrdinals(ordinals);
    for (const schemes of [EVERY_SCHEME, 1, 6, 0xf0]) this.#checkMatch(tokens, schemes, EVERY_KIND);
    for (const kinds of [0, 1, 8, 2]) this.#checkMatch(tokens, EVERY_SCHEME, kinds);
    this.#checkTags(tokens, ordinals);
  }

  #checkOrdinals(ordinals: readonly number[]): void {
    const held = new Set(this.model.map((entry) => entry.ordinal));
    for (const ordinal of ordinals) assert.equal(this.index.has(ordinal), held.has(ordinal), `has ${ordinal}`);
    const listed = this.index.ordinals();
    assert.deepEqual(new Set(listed), held);
    assert.ok(listed.every((ordinal, i) => i === 0 || ordinal !== listed[i - 1]));
  }

  #checkMatch(tokens: readonly Buffer[], schemes: number, kinds: number): void {
    const byToken = new Map<string, number[]>();
    for (const { token, ordinal, schemes: own, kind } of this.model) {
      if ((own & schemes) !== 0 && (kinds & (1 << kind)) !== 0)
        byToken.set(nameOf(token), [...(byToken.get(nameOf(token)) ?? []), ordinal]);
    }
    const matched = this.index.match(Buffer.concat(tokens), new Uint8Array(tokens.length).fill(kinds), schemes);
    let at = 0;
    for (const token of tokens) {
      const wanted = byToken.get(nameOf(token)) ?? [];
      const got = matched.subarray(at, (at += wanted.length));
      assert.deepEqual([...got].sort(), wanted.sort(), `match ${nameOf(token)}, schemes ${schemes}`);
    }
    assert.equal(matched.length, at);
  }

  /** Each token asked for each ordinal, for one mask of schemes that it has there and one that it may not have. */
  #checkTags(tokens: readonly Buffer[], ordinals: readonly number[]): void {
    const last = new Map<string, number>();
    for (const { token, ordinal, schemes, tag, kind } of this.model) {
      last.set(`${nameOf(token)} ${ordinal} ${schemes} ${kind}`, tag);
    }
    const asked = tokens.flatMap((token) =>
      ordinals.flatMap((ordinal) =>
        [1, 2, 7].flatMap((schemes) => KINDS_HERE.map((kind) => ({ token, ordinal, schemes, kind }))),
      ),
    );
    const tags = this.index.tagsOf(
      Buffer.concat(asked.map(({ token }) => token)),
      Uint32Array.from(asked, ({ ordinal }) => ordinal),
      Uint8Array.from(asked, ({ schemes }) => schemes),
      Uint8Array.from(asked, ({ kind }) => kind),
    );
    const wanted = asked.map(({ token, ordinal, schemes, kind }) =>
      last.get(`${nameOf(token)} ${ordinal} ${schemes} ${kind}`),
    );
    assert.deepEqual(
      [...tags],
      wanted.map((tag) => tag ?? NO_TAG),
    );
  }

  /** The columns hold the entries and nothing else; those of one ordinal in their order of arrival. */
  checkSections(): void {
    const { tokens, ordinals, marks } = this.index.sections();
    assert.equal(tokens.length, 3 * ordinals.length);
    assert.equal(marks.length, ordinals.length);
    const rows = Array.from(ordinals, (ordinal, i) => {
      const token = Buffer.from(tokens.slice(3 * i, 3 * i + 3).buffer);
      return { ordinal, row: `${ordinal} ${nameOf(token)} ${marks[i]}` };
    });
    const wanted = this.model.map(({ token, ordinal, schemes, tag, kind }) => {
      const mixed = Buffer.from(token);
      mixed.writeUInt32LE((mixed.readUInt32LE(8) ^ kindWord(kind)) >>> 0, 8);
      return { ordinal, row: `${ordinal} ${nameOf(mixed)} ${schemes | (tag << 4)}` };
    });
    const inOrder = (list: typeof rows) => list.sort((a, b) => a.ordinal - b.ordinal).map(({ row }) => row);
    assert.deepEqual(inOrder(rows), inOrder(wanted));
  }
}

/** What an entry's third word is mixed with. */
function kindWord(kind: number): number {
  return createHash("sha256").update(`solely token kind ${KINDS[kind]}`).digest().readUInt32LE();
}

function tokenOf(...words: [number, number, number, number]): Buffer {
  return Buffer.from(Uint32Array.from(words).buffer);
}

/** Few tokens, which differ in one word of four each, so that probes meet others; the fourth word does not count. */
const TOKENS = [0, 1, 0xffff_ffff].flatMap((a) =>
  [5, 6, 0x105].flatMap((b) => [tokenOf(a, b, 7, 1), tokenOf(a, b, 8, 1), tokenOf(a, b, 8, 2)]),
);
/** Three blocks of eight, one far off, and one beyond the first thousand blocks. */
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
type Step = { readonly insert: Entry[] } | { readonly drop: { ordinal: number; tags: number }[] } | "restart";
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ insert: fc.array(anyEntry, { maxLength: 12 }) }) },
  { weight: 4, arbitrary: fc.record({ drop: fc.array(anyDrop, { maxLength: 5 }) }) },
  { weight: 1, arbitrary: fc.constant<Step>("restart") },
);

test("after any history of inserting, dropping and restarting, the index answers as a plain list of entries does", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 20 }), (steps) => {
      const held = new Held();
      const asked = [...TOKENS, TOKENS[0]!, tokenOf(9, 9, 9, 9)];
      for (const step of steps) {
        if (step === "restart") held.restart();
        else if ("insert" in step) held.insert(step.insert);
        else
          held.drop(
            step.drop.map(({ ordinal }) => ordinal),
            step.drop.map(({ tags }) => tags),
          );
        held.check(asked, [...ORDINALS, 4, 17, 8200, 900_000]);
      }
      held.checkSections();
      held.check(asked, ORDINALS);
    }),
    { numRuns: 150 },
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
    const value = next(3000);
    return {
      token: tokenOf(Math.imul(value, 0x9e37_79b1), value, value, 0),
      ordinal: next(2000),
      schemes: 1 + next(15),
      tag: next(16),
      kind: KINDS_HERE[next(2)]!,
    };
  });
}

/** Of each tenth entry's token and ordinal: enough to see a fault, few enough to ask for each pair. */
function checkSome(held: Held, entries: readonly Entry[]): void {
  const some = entries.filter((_, i) => i % Math.ceil(entries.length / 40) === 0);
  held.check(
    some.map((entry) => entry.token),
    some.map((entry) => entry.ordinal),
  );
}

test("an index that grew past its first capacity and closed thousands of holes answers as a plain list does", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 4000, max: 9000 }), fc.nat({ max: 3 }), (seed, count, kept) => {
      const held = new Held();
      const entries = many(count, seed);
      const seen = [...entries];
      held.insert(entries);
      checkSome(held, seen);
      for (let round = 0; round < 3; round++) {
        const leaving = Array.from({ length: 2000 }, (_, i) => i).filter((i) => i % 4 !== kept);
        held.drop(
          leaving,
          leaving.map((i) => (i % 3 === round ? EVERY_TAG : 1 << (i % 16))),
        );
        checkSome(held, seen);
        const more = many(1000, seed + round + 1);
        held.insert(more);
        seen.push(...more);
        checkSome(held, seen);
      }
      held.checkSections();
      held.restart();
      held.insert(many(10, seed));
      checkSome(held, seen);
    }),
    { numRuns: 6 },
  );
});

test("holes up to 1024, and one more, change no answer", () => {
  for (const holes of [1023, 1024, 1025, 1026]) {
    const held = new Held();
    const entries = Array.from({ length: 1100 }, (_, i) => {
      return { token: tokenOf(i, i, i, i), ordinal: i, schemes: 1, tag: 0, kind: 1 };
    });
    held.insert(entries);
    const gone = entries.slice(0, holes).map((entry) => entry.ordinal);
    held.drop(gone, new Array<number>(holes).fill(1));
    checkSome(held, entries);
    held.insert(entries.slice(0, 20));
    checkSome(held, entries);
    held.checkSections();
  }
});

test("an index whose ordinals come and go stays as large as it was", () => {
  const held = new Held();
  const entries = many(3000, 1);
  const ordinals = [...new Set(entries.map((entry) => entry.ordinal))];
  for (let round = 0; round < 20; round++) {
    held.insert(entries);
    held.drop(
      ordinals,
      ordinals.map(() => EVERY_TAG),
    );
    assert.equal(held.index.size, 0);
  }
  assert.ok(held.index.sections().tokens.buffer.byteLength <= 12 * 8192);
});

test("a dropped token's bytes are wiped at once, and a token that moved lies in one place only", () => {
  const index = new TokenIndex();
  const tokens = Array.from({ length: 3000 }, (_, i) => tokenOf(0x51c0_0000 + i, 0x7a11_0000 + i, i, 0));
  const ordinals = Uint32Array.from(tokens, (_, i) => i);
  index.insert(Buffer.concat(tokens), ordinals, new Uint8Array(tokens.length).fill(1), new Uint8Array(tokens.length));
  const column = Buffer.from(index.sections().tokens.buffer);
  const timesOf = (token: Buffer) => {
    let times = 0;
    for (let at = -1; (at = column.indexOf(token.subarray(0, 8), at + 1)) >= 0; ) times++;
    return times;
  };
  for (const dropped of [ordinals.subarray(0, 100), ordinals.subarray(100, 1400)]) {
    index.drop(dropped, new Uint16Array(dropped.length).fill(1));
    for (const i of [dropped[0]!, dropped.at(-1)!]) assert.equal(timesOf(tokens[i]!), 0, `token ${i}`);
    for (const i of [1400, 2000, 2999]) assert.equal(timesOf(tokens[i]!), 1, `token ${i}`);
  }
  // A block that gets one entry more moves to the end.
  index.insert(tokenOf(1, 2, 3, 4), Uint32Array.of(2000), Uint8Array.of(1), Uint8Array.of(0));
  assert.equal(timesOf(tokens[2000]!), 1);
  assert.deepEqual([...index.match(tokens[2000]!, Uint8Array.of(1), 1)], [2000]);
});

test("tokens are read wherever they lie in their buffer", () => {
  const token = tokenOf(1, 2, 3, 4);
  for (let offset = 0; offset < 8; offset++) {
    const index = new TokenIndex();
    const inside = new Uint8Array(offset + TOKEN_BYTES);
    inside.set(token, offset);
    const kind = Uint8Array.of(5);
    const kinds = Uint8Array.of(1 << 5);
    index.insert(inside.subarray(offset), Uint32Array.of(9), Uint8Array.of(0x21), kind);
    assert.deepEqual([...index.match(inside.subarray(offset), kinds, 1)], [9]);
    assert.deepEqual([...index.tagsOf(inside.subarray(offset), Uint32Array.of(9), Uint8Array.of(1), kind)], [2]);
    assert.deepEqual([...index.match(token, kinds, 1)], [9]);
    assert.deepEqual([...index.match(token, Uint8Array.of(~kinds[0]!), 1)], []);
  }
});

test("bytes that are no whole number of tokens, and more rows out of order than can be put in order, are refused", () => {
  const isMalformed = (error: unknown) => error instanceof TokenError && error.code === "malformed-batch";
  const index = new TokenIndex();
  const one = Uint32Array.of(1);
  for (const length of [1, 12, 15, 17]) {
    const bytes = new Uint8Array(length);
    const [mark, kind] = [Uint8Array.of(1), Uint8Array.of(0)];
    assert.throws(() => index.insert(bytes, one, mark, kind), isMalformed, `insert ${length}`);
    assert.throws(() => index.match(bytes, kind, 1), isMalformed, `match ${length}`);
    assert.throws(() => index.tagsOf(bytes, one, mark, kind), isMalformed, `tagsOf ${length}`);
  }
  const rows = 2 ** 21 + 1;
  const ordinals = new Uint32Array(rows);
  ordinals[0] = 1;
  const tokens = new Uint8Array(TOKEN_BYTES * rows);
  assert.throws(() => index.insert(tokens, ordinals, new Uint8Array(rows).fill(1), new Uint8Array(rows)), isMalformed);
  assert.equal(index.size, 0);
  assert.equal(index.match(new Uint8Array(0), new Uint8Array(0), 15).length, 0);
});

test("columns that don't go together, an entry without a scheme or of no kind are refused", () => {
  const isMalformed = (error: unknown) => error instanceof TokenError && error.code === "malformed-batch";
  const index = new TokenIndex();
  const token = tokenOf(1, 2, 3, 4);
  const [one, two] = [Uint32Array.of(1), Uint32Array.of(1, 2)];
  const cases: [Buffer, Uint32Array, number[], number[]][] = [
    [token, two, [1, 1], [0, 0]],
    [token, one, [1, 1], [0]],
    [token, one, [1], []],
    [token, one, [0], [0]],
    [token, one, [1], [KINDS.length]],
  ];
  for (const [tokens, ordinals, marks, kinds] of cases) {
    assert.throws(() => index.insert(tokens, ordinals, Uint8Array.from(marks), Uint8Array.from(kinds)), isMalformed);
  }
  assert.throws(() => index.match(token, new Uint8Array(2), 15), isMalformed);
  assert.throws(() => index.restore(new Uint32Array(3), two, new Uint8Array(2)), isMalformed);
  assert.equal(index.size, 0);
});
