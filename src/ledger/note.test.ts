import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCheckpoint, openCheckpoint } from "./checkpoint.js";
import {
  formatNote,
  formatVerifier,
  parseNote,
  parseVerifier,
  SIGNATURE_TYPE,
  signerOf,
  signNote,
  verifiedBy,
} from "./note.js";
import { decodeEntries, encodeEntries, parseTilePath, tilePath } from "./tile-path.js";

// The example of https://pkg.go.dev/golang.org/x/mod/sumdb/note.
const PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SEED = Buffer.from("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz", "base64").subarray(1);
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const SIGNED = `${TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

test("notes: the public example signs and verifies to the byte", () => {
  const signer = signerOf("PeterNeumann", SIGNATURE_TYPE.ed25519, SEED);
  assert.equal(formatVerifier(signer.verifier), PUBLIC);
  assert.equal(formatNote({ text: TEXT, signatures: [signNote(TEXT, signer)] }), SIGNED);
  assert.ok(verifiedBy(parseNote(SIGNED), parseVerifier(PUBLIC)));
});

test("notes: what was changed anywhere verifies no more", () => {
  const verifier = parseVerifier(PUBLIC);
  const bytes = Buffer.from(SIGNED);
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    const isTaken = (() => {
      try {
        return verifiedBy(parseNote(changed.toString("utf8")), verifier) !== undefined;
      } catch {
        return false;
      }
    })();
    assert.ok(!isTaken, `byte ${at}`);
  }
});

test("cosignatures carry the time that they cover", () => {
  const log = signerOf("example.org/log", SIGNATURE_TYPE.ed25519, Buffer.alloc(32, 1));
  const witness = signerOf("witness", SIGNATURE_TYPE.cosignature, Buffer.alloc(32, 2));
  const text = formatCheckpoint({ origin: "example.org/log", size: 3, root: new Uint8Array(32).fill(7) });
  const note = { text, signatures: [signNote(text, log), signNote(text, witness, 1_700_000_000_999)] };
  const parsed = parseNote(formatNote(note));
  assert.deepEqual(verifiedBy(parsed, parseVerifier(formatVerifier(witness.verifier))), { seconds: 1_700_000_000 });
  const { checkpoint } = openCheckpoint(formatNote(note), log.verifier);
  assert.equal(checkpoint.size, 3);
  const other = signerOf("example.org/other", SIGNATURE_TYPE.ed25519, Buffer.alloc(32, 1));
  assert.throws(() => openCheckpoint(formatNote(note), other.verifier), { code: "wrong-signature" });
});

test("tile paths: the examples of the specification", () => {
  assert.equal(tilePath({ index: 1234067, width: 256 }, 0), "tile/0/x001/x234/067");
  assert.equal(tilePath({ index: 5, width: 17 }, 1), "tile/1/005.p/17");
  assert.equal(tilePath({ index: 0, width: 256 }, "entries"), "tile/entries/000");
  for (const path of ["tile/0/x001/x234/067", "tile/1/005.p/17", "tile/entries/x001/000.p/1"]) {
    const { level, ...place } = parseTilePath(path);
    assert.equal(tilePath(place, level), path);
  }
  for (const path of [
    "tile/0/x000/067",
    "tile/00/067",
    "tile/64/000",
    "tile/0/067.p/256",
    "tile/0/067.p/0",
    "tile/0/67",
    "x",
  ]) {
    assert.throws(() => parseTilePath(path), { code: "malformed-tile" }, path);
  }
});

test("bundles of entries are read as they were written, and torn ones refused", () => {
  const leaves = [Buffer.from("a"), Buffer.alloc(0), Buffer.alloc(300, 3)];
  const bytes = encodeEntries(leaves);
  assert.deepEqual(
    decodeEntries(bytes).map((leaf) => Buffer.from(leaf)),
    leaves,
  );
  assert.throws(() => decodeEntries(bytes.subarray(0, -1)), { code: "malformed-tile" });
});
