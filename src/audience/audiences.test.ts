/** What an advertiser sees of its lists, and when: on the tick that each is answered, whatever comes meanwhile. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Contacts } from "../grant/index.js";
import { OrdinalSet } from "../set/index.js";
import { Audiences, LIST_TICK_MS } from "./audiences.js";
import type { ListHeader } from "./list-facts.js";

const START_MS = Date.UTC(2026, 0, 1);

/** Lists that had come at these instants, each durable some time later. */
function listsAt(...lists: readonly (readonly [receivedAtMs: number, tookMs: number])[]): Audiences {
  const audiences = new Audiences({ whenEnded: () => {} } as unknown as Contacts);
  for (const [i, [receivedAtMs, tookMs]] of lists.entries()) {
    const header: ListHeader = {
      ...{ actor: "test", advertiser: "acme", match: `m${i}`, audience: "a0", list: "l0", name: "list" },
      ...{ operation: i === 0 ? "create" : "append", scheme: "plain", rows: 1, usable: 1, refused: 0 },
      receivedAt: new Date(START_MS + receivedAtMs).toISOString(),
    };
    audiences.applyList(header, OrdinalSet.empty(), OrdinalSet.empty(), i, START_MS + receivedAtMs + tookMs);
  }
  return audiences;
}

const isSeen = (audiences: Audiences, atMs: number): boolean => audiences.list("acme", START_MS + atMs).length === 1;

test("a list is seen from the tick on that it is answered on, and not when the work is done", () => {
  for (const [tookMs, ticks] of [
    [5, 1],
    [999, 1],
    [1001, 2],
  ] as const) {
    const audiences = listsAt([0, tookMs]);
    assert.deepEqual(
      [isSeen(audiences, ticks * LIST_TICK_MS - 1), isSeen(audiences, ticks * LIST_TICK_MS)],
      [false, true],
    );
  }
});

test("a list that was answered is seen, however soon its next parts come, as it was before these", () => {
  const audiences = listsAt([0, 5], [500, 5], [900, 5]);
  assert.deepEqual([isSeen(audiences, 999), isSeen(audiences, 1000)], [false, true]);
  const { before, shownFromMs, updatedAtMs } = audiences.get("a0", "acme", START_MS + 1000);
  assert.equal(before?.updatedAtMs, START_MS);
  assert.deepEqual([shownFromMs, updatedAtMs], [START_MS + 1900, START_MS + 900]);
});
