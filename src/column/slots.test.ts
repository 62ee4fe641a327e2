import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Slots } from "./slots.js";

/** Three words: the hash, the mark in the low eight bits of the second, and what else makes a key. */
type Key = readonly [a: number, b: number, c: number];
type Step = "add" | "remove" | "replace" | "enlarge" | "makeFor";

const name = (key: Key) => key.join();
const markOf = (key: Key) => key[1] & 0xff;

/** A table as its callers keep it, keys in a column beside it, and a Map as its model. */
class Held {
  readonly slots = new Slots();
  readonly model = new Map<string, number>();
  readonly #keys: Key[] = [];
  #column = new Uint32Array(0);

  take(step: Step, key: Key): void {
    const entry = this.model.get(name(key));
    if (step === "add" && entry === undefined) {
      if (this.slots.isFull) this.#again(() => this.slots.enlarge());
      this.#place(key, this.#newEntry(key));
    } else if (step === "remove" && entry !== undefined) {
      this.slots.remove(key[0], entry, (other) => this.#keys[other]![0]);
      this.model.delete(name(key));
    } else if (step === "replace" && entry !== undefined) {
      const heir = this.#newEntry(key);
      this.slots.replace(key[0], entry, heir);
      this.model.set(name(key), heir);
    } else if (step === "enlarge") this.#again(() => this.slots.enlarge());
    else if (step === "makeFor") this.#again(() => this.slots.makeFor(this.model.size));
  }

  #newEntry(key: Key): number {
    this.#column = Uint32Array.of(...this.#column, ...key);
    return this.#keys.push(key) - 1;
  }

  #place(key: Key, entry: number): void {
    this.slots.add(key[0], markOf(key), entry);
    this.model.set(name(key), entry);
  }

  #again(make: () => void): void {
    make();
    assert.equal(this.slots.used, 0);
    for (const entry of this.model.values()) this.#place(this.#keys[entry]!, entry);
  }

  check(keys: readonly Key[]): void {
    assert.equal(this.slots.used, this.model.size);
    for (const key of keys) {
      const wanted = this.model.get(name(key)) ?? -1;
      const isIt = (entry: number) => name(this.#keys[entry]!) === name(key);
      assert.equal(this.slots.find(key[0], markOf(key), isIt), wanted, `find ${name(key)}`);
      assert.equal(this.slots.findKey(this.#column, ...key), wanted, `findKey ${name(key)}`);
    }
  }
}

const LAST_HASH = 2 ** 32 - 1;
/** Hashes that crowd at the table's two ends, so that probes run into one another and over the end. */
const crowded = fc.oneof(
  fc.constantFrom(0, 1, LAST_HASH, LAST_HASH - 1, 2 ** 31),
  fc.nat({ max: 2 ** 24 }),
  fc.nat({ max: 2 ** 24 }).map((below) => LAST_HASH - below),
);
const anyKey: fc.Arbitrary<Key> = fc.tuple(
  crowded,
  fc.constantFrom(0, 1, 0x100, 0x101, 0xffff_ffff),
  fc.constantFrom(0, 7),
);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Step>("add") },
  { weight: 4, arbitrary: fc.constant<Step>("remove") },
  { weight: 2, arbitrary: fc.constant<Step>("replace") },
  { weight: 1, arbitrary: fc.constantFrom<Step>("enlarge", "makeFor") },
);

test("after any adding, replacing, removing and making anew, what is found is what a Map holds", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyKey, { selector: name, minLength: 1, maxLength: 40 }),
      fc.array(fc.tuple(anyStep, fc.nat()), { minLength: 20, maxLength: 120 }),
      (keys, steps) => {
        const held = new Held();
        for (const [step, which] of steps) {
          held.take(step, keys[which % keys.length]!);
          held.check(keys);
        }
      },
    ),
  );
});

test("entries that share one hash are all found, also when the last slots are theirs and the rest lie over the end", () => {
  fc.assert(
    fc.property(crowded, fc.infiniteStream(fc.nat()), (hash, order) => {
      const held = new Held();
      const keys = Array.from({ length: 60 }, (_, i): Key => [hash, i % 3, i]);
      for (const key of keys) held.take("add", key);
      held.check(keys);
      for (let left = [...keys]; left.length > 0; ) {
        held.take("remove", left.splice(order.next().value % left.length, 1)[0]!);
        held.check(keys);
      }
    }),
    { numRuns: 30 },
  );
});

test("an entry with another mark is not looked at", () => {
  const slots = new Slots();
  for (let entry = 0; entry < 256; entry++) slots.add(LAST_HASH, entry, entry);
  for (let mark = 0; mark < 256; mark++) {
    const seen: number[] = [];
    slots.find(LAST_HASH, mark, (entry) => {
      seen.push(entry);
      return false;
    });
    // Two share a mark, since 0 is that of a free slot.
    assert.deepEqual(seen, mark === 0 || mark === 255 ? [0, 255] : [mark]);
  }
});

test("pairs that are looked for together are found as each alone", () => {
  const anyWords = fc.array(fc.tuple(fc.constantFrom(0, 1, 7, LAST_HASH), fc.constantFrom(0, 1, 255, 256), fc.nat(2)), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(anyWords, anyWords, (added, asked) => {
      const slots = new Slots();
      const keys = new Uint32Array(added.flat());
      const first = new Map<string, number>();
      added.forEach(([a, b], entry) => {
        if (first.has(`${a} ${b}`)) return;
        first.set(`${a} ${b}`, entry);
        slots.add(a, b, entry);
      });
      const words = new Uint32Array([...asked, ...added].flatMap((key) => [...key, 9]));
      const found = new Int32Array(words.length / 4);
      slots.findPairs(keys, words, found.length, found);
      for (const [i, [a, b]] of [...asked, ...added].entries()) {
        const wanted = first.get(`${a} ${b}`) ?? -1;
        assert.equal(found[i], wanted);
        assert.equal(slots.findPair(keys, a, b), wanted);
      }
    }),
  );
});

/** Adds entries until the table is full; their number. Every one must be found then. */
function filled(slots: Slots, hashes: Iterator<number>): number {
  const added: number[] = [];
  while (!slots.isFull) {
    const hash = hashes.next().value;
    slots.add(hash, added.length & 0xff, added.length);
    added.push(hash);
  }
  added.forEach((hash, entry) => {
    const found = slots.find(hash, entry & 0xff, (other) => other === entry);
    assert.equal(found, entry);
  });
  assert.equal(slots.used, added.length);
  return added.length;
}

/** Spread over the whole range: multiples of the golden ratio's share of it. */
function* spread(): Generator<number, never> {
  for (let i = 1; ; i++) yield Math.imul(i, 0x9e37_79b1) >>> 0;
}

test("a table is full at 85 % of its slots: 1024 at first, and twice as many each time that it is enlarged", () => {
  const slots = new Slots();
  assert.equal(filled(slots, spread()), 870);
  slots.enlarge();
  assert.equal(slots.used, 0);
  assert.equal(slots.isFull, false);
  assert.equal(filled(slots, spread()), 1740);
  slots.enlarge();
  assert.equal(filled(slots, spread()), 3481);
});

test("a table that is made for a number of entries begins at 75 % with them, and never has less than 1024 slots", () => {
  for (const [count, limit] of [
    [0, 870],
    [768, 870],
    [769, 872],
    [1000, 1133],
    [3001, 3401],
  ] as const) {
    const slots = new Slots();
    slots.add(5, 5, 5);
    slots.makeFor(count);
    assert.equal(
      slots.find(5, 5, () => true),
      -1,
    );
    assert.equal(filled(slots, spread()), limit, `made for ${count}`);
  }
});

test("a full table still finds what it has, and that it has not what it has not, when all of it is one crowd", () => {
  const slots = new Slots();
  const crowd = (function* (): Generator<number, never> {
    for (;;) yield LAST_HASH;
  })();
  assert.equal(filled(slots, crowd), 870);
  assert.equal(
    slots.find(LAST_HASH, 0, () => false),
    -1,
  );
  for (let entry = 0; entry < 870; entry += 2) slots.remove(LAST_HASH, entry, () => LAST_HASH);
  for (let entry = 0; entry < 870; entry++) {
    const found = slots.find(LAST_HASH, entry & 0xff, (other) => other === entry);
    assert.equal(found, entry % 2 === 0 ? -1 : entry);
  }
});
