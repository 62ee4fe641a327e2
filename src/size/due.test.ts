/** Once an epoch, whatever the epochs are; after what was lost; and after the last part of a list. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Book } from "./book.js";
import { dueMs, RELEASE_TICK_MS } from "./due.js";
import { sizesSchema } from "./terms.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.UTC(2026, 10, 28);
const terms = fc
  .record({ epochHours: fc.integer({ min: 1, max: 744 }), firstReleaseMinutes: fc.integer({ min: 0, max: 600 }) })
  .map((sizes) => sizesSchema.parse(sizes));
const audience = "a1";

/** A book in which the audience was released at a tick. */
function releasedAt(ms: number): Book {
  const book = new Book();
  book.apply({
    ...{ type: "release", actor: "test", entity: "acme", audience, at: new Date(ms).toISOString() },
    ...{
      variance: ["600", "1"],
      month: ["1", "20"],
      draws: [{ node: "size", value: 1200 }],
      value: 1200,
      isReady: true,
    },
  });
  return book;
}

test("a size is due once an epoch: at any later tick of the same one it is not", () => {
  const ticks = fc.integer({ min: 0, max: 2_000_000 });
  fc.assert(
    fc.property(terms, ticks, ticks, fc.integer({ min: 0, max: 2_000_000 }), (by, first, later, received) => {
      const [atMs, nextMs] = [NOW_MS + first * RELEASE_TICK_MS, NOW_MS + (first + later) * RELEASE_TICK_MS];
      const receivedAtMs = NOW_MS + received * RELEASE_TICK_MS;
      const epochMs = by.epochHours * HOUR_MS;
      const due = dueMs(releasedAt(atMs), { id: audience, receivedAtMs }, { closedUntilMs: 0 }, by);
      const isSameEpoch = Math.floor(atMs / epochMs) === Math.floor(nextMs / epochMs);
      if (isSameEpoch) assert.ok(due > nextMs);
      assert.ok(due <= (Math.floor(atMs / epochMs) + 1) * epochMs + DAY_MS, "and a day late at most");
    }),
  );
});

test("what may have been drawn for before a recovery is not drawn for again", () => {
  const minutes = fc.integer({ min: 0, max: 100_000 });
  fc.assert(
    fc.property(terms, minutes, minutes, fc.boolean(), (by, received, closed, isReleased) => {
      const receivedAtMs = NOW_MS + received * 60_000;
      const closedUntilMs = NOW_MS + closed * 60_000;
      const book = isReleased ? releasedAt(NOW_MS) : new Book();
      const due = dueMs(book, { id: audience, receivedAtMs }, { closedUntilMs }, by);
      const epochMs = by.epochHours * HOUR_MS;
      const isFirst = !isReleased && receivedAtMs + by.firstReleaseMinutes * 60_000 > closedUntilMs;
      assert.ok(isFirst || Math.floor(due / epochMs) > Math.floor(closedUntilMs / epochMs));
    }),
  );
});
