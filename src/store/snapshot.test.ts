/** Snapshot files: the old one or the new one, whole, or none. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { readSnapshot, writeSnapshot } from "./snapshot.js";

const home = mkdtempSync(join(tmpdir(), "solely-snapshot-"));
after(() => rmSync(home, { recursive: true, force: true }));
const key = new Uint8Array(32).fill(1);
const sections = [
  { name: "index", bytes: new Uint8Array(5_000_001).fill(3) },
  { name: "empty", bytes: new Uint8Array(0) },
  { name: "sets", bytes: Uint8Array.of(1, 2, 3) },
];

test("a snapshot comes back with its position and sections, and only its owner may read the file", async () => {
  await writeSnapshot(home, "hot", { position: 2 ** 40, key, sections });
  const read = await readSnapshot(home, "hot", key);
  assert.ok("sections" in read);
  assert.equal(read.position, 2 ** 40);
  assert.deepEqual([...read.sections.keys()], ["index", "empty", "sets"]);
  for (const { name, bytes } of sections) assert.ok(Buffer.from(bytes).equals(read.sections.get(name)!));
  assert.equal(statSync(join(home, "hot")).mode & 0o777, 0o600);
});

test("a snapshot replaces the one before and leaves no other file", async () => {
  writeFileSync(join(home, ".hot.0123456789ab.new"), "left by a crash");
  await writeSnapshot(home, "hot", { position: 1, key, sections });
  await writeSnapshot(home, "hot", { position: 2, key, sections: [] });
  const read = await readSnapshot(home, "hot", key);
  assert.ok("sections" in read && read.position === 2 && read.sections.size === 0);
  assert.deepEqual(readdirSync(home), ["hot"]);
});

test("a snapshot that is torn, flipped, renamed, of another key or missing is not believed", async () => {
  const small = {
    position: 7,
    key,
    sections: [
      { name: "a", bytes: new Uint8Array(100) },
      { name: "b", bytes: key },
    ],
  };
  await writeSnapshot(home, "small", small);
  const whole = readFileSync(join(home, "small"));
  const isBelieved = async (bytes: Uint8Array, name = "small", under = key) => {
    writeFileSync(join(home, name), bytes);
    return "sections" in (await readSnapshot(home, name, under));
  };
  assert.equal(await isBelieved(whole), true);
  assert.equal(await isBelieved(whole, "other"), false);
  assert.equal(await isBelieved(whole, "small", new Uint8Array(32)), false);
  assert.equal(await isBelieved(Buffer.concat([whole, Buffer.alloc(1)])), false);
  for (let bytes = 0; bytes < whole.length; bytes += 3) {
    assert.equal(await isBelieved(whole.subarray(0, bytes)), false, `${bytes} bytes`);
  }
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: whole.length * 8 - 1 }), async (bit) => {
      const flipped = Uint8Array.from(whole);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      return !(await isBelieved(flipped));
    }),
  );
  assert.deepEqual(await readSnapshot(home, "absent", key), { unusable: "missing" });
  assert.deepEqual(await readSnapshot(join(home, "nowhere"), "absent", key), { unusable: "missing" });
});
