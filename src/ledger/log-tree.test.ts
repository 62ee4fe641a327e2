import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import {
  HASH_BYTES,
  isConsistent,
  leafHash,
  rootByInclusion,
  rootOf,
  TILE_WIDTH,
  type TileReader,
  TreeReader,
  tilesOf,
} from "./log-tree.js";

/** The RFC's definition, word by word. */
const sha = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
function slowRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return sha(Uint8Array.of(0), leaves[0]!);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha(Uint8Array.of(1), slowRoot(leaves.slice(0, k)), slowRoot(leaves.slice(k)));
}

/** Tiles of leaves, kept by their place, as a static log has them. */
function tilesFor(leaves: readonly Uint8Array[]): TileReader {
  const levels: Uint8Array[][] = [leaves.map(leafHash)];
  while (levels.at(-1)!.length >= TILE_WIDTH) {
    const below = levels.at(-1)!;
    const full = Math.floor(below.length / TILE_WIDTH);
    levels.push(
      Array.from({ length: full }, (_, i) => rootOf(Buffer.concat(below.slice(i * TILE_WIDTH, (i + 1) * TILE_WIDTH)))),
    );
  }
  return ({ level, index, width }) => {
    const from = index * TILE_WIDTH;
    assert.ok(width > 0 && levels[level]!.length >= from + width, "a tile that there is");
    return Buffer.concat(levels[level]!.slice(from, from + width));
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const numbered = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => Buffer.from(`leaf ${i}`));

test("roots: the test tree of RFC 6962's implementations", async () => {
  const leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
  const roots = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ];
  for (const [i, root] of roots.entries()) {
    const some = leaves.slice(0, i + 1).map((hex) => Buffer.from(hex, "hex"));
    assert.equal(Buffer.from(await new TreeReader(i + 1, tilesFor(some)).root()).toString("hex"), root);
  }
});

test("roots and proofs of any size are those of the slow definition", async () => {
  const all = numbered(2000);
  const sizes = fc.oneof(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 250, max: 262 }),
    fc.integer({ min: 1, max: 2000 }),
  );
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, a, b) => {
      const leaves = all.slice(0, size);
      const tree = new TreeReader(size, tilesFor(leaves));
      const root = await tree.root();
      assert.equal(hex(root), hex(slowRoot(leaves)));
      const position = a % size;
      const path = await tree.inclusion(position);
      assert.equal(hex(rootByInclusion(leafHash(leaves[position]!), position, size, path)), hex(root));
      const older = b % (size + 1);
      const olderRoot = slowRoot(leaves.slice(0, older));
      const proof = await tree.consistency(older);
      assert.ok(isConsistent({ size: older, root: olderRoot }, { size, root }, proof));
    }),
    { numRuns: 150 },
  );
});

test("a proof that was changed in one bit shows nothing", async () => {
  const leaves = numbered(700);
  const tree = new TreeReader(700, tilesFor(leaves));
  const root = await tree.root();
  const older = { size: 300, root: await new TreeReader(300, tilesFor(leaves.slice(0, 300))).root() };
  const inclusion = await tree.inclusion(299);
  const consistency = await tree.consistency(300);
  fc.assert(
    fc.property(
      fc.nat(inclusion.length - 1),
      fc.nat(consistency.length - 1),
      fc.nat(HASH_BYTES * 8 - 1),
      (i, c, bit) => {
        const flipped = (path: readonly Uint8Array[], at: number) =>
          path.map((hash, j) =>
            j === at ? hash.map((byte, k) => (k === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)) : hash,
          );
        assert.notEqual(hex(rootByInclusion(leafHash(leaves[299]!), 299, 700, flipped(inclusion, i))), hex(root));
        assert.ok(!isConsistent(older, { size: 700, root }, flipped(consistency, c)));
      },
    ),
  );
  assert.throws(() => rootByInclusion(leafHash(leaves[299]!), 299, 700, inclusion.slice(1)), {
    code: "malformed-proof",
  });
  assert.ok(!isConsistent(older, { size: 700, root }, consistency.slice(1)));
  assert.ok(!isConsistent({ ...older, size: 301 }, { size: 700, root }, consistency));
});

test("a tree's tiles", () => {
  assert.deepEqual([...tilesOf(0)], []);
  assert.deepEqual([...tilesOf(256 * 257 + 5)].slice(-3), [
    { level: 1, index: 0, width: 256 },
    { level: 1, index: 1, width: 1 },
    { level: 2, index: 0, width: 1 },
  ]);
});
