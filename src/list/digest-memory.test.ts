import assert from "node:assert/strict";
import { test } from "node:test";
import { DigestMemory, newRoom } from "./digest-memory.js";

test("memory of batches is lent again, and what was used of it is overwritten", () => {
  const memory = new DigestMemory();
  const { digest, kinds } = memory.lend();
  digest.fill(1);
  kinds.fill(2);
  memory.takeBack({ digest, kinds });
  const again = memory.lend();
  assert.equal(again.digest.buffer, digest.buffer);
  assert.ok(again.digest.every((byte) => byte === 0));
  again.digest.fill(1, 0, 160);
  memory.takeBack({ digest: again.digest.subarray(0, 160), kinds });
  const other = new DigestMemory();
  other.add(memory.give());
  assert.deepEqual(memory.give(), []);
  assert.equal(other.lend().digest.buffer, digest.buffer);
  assert.ok(digest.every((byte) => byte === 0));
});

test("so many are kept, and none that is not shared", () => {
  const memory = new DigestMemory();
  const lent = Array.from({ length: 20 }, () => memory.lend());
  for (const room of [newRoom(), ...lent]) memory.takeBack(room);
  assert.equal(memory.give().length, 8);
});
