/** The API's documentation is what the table of routes says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { apiReference } from "../../src/http/index.js";

const file = new URL("../../../docs/api.md", import.meta.url);

test("docs/api.md is made from the routes as they are; if not: node scripts/docs.mjs", () => {
  assert.equal(readFileSync(file, "utf8"), apiReference());
});
