import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AccountTable } from "./account-table.js";

const bytesOf = (names: readonly string[]) => {
  const parts = names.map((name) => Buffer.from(name));
  let end = 0;
  return { bytes: Buffer.concat(parts), ends: Uint32Array.from(parts, ({ length }) => (end += length)) };
};

test("many names that are looked for at once have the numbers that each has alone", () => {
  const name = fc.string({ minLength: 1, maxLength: 6, unit: "binary" });
  fc.assert(
    fc.property(
      fc.array(name, { maxLength: 40 }),
      fc.array(name, { maxLength: 40 }),
      fc.nat(30),
      (given, asked, gone) => {
        const table = new AccountTable();
        const own = given.map((one) => Buffer.from(one)).filter((bytes) => bytes[0] !== 0);
        for (const bytes of own) table.findOrAdd(bytes, 0, bytes.length);
        if (gone < table.count) table.forget(gone);
        const names = [...asked, ...given, ...given, "never given"];
        const { bytes, ends } = bytesOf(names);
        const found = new Int32Array(names.length);
        table.findAll(bytes, ends, names.length, found);
        const alone = names.map((one) => table.find(Buffer.from(one), 0, Buffer.byteLength(one)));
        assert.deepEqual([...found], alone);
      },
    ),
  );
});

test("of a table of many accounts all are found, whatever marks they share", () => {
  const table = new AccountTable();
  const names = Array.from({ length: 20_000 }, (_, i) => `account ${i}`);
  const { bytes, ends } = bytesOf(names);
  names.forEach((_, i) => void table.findOrAdd(bytes, i === 0 ? 0 : ends[i - 1]!, ends[i]!));
  const found = new Int32Array(names.length);
  table.findAll(bytes, ends, names.length, found);
  assert.deepEqual(
    found,
    Int32Array.from(names, (_, i) => i),
  );
  const others = bytesOf(names.map((name) => `no ${name}`));
  table.findAll(others.bytes, others.ends, names.length, found);
  assert.ok(found.every((account) => account === -1));
});
