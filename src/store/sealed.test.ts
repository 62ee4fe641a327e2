import assert from "node:assert/strict";
import { test } from "node:test";
import { StoreError } from "./failure.js";
import { CHUNK_LIMIT_BYTES, REWRITE_LIMIT_ROWS, WRAPPED_LIMIT_BYTES } from "./limits.js";
import { assertSealed, type SealedChunk } from "./sealed.js";

const chunk = (body: number, wrapped: number): SealedChunk => ({
  ...{ compartment: 0, first: 0, epoch: 1, dataEpoch: 1 },
  ...{ body: new Uint8Array(body), wrapped: new Uint8Array(wrapped) },
});
const isTooLarge = (error: unknown) => error instanceof StoreError && error.code === "too-large";

test("a chunk, its wrapped key and the number of chunks have limits", () => {
  assertSealed([chunk(CHUNK_LIMIT_BYTES, WRAPPED_LIMIT_BYTES)]);
  assert.throws(() => assertSealed([chunk(CHUNK_LIMIT_BYTES + 1, 1)]), isTooLarge);
  assert.throws(() => assertSealed([chunk(1, WRAPPED_LIMIT_BYTES + 1)]), isTooLarge);
  const one = chunk(1, 1);
  assertSealed(new Array<SealedChunk>(REWRITE_LIMIT_ROWS).fill(one));
  assert.throws(() => assertSealed(new Array<SealedChunk>(REWRITE_LIMIT_ROWS + 1).fill(one)), isTooLarge);
});
