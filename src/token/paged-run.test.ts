/** A run whose shards lie in files is the run that it would be in memory. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Paging } from "../paging/index.js";
import { IndexKeeper } from "./index-keeper.js";
import { decodeRuns, encodeRuns } from "./run-file.js";
import { TOKEN_BYTES } from "./token.js";

const home = mkdtempSync(join(tmpdir(), "solely-paged-run-"));
after(() => rmSync(home, { recursive: true, force: true }));
const skip = process.platform === "linux" ? false : "memory is mapped on Linux alone";

/** Some 42 MiB; smaller ones are not paged. */
const ENTRIES = 3_000_000;

/** Tokens, as even as a cipher's. */
function columns(from: number) {
  const ordinals = Uint32Array.from({ length: ENTRIES }, (_, i) => from + i);
  const tokens = new Uint8Array(TOKEN_BYTES * ENTRIES);
  const words = new Uint32Array(tokens.buffer);
  for (let at = 0; at < words.length; at++) words[at] = Math.imul(at + from, 0x9e3779b1) ^ Math.imul(at, 0x85ebca6b);
  return { tokens, ordinals, marks: new Uint8Array(ENTRIES).fill(1), kinds: new Uint8Array(ENTRIES).fill(1) };
}

const sums = (sections: ReadonlyMap<string, Uint8Array>) =>
  [...sections].map(([name, bytes]) => [name, createHash("sha256").update(bytes).digest("hex")]);

test("a paged run is built, joined, wiped and kept over a restart as one in memory is", { skip }, () => {
  const paging = new Paging({ folder: home, fromBytes: 1 });
  const [paged, plain] = [new IndexKeeper(1, paging), new IndexKeeper(1)];
  const [first, second] = [columns(0), columns(ENTRIES)];
  const dropped = Uint32Array.from({ length: 1000 }, (_, i) => 17 * i);
  for (const keeper of [paged, plain]) {
    keeper.add(first);
    keeper.drop(dropped, new Uint16Array(dropped.length).fill(0xffff), 1);
    keeper.insert(second);
    keeper.seal();
    keeper.build(true);
  }
  assert.ok(readFileSync("/proc/self/maps", "utf8").includes(home), "nothing was paged, so nothing is tested");
  assert.equal(paging.failure, undefined);
  const expected = sums(encodeRuns(plain.runs));
  assert.deepEqual(sums(encodeRuns(paged.runs)), expected);
  const again = decodeRuns(encodeRuns(paged.runs), 1, new Paging({ folder: home, fromBytes: 1 }))!;
  assert.deepEqual(sums(encodeRuns(again)), expected);
});
