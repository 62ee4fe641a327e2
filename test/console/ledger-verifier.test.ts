/** The verifier of the console's ledger page, bundled as browsers get it, against the public vectors and the ledger's own proofs. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import fc from "fast-check";
import {
  encodeEntries,
  encodeLeaf,
  formatCheckpoint,
  formatNote,
  formatVerifier,
  LeafKind,
  leafHash,
  rootOf,
  SIGNATURE_TYPE,
  signerOf,
  signNote,
  TILE_WIDTH,
  type TileReader,
  TreeReader,
  tilePath,
} from "../../src/ledger/index.js";
import type * as Leaf from "../../src/web/ledger/leaf.js";
import type * as Note from "../../src/web/ledger/note.js";
import type * as Tree from "../../src/web/ledger/tree.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const VERIFIER: typeof Leaf & typeof Note & typeof Tree = await (async () => {
  const contents = ["leaf", "note", "tree"].map((file) => `export * from "./${file}.js";`).join("\n");
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: `${ROOT}src/web/ledger` },
    ...{ bundle: true, format: "esm", target: "es2022", write: false, logLevel: "silent" },
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]!.contents).toString("base64")}`);
})();

type Bytes = Uint8Array<ArrayBuffer>;
const own = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** A static log, as the ledger keeps it. */
function tilesFor(leaves: readonly Uint8Array[]): TileReader {
  const levels: Uint8Array[][] = [leaves.map(leafHash)];
  while (levels.at(-1)!.length >= TILE_WIDTH) {
    const below = levels.at(-1)!;
    const full = Math.floor(below.length / TILE_WIDTH);
    const roots = Array.from({ length: full }, (_, i) =>
      rootOf(Buffer.concat(below.slice(i * TILE_WIDTH, (i + 1) * TILE_WIDTH))),
    );
    levels.push(roots);
  }
  return ({ level, index, width }) => {
    assert.ok(width > 0 && levels[level]!.length >= index * TILE_WIDTH + width, "a tile that there is");
    return Buffer.concat(levels[level]!.slice(index * TILE_WIDTH, index * TILE_WIDTH + width));
  };
}

const LEAVES = Array.from({ length: 2000 }, (_, i) => Buffer.from(`leaf ${i}`));
const TILES = tilesFor(LEAVES);
/** Of the first leaves; every tree is read from the same tiles, which are cut. */
const treeOf = (size: number) => new TreeReader(size, TILES);
const SIZE = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 250, max: 262 }),
  fc.integer({ min: 1, max: 2000 }),
);
const shown = async (size: number) => ({ size, root: own(await treeOf(size).root()) });

test("the test tree of RFC 6962's implementations has these roots, also when they are made of tiles", async () => {
  const vectors = JSON.parse(readFileSync(`${ROOT}src/ledger/vectors/rfc6962.json`, "utf8"));
  const leaves = vectors.entries.map((entry: string) => own(Buffer.from(entry, "hex")));
  const read = tilesFor(leaves);
  for (const [size, root] of vectors.roots.entries()) {
    const made = await VERIFIER.rootOfFirst(size, leaves.length, async (level, index, width) =>
      own(await read({ level, index, width })),
    );
    assert.equal(hex(made), root, `${size} leaves`);
    if (size === 0) continue;
    const tree = { size, root: own(Buffer.from(root, "hex")) };
    const path = await new TreeReader(size, read).inclusion(size - 1);
    const walk = await VERIFIER.checkInclusion(
      await VERIFIER.leafHash(leaves[size - 1]!),
      size - 1,
      tree,
      path.map(own),
    );
    assert.equal(walk.fault, undefined);
  }
});

test("every proof that the ledger makes holds here, and each step is the hash of the leaves that it names", async () => {
  await fc.assert(
    fc.asyncProperty(SIZE, fc.nat(), fc.nat(), async (size, a, b) => {
      const tree = await shown(size);
      const position = a % size;
      const path = (await treeOf(size).inclusion(position)).map(own);
      const walk = await VERIFIER.checkInclusion(await VERIFIER.leafHash(own(LEAVES[position]!)), position, tree, path);
      assert.equal(walk.fault, undefined);
      for (const { hash, of } of walk.steps) {
        const alone = await new TreeReader(of.to - of.from, tilesFor(LEAVES.slice(of.from, of.to))).root();
        assert.equal(hex(hash), hex(alone), `${of.from}-${of.to}`);
      }
      const older = await shown((b % size) + 1);
      const proof = (await treeOf(size).consistency(older.size)).map(own);
      const checked = await VERIFIER.checkConsistency(older, tree, proof);
      assert.equal(checked.fault, undefined);
      const made = await VERIFIER.rootOfFirst(older.size, size, async (level, index, width) =>
        own(await TILES({ level, index, width })),
      );
      assert.equal(hex(made), hex(older.root));
      const { start, steps } = checked;
      for (const { hash, of } of older.size < size ? [{ hash: start.hash, of: start.of }, ...steps] : []) {
        const alone = await new TreeReader(of.to - of.from, tilesFor(LEAVES.slice(of.from, of.to))).root();
        assert.equal(hex(hash), hex(alone), `${of.from}-${of.to}`);
      }
    }),
    { numRuns: 120 },
  );
});

test("nothing holds that was changed: a bit, a hash more or less, another position, another size", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 3, max: 600 }), fc.nat(), fc.nat(), fc.nat(255), async (size, a, b, bit) => {
      const tree = await shown(size);
      const older = await shown((b % (size - 1)) + 1);
      const position = a % size;
      const hash = await VERIFIER.leafHash(own(LEAVES[position]!));
      const path = (await treeOf(size).inclusion(position)).map(own);
      const proof = (await treeOf(size).consistency(older.size)).map(own);
      const flipped = (hashes: Bytes[]) =>
        hashes.map((one, i) => (i === a % hashes.length ? one.with(bit >> 3, one[bit >> 3]! ^ (1 << (bit & 7))) : one));
      const variants = (hashes: Bytes[]) => [
        ...[flipped(hashes), hashes.slice(1), hashes.slice(0, -1), [...hashes, own(tree.root)]],
        hashes.map((one) => one.subarray(1)),
      ];
      for (const path_ of variants(path)) {
        assert.notEqual((await VERIFIER.checkInclusion(hash, position, tree, path_)).fault, undefined);
      }
      for (const proof_ of variants(proof)) {
        assert.notEqual((await VERIFIER.checkConsistency(older, tree, proof_)).fault, undefined);
      }
      const other = { ...older, root: older.root.with(0, older.root[0]! ^ 1) };
      assert.notEqual((await VERIFIER.checkConsistency(other, tree, proof)).fault, undefined);
      assert.notEqual((await VERIFIER.checkConsistency(tree, older, proof)).fault, undefined);
      const next = (position + 1) % size;
      assert.notEqual((await VERIFIER.checkInclusion(hash, next, tree, path)).fault, undefined);
      assert.equal((await VERIFIER.checkInclusion(hash, size, tree, path)).fault, "beyond-tree");
    }),
    { numRuns: 40 },
  );
});

test("a leaf's 42 bytes, its bundle and its tile's place are read as the ledger writes them", async () => {
  const root = new Uint8Array(32).fill(9);
  const leaf = own(encodeLeaf({ kind: LeafKind.contacts, timeMs: 1_700_000_000_123, root }));
  const { kind, timeMs, root: read } = VERIFIER.parseLeaf(leaf);
  assert.deepEqual({ kind, timeMs, root: read }, { kind: 64, timeMs: 1_700_000_000_123, root });
  for (const wrong of [leaf.subarray(1), leaf.with(0, 2), leaf.with(2, 255)]) {
    assert.throws(() => VERIFIER.parseLeaf(wrong), { name: "Malformed" });
  }
  const bundle = own(encodeEntries([leaf, leaf]));
  assert.deepEqual(VERIFIER.parseBundle(bundle), [leaf, leaf]);
  assert.throws(() => VERIFIER.parseBundle(bundle.subarray(0, -1)), { name: "Malformed" });
  fc.assert(
    fc.property(
      fc.nat(2 ** 31 - 1),
      fc.integer({ min: 1, max: 256 }),
      fc.constantFrom("entries", 0, 3),
      (index, width, level) => {
        assert.equal(VERIFIER.tilePath(level as 0, index, width), `/tlog/${tilePath({ index, width }, level as 0)}`);
      },
    ),
  );
});

test("signatures of the log and of witnesses hold here; what was changed anywhere does not", async () => {
  const log = signerOf("example.org/log", SIGNATURE_TYPE.ed25519, Buffer.alloc(32, 1));
  const witness = signerOf("witness", SIGNATURE_TYPE.cosignature, Buffer.alloc(32, 2));
  const text = formatCheckpoint({ origin: "example.org/log", size: 3, root: new Uint8Array(32).fill(7) });
  const note = formatNote({ text, signatures: [signNote(text, log), signNote(text, witness, 1_700_000_000_999)] });
  const [key, cosigner] = await Promise.all(
    [log, witness].map(({ verifier }) => VERIFIER.parseVerifier(formatVerifier(verifier))),
  );
  const checkpoint = VERIFIER.parseCheckpoint(note);
  assert.equal(checkpoint.size, 3);
  assert.equal(checkpoint.signatures[1]!.seconds, 1_700_000_000);
  assert.equal(await VERIFIER.signedBy(checkpoint, key!), "good");
  assert.equal(await VERIFIER.signedBy(checkpoint, cosigner!), "good");
  const stranger = signerOf("witness", SIGNATURE_TYPE.cosignature, Buffer.alloc(32, 3)).verifier;
  assert.equal(await VERIFIER.signedBy(checkpoint, await VERIFIER.parseVerifier(formatVerifier(stranger))), "absent");
  const bytes = Buffer.from(note);
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    const isTaken = async () => {
      const read = VERIFIER.parseCheckpoint(changed.toString("utf8"));
      const both = await Promise.all([key!, cosigner!].map((one) => VERIFIER.signedBy(read, one)));
      return both.every((one) => one === "good");
    };
    assert.equal(await isTaken().catch(() => false), false, `byte ${at}`);
  }
  const published = formatVerifier(log.verifier);
  for (const wrong of ["", published.replace("example", "exbmple"), published.slice(0, -4)]) {
    await assert.rejects(VERIFIER.parseVerifier(wrong), { name: "Malformed" });
  }
});
