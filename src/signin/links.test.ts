import assert from "node:assert/strict";
import { test } from "node:test";
import { Links, MAX_LINKS } from "./links.js";

const visitor = { is: "operator", name: "alice" } as const;

test("a link opens once, in time, and only while what it is for holds", () => {
  const links = new Links();
  const token = links.make(visitor, 5, undefined, 0);
  assert.equal(links.use(`${token}A`, 0), undefined);
  assert.deepEqual(links.use(token, 5 * 60_000 - 1)?.visitor, visitor);
  assert.equal(links.use(token, 0), undefined, "used");
  assert.equal(links.use(links.make(visitor, 5, undefined, 0), 5 * 60_000), undefined, "late");
  let isSo = true;
  const [first, second] = [links.make(visitor, 5, () => isSo), links.make(visitor, 5, () => isSo)];
  assert.equal(links.use(first)?.holds?.(), true);
  isSo = false;
  assert.equal(links.use(second), undefined);
});

test("of a flood of links the newest are kept", () => {
  const links = new Links();
  const [first, second] = [links.make(visitor, 5), links.make(visitor, 5)];
  for (let i = 1; i < MAX_LINKS; i++) links.make(visitor, 5);
  assert.equal(links.use(first), undefined);
  assert.ok(links.use(second) !== undefined);
});
