/** Columns that grow, columns of bytes, and names that are found by their bytes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteNames, BytesColumn, grown, Scratch, sameBytes } from "./index.js";

const utf8 = (text: string) => new TextEncoder().encode(text);
/** The bytes somewhere inside others, and where. */
function buried(bytes: Uint8Array, before: number): { src: Uint8Array; start: number; end: number } {
  const src = new Uint8Array(before + bytes.length + 3).fill(0x61);
  src.set(bytes, before);
  return { src, start: before, end: before + bytes.length };
}

test("a column that holds the length is itself; else it is one of its type, at least twice as long, then zeros", () => {
  const anyColumn = fc
    .array(fc.nat({ max: 255 }), { maxLength: 20 })
    .chain((values) =>
      fc.constantFrom(
        Uint8Array.from(values),
        Uint16Array.from(values),
        Uint32Array.from(values),
        Float64Array.from(values),
      ),
    );
  fc.assert(
    fc.property(anyColumn, fc.nat({ max: 60 }), (column, length) => {
      const larger = grown(column, length);
      if (length <= column.length) {
        assert.equal(larger, column);
        return;
      }
      assert.equal(larger.constructor, column.constructor);
      assert.equal(larger.length, Math.max(length, 2 * column.length));
      assert.deepEqual([...larger], [...column, ...new Array<number>(larger.length - column.length).fill(0)]);
    }),
  );
});

type Step = { readonly add: Uint8Array; readonly before: number } | "drop" | "take";

/** Byte strings in the plain: their bytes one after the other, and where each ends. */
function plainColumn(strings: readonly Uint8Array[]): { bytes: Buffer; ends: number[] } {
  let end = 0;
  return { bytes: Buffer.concat(strings), ends: strings.map((string) => (end += string.length)) };
}

test("a column of bytes gives back what a list of byte strings holds, after any adding, dropping and taking", () => {
  const anyString = fc.oneof(
    { weight: 8, arbitrary: fc.uint8Array({ maxLength: 20 }) },
    { weight: 1, arbitrary: fc.nat({ max: 6000 }).map((length) => new Uint8Array(length).fill(length)) },
  );
  const anyStep: fc.Arbitrary<Step> = fc.oneof(
    { weight: 20, arbitrary: fc.record({ add: anyString, before: fc.nat({ max: 9 }) }) },
    { weight: 3, arbitrary: fc.constant<Step>("drop") },
    { weight: 1, arbitrary: fc.constant<Step>("take") },
  );
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 120 }), (steps) => {
      const column = new BytesColumn();
      let model: Uint8Array[] = [];
      const taken: { got: { bytes: Uint8Array; ends: Uint32Array }; wanted: Uint8Array[] }[] = [];
      for (const step of [...steps, "take" as const]) {
        if (step === "take") {
          taken.push({ got: column.take(), wanted: model });
          model = [];
        } else if (step === "drop") {
          if (model.pop() !== undefined) column.drop();
        } else {
          const { src, start, end } = buried(step.add, step.before);
          column.add(src, start, end);
          model.push(step.add);
        }
        assert.equal(column.count, model.length);
      }
      // Looked at last: what was taken must be copies.
      for (const { got, wanted } of taken) {
        const { bytes, ends } = plainColumn(wanted);
        assert.ok(bytes.equals(got.bytes));
        assert.deepEqual([...got.ends], ends);
      }
    }),
  );
});

test("a column of bytes grows past its first 256 strings and its first 4096 bytes", () => {
  const column = new BytesColumn();
  const strings = Array.from({ length: 3000 }, (_, i) => utf8(`${i}`.repeat(i % 5)));
  for (const string of strings) column.add(string, 0, string.length);
  const { bytes, ends } = plainColumn(strings);
  const taken = column.take();
  assert.ok(bytes.equals(taken.bytes));
  assert.deepEqual([...taken.ends], ends);
});

const anyName = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 4 }),
);

test("a name is found at its place by its bytes, wherever they lie, and no other bytes are", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyName, { maxLength: 60 }),
      fc.array(anyName, { maxLength: 20 }),
      fc.nat({ max: 9 }),
      (names, others, before) => {
        const found = new ByteNames(names);
        for (const name of [...names, ...others, ...names.map((name) => `${name}a`), ...names.map((n) => n.slice(1))]) {
          const { src, start, end } = buried(Buffer.from(name), before);
          const wanted = names.findIndex((one) => Buffer.from(one).equals(Buffer.from(name)));
          assert.equal(found.find(src, start, end), wanted, JSON.stringify(name));
        }
      },
    ),
  );
});

test("ten thousand names are each found, and as many others are not", () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `notice-${i}`);
  const found = new ByteNames(names);
  names.forEach((name, i) => {
    const bytes = utf8(name);
    assert.equal(found.find(bytes, 0, bytes.length), i);
    assert.equal(found.find(bytes, 1, bytes.length), -1);
    assert.equal(found.find(bytes, 0, bytes.length - 1), i < 10 ? -1 : Math.floor(i / 10));
  });
  assert.equal(new ByteNames([]).find(utf8("a"), 0, 1), -1);
});

test("bytes are the same when their text is", () => {
  const few = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 3 });
  fc.assert(
    fc.property(few, few, fc.nat({ max: 5 }), (one, other, before) => {
      const { src, start, end } = buried(utf8(other), before);
      assert.equal(sameBytes(utf8(one), src, start, end), one === other);
    }),
    { numRuns: 1000 },
  );
});

test("scratch is the same memory as long as it is enough, and what is very large is not kept", () => {
  const scratch = new Scratch(Uint32Array);
  const first = scratch.of(100);
  assert.equal(first.length, 100);
  first.fill(7);
  assert.equal(scratch.of(30).buffer, first.buffer);
  assert.deepEqual([...scratch.of(2)], [7, 7]);
  const larger = scratch.of(101);
  assert.notEqual(larger.buffer, first.buffer);
  assert.equal(scratch.of(101).buffer, larger.buffer);
  const kept = 4 * 1024 * 1024;
  assert.equal(scratch.of(kept).buffer, scratch.of(kept).buffer);
  assert.equal(scratch.of(kept + 1).length, kept + 1);
  assert.notEqual(scratch.of(kept + 1).buffer, scratch.of(kept + 1).buffer);
});
