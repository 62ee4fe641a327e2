import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LedgerError } from "./error.js";
import { decodeLeaf, encodeLeaf, LEAF_BYTES, LeafKind, leafKindName } from "./leaf.js";

const root = Uint8Array.from({ length: 32 }, (_, i) => i);

function refusedWith(code: string): (error: unknown) => boolean {
  return (error) => error instanceof LedgerError && error.code === code;
}

test("a leaf is these 42 bytes", () => {
  const bytes = encodeLeaf({ kind: LeafKind.contacts, timeMs: 1_700_000_000_123, root });
  assert.equal(bytes.length, LEAF_BYTES);
  assert.equal(
    Buffer.from(bytes).toString("hex"),
    "01400000018bcfe5687b000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
  );
});

test("every leaf comes back as it was, also from the middle of a larger buffer", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(LeafKind)),
      fc.integer({ min: 0, max: 8.64e15 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (kind, timeMs, root) => {
        const around = new Uint8Array(LEAF_BYTES + 7).fill(255);
        around.set(encodeLeaf({ kind, timeMs, root }), 3);
        assert.deepEqual(decodeLeaf(around.subarray(3, 3 + LEAF_BYTES)), { kind, timeMs, root });
      },
    ),
  );
});

test("bytes that decode encode to themselves, and all others are refused by a code", () => {
  const first = fc.tuple(fc.constantFrom(0, 1, 2), fc.integer({ min: 0, max: 15 }), fc.constantFrom(0, 0, 0, 31));
  fc.assert(
    fc.property(first, fc.uint8Array({ minLength: 37, maxLength: 39 }), ([version, kind, high], rest) => {
      const bytes = Uint8Array.from([version, kind, high, 0, ...rest]);
      try {
        assert.deepEqual(encodeLeaf(decodeLeaf(bytes)), bytes);
      } catch (error) {
        assert.ok(error instanceof LedgerError, String(error));
      }
    }),
  );
});

test("a leaf of another length, version, kind or an impossible time is refused by its own code", () => {
  const good = encodeLeaf({ kind: LeafKind.genesis, timeMs: 0, root });
  const changed = (at: number, value: number) => good.with(at, value);
  assert.throws(() => decodeLeaf(good.subarray(1)), refusedWith("malformed-leaf"));
  assert.throws(() => decodeLeaf(new Uint8Array(43)), refusedWith("malformed-leaf"));
  assert.throws(() => decodeLeaf(changed(0, 2)), refusedWith("unknown-leaf-version"));
  assert.throws(() => decodeLeaf(changed(1, 0)), refusedWith("unknown-leaf-kind"));
  assert.throws(() => decodeLeaf(changed(1, 129)), refusedWith("unknown-leaf-kind"));
  assert.throws(() => decodeLeaf(changed(1, 31)), refusedWith("unknown-leaf-kind"));
  assert.throws(() => decodeLeaf(changed(2, 1)), refusedWith("malformed-leaf"));
  for (const timeMs of [-1, 0.5, Number.NaN, 8.64e15 + 1]) {
    assert.throws(() => encodeLeaf({ kind: LeafKind.genesis, timeMs, root }), refusedWith("malformed-leaf"));
  }
  assert.throws(
    () => encodeLeaf({ kind: LeafKind.genesis, timeMs: 0, root: root.subarray(1) }),
    refusedWith("malformed-leaf"),
  );
});

test("a kind's code never moves", () => {
  const codes = {
    ...{ genesis: 1, setup: 2, proposal: 3, approval: 4, advertiser: 5, key: 6, rotation: 7 },
    ...{ contacts: 64, events: 65, accounts: 66, list: 67, run: 68, export: 69 },
  };
  for (const [name, code] of Object.entries(codes)) assert.equal(leafKindName(code), name);
  assert.ok(Object.values(LeafKind).every((code) => code > 0 && code < 128));
  assert.equal(new Set(Object.values(LeafKind)).size, Object.keys(LeafKind).length);
});
