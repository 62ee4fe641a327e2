import assert from "node:assert/strict";
import { test } from "node:test";
import { FairQueue } from "./fair-queue.js";

test("each who waits is served once before anybody is served twice, in the order of coming", () => {
  const queue = new FairQueue<string, string>();
  for (const item of ["a1", "a2", "a3", "a4", "b1", "c1", "b2"]) queue.push(item[0]!, item);
  const served = [queue.take(), queue.take()];
  queue.push("d", "d1");
  for (let next = queue.take(); next !== undefined; next = queue.take()) served.push(next);
  assert.deepEqual(served, ["a1", "b1", "c1", "a2", "b2", "d1", "a3", "a4"]);
});

test("what is dropped is not served, and is given back", () => {
  const queue = new FairQueue<string, string>();
  for (const item of ["a1", "b1", "a2"]) queue.push(item[0]!, item);
  assert.deepEqual(queue.drop("a"), ["a1", "a2"]);
  assert.deepEqual([queue.drop("a"), queue.take(), queue.take()], [[], "b1", undefined]);
});
