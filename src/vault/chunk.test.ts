import assert from "node:assert/strict";
import { createDecipheriv } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { LeafKind } from "../ledger/index.js";
import type { SealedRow } from "../store/index.js";
import { createKeys, firstKeyNames, KeyFolder, KeyHistory } from "../token/index.js";
import { openChunk, rewrapChunk, sealChunk, type Values, valueIn, withoutNumbers } from "./chunk.js";
import { COMPARTMENTS, keyFamily } from "./compartment.js";
import { SealingKeys } from "./sealing-keys.js";

const folder = mkdtempSync(join(tmpdir(), "solely-chunk-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const keyFolder = new KeyFolder(join(folder, "keys"));
const setup = createKeys(keyFolder, firstKeyNames(COMPARTMENTS.map(keyFamily)), "test");
const history = new KeyHistory();
const body = Buffer.concat([new Uint8Array(16), setup]);
history.apply({ position: 1, part: 0, kind: LeafKind.setup, timeMs: 0, body, keys: new Uint8Array(0) });
const keys = await SealingKeys.open(keyFolder, history, undefined);

function valuesOf(entries: readonly (readonly [number, string])[]): Values {
  const bytes = entries.map(([, value]) => Buffer.from(value));
  let end = 0;
  return {
    numbers: Uint32Array.from(entries, ([number]) => number),
    bytes: Buffer.concat(bytes),
    ends: Uint32Array.from(bytes, ({ length }) => (end += length)),
  };
}
const entriesOf = (values: Values): [number, string][] =>
  Array.from(values.numbers, (number) => [number, valueIn(values, number)!]);

const sealed = (entries: readonly (readonly [number, string])[], first = entries[0]![0]): SealedRow => ({
  position: 7,
  ...sealChunk(keys.inForce("security.mfa"), { position: 7, first }, valuesOf(entries)),
});

test("whatever is sealed comes out as it was, numbers and values", () => {
  const entry = fc.tuple(fc.nat({ max: 2 ** 32 - 1 }), fc.string({ unit: "grapheme", maxLength: 320 }));
  fc.assert(
    fc.property(fc.uniqueArray(entry, { minLength: 1, maxLength: 256, selector: ([number]) => number }), (entries) => {
      const sorted = entries.toSorted(([a], [b]) => a - b);
      assert.deepEqual(entriesOf(openChunk(keys, "security.mfa", sealed(sorted))), sorted);
    }),
    { numRuns: 60 },
  );
});

test("a chunk has 1 to 256 values", () => {
  const many = Array.from({ length: 257 }, (_, i) => [i, "x"] as const);
  assert.equal(entriesOf(openChunk(keys, "security.mfa", sealed(many.slice(0, 256)))).length, 256);
  assert.throws(() => sealed(many), RangeError);
  assert.throws(() => sealed([], 0), RangeError);
});

test("no bit of a chunk, of its wrapped key or of its place can be changed", () => {
  const row = sealed([
    [5, "+12025550142"],
    [9, "+12025550143"],
  ]);
  const flips = (bytes: Uint8Array) =>
    Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      return flipped;
    });
  const changed: SealedRow[] = [
    ...flips(row.body).map((body) => ({ ...row, body })),
    ...flips(row.wrapped).map((wrapped) => ({ ...row, wrapped })),
    { ...row, position: 8 },
    { ...row, first: 4 },
    { ...row, epoch: 2 },
  ];
  for (const one of changed) assert.throws(() => openChunk(keys, "security.mfa", one), { code: "unopenable" });
  assert.deepEqual(entriesOf(openChunk(keys, "security.mfa", row))[0], [5, "+12025550142"]);
});

test("two people's values can't be swapped, whether by number, by chunk or by purpose", () => {
  const [ann, ben] = [sealed([[5, "ann"]]), sealed([[9, "ben"]])];
  assert.throws(() => openChunk(keys, "security.mfa", { ...ann, body: ben.body }), { code: "unopenable" });
  assert.throws(() => openChunk(keys, "security.mfa", { ...ann, first: 9 }), { code: "unopenable" });
  const swapped = { ...ann, body: ben.body, wrapped: ben.wrapped };
  assert.throws(() => openChunk(keys, "security.mfa", swapped), { code: "unopenable" });
  for (const other of COMPARTMENTS) {
    if (other !== "security.mfa") assert.throws(() => openChunk(keys, other, ann), { code: "unopenable" }, other);
  }
});

test("the matcher's key, and every other key of the store, opens no data key", () => {
  const { wrapped } = sealed([[5, "ann"]]);
  for (const name of keyFolder.names().filter((one) => !one.startsWith("seal.security.mfa"))) {
    const key = Buffer.from(readFileSync(keyFolder.file(name as "identity"), "utf8").trim(), "hex");
    const decipher = createDecipheriv("aes-256-gcm", key, wrapped.subarray(0, 12));
    decipher.setAuthTag(wrapped.subarray(44));
    decipher.update(wrapped.subarray(12, 44));
    assert.throws(() => decipher.final(), name);
  }
});

test("sealing the same again gives other bytes, and what is left out leaves nothing behind", () => {
  const entries = Array.from({ length: 30 }, (_, i) => [3 * i, `value ${i}`] as const);
  const row = sealed(entries);
  assert.notDeepEqual(sealed(entries).body, row.body);
  const rest = withoutNumbers(openChunk(keys, "security.mfa", row), new Set([0, 42, 87, 1000]));
  assert.deepEqual(
    entriesOf(rest),
    entries.filter(([number]) => ![0, 42, 87].includes(number)),
  );
  const again = { position: 7, ...sealChunk(keys.inForce("security.mfa"), row, rest) };
  assert.equal(again.first, row.first);
  assert.deepEqual(entriesOf(openChunk(keys, "security.mfa", again)), entriesOf(rest));
});

test("a key that is rotated: the data key is wrapped anew, the body stays, and the old key opens nothing more", async () => {
  const row = sealed([[5, "ann"]]);
  await keys.create("security.mfa", 2);
  const rewrapped = rewrapChunk(keys, "security.mfa", row, 2);
  assert.deepEqual([rewrapped.epoch, rewrapped.dataEpoch], [2, 1]);
  assert.equal(rewrapped.body, row.body);
  keys.destroy("security.mfa", 1);
  assert.throws(() => openChunk(keys, "security.mfa", row), { code: "unopenable" });
  assert.deepEqual(entriesOf(openChunk(keys, "security.mfa", rewrapped)), [[5, "ann"]]);
});
